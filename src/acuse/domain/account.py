"""Who owns what: accounts, and the separate spaces inside them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from acuse.domain.access import Mode
from acuse.domain.plan import PlanName
from acuse.errors import InvalidInput

LONGEST_SLUG = 64
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The owner of everything."""

    id: UUID
    handle: int
    name: str
    slug: str
    """The name for addresses and programs."""
    created_at: datetime
    updated_at: datetime
    plan: PlanName | None = None
    """How much of the gateway it may use; None: the operator set none."""

    @property
    def plan_name(self) -> PlanName:
        """The plan that holds: who hosts the gateway for itself has the largest one."""
        return self.plan or PlanName.ENTERPRISE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A separate space inside an account. Every account has at least one."""

    id: UUID
    handle: int
    account_id: UUID
    name: str
    slug: str
    """The name for addresses and programs, its own within the account."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The part of the data that a caller may see: every read takes one, so that none can forget it.

    The mode parts what is exchanged: messages, events and webhooks. The configuration is the tenant's, in either mode.
    """

    account_id: UUID
    tenant_id: UUID
    mode: Mode = Mode.LIVE


def slug_of(name: str) -> str:
    """A slug that is made from a name; `tenant` where no letter or digit of the name is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-") or "tenant"


def check_slug(value: str) -> str:
    """A slug that somebody chose. Raises InvalidInput."""
    if len(value) > LONGEST_SLUG or not _SLUG.fullmatch(value):
        raise InvalidInput(fields={"slug": f"1 to {LONGEST_SLUG} of a-z, 0-9 and single hyphens between them"})
    return value
