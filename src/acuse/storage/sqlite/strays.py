"""Stray receipts on SQLite: `ports.StrayReceipts` inside a unit, `ports.StrayViews` outside of it."""
# ruff: noqa: S608 - every name that is put into a statement comes from the table definitions

import sqlite3
from uuid import UUID

from acuse.domain.account import Space
from acuse.domain.stray import KEPT_STRAYS, StrayReceipt
from acuse.errors import ReceiptNotFound
from acuse.storage import tables
from acuse.storage.columns import headers, json_text, micros, moment, optional_id
from acuse.storage.rows import Row, Values, by_name
from acuse.storage.sqlite.connections import Readers
from acuse.storage.sqlite.statements import columns, insert

_COLUMNS = tuple(tables.stray_receipt.c.keys())
ADD = insert(tables.stray_receipt)
TRIM = """
    DELETE FROM stray_receipt WHERE tenant_id = ?1 AND is_verified = ?2 AND handle <= (
        SELECT handle FROM stray_receipt WHERE tenant_id = ?1 AND is_verified = ?2
        ORDER BY handle DESC LIMIT 1 OFFSET ?3
    )
"""
_OF_SPACE = (
    f"SELECT {columns(tables.stray_receipt, 'r')} FROM stray_receipt r WHERE r.tenant_id = ? AND r.account_id = ?"
)
NEWEST = f"{_OF_SPACE} ORDER BY r.handle DESC LIMIT ?"
BY_HANDLE = f"{_OF_SPACE} AND r.handle = ?"


class StrayRows:
    """`ports.StrayReceipts` on the connection of a unit."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def add(self, receipt: StrayReceipt) -> None:
        self._driver.execute(ADD, _row(receipt))
        self._driver.execute(TRIM, (receipt.tenant_id.bytes, receipt.is_verified, KEPT_STRAYS))


class SQLiteStrayViews:
    """`ports.StrayViews`."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def newest(self, space: Space, *, limit: int) -> tuple[StrayReceipt, ...]:
        wanted = (space.tenant_id.bytes, space.account_id.bytes, limit)
        with self._readers.link() as link:
            rows = link.driver.execute(NEWEST, wanted).fetchall()
        return tuple(_read(row) for row in rows)

    def get(self, space: Space, handle: int) -> StrayReceipt:
        wanted = (space.tenant_id.bytes, space.account_id.bytes, handle)
        with self._readers.link() as link:
            row = link.driver.execute(BY_HANDLE, wanted).fetchone()
        if row is None:
            raise ReceiptNotFound
        return _read(row)


def _row(receipt: StrayReceipt) -> Values:
    return {
        "id": receipt.id.bytes,
        "handle": receipt.handle,
        "account_id": receipt.account_id.bytes,
        "tenant_id": receipt.tenant_id.bytes,
        "partner_id": None if receipt.partner_id is None else receipt.partner_id.bytes,
        "from_as2_id": receipt.from_as2_id,
        "to_as2_id": receipt.to_as2_id,
        "reason": receipt.reason,
        "original_message_id": receipt.original_message_id,
        "disposition": receipt.disposition,
        "is_signed": receipt.is_signed,
        "is_verified": receipt.is_verified,
        "headers": json_text(receipt.headers),
        "body": receipt.body,
        "size": receipt.size,
        "created_at": micros(receipt.created_at),
    }


def _read(row: Row) -> StrayReceipt:
    column = by_name(_COLUMNS, row)
    return StrayReceipt(
        id=UUID(bytes=column["id"]),
        handle=column["handle"],
        account_id=UUID(bytes=column["account_id"]),
        tenant_id=UUID(bytes=column["tenant_id"]),
        partner_id=optional_id(column["partner_id"]),
        from_as2_id=column["from_as2_id"],
        to_as2_id=column["to_as2_id"],
        reason=column["reason"],
        original_message_id=column["original_message_id"],
        disposition=column["disposition"],
        is_signed=bool(column["is_signed"]),
        is_verified=bool(column["is_verified"]),
        headers=headers(column["headers"]),
        body=column["body"],
        size=column["size"],
        created_at=moment(column["created_at"]),
    )
