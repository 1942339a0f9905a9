"""Finding messages by a part of their subject or Message-ID: an index of three-letter pieces, kept by a sweep.

Rule: the index only ever proposes. What it finds is compared with the words all the same, and what it does not have yet
is compared one by one, so a list is right at every moment; the index makes it quick.
"""

import sqlite3

from acuse.domain.account import Space
from acuse.storage.lists import Proposed

SHORTEST = 3
"""Letters that a text needs to be looked up: the index holds pieces of that length."""
MOST_PROPOSED = 200
"""With more than that, only the newest are proposed: enough for the first pages, and to say that there are many."""
BATCH = 1000

ANY_WAITING = "SELECT 1 FROM message_unindexed LIMIT 1"
_FIND = """
    SELECT i.message_key FROM message_text JOIN message_indexed i ON i.number = message_text.rowid
    WHERE message_text MATCH ? AND i.tenant_id = ? AND i.mode = ? ORDER BY message_text.rowid DESC LIMIT ?
"""
_WAITING = "SELECT message_key FROM message_unindexed WHERE tenant_id = ? AND mode = ? LIMIT ?"
_UNINDEXED = """
    SELECT m.id, m.subject, m.wire_id, u.tenant_id, u.mode
    FROM message_unindexed u JOIN message m ON m.id = u.message_key LIMIT ?
"""
_NUMBER = "INSERT INTO message_indexed (message_key, tenant_id, mode) VALUES (?, ?, ?)"
_ENTER = "INSERT INTO message_text (rowid, subject, wire_id) VALUES (?, ?, ?)"
_ENTERED = "DELETE FROM message_unindexed WHERE message_key = ?"


def propose(driver: sqlite3.Connection, space: Space, text: str) -> Proposed | None:
    """The messages of the space that may contain the text, the newest of them where there are very many; None for a
    text that is too short to be looked up."""
    if len(text) < SHORTEST:
        return None
    scope = (space.tenant_id.bytes, space.mode.value)
    phrase = '"' + text.replace('"', '""') + '"'
    found = driver.execute(_FIND, (phrase, *scope, MOST_PROPOSED + 1)).fetchall()
    waiting = driver.execute(_WAITING, (*scope, BATCH + 1)).fetchall()
    is_all = len(found) <= MOST_PROPOSED and len(waiting) <= BATCH
    return Proposed(ids=tuple(row[0] for row in (*found, *waiting)), is_all=is_all)


def enter(driver: sqlite3.Connection) -> int:
    """Enter what waits, at most `BATCH` messages; how many there were. Part of the caller's transaction."""
    rows = driver.execute(_UNINDEXED, (BATCH,)).fetchall()
    for message_id, subject, wire_id, tenant_id, mode in rows:
        number = driver.execute(_NUMBER, (message_id, tenant_id, mode)).lastrowid
        driver.execute(_ENTER, (number, subject or "", wire_id))
        driver.execute(_ENTERED, (message_id,))
    return len(rows)
