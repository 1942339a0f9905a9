"""API keys and what they allow.

Rule: the text of a key exists once, in the answer that creates it. What is stored is its SHA-256: a key has 160 random
bits or more, so a slow hash would add time and no safety.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from acuse.errors import ApiKeyExpired, InsufficientScope, InvalidInput


class Mode(StrEnum):
    """What is `live` is exchanged with partners; what is `test` never leaves the gateway, but for its webhooks."""

    LIVE = "live"
    TEST = "test"


class Scope(StrEnum):
    """What a key may do. `admin` includes everything."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A credential of the native API."""

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

    def require(self, scope: Scope, *, now: datetime) -> None:
        """Refuse what the key does not allow: raises ApiKeyExpired or InsufficientScope."""
        if self.expires_at is not None and self.expires_at <= now:
            raise ApiKeyExpired(expired_at=self.expires_at)
        if scope not in self.scopes and Scope.ADMIN not in self.scopes:
            raise InsufficientScope(required_scope=scope.value, current_scopes=sorted(self.scopes))


def key_text(mode: Mode, secret: str) -> str:
    """The text that a client sends: `pk_live_…` for account keys. `secret` is letters and digits, 160 bits or more."""
    return f"pk_{mode.value}_{secret}"


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
