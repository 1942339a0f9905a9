"""The schema of the database file: numbered steps, forward only, each in a transaction of its own.

Rule: a step that was released is never changed; what it made is changed by a later one. A database with more steps than
this program knows is left alone.
"""

import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files

from acuse.errors import SchemaTooNew, StorageFailed
from acuse.storage.columns import micros

_STEP = re.compile(r"(\d{4})_(\w+)\.sql")
_LEDGER = """
CREATE TABLE IF NOT EXISTS migration (
    number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL
) STRICT
"""


def migrate(driver: sqlite3.Connection, *, now: datetime) -> None:
    """Bring the schema up to this program. Raises SchemaTooNew, and StorageFailed when a step fails."""
    steps = _steps()
    try:
        driver.execute("PRAGMA journal_mode = WAL")
        if _applied(driver, known=len(steps)) == len(steps):
            return
        driver.execute("BEGIN IMMEDIATE")
        try:
            driver.execute(_LEDGER)
            for number, (name, script) in enumerate(steps, start=1):
                if number > _applied(driver, known=len(steps)):
                    _apply(driver, script)
                    driver.execute("INSERT INTO migration VALUES (?, ?, ?)", (number, name, micros(now)))
            driver.execute("COMMIT")
        finally:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise StorageFailed(f"The schema of the database cannot be brought up to date: {error}.") from error


def _steps() -> list[tuple[str, str]]:
    """Name and script of every step in order; their numbers have no gap."""
    folder = files("acuse.storage") / "migrations" / "sqlite"
    found = sorted((match[1], match[2], file) for file in folder.iterdir() if (match := _STEP.fullmatch(file.name)))
    return [(name, file.read_text("utf-8")) for _, name, file in found]


def _applied(driver: sqlite3.Connection, *, known: int) -> int:
    if not driver.execute("SELECT 1 FROM sqlite_schema WHERE name = 'migration'").fetchone():
        return 0
    applied: int = driver.execute("SELECT coalesce(max(number), 0) FROM migration").fetchone()[0]
    if applied > known:
        raise SchemaTooNew(schema=applied, known=known)
    return applied


def _apply(driver: sqlite3.Connection, script: str) -> None:
    for statement in _statements(script):
        driver.execute(statement)


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: the driver's own way to run a script would commit first."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        raise StorageFailed("A migration ends within a statement.")
