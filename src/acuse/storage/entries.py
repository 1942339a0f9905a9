"""Rows of the configuration (accounts, tenants, stations, partners, certificates, API keys) to values and back.

Rule: as in `rows`. A private key is sealed on its way into a row and opened on its way out of it, nowhere else.
"""

from functools import lru_cache
from ipaddress import ip_network
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding

from acuse.as2 import SignedForm
from acuse.domain.access import ApiKey, Mode
from acuse.domain.account import Account, Tenant
from acuse.domain.dialect import Dialect
from acuse.domain.keyring import Certificate, CertificateRequest
from acuse.domain.login import Login
from acuse.domain.partner import Partner
from acuse.domain.plan import PlanName
from acuse.domain.station import Station
from acuse.storage import tables
from acuse.storage.columns import (
    json_text,
    micros,
    moment,
    names,
    optional_id,
    optional_micros,
    optional_moment,
    scopes,
    terms,
    uses,
)
from acuse.storage.rows import Row, Values, by_name
from acuse.storage.vault import Vault

_STATION = tuple(tables.station.c.keys())
_PARTNER = tuple(tables.partner.c.keys())
_CERTIFICATE = tuple(tables.certificate.c.keys())
_KEY = tuple(tables.api_key.c.keys())
_KEPT = 1024
"""Values of each kind that are kept, found again by their very row: whatever changes a row changes its value."""


def account_row(account: Account) -> Values:
    return {
        "id": account.id.bytes,
        "handle": account.handle,
        "name": account.name,
        "created_at": micros(account.created_at),
        "slug": account.slug,
        "updated_at": micros(account.updated_at),
        "plan": account.plan,
    }


def read_account(row: Row) -> Account:
    key, handle, name, created_at, slug, updated_at, plan = row
    return Account(
        id=UUID(bytes=key),
        handle=handle,
        name=name,
        slug=slug,
        created_at=moment(created_at),
        updated_at=moment(updated_at),
        plan=None if plan is None else PlanName(plan),
    )


def tenant_row(tenant: Tenant) -> Values:
    return {
        "id": tenant.id.bytes,
        "handle": tenant.handle,
        "account_id": tenant.account_id.bytes,
        "name": tenant.name,
        "created_at": micros(tenant.created_at),
        "slug": tenant.slug,
        "updated_at": micros(tenant.updated_at),
    }


@lru_cache(_KEPT)
def read_tenant(row: Row) -> Tenant:
    key, handle, account_id, name, created_at, slug, updated_at = row
    return Tenant(
        id=UUID(bytes=key),
        handle=handle,
        account_id=UUID(bytes=account_id),
        name=name,
        slug=slug,
        created_at=moment(created_at),
        updated_at=moment(updated_at),
    )


def station_row(station: Station) -> Values:
    return {
        "id": station.id.bytes,
        "handle": station.handle,
        "account_id": station.account_id.bytes,
        "tenant_id": station.tenant_id.bytes,
        "name": station.name,
        "as2_id": station.as2_id,
        "receive_url": station.receive_url,
        "created_at": micros(station.created_at),
        "updated_at": micros(station.updated_at),
        "email": station.email,
        "is_default": station.is_default,
        "removed_at": optional_micros(station.removed_at),
    }


@lru_cache(_KEPT)
def read_station(row: Row) -> Station:
    column = by_name(_STATION, row)
    return Station(
        id=UUID(bytes=column["id"]),
        handle=column["handle"],
        account_id=UUID(bytes=column["account_id"]),
        tenant_id=UUID(bytes=column["tenant_id"]),
        name=column["name"],
        as2_id=column["as2_id"],
        receive_url=column["receive_url"],
        created_at=moment(column["created_at"]),
        updated_at=moment(column["updated_at"]),
        email=column["email"],
        is_default=bool(column["is_default"]),
        removed_at=optional_moment(column["removed_at"]),
    )


def partner_row(partner: Partner) -> Values:
    return {
        "id": partner.id.bytes,
        "handle": partner.handle,
        "account_id": partner.account_id.bytes,
        "tenant_id": partner.tenant_id.bytes,
        "name": partner.name,
        "as2_id": partner.as2_id,
        "url": partner.url,
        "url_is_vouched": partner.url_is_vouched,
        "active": partner.active,
        "terms": json_text(partner.terms),
        "created_at": micros(partner.created_at),
        "updated_at": micros(partner.updated_at),
        "form": None if partner.form is SignedForm.AS_RECEIVED else partner.form,
        "email": partner.email,
        "removed_at": optional_micros(partner.removed_at),
        "station_id": None if partner.station_id is None else partner.station_id.bytes,
    }


@lru_cache(_KEPT)
def read_partner(row: Row) -> Partner:
    column = by_name(_PARTNER, row)
    return Partner(
        id=UUID(bytes=column["id"]),
        handle=column["handle"],
        account_id=UUID(bytes=column["account_id"]),
        tenant_id=UUID(bytes=column["tenant_id"]),
        name=column["name"],
        as2_id=column["as2_id"],
        url=column["url"],
        url_is_vouched=bool(column["url_is_vouched"]),
        active=bool(column["active"]),
        terms=terms(column["terms"]),
        created_at=moment(column["created_at"]),
        updated_at=moment(column["updated_at"]),
        form=SignedForm(column["form"] or SignedForm.AS_RECEIVED),
        email=column["email"],
        removed_at=optional_moment(column["removed_at"]),
        station_id=optional_id(column["station_id"]),
    )


def certificate_row(certificate: Certificate, vault: Vault) -> Values:
    pair = certificate.key_pair
    return {
        "id": certificate.id.bytes,
        "handle": certificate.handle,
        "tenant_id": certificate.tenant_id.bytes,
        "owner_id": certificate.owner_id.bytes,
        "uses": json_text(certificate.uses),
        "x509_der": certificate.x509_certificate.public_bytes(Encoding.DER),
        "sealed_key": None if pair is None else vault.seal(certificate.id, pair),
        "active_from": micros(certificate.active_from),
        "active_until": optional_micros(certificate.active_until),
        "created_at": micros(certificate.created_at),
        "name": certificate.name,
        "updated_at": micros(certificate.updated_at),
        "first_used_at": optional_micros(certificate.first_used_at),
        "told_days": certificate.told_days,
        "chain": certificate.chain,
        "removed_at": optional_micros(certificate.removed_at),
    }


def read_certificate(row: Row, vault: Vault) -> Certificate:
    """Raises MasterKeyWrong when the row has a private key that this home's master key does not open."""
    column = by_name(_CERTIFICATE, row)
    certificate_id, x509_der, sealed_key = UUID(bytes=column["id"]), column["x509_der"], column["sealed_key"]
    return Certificate(
        id=certificate_id,
        handle=column["handle"],
        tenant_id=UUID(bytes=column["tenant_id"]),
        owner_id=UUID(bytes=column["owner_id"]),
        name=column["name"],
        uses=uses(column["uses"]),
        x509_certificate=vault.certificate(x509_der),
        key_pair=None if sealed_key is None else vault.key_pair(certificate_id, x509_der, sealed_key),
        active_from=moment(column["active_from"]),
        active_until=optional_moment(column["active_until"]),
        created_at=moment(column["created_at"]),
        updated_at=moment(column["updated_at"]),
        first_used_at=optional_moment(column["first_used_at"]),
        told_days=column["told_days"],
        chain=column["chain"],
        removed_at=optional_moment(column["removed_at"]),
    )


def request_row(request: CertificateRequest, vault: Vault) -> Values:
    return {
        "id": request.id.bytes,
        "tenant_id": request.tenant_id.bytes,
        "station_id": request.station_id.bytes,
        "key_sha256": request.key_sha256,
        "pkcs10_der": request.pkcs10_der,
        "sealed_key": vault.seal_key(request.id, request.private_key),
        "created_at": micros(request.created_at),
    }


def read_request(row: Row, vault: Vault) -> CertificateRequest:
    """Raises MasterKeyWrong."""
    key, tenant_id, station_id, key_sha256, pkcs10_der, sealed_key, created_at = row
    request_id = UUID(bytes=key)
    return CertificateRequest(
        id=request_id,
        tenant_id=UUID(bytes=tenant_id),
        station_id=UUID(bytes=station_id),
        key_sha256=key_sha256,
        pkcs10_der=pkcs10_der,
        private_key=vault.private_key(request_id, sealed_key),
        created_at=moment(created_at),
    )


def key_row(key: ApiKey) -> Values:
    return {
        "id": key.id.bytes,
        "handle": key.handle,
        "account_id": key.account_id.bytes,
        "tenant_id": None if key.tenant_id is None else key.tenant_id.bytes,
        "name": key.name,
        "mode": key.mode,
        "scopes": json_text(key.scopes),
        "hint": key.hint,
        "digest": key.digest,
        "created_at": micros(key.created_at),
        "expires_at": optional_micros(key.expires_at),
        "networks": json_text([str(network) for network in key.networks]),
        "replaced_digest": key.replaced_digest,
        "replaced_until": optional_micros(key.replaced_until),
        "dialect": key.dialect,
        "username": key.login and key.login.user,
        "password_salt": key.login and key.login.salt,
        "password_hash": key.login and key.login.password_hash,
        "token_id": key.token_id,
    }


@lru_cache(_KEPT)
def read_key(row: Row) -> ApiKey:
    column = by_name(_KEY, row)
    return ApiKey(
        id=UUID(bytes=column["id"]),
        handle=column["handle"],
        account_id=UUID(bytes=column["account_id"]),
        tenant_id=optional_id(column["tenant_id"]),
        name=column["name"],
        mode=Mode(column["mode"]),
        scopes=scopes(column["scopes"]),
        hint=column["hint"],
        digest=column["digest"],
        created_at=moment(column["created_at"]),
        expires_at=optional_moment(column["expires_at"]),
        networks=tuple(ip_network(network) for network in names(column["networks"])),
        replaced_digest=column["replaced_digest"],
        replaced_until=optional_moment(column["replaced_until"]),
        dialect=Dialect(column["dialect"]),
        login=_read_login(column["username"], column["password_salt"], column["password_hash"]),
        token_id=column["token_id"],
    )


def _read_login(user: str | None, salt: str, password_hash: str) -> Login | None:
    return None if user is None else Login(user=user, salt=salt, password_hash=password_hash)
