"""Who owns what: accounts, and the separate spaces inside them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from acuse.domain.access import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The owner of everything."""

    id: UUID
    handle: int
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A separate space inside an account. Every account has at least one."""

    id: UUID
    handle: int
    account_id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The part of the data that a caller may see: every read takes one, so that none can forget it.

    The mode parts what is exchanged: messages, events and webhooks. The configuration is the tenant's, in either mode.
    """

    account_id: UUID
    tenant_id: UUID
    mode: Mode = Mode.LIVE
