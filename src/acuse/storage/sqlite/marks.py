"""Marks of messages on SQLite: `ports.Marks` inside a unit, `ports.MarkViews` outside of it."""
# ruff: noqa: S608 - every name that is put into a statement comes from the table definitions

import sqlite3
from collections.abc import Collection, Mapping
from uuid import UUID

from acuse.domain.account import Space
from acuse.domain.mark import MessageMark
from acuse.domain.message import Direction
from acuse.ports import FolderCount
from acuse.storage import tables
from acuse.storage.columns import micros, moment
from acuse.storage.rows import Row
from acuse.storage.sqlite.connections import Readers
from acuse.storage.sqlite.statements import columns, insert

_MARK = f"SELECT {columns(tables.message_mark, 'k')} FROM message_mark k"
SAVE = f"""
    {insert(tables.message_mark)} ON CONFLICT (message_key) DO UPDATE SET
        is_read = excluded.is_read, is_deleted = excluded.is_deleted, folder = excluded.folder,
        changed_at = excluded.changed_at
"""
GET = f"{_MARK} WHERE k.message_key = ?"
FOLDERS = """
    SELECT m.station_id, m.direction, k.folder, count(*), sum(NOT coalesce(k.is_read, 0))
    FROM message m LEFT JOIN message_mark k ON k.message_key = m.id
    WHERE m.tenant_id = ? AND m.mode = ? AND m.account_id = ? AND NOT coalesce(k.is_deleted, 0)
    GROUP BY m.station_id, m.direction, k.folder ORDER BY m.station_id, k.folder, m.direction
"""


class MarkRows:
    """`ports.Marks` on the connection of a unit."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def get(self, message_id: UUID) -> MessageMark | None:
        row = self._driver.execute(GET, (message_id.bytes,)).fetchone()
        return None if row is None else _read(row)

    def save(self, mark: MessageMark) -> None:
        row = {
            "message_key": mark.message_id.bytes,
            "is_read": mark.is_read,
            "is_deleted": mark.is_deleted,
            "folder": mark.folder,
            "changed_at": micros(mark.changed_at),
        }
        self._driver.execute(SAVE, row)


class SQLiteMarkViews:
    """`ports.MarkViews`. Reads from any thread."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def of(self, message_ids: Collection[UUID]) -> Mapping[UUID, MessageMark]:
        wanted = f"{_MARK} WHERE k.message_key IN ({', '.join('?' * len(message_ids))})"
        with self._readers.link() as link:
            rows = link.driver.execute(wanted, [message_id.bytes for message_id in message_ids]).fetchall()
        marks = [_read(row) for row in rows]
        return {mark.message_id: mark for mark in marks}

    def folders(self, space: Space) -> tuple[FolderCount, ...]:
        wanted = (space.tenant_id.bytes, space.mode, space.account_id.bytes)
        with self._readers.link() as link:
            rows = link.driver.execute(FOLDERS, wanted).fetchall()
        return tuple(
            FolderCount(
                station_id=UUID(bytes=station_id),
                direction=Direction(direction),
                folder=folder,
                messages=messages,
                unread=unread,
            )
            for station_id, direction, folder, messages, unread in rows
        )


def _read(row: Row) -> MessageMark:
    key, is_read, is_deleted, folder, changed_at = row
    return MessageMark(
        message_id=UUID(bytes=key),
        is_read=bool(is_read),
        is_deleted=bool(is_deleted),
        folder=folder,
        changed_at=moment(changed_at),
    )
