"""Receipts that match nothing we sent: kept for the operator, who alone can tell a mistake from an attack.

Rule: anybody may post one, so they are bounded in number and in size, and what is proved to be a partner's is never
pushed out by what is not.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

KEPT_STRAYS = 100
"""How many are kept for a tenant, the newest: of those that verify, and as many of the others."""
KEPT_BYTES = 64 * 1024
"""How much is kept of the body of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayReceipt:
    """A receipt for no message of ours."""

    id: UUID
    handle: int
    account_id: UUID
    tenant_id: UUID
    """Of the station that it was for."""
    partner_id: UUID | None
    """None for a sender whom nobody here knows."""
    from_as2_id: str
    to_as2_id: str
    reason: str
    """Why it matches nothing, in one sentence."""
    original_message_id: str | None
    disposition: str | None
    is_signed: bool
    is_verified: bool
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """Up to KEPT_BYTES, as it came."""
    size: int
    """Bytes of the whole body."""
    created_at: datetime

    @property
    def public_id(self) -> str:
        """The handle that people and the native API use."""
        return f"rcp_{self.handle:06d}"

    @property
    def captured(self) -> bytes:
        """Header fields, an empty line and the body: what `acuse explain` reads."""
        fields = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return fields.encode("utf-8", "surrogateescape") + b"\r\n" + self.body
