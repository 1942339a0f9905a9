"""API keys and what they allow.

Rule: the text of a key exists once, in the answer that creates it. What is stored is its SHA-256: a key has 160 random
bits or more, so a slow hash would add time and no safety. No key gives another one more than it has itself.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from uuid import UUID

from acuse.domain.dialect import Dialect
from acuse.domain.login import Login
from acuse.errors import AddressNotAllowed, ApiKeyExpired, InsufficientScope, InvalidInput

Network = IPv4Network | IPv6Network

MOST_NETWORKS = 50
"""Networks of one key."""


class Mode(StrEnum):
    """What is `live` is exchanged with partners; what is `test` never leaves the gateway, but for its webhooks."""

    LIVE = "live"
    TEST = "test"


class Scope(StrEnum):
    """What a key may do. `admin` includes everything, and alone allows the management of keys."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A credential of one API: the native one or a dialect's. No other lets it in."""

    id: UUID
    handle: int
    account_id: UUID
    tenant_id: UUID | None
    """None: the key acts for the whole account and chooses a tenant with each request."""
    name: str
    mode: Mode
    scopes: frozenset[Scope]
    hint: str
    """The start of the key's text, to recognise it in a list."""
    digest: bytes
    created_at: datetime
    expires_at: datetime | None = None
    networks: tuple[Network, ...] = ()
    """From where it may be used; empty: from anywhere."""
    replaced_digest: bytes | None = None
    """Of the text before the last rotation, which holds until `replaced_until`."""
    replaced_until: datetime | None = None
    dialect: Dialect = Dialect.NATIVE
    login: Login | None = None
    """The user of an API whose programs log in. User names are unique in a home."""
    token_id: str | None = None
    """What is shown beside the text, where the API wants both. Unique in a home."""

    def admit(self, digest: bytes, *, address: str | None, now: datetime) -> None:
        """Let in who shows the text with this digest, from this address.

        Raises ApiKeyExpired when the key, or the text that was shown, has ended, and AddressNotAllowed.
        """
        for end in (self.expires_at, self.replaced_until if digest == self.replaced_digest else None):
            if end is not None and end <= now:
                raise ApiKeyExpired(expired_at=end)
        if self.networks and not _is_within(address, self.networks):
            raise AddressNotAllowed(client_ip=address)

    def require(self, scope: Scope) -> None:
        """Raises InsufficientScope for what the key does not allow."""
        if scope not in self.scopes and Scope.ADMIN not in self.scopes:
            raise InsufficientScope(required_scope=scope.value, current_scopes=sorted(self.scopes))

    def governs(self, other: "ApiKey") -> bool:
        """Whether the holder of this key may see and revoke the other: a tenant's key sees its tenant's, a test key
        sees test keys."""
        is_reached = self.tenant_id is None or self.tenant_id == other.tenant_id
        return is_reached and self.account_id == other.account_id and self.mode in (Mode.LIVE, other.mode)

    def require_no_more(self, other: "ApiKey") -> None:
        """Raises InsufficientScope that names in what the other key goes beyond this one."""
        exceeded = {name: limit for name, limit in self._limits() if _exceeds(self, other, name)}
        if exceeded:
            raise InsufficientScope(
                "A key cannot give more than it has itself. See the details for what goes beyond it.", limits=exceeded
            )

    def _limits(self) -> Iterable[tuple[str, object]]:
        yield "tenant_id", "that of this key"
        yield "mode", self.mode.value
        yield "scopes", sorted(self.scopes)
        yield "expires_at", self.expires_at
        yield "allowed_ips", [str(network) for network in self.networks]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """When and from where a key was last used."""

    key_id: UUID
    at: datetime
    address: str | None


def _exceeds(giver: ApiKey, other: ApiKey, name: str) -> bool:
    rules: Mapping[str, bool] = {
        "tenant_id": giver.tenant_id is not None and giver.tenant_id != other.tenant_id,
        "mode": giver.mode is Mode.TEST and other.mode is Mode.LIVE,
        "scopes": Scope.ADMIN not in giver.scopes and not other.scopes <= giver.scopes,
        "expires_at": giver.expires_at is not None
        and (other.expires_at is None or other.expires_at > giver.expires_at),
        "allowed_ips": bool(giver.networks) and not _is_subset(other.networks, giver.networks),
    }
    return rules[name]


def _is_subset(networks: tuple[Network, ...], outer: tuple[Network, ...]) -> bool:
    return bool(networks) and all(any(_contains(wide, network) for wide in outer) for network in networks)


def _contains(wide: Network, network: Network) -> bool:
    if isinstance(wide, IPv4Network):
        return isinstance(network, IPv4Network) and network.subnet_of(wide)
    return isinstance(network, IPv6Network) and network.subnet_of(wide)


def _is_within(address: str | None, networks: tuple[Network, ...]) -> bool:
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    # A socket for both families shows an IPv4 client as ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2).
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


_PREFIXES: Mapping[Dialect, str] = {
    Dialect.NATIVE: "pk",
    Dialect.AS2EXPERT: "ae",
    Dialect.MFT: "mft",
    Dialect.MENSATEK: "mk",
}


def key_text(mode: Mode, secret: str, *, is_tenants: bool = False, dialect: Dialect = Dialect.NATIVE) -> str:
    """The text that a client sends: `pk_live_…` for keys of an account, `tk_live_…` for those of one tenant.

    Those of a dialect begin with `ae_`, `mft_` and `mk_`. `secret` is letters and digits, 160 bits or more.
    """
    prefix = "tk" if is_tenants and dialect is Dialect.NATIVE else _PREFIXES[dialect]
    return f"{prefix}_{mode.value}_{secret}"


def key_digest(text: str) -> bytes:
    """What is stored of a key, and what a key is looked up by."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def parse_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Scopes by their names; raises InvalidInput that lists the known ones."""
    known = {scope.value for scope in Scope}
    wanted = {name.strip().lower() for name in names if name.strip()}
    if not wanted or not wanted <= known:
        raise InvalidInput(fields={"scopes": f"choose from {', '.join(scope.value for scope in Scope)}"})
    return frozenset(Scope(name) for name in wanted)


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks, each once and in order; a plain address is a network of one. Raises InvalidInput."""
    try:
        found = {ip_network(text.strip(), strict=False) for text in texts}
    except ValueError:
        raise InvalidInput(fields={"allowed_ips": "addresses or networks, such as 203.0.113.7 or 10.0.0.0/8"}) from None
    if len(found) > MOST_NETWORKS:
        raise InvalidInput(fields={"allowed_ips": f"at most {MOST_NETWORKS} networks"})
    return tuple(
        sorted(found, key=lambda network: (network.version, network.network_address.packed, network.prefixlen))
    )
