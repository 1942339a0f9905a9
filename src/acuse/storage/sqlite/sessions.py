"""Sessions on SQLite: `ports.Sessions` inside a unit, and what `ports.Views` reads of them."""
# ruff: noqa: S608 - every name that is put into a statement comes from the table definitions

import sqlite3
from datetime import datetime
from uuid import UUID

from acuse.domain.session import SESSION_LIFE, Session
from acuse.storage import tables
from acuse.storage.columns import micros, moment
from acuse.storage.rows import Row, Values, by_name
from acuse.storage.sqlite.statements import columns, insert

_COLUMNS = tuple(tables.session.c.keys())
ADD = insert(tables.session)
FIND = f"SELECT {columns(tables.session, 's')} FROM session s WHERE s.id = ?"
SAVE = "UPDATE session SET refresh_id = :refresh_id, renewed_at = :renewed_at WHERE id = :id"
REMOVE = "DELETE FROM session WHERE id = ?"
FORGET_ENDED = "DELETE FROM session WHERE renewed_at <= ?"


class SessionRows:
    """`ports.Sessions` on the connection of a unit."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def add(self, session: Session) -> None:
        self._driver.execute(ADD, _row(session))

    def get(self, session_id: UUID) -> Session | None:
        return find_session(self._driver, session_id)

    def save(self, session: Session) -> None:
        self._driver.execute(SAVE, _row(session))

    def remove(self, session_id: UUID) -> None:
        self._driver.execute(REMOVE, (session_id.bytes,))

    def forget_ended(self, now: datetime) -> None:
        self._driver.execute(FORGET_ENDED, (micros(now - SESSION_LIFE),))


def find_session(driver: sqlite3.Connection, session_id: UUID) -> Session | None:
    """The session with that id."""
    row = driver.execute(FIND, (session_id.bytes,)).fetchone()
    return None if row is None else _read(row)


def _row(session: Session) -> Values:
    return {
        "id": session.id.bytes,
        "key_id": session.key_id.bytes,
        "refresh_id": session.refresh_id.bytes,
        "renewed_at": micros(session.renewed_at),
    }


def _read(row: Row) -> Session:
    column = by_name(_COLUMNS, row)
    return Session(
        id=UUID(bytes=column["id"]),
        key_id=UUID(bytes=column["key_id"]),
        refresh_id=UUID(bytes=column["refresh_id"]),
        renewed_at=moment(column["renewed_at"]),
    )
