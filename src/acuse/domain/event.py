"""Events: what acuse publishes about a message to those who want to know.

Rule: an event is written in the same unit as the change it tells, and is never changed afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class EventKind(StrEnum):
    """The names that webhooks and the event feed use."""

    MESSAGE_QUEUED = "message.queued"
    MESSAGE_PROCESSING = "message.processing"
    MESSAGE_SENT = "message.sent"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_RECEIVED = "message.received"
    MESSAGE_REFUSED = "message.refused"
    """An inbound message was answered with a negative receipt; its payload was not delivered."""
    MESSAGE_RECEIPT_LATE = "message.receipt_late"
    MESSAGE_ID_REUSED = "message.id_reused"
    """A partner used a Message-ID again for other bytes; the second message was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, in the words of the API."""

    id: UUID
    account_id: UUID
    tenant_id: UUID
    kind: EventKind
    message_id: UUID
    occurred_at: datetime
    data: Mapping[str, object] = field(default_factory=dict)
    """What was true at that moment and may change later, such as the status."""
