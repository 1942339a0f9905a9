"""Sender addresses: who may be named as the sender of a notice, and how that was found out.

Rule: an address belongs to the account that validated it, and to no other.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Assurance(StrEnum):
    """How it is known that the account may send under the address."""

    OPERATOR = "operator"
    """The operator of the gateway said so."""
    LINK = "link"
    """Somebody who reads the mailbox followed a one-time link."""
    DOMAIN = "domain"
    """DKIM, SPF and DMARC of the domain name this gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An address that notices are sent from."""

    id: UUID
    handle: int
    account_id: UUID
    tenant_id: UUID
    address: str
    """In its ASCII form."""
    name: str
    assurance: Assurance | None = None
    """None: not validated, so nothing is sent from it."""
    validated_at: datetime | None = None
    created_at: datetime

    @property
    def public_id(self) -> str:
        """The handle that people and the native API use."""
        return f"snd_{self.handle:06d}"
