"""The configuration, written and read by SQLAlchemy Core: the same statements on every database.

Rule: no row is kept between two calls. Another process, such as the command line beside a running server, may change
any of them at any time.
"""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, insert, literal, or_, select, update

from acuse.as2 import SignedForm
from acuse.cms import KeyPair
from acuse.domain.access import ApiKey, KeyUse
from acuse.domain.account import Account, Space, Tenant
from acuse.domain.connection import NO_CREDENTIALS, Credentials
from acuse.domain.keyring import Certificate, CertificateRequest
from acuse.domain.partner import Partner
from acuse.domain.station import Station
from acuse.errors import (
    AlreadyExists,
    CertificateNotFound,
    KeyNotFound,
    PartnerNotFound,
    StationNotFound,
    TenantNotFound,
)
from acuse.ports import HeldCertificate, KeyView, PartnerFilter, PartnerPage, PartnerView
from acuse.storage import tables
from acuse.storage.columns import micros, moment
from acuse.storage.entries import (
    account_row,
    certificate_row,
    key_row,
    partner_row,
    read_account,
    read_certificate,
    read_key,
    read_partner,
    read_request,
    read_station,
    read_tenant,
    request_row,
    station_row,
    tenant_row,
)
from acuse.storage.rows import Row, Values
from acuse.storage.vault import Vault

MOST_COUNTED = 1000
"""Things of one kind in a tenant that are counted one by one."""
_NO_CONTENTS = ("event", "kept_answer")
"""What only tells of other things, and goes or stays without them."""
_FIXED = ("id", "handle", "account_id", "created_at")
_FIXED_IN_A_TENANT = (*_FIXED, "tenant_id")
_FIXED_OF_A_KEY = ("id", "handle", "account_id", "tenant_id", "mode", "created_at", "dialect")
_FIXED_OF_A_CERTIFICATE = ("id", "handle", "tenant_id", "owner_id", "x509_der", "sealed_key", "created_at")


class DirectoryRows:
    """`ports.Directory` on the connection of a unit."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add_account(self, account: Account) -> None:
        self._insert(tables.account, account_row(account))

    def save_account(self, account: Account) -> None:
        table = tables.account
        changes = {name: value for name, value in account_row(account).items() if name not in _FIXED}
        self._connection.execute(update(table).where(table.c.id == account.id.bytes).values(changes))

    def add_tenant(self, tenant: Tenant) -> None:
        self._insert(tables.tenant, tenant_row(tenant))

    def tenants(self, account_id: UUID) -> tuple[Tenant, ...]:
        table = tables.tenant
        wanted = select(table).where(table.c.account_id == account_id.bytes).order_by(table.c.handle)
        return tuple(read_tenant(row) for row in self._connection.execute(wanted))

    def save_tenant(self, tenant: Tenant) -> None:
        table = tables.tenant
        changes = {name: value for name, value in tenant_row(tenant).items() if name not in _FIXED}
        if self._connection.execute(update(table).where(table.c.id == tenant.id.bytes).values(changes)).rowcount != 1:
            raise TenantNotFound

    def contents(self, tenant_id: UUID) -> dict[str, int]:
        found = {}
        for table in tables.metadata.sorted_tables:
            if "tenant_id" not in table.c or table.name in _NO_CONTENTS:
                continue
            some = select(literal(1)).select_from(table).where(table.c.tenant_id == tenant_id.bytes).limit(MOST_COUNTED)
            found[table.name] = self._connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()
        return {name: number for name, number in found.items() if number}

    def remove_tenant(self, tenant_id: UUID) -> None:
        table = tables.tenant
        if self._connection.execute(delete(table).where(table.c.id == tenant_id.bytes)).rowcount != 1:
            raise TenantNotFound

    def add_station(self, station: Station) -> None:
        self._refuse_twice(tables.station, station)
        self._insert(tables.station, station_row(station))

    def get_station(self, station_id: UUID) -> Station:
        table = tables.station
        row = self._connection.execute(select(table).where(table.c.id == station_id.bytes)).first()
        if row is None:
            raise StationNotFound
        return read_station(row)

    def save_station(self, station: Station) -> None:
        self.get_station(station.id)
        self._refuse_twice(tables.station, station)
        table = tables.station
        if station.is_default:
            others = table.c.tenant_id == station.tenant_id.bytes, table.c.id != station.id.bytes, table.c.is_default
            self._connection.execute(update(table).where(*others).values(is_default=False))
        self._save(table, station_row(station), fixed=_FIXED_IN_A_TENANT)

    def add_partner(self, partner: Partner, credentials: Credentials = NO_CREDENTIALS) -> None:
        self._refuse_twice(tables.partner, partner)
        sealed = self._vault.seal_credentials(partner.id, credentials)
        self._insert(tables.partner, {**partner_row(partner), "sealed_credentials": sealed})

    def get_partner(self, partner_id: UUID) -> tuple[Partner, Credentials]:
        table = tables.partner
        row = self._connection.execute(select(table).where(table.c.id == partner_id.bytes)).first()
        if row is None:
            raise PartnerNotFound
        return read_partner(row), self._vault.credentials(partner_id, row.sealed_credentials)

    def save_partner(self, partner: Partner, credentials: Credentials) -> None:
        self.get_partner(partner.id)
        self._refuse_twice(tables.partner, partner)
        sealed = self._vault.seal_credentials(partner.id, credentials)
        row = {**partner_row(partner), "sealed_credentials": sealed}
        self._save(tables.partner, row, fixed=(*_FIXED_IN_A_TENANT, "form"))

    def remember_form(self, partner_id: UUID, form: SignedForm) -> None:
        table = tables.partner
        self._connection.execute(update(table).where(table.c.id == partner_id.bytes).values(form=form.value))

    def add_certificate(self, certificate: Certificate) -> None:
        self._insert(tables.certificate, certificate_row(certificate, self._vault))

    def get_certificate(self, certificate_id: UUID) -> Certificate:
        table = tables.certificate
        row = self._connection.execute(select(table).where(table.c.id == certificate_id.bytes)).first()
        if row is None:
            raise CertificateNotFound
        return read_certificate(row, self._vault)

    def save_certificate(self, certificate: Certificate) -> None:
        row = certificate_row(certificate, self._vault)
        if not self._save(tables.certificate, row, fixed=_FIXED_OF_A_CERTIFICATE):
            raise CertificateNotFound

    def add_simulated_key_pair(self, pair_id: UUID, pair: KeyPair) -> None:
        table = tables.simulated_partner
        if self._connection.execute(select(table.c.id)).first() is None:
            der = pair.certificate.public_bytes(Encoding.DER)
            self._insert(table, {"id": pair_id.bytes, "x509_der": der, "sealed_key": self._vault.seal(pair_id, pair)})

    def add_certificate_request(self, request: CertificateRequest) -> None:
        self._insert(tables.certificate_request, request_row(request, self._vault))

    def remove_certificate_request(self, request_id: UUID) -> None:
        table = tables.certificate_request
        self._connection.execute(delete(table).where(table.c.id == request_id.bytes))

    def add_key(self, key: ApiKey) -> None:
        table, username = tables.api_key, key.login and key.login.user
        if username and self._connection.execute(select(table.c.id).where(table.c.username == username)).first():
            raise AlreadyExists(f"A key with the user name {username!r} exists already.")
        self._insert(tables.api_key, key_row(key))

    def get_key(self, key_id: UUID) -> ApiKey:
        table = tables.api_key
        row = self._connection.execute(select(table).where(table.c.id == key_id.bytes)).first()
        if row is None:
            raise KeyNotFound
        return read_key(row)

    def save_key(self, key: ApiKey) -> None:
        table = tables.api_key
        changes = {name: value for name, value in key_row(key).items() if name not in _FIXED_OF_A_KEY}
        if self._connection.execute(update(table).where(table.c.id == key.id.bytes).values(changes)).rowcount != 1:
            raise KeyNotFound

    def note_key_use(self, use: KeyUse) -> None:
        table = tables.api_key_use
        row = {"used_at": micros(use.at), "address": use.address}
        if self._connection.execute(update(table).where(table.c.key_id == use.key_id.bytes).values(row)).rowcount == 0:
            keys = tables.api_key
            known = select(keys.c.id, literal(row["used_at"]), literal(row["address"])).where(
                keys.c.id == use.key_id.bytes
            )
            self._connection.execute(insert(table).from_select(["key_id", *row], known))

    def remove_key(self, key_id: UUID) -> None:
        table = tables.api_key
        if self._connection.execute(delete(table).where(table.c.id == key_id.bytes)).rowcount != 1:
            raise KeyNotFound

    def _insert(self, table: Table, values: Values) -> None:
        self._connection.execute(insert(table), dict(values))

    def _save(self, table: Table, row: Values, *, fixed: Collection[str]) -> bool:
        """Write a row that is there already, but for what never changes; tells whether it is."""
        changes = {name: value for name, value in row.items() if name not in fixed}
        return self._connection.execute(update(table).where(table.c.id == row["id"]).values(changes)).rowcount == 1

    def _refuse_twice(self, table: Table, entry: Station | Partner) -> None:
        if entry.removed_at is not None:
            return
        is_same = table.c.tenant_id == entry.tenant_id.bytes, table.c.as2_id == entry.as2_id
        same = select(table.c.id).where(*is_same, table.c.id != entry.id.bytes, table.c.removed_at.is_(None))
        if self._connection.execute(same).first() is not None:
            raise AlreadyExists(f"A {table.name} with the AS2 identifier {entry.as2_id!r} exists already.")


class DirectoryReader:
    """The reading side, on any connection."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def account(self) -> Account | None:
        row = self._connection.execute(select(tables.account).order_by(tables.account.c.handle).limit(1)).first()
        return None if row is None else read_account(row)

    def partners(self, space: Space) -> tuple[Partner, ...]:
        return tuple(read_partner(row) for row in self._all(in_space(tables.partner, space)))

    def partner_page(self, space: Space, wanted: PartnerFilter, *, limit: int, offset: int) -> PartnerPage:
        """A part of the partners that a filter lets through, and how many there are in all."""
        table = tables.partner
        found = in_space(table, space).where(*_wanted(wanted))
        total = self._connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
        rows = self._all(found.limit(limit).offset(offset))
        return PartnerPage(rows=tuple(self._viewed(row) for row in list(rows)), total=total)

    def partner_view(self, partner_id: UUID) -> PartnerView:
        table = tables.partner
        row = self._connection.execute(select(table).where(table.c.id == partner_id.bytes)).first()
        if row is None:
            raise PartnerNotFound
        return self._viewed(row)

    def _viewed(self, row: Any) -> PartnerView:
        partner = read_partner(row)
        certificates = tuple(entry for entry in self.certificates(partner.id) if entry.removed_at is None)
        credentials = self._vault.credentials(partner.id, row.sealed_credentials)
        return PartnerView(partner=partner, certificates=certificates, credentials=credentials)

    def certificates(self, owner_id: UUID) -> tuple[Certificate, ...]:
        table = tables.certificate
        wanted = select(table).where(table.c.owner_id == owner_id.bytes).order_by(table.c.handle)
        return tuple(read_certificate(row, self._vault) for row in self._all(wanted))

    def held_certificates(self, space: Space | None) -> tuple[HeldCertificate, ...]:
        """Every certificate of a space, or of all, with its owner."""
        stations, partners, entries = (
            self._all(
                _present(select(table).order_by(table.c.handle), table) if space is None else in_space(table, space)
            )
            for table in (tables.station, tables.partner, tables.certificate)
        )
        owners: dict[UUID, Station | Partner] = {}
        owners |= {station.id: station for station in map(read_station, stations)}
        owners |= {partner.id: partner for partner in map(read_partner, partners)}
        found = [read_certificate(row, self._vault) for row in entries]
        return tuple(
            HeldCertificate(entry=entry, owner=owners[entry.owner_id]) for entry in found if entry.owner_id in owners
        )

    def certificate(self, space: Space, handle: int) -> HeldCertificate:
        row = self._connection.execute(
            in_space(tables.certificate, space).where(tables.certificate.c.handle == handle)
        ).first()
        if row is None:
            raise CertificateNotFound
        held = self._held(row)
        if held.owner.removed_at is not None:
            raise CertificateNotFound
        return held

    def certificate_request(self, space: Space, key_sha256: str) -> CertificateRequest | None:
        table = tables.certificate_request
        wanted = table.c.tenant_id == space.tenant_id.bytes, table.c.key_sha256 == key_sha256
        row = self._connection.execute(select(table).where(*wanted).order_by(table.c.id).limit(1)).first()
        return None if row is None else read_request(row, self._vault)

    def certificate_by_id(self, certificate_id: UUID) -> HeldCertificate:
        table = tables.certificate
        row = self._connection.execute(select(table).where(table.c.id == certificate_id.bytes)).first()
        if row is None:
            raise CertificateNotFound
        return self._held(row)

    def _held(self, row: Row) -> HeldCertificate:
        entry = read_certificate(row, self._vault)
        ids = [entry.owner_id.bytes]
        owner = self.stations_by_id(ids).get(entry.owner_id) or self.partners_by_id(ids)[entry.owner_id]
        return HeldCertificate(entry=entry, owner=owner)

    def credentials(self, partner_id: UUID) -> Credentials:
        table = tables.partner
        row = self._connection.execute(select(table.c.sealed_credentials).where(table.c.id == partner_id.bytes)).first()
        if row is None:
            raise PartnerNotFound
        return self._vault.credentials(partner_id, row[0])

    def client_certificates(self) -> tuple[tuple[Partner, str], ...]:
        """Of all partners that have one."""
        table = tables.partner
        wanted = _present(select(table).where(table.c.sealed_credentials.is_not(None)), table)
        found = map(read_partner, self._all(wanted))
        held = ((partner, self.credentials(partner.id).client_certificate) for partner in found)
        return tuple((partner, pem) for partner, pem in held if pem)

    def keys(self, account_id: UUID) -> tuple[KeyView, ...]:
        table, uses, spaces = tables.api_key, tables.api_key_use, tables.tenant
        is_here = table.c.account_id == account_id.bytes
        keys = [read_key(row) for row in self._all(select(table).where(is_here).order_by(table.c.handle))]
        used = self._all(select(uses).join_from(uses, table, table.c.id == uses.c.key_id).where(is_here))
        last = {key_id: KeyUse(key_id=UUID(bytes=key_id), at=moment(at), address=where) for key_id, at, where in used}
        theirs = self._all(select(spaces).where(spaces.c.account_id == account_id.bytes))
        tenants: dict[UUID | None, Tenant] = {tenant.id: tenant for tenant in map(read_tenant, theirs)}
        return tuple(
            KeyView(key=key, tenant=tenants.get(key.tenant_id), last_use=last.get(key.id.bytes)) for key in keys
        )

    def stations_by_id(self, ids: Iterable[bytes]) -> dict[UUID, Station]:
        wanted = select(tables.station).where(tables.station.c.id.in_(sorted(set(ids))))
        return {station.id: station for station in map(read_station, self._all(wanted))}

    def partners_by_id(self, ids: Iterable[bytes]) -> dict[UUID, Partner]:
        wanted = select(tables.partner).where(tables.partner.c.id.in_(sorted(set(ids))))
        return {partner.id: partner for partner in map(read_partner, self._all(wanted))}

    def _all(self, wanted: Select[Any]) -> Iterable[Any]:
        return self._connection.execute(wanted)


def in_space(table: Table, space: Space) -> Select[Any]:
    """What of a table belongs to a space and was not removed, in the order of its handles."""
    is_its_own = table.c.tenant_id == space.tenant_id.bytes, _account_of(table) == space.account_id.bytes
    return _present(select(table).where(*is_its_own).order_by(table.c.handle), table)


def _wanted(wanted: PartnerFilter) -> list[ColumnElement[bool]]:
    table, conditions = tables.partner, []
    if wanted.active is not None:
        conditions.append(table.c.active == wanted.active)
    if wanted.search is not None:
        part = wanted.search.lower()
        columns = (table.c.name, table.c.as2_id, table.c.url, table.c.email)
        conditions.append(or_(*(func.lower(column).contains(part, autoescape=True) for column in columns)))
    return conditions


def _present(wanted: Select[Any], table: Table) -> Select[Any]:
    return wanted.where(table.c.removed_at.is_(None))


def _account_of(table: Table) -> ColumnElement[Any]:
    """A certificate's account is its tenant's."""
    if "account_id" in table.c:
        return table.c.account_id
    return select(tables.tenant.c.account_id).where(tables.tenant.c.id == table.c.tenant_id).scalar_subquery()
