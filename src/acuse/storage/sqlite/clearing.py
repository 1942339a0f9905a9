"""Forgetting what happened in test mode: the only thing in this gateway that removes messages.

Rule: every statement names the mode itself, so that no argument can make it touch a live row.
"""

import sqlite3
from uuid import UUID

from acuse.domain.account import Space
from acuse.ports import Blob

_MESSAGES = "SELECT id FROM message WHERE tenant_id = :tenant AND account_id = :account AND mode = 'test'"
_EVENTS = "SELECT position FROM event WHERE tenant_id = :tenant AND account_id = :account AND mode = 'test'"
_BLOBS = f"""
    SELECT wire_blob_id FROM message WHERE id IN ({_MESSAGES}) AND wire_blob_id IS NOT NULL
    UNION SELECT blob_id FROM attachment WHERE message_key IN ({_MESSAGES})
    UNION SELECT wire_blob_id FROM receipt WHERE message_key IN ({_MESSAGES})
"""  # noqa: S608 - put together of the constants above
_IN_THIS_ORDER = (
    f"""DELETE FROM job WHERE subject_id IN ({_MESSAGES})
        OR subject_id IN (SELECT id FROM webhook_delivery WHERE position IN ({_EVENTS}))""",  # noqa: S608
    f"DELETE FROM webhook_delivery WHERE position IN ({_EVENTS})",  # noqa: S608
    "DELETE FROM event WHERE tenant_id = :tenant AND account_id = :account AND mode = 'test'",
    f"DELETE FROM timeline WHERE message_key IN ({_MESSAGES})",  # noqa: S608
    f"DELETE FROM receipt WHERE message_key IN ({_MESSAGES})",  # noqa: S608
    f"DELETE FROM attachment WHERE message_key IN ({_MESSAGES})",  # noqa: S608
    "DELETE FROM kept_answer WHERE tenant_id = :tenant AND account_id = :account AND mode = 'test'",
)
_REMOVE_MESSAGES = "DELETE FROM message WHERE tenant_id = :tenant AND account_id = :account AND mode = 'test'"
_FIND_BLOB = "SELECT size, sha256, data FROM blob WHERE id = ?"
_REMOVE_BLOB = "DELETE FROM blob WHERE id = ?"


def clear_test_data(driver: sqlite3.Connection, space: Space) -> tuple[int, tuple[Blob, ...]]:
    """Remove every message of a tenant's test mode with all that hangs on it. Gives how many there were, and the
    blobs whose rows are gone."""
    scope = {"tenant": space.tenant_id.bytes, "account": space.account_id.bytes}
    ids = [row[0] for row in driver.execute(_BLOBS, scope).fetchall()]
    for statement in _IN_THIS_ORDER:
        driver.execute(statement, scope)
    count = driver.execute(_REMOVE_MESSAGES, scope).rowcount
    blobs = tuple(_removed(driver, blob_id) for blob_id in ids)
    return count, blobs


def _removed(driver: sqlite3.Connection, blob_id: bytes) -> Blob:
    size, sha256, data = driver.execute(_FIND_BLOB, (blob_id,)).fetchone()
    driver.execute(_REMOVE_BLOB, (blob_id,))
    return Blob(id=UUID(bytes=blob_id), size=size, sha256=sha256, inline=data)
