"""Reading from SQLite: `ports.Views`.

Rule: every call sees what was committed before it began; what takes several statements reads one snapshot. Of the
configuration only its version is read each time: what was found under that version, whichever process gave it, is
found again without being read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from acuse.as2.identifiers import bare_message_id
from acuse.cms import KeyPair
from acuse.domain.access import ApiKey, Mode
from acuse.domain.account import Account, Space, Tenant
from acuse.domain.connection import Credentials
from acuse.domain.idempotency import KeptAnswer
from acuse.domain.keyring import Certificate, CertificateRequest
from acuse.domain.message import Direction, Receipt, ReceiptState, Transmission
from acuse.domain.partner import Partner
from acuse.domain.session import Session
from acuse.domain.station import Station
from acuse.domain.timeline import Timeline, in_order
from acuse.errors import MessageNotFound, PartnerNotFound, StationNotFound
from acuse.ports import (
    Access,
    HeldCertificate,
    KeyView,
    ListPosition,
    MarkViews,
    MessageFilter,
    MessageView,
    NoticeViews,
    Page,
    PartnerActivity,
    PartnerFilter,
    PartnerPage,
    PartnerView,
    Relation,
    StrayViews,
    WebhookViews,
)
from acuse.storage import tables
from acuse.storage.columns import micros, moment, steps
from acuse.storage.directory import DirectoryReader
from acuse.storage.entries import read_account, read_certificate, read_key, read_partner, read_station, read_tenant
from acuse.storage.lists import message_page
from acuse.storage.rows import read_attachment, read_message, read_receipt
from acuse.storage.sqlite import statements as sql
from acuse.storage.sqlite.answers import FIND_ANSWER, found_by, read_answer
from acuse.storage.sqlite.connections import Link, Readers
from acuse.storage.sqlite.marks import SQLiteMarkViews
from acuse.storage.sqlite.notices import SQLiteNoticeViews
from acuse.storage.sqlite.sessions import find_session
from acuse.storage.sqlite.strays import SQLiteStrayViews
from acuse.storage.sqlite.text_index import propose
from acuse.storage.sqlite.webhooks import SQLiteWebhookViews
from acuse.storage.vault import Vault

T = TypeVar("T")

_STATION_END = len(tables.station.c)
_PARTNER_END = _STATION_END + len(tables.partner.c)
_SEALED_CREDENTIALS = _STATION_END + tables.partner.c.keys().index("sealed_credentials")
_MOST_KEPT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What was found in one version of the configuration."""

    version: int
    found: dict[tuple[object, ...], Any] = field(default_factory=dict)


class SQLiteViews:
    """Reads from any thread, without holding up whoever writes."""

    def __init__(self, readers: Readers, vault: Vault) -> None:
        self._readers = readers
        self._vault = vault
        self.webhooks: WebhookViews = SQLiteWebhookViews(readers, vault)
        self.notices: NoticeViews = SQLiteNoticeViews(readers, vault)
        self.strays: StrayViews = SQLiteStrayViews(readers)
        self.marks: MarkViews = SQLiteMarkViews(readers)
        self._kept = _Kept(version=0)

    def account(self) -> Account | None:
        return self._read(lambda directory: directory.account())

    def tenants(self, account_id: UUID) -> tuple[Tenant, ...]:
        return tuple(read_tenant(row) for row in self._configured(_all_rows, sql.TENANTS, account_id.bytes))

    def key(self, digest: bytes) -> ApiKey | None:
        access = self.access(digest)
        return access.key if access else None

    def access(self, digest: bytes) -> Access | None:
        return self._configured(_read_access, sql.KEY, digest, digest)

    def access_of_user(self, username: str) -> Access | None:
        return self._configured(_read_access, sql.KEY_OF_USER, username)

    def access_of_token(self, token_id: str) -> Access | None:
        return self._configured(_read_access, sql.KEY_OF_TOKEN, token_id)

    def access_of_key(self, key_id: UUID) -> Access | None:
        return self._configured(_read_access, sql.KEY_BY_ID, key_id.bytes)

    def session(self, session_id: UUID) -> Session | None:
        with self._readers.link() as link:
            return find_session(link.driver, session_id)

    def keys(self, account_id: UUID) -> tuple[KeyView, ...]:
        with self._readers.snapshot() as link:
            return DirectoryReader(link.core, self._vault).keys(account_id)

    def stations(self, space: Space) -> tuple[Station, ...]:
        rows = self._configured(_all_rows, sql.STATIONS, space.tenant_id.bytes, space.account_id.bytes)
        return tuple(read_station(row) for row in rows)

    def station_named(self, as2_id: str) -> Station | None:
        rows = self._configured(_all_rows, sql.STATION_NAMED, as2_id)
        return read_station(rows[0]) if rows else None

    def partners(self, space: Space) -> tuple[Partner, ...]:
        return self._read(lambda directory: directory.partners(space))

    def partner(self, space: Space, handle: int) -> Partner:
        rows = self._configured(_all_rows, sql.PARTNER, space.account_id.bytes, handle, space.tenant_id.bytes)
        if not rows:
            raise PartnerNotFound
        return read_partner(rows[0])

    def partner_page(self, space: Space, wanted: PartnerFilter, *, limit: int, offset: int) -> PartnerPage:
        with self._readers.snapshot() as link:
            return DirectoryReader(link.core, self._vault).partner_page(space, wanted, limit=limit, offset=offset)

    def partner_view(self, partner_id: UUID) -> PartnerView:
        with self._readers.snapshot() as link:
            return DirectoryReader(link.core, self._vault).partner_view(partner_id)

    def partner_activity(self, partner: Partner, *, mode: Mode, since: datetime) -> PartnerActivity:
        one = partner.tenant_id.bytes, partner.id.bytes
        with self._readers.snapshot() as link:
            last = link.driver.execute(sql.LAST_SUCCESS, (partner.id.bytes, mode)).fetchone()
            rows = link.driver.execute(sql.OUTCOMES_OF_PARTNER, (partner.id.bytes, mode, micros(since))).fetchall()
            waiting = link.driver.execute(sql.COUNT_OPEN_OF_PARTNER, (*one, *one)).fetchone()[0]
        return PartnerActivity(
            last_success_at=None if last is None else moment(last[0]),
            outcomes=tuple(
                (Direction(way), Transmission(far), ReceiptState(receipt), count) for way, far, receipt, count in rows
            ),
            open_messages=waiting,
        )

    def certificates(self, owner_id: UUID) -> tuple[Certificate, ...]:
        return self._read(lambda directory: directory.certificates(owner_id))

    def credentials(self, partner_id: UUID) -> Credentials:
        return self._read(lambda directory: directory.credentials(partner_id))

    def client_certificates(self) -> tuple[tuple[Partner, str], ...]:
        with self._readers.snapshot() as link:
            return DirectoryReader(link.core, self._vault).client_certificates()

    def held_certificates(self, space: Space | None = None) -> tuple[HeldCertificate, ...]:
        with self._readers.snapshot() as link:
            return DirectoryReader(link.core, self._vault).held_certificates(space)

    def certificate(self, space: Space, handle: int) -> HeldCertificate:
        with self._readers.snapshot() as link:
            return DirectoryReader(link.core, self._vault).certificate(space, handle)

    def certificate_request(self, space: Space, key_sha256: str) -> CertificateRequest | None:
        return self._read(lambda directory: directory.certificate_request(space, key_sha256))

    def certificate_by_id(self, certificate_id: UUID) -> HeldCertificate:
        with self._readers.snapshot() as link:
            return DirectoryReader(link.core, self._vault).certificate_by_id(certificate_id)

    def simulated_key_pair(self) -> KeyPair | None:
        rows = self._configured(_all_rows, sql.SIMULATED_KEY_PAIR)
        return self._vault.key_pair(UUID(bytes=rows[0][0]), *rows[0][1:]) if rows else None

    def relation(self, *, station_as2_id: str, partner_as2_id: str) -> Relation | None:
        return self._configured(self._read_relation, sql.RELATION, station_as2_id, partner_as2_id)

    def relation_of(self, *, station_id: UUID, partner_id: UUID) -> Relation:
        relation = self._configured(self._read_relation, sql.RELATION_BY_ID, station_id.bytes, partner_id.bytes)
        if relation is None:
            is_station = self._configured(_all_rows, sql.STATION_EXISTS, station_id.bytes)
            raise PartnerNotFound if is_station else StationNotFound
        return relation

    def messages(
        self,
        space: Space,
        wanted: MessageFilter,
        *,
        limit: int,
        offset: int,
        behind: ListPosition | None = None,
        oldest_first: bool = False,
    ) -> Page:
        with self._readers.snapshot() as link:
            directory = DirectoryReader(link.core, self._vault)
            proposed = None if wanted.search is None else propose(link.driver, space, wanted.search)
            return message_page(
                link.core,
                directory,
                space,
                wanted,
                limit=limit,
                offset=offset,
                behind=behind,
                oldest_first=oldest_first,
                proposed=proposed,
            )

    def message(self, space: Space, handle: int) -> MessageView:
        scope = (space.account_id.bytes, handle, space.tenant_id.bytes, space.mode)
        return _found(self._view(sql.VIEW_BY_HANDLE, *scope))

    def message_by_id(self, message_id: UUID) -> MessageView:
        return _found(self._view(sql.VIEW_BY_ID, message_id.bytes))

    def message_named(self, space: Space, direction: Direction, wire_id: str) -> MessageView:
        scope = (bare_message_id(wire_id), space.tenant_id.bytes, direction, space.mode, space.account_id.bytes)
        return _found(self._view(sql.VIEW_NAMED, *scope))

    def inbound(self, *, station_id: UUID, partner_id: UUID, wire_id: str) -> MessageView | None:
        known_as = station_id.bytes, partner_id.bytes, bare_message_id(wire_id)
        with self._readers.link() as link:
            if link.driver.execute(sql.INBOUND_EXISTS, known_as).fetchone() is None:
                return None
        return self._view(sql.VIEW_INBOUND, *known_as)

    def has_received_file(self, *, station_id: UUID, partner_id: UUID, filename: str) -> bool:
        wanted = (filename, station_id.bytes, partner_id.bytes)
        with self._readers.link() as link:
            return link.driver.execute(sql.FILE_RECEIVED, wanted).fetchone() is not None

    def receipt(self, receipt_id: UUID) -> Receipt | None:
        with self._readers.link() as link:
            row = link.driver.execute(sql.RECEIPT, (receipt_id.bytes,)).fetchone()
        return None if row is None else read_receipt(row)

    def timeline(self, message_id: UUID) -> Timeline:
        with self._readers.link() as link:
            rows = link.driver.execute(sql.TIMELINE, (message_id.bytes,)).fetchall()
        return in_order(step for row in rows for step in steps(row[0]))

    def kept_answer(self, space: Space, *, route: str, key: str) -> KeptAnswer | None:
        with self._readers.link() as link:
            row = link.driver.execute(FIND_ANSWER, found_by(space, route, key)).fetchone()
        return None if row is None else read_answer(row)

    def overdue_receipts(self, now: datetime, *, limit: int) -> tuple[UUID, ...]:
        with self._readers.link() as link:
            rows = link.driver.execute(sql.OVERDUE, (micros(now), limit)).fetchall()
        return tuple(UUID(bytes=row[0]) for row in rows)

    def _read(self, ask: Callable[[DirectoryReader], T]) -> T:
        with self._readers.link() as link:
            return ask(DirectoryReader(link.core, self._vault))

    def _configured(self, read: Callable[..., T], statement: str, *parameters: str | bytes | int) -> T:
        """What `read` finds with a statement about the configuration. What does not exist is looked for each time."""
        key = statement, *parameters
        with self._readers.link() as link:
            known: T | None = self._kept_in(link).found.get(key)
        if known:
            return known
        with self._readers.snapshot() as link:
            kept, found = self._kept_in(link), read(link, statement, *parameters)
        if found and len(kept.found) < _MOST_KEPT:
            kept.found[key] = found
        return found

    def _kept_in(self, link: Link) -> _Kept:
        """What was found in the version that this connection sees."""
        version = link.driver.execute(sql.DIRECTORY_VERSION).fetchone()[0]
        kept = self._kept
        if kept.version != version:
            kept = self._kept = _Kept(version=version)
        return kept

    def _read_relation(self, link: Link, statement: str, *pair: str | bytes) -> Relation | None:
        row = link.driver.execute(statement, pair).fetchone()
        if row is None:
            return None
        station, partner = read_station(row[:_STATION_END]), read_partner(row[_STATION_END:_PARTNER_END])
        rows = link.driver.execute(sql.CERTIFICATES, (station.id.bytes, partner.id.bytes)).fetchall()
        certificates = [read_certificate(row, self._vault) for row in rows]
        return Relation(
            station=station,
            partner=partner,
            station_certificates=tuple(entry for entry in certificates if entry.owner_id == station.id),
            partner_certificates=tuple(entry for entry in certificates if entry.owner_id == partner.id),
            credentials=self._vault.credentials(partner.id, row[_SEALED_CREDENTIALS]),
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


def _read_access(link: Link, statement: str, *named: bytes | str) -> Access | None:
    row = link.driver.execute(statement, named).fetchone()
    if row is None:
        return None
    key = read_key(row)
    account = link.driver.execute(sql.ACCOUNT, (key.account_id.bytes,)).fetchone()
    tenants = link.driver.execute(sql.TENANTS, (key.account_id.bytes,)).fetchall()
    return Access(key=key, account=read_account(account), tenants=tuple(read_tenant(tenant) for tenant in tenants))


def _all_rows(link: Link, statement: str, *parameters: Any) -> list[Any]:
    return link.driver.execute(statement, parameters).fetchall()


def _found(view: MessageView | None) -> MessageView:
    if view is None:
        raise MessageNotFound
    return view
