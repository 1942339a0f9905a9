"""Events: what acuse publishes about messages, certificates and partners to those who want to know.

Rule: an event is written in the same unit as the change it tells, and is never changed afterwards. It keeps what of its
subject changes over time, so that it can be told later as it was; everything else stands in the subject itself.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from acuse.as2 import SignedForm
from acuse.domain.access import Mode
from acuse.domain.keyring import CertificatesUsed
from acuse.domain.message import Message, Problem, ReceiptState, Transmission
from acuse.domain.notice import Failure, Notice, Passage, Reading
from acuse.domain.partner import Partner, Terms


class EventKind(StrEnum):
    """The names that webhooks and the event feed use. What stands before the dot is the kind of the subject."""

    MESSAGE_QUEUED = "message.queued"
    MESSAGE_PROCESSING = "message.processing"
    MESSAGE_SENT = "message.sent"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_RECEIVED = "message.received"
    MESSAGE_REFUSED = "message.refused"
    """An inbound message was answered with a negative receipt; its payload was not delivered."""
    MESSAGE_RECEIPT_LATE = "message.receipt_late"
    MESSAGE_RECEIPT_UNPROVEN = "message.receipt_unproven"
    """A receipt was posted that does not show whom it is from: it is kept and counts for nothing."""
    MESSAGE_ID_REUSED = "message.id_reused"
    """A partner used a Message-ID again for other bytes; the second message was refused."""
    MESSAGE_REPEATED = "message.repeated"
    """A partner keeps sending the same message: it seems not to accept our receipt."""
    NOTICE_QUEUED = "notice.queued"
    NOTICE_SENT = "notice.sent"
    """The recipient's mail server took it."""
    NOTICE_DEFERRED = "notice.deferred"
    NOTICE_DELIVERED = "notice.delivered"
    NOTICE_FAILED = "notice.failed"
    NOTICE_BOUNCED = "notice.bounced"
    """It came back after it had been taken."""
    NOTICE_CANCELLED = "notice.cancelled"
    NOTICE_OPENED = "notice.opened"
    NOTICE_IDENTIFYING = "notice.identifying"
    NOTICE_ACCEPTED = "notice.accepted"
    NOTICE_READ = "notice.read"
    NOTICE_REFUSED = "notice.refused"
    NOTICE_EXPIRED = "notice.expired"
    NOTICE_LOCKED = "notice.locked"
    CERTIFICATE_EXPIRING = "certificate.expiring"
    CERTIFICATE_EXPIRED = "certificate.expired"
    CERTIFICATE_FIRST_USED = "certificate.first_used"
    """A partner uses the next certificate for the first time: it has made the change."""
    PARTNER_CREATED = "partner.created"
    PARTNER_UPDATED = "partner.updated"
    PARTNER_DELETED = "partner.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageState:
    """What of a message changes over time, as it was at one moment. The names are those of `Message`."""

    transmission: Transmission
    receipt: ReceiptState
    receipt_is_late: bool = False
    attempts: int = 0
    updated_at: datetime
    last_attempt_at: datetime | None = None
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    problem: Problem | None = None
    certificates: CertificatesUsed = field(default_factory=CertificatesUsed)
    form: SignedForm | None = None
    repeats: int = 0
    resent_as: tuple[int, ...] = ()
    receipt_id: UUID | None = None
    """The receipt that the event tells of."""

    @classmethod
    def of(cls, message: Message, *, receipt_id: UUID | None = None) -> Self:
        """The present state of a message."""
        return cls(**{name: getattr(message, name) for name in _CHANGING}, receipt_id=receipt_id)

    def put_back(self, message: Message) -> Message:
        """The message as it was at that moment."""
        return replace(message, **{name: getattr(self, name) for name in _CHANGING})


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateNotice:
    """What is told of a certificate besides what stands in it."""

    days: int
    """Until it ends, rounded up; 0 once it has expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeState:
    """What of a notice changes over time, as it was at one moment. The names are those of `Notice`."""

    passage: Passage
    reading: Reading
    failure: Failure | None = None
    said: str | None = None
    attempts: int = 0
    updated_at: datetime
    scheduled_at: datetime | None = None
    next_attempt_at: datetime | None = None
    handed_over_at: datetime | None = None
    expires_at: datetime | None = None
    certified_at: datetime | None = None
    facts: int = 0

    @classmethod
    def of(cls, notice: Notice) -> Self:
        """The present state of a notice."""
        return cls(**{entry.name: getattr(notice, entry.name) for entry in fields(cls)})

    def put_back(self, notice: Notice) -> Notice:
        """The notice as it was at that moment."""
        return replace(notice, **{entry.name: getattr(self, entry.name) for entry in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerState:
    """A partner as it was at one moment. The names are those of `Partner`."""

    name: str
    as2_id: str
    url: str
    email: str | None
    active: bool
    terms: Terms
    updated_at: datetime

    @classmethod
    def of(cls, partner: Partner) -> Self:
        """The present state of a partner."""
        return cls(**{entry.name: getattr(partner, entry.name) for entry in fields(cls)})

    def put_back(self, partner: Partner) -> Partner:
        """The partner as it was at that moment."""
        return replace(partner, **{entry.name: getattr(self, entry.name) for entry in fields(self)})


_CHANGING = tuple(entry.name for entry in fields(MessageState) if entry.name != "receipt_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, in the words of the API."""

    id: UUID
    account_id: UUID
    tenant_id: UUID
    mode: Mode = Mode.LIVE
    kind: EventKind
    subject_id: UUID
    """The message, the certificate, the notice or the partner, as the kind says."""
    occurred_at: datetime
    state: MessageState | CertificateNotice | NoticeState | PartnerState

    @property
    def public_id(self) -> str:
        """The name by which a receiver recognises an event that it has had already."""
        return f"evt_{self.id.hex}"
