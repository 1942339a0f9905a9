"""Credits: what a notice costs, taken in three steps so that nothing is paid twice or for nothing.

An amount is reserved when a notice is accepted, settled when it leaves, and released when it never does. The ledger
only grows; the balance is what it adds up to, and is changed in the same unit.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from acuse.errors import ServiceError

UNIT = 100
"""Amounts are whole hundredths of a credit: 9 credits are 900."""


class EntryKind(StrEnum):
    """Why the balance changed."""

    GRANT = "grant"
    """The operator gave credits, or took some back."""
    RESERVE = "reserve"
    SETTLE = "settle"
    """What was reserved is spent; the balance stays."""
    RELEASE = "release"
    """What was reserved goes back."""


class CreditsExhausted(ServiceError):
    """There are not enough credits for this sending. Ask the operator for more."""

    code = "CREDITS_EXHAUSTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One line of the ledger."""

    id: UUID
    account_id: UUID
    kind: EntryKind
    amount: int
    """In hundredths; what it adds to the balance is negative for RESERVE and nothing for SETTLE."""
    notice_id: UUID | None
    created_at: datetime

    @property
    def effect(self) -> int:
        """What the balance changes by."""
        return {EntryKind.RESERVE: -self.amount, EntryKind.SETTLE: 0}.get(self.kind, self.amount)
