"""Reading from SQLite: `ports.Views`.

Rule: every call reads the rows anew; what takes several statements reads one snapshot. What is kept from call to call
is what became of a row, found again by the row itself.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from acuse.as2.identifiers import bare_message_id
from acuse.domain.access import ApiKey
from acuse.domain.account import Account, Space, Tenant
from acuse.domain.keyring import Certificate
from acuse.domain.message import Direction, Receipt
from acuse.domain.partner import Partner
from acuse.domain.station import Station
from acuse.errors import MessageNotFound, PartnerNotFound, StationNotFound
from acuse.ports import HeldCertificate, MessageFilter, MessageView, Page, Relation, WebhookViews
from acuse.storage import tables
from acuse.storage.columns import micros
from acuse.storage.directory import DirectoryReader
from acuse.storage.entries import read_certificate, read_key, read_partner, read_station, read_tenant
from acuse.storage.lists import message_page
from acuse.storage.rows import Row, read_attachment, read_message, read_receipt
from acuse.storage.sqlite import statements as sql
from acuse.storage.sqlite.connections import Link, Readers
from acuse.storage.sqlite.webhooks import SQLiteWebhookViews
from acuse.storage.vault import Vault

T = TypeVar("T")

_STATION_END = len(tables.station.c)
_PARTNER_END = _STATION_END + len(tables.partner.c)
_RELATIONS = 1024


class SQLiteViews:
    """Reads from any thread, without holding up whoever writes."""

    def __init__(self, readers: Readers, vault: Vault) -> None:
        self._readers = readers
        self._vault = vault
        self.webhooks: WebhookViews = SQLiteWebhookViews(readers, vault)
        self._relation = lru_cache(_RELATIONS)(self._make_relation)

    def account(self) -> Account | None:
        return self._read(lambda directory: directory.account())

    def tenants(self, account_id: UUID) -> tuple[Tenant, ...]:
        rows = self._rows(sql.TENANTS, account_id.bytes)
        return tuple(read_tenant(row) for row in rows)

    def key(self, digest: bytes) -> ApiKey | None:
        rows = self._rows(sql.KEY, digest)
        return read_key(rows[0]) if rows else None

    def keys(self, space: Space) -> tuple[ApiKey, ...]:
        return self._read(lambda directory: directory.keys(space))

    def stations(self, space: Space) -> tuple[Station, ...]:
        rows = self._rows(sql.STATIONS, space.tenant_id.bytes, space.account_id.bytes)
        return tuple(read_station(row) for row in rows)

    def partners(self, space: Space) -> tuple[Partner, ...]:
        return self._read(lambda directory: directory.partners(space))

    def partner(self, space: Space, handle: int) -> Partner:
        rows = self._rows(sql.PARTNER, space.account_id.bytes, handle, space.tenant_id.bytes)
        if not rows:
            raise PartnerNotFound
        return read_partner(rows[0])

    def certificates(self, owner_id: UUID) -> tuple[Certificate, ...]:
        return self._read(lambda directory: directory.certificates(owner_id))

    def held_certificates(self, space: Space | None = None) -> tuple[HeldCertificate, ...]:
        with self._readers.snapshot() as link:
            return DirectoryReader(link.core, self._vault).held_certificates(space)

    def relation(self, *, station_as2_id: str, partner_as2_id: str) -> Relation | None:
        with self._readers.snapshot() as link:
            row = link.driver.execute(sql.RELATION, (station_as2_id, partner_as2_id)).fetchone()
            return None if row is None else self._relation_in(link, row)

    def relation_of(self, *, station_id: UUID, partner_id: UUID) -> Relation:
        with self._readers.snapshot() as link:
            row = link.driver.execute(sql.RELATION_BY_ID, (station_id.bytes, partner_id.bytes)).fetchone()
            if row is not None:
                return self._relation_in(link, row)
            is_station = link.driver.execute(sql.STATION_EXISTS, (station_id.bytes,)).fetchone() is not None
        raise PartnerNotFound if is_station else StationNotFound

    def messages(self, space: Space, wanted: MessageFilter, *, limit: int, offset: int) -> Page:
        with self._readers.snapshot() as link:
            directory = DirectoryReader(link.core, self._vault)
            return message_page(link.core, directory, space, wanted, limit=limit, offset=offset)

    def message(self, space: Space, handle: int) -> MessageView:
        scope = (space.account_id.bytes, handle, space.tenant_id.bytes)
        return _found(self._view(sql.VIEW_BY_HANDLE, *scope))

    def message_by_id(self, message_id: UUID) -> MessageView:
        return _found(self._view(sql.VIEW_BY_ID, message_id.bytes))

    def inbound(self, *, station_id: UUID, partner_id: UUID, wire_id: str) -> MessageView | None:
        return self._view(sql.VIEW_INBOUND, station_id.bytes, partner_id.bytes, bare_message_id(wire_id))

    def receipt(self, receipt_id: UUID) -> Receipt | None:
        with self._readers.link() as link:
            row = link.driver.execute(sql.RECEIPT, (receipt_id.bytes,)).fetchone()
        return None if row is None else read_receipt(row)

    def overdue_receipts(self, now: datetime, *, limit: int) -> tuple[UUID, ...]:
        with self._readers.link() as link:
            rows = link.driver.execute(sql.OVERDUE, (micros(now), limit)).fetchall()
        return tuple(UUID(bytes=row[0]) for row in rows)

    def _read(self, ask: Callable[[DirectoryReader], T]) -> T:
        with self._readers.link() as link:
            return ask(DirectoryReader(link.core, self._vault))

    def _rows(self, statement: str, *parameters: Any) -> list[Any]:
        with self._readers.link() as link:
            return link.driver.execute(statement, parameters).fetchall()

    def _relation_in(self, link: Link, row: Row) -> Relation:
        owners = row[0], row[_STATION_END]
        certificates = link.driver.execute(sql.CERTIFICATES, owners).fetchall()
        return self._relation(row, tuple(certificates))

    def _make_relation(self, row: Row, certificate_rows: tuple[Row, ...]) -> Relation:
        station, partner = read_station(row[:_STATION_END]), read_partner(row[_STATION_END:_PARTNER_END])
        certificates = [read_certificate(row, self._vault) for row in certificate_rows]
        return Relation(
            station=station,
            partner=partner,
            station_certificates=tuple(entry for entry in certificates if entry.owner_id == station.id),
            partner_certificates=tuple(entry for entry in certificates if entry.owner_id == partner.id),
        )

    def _view(self, statement: str, *parameters: Any) -> MessageView | None:
        with self._readers.snapshot() as link:
            row = link.driver.execute(statement, parameters).fetchone()
            if row is None:
                return None
            message = read_message(row[_PARTNER_END:])
            theirs = Direction.INBOUND if message.direction is Direction.OUTBOUND else Direction.OUTBOUND
            attachments = link.driver.execute(sql.ATTACHMENTS, (message.id.bytes,)).fetchall()
            receipt = link.driver.execute(sql.TELLING_RECEIPT, (message.id.bytes, theirs)).fetchone()
        return MessageView(
            message=message,
            station=read_station(row[:_STATION_END]),
            partner=read_partner(row[_STATION_END:_PARTNER_END]),
            attachments=tuple(read_attachment(attachment) for attachment in attachments),
            receipt=None if receipt is None else read_receipt(receipt),
        )


def _found(view: MessageView | None) -> MessageView:
    if view is None:
        raise MessageNotFound
    return view
