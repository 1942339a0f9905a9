"""A message: one AS2 transmission, either way.

Rule: two axes, never one status. How far the transmission got and what became of the receipt are separate facts; each
API derives its own word from both. The tables below are complete: what is not in them cannot happen, and asking for
it raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from acuse.as2 import Exchange, MDNMode, SignedForm
from acuse.domain.access import Mode
from acuse.domain.keyring import CertificatesUsed
from acuse.domain.simulation import Behaviour


class Direction(StrEnum):
    """Seen from us."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Priority(StrEnum):
    """Which message goes first when several are due."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Transmission(StrEnum):
    """How far the bytes got."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    PROCESSING = "processing"
    RETRY_WAIT = "retry_wait"
    TRANSMITTED = "transmitted"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RECEIVED = "received"


class Step(StrEnum):
    """What can happen to a transmission."""

    START = "start"
    TRANSMIT = "transmit"
    POSTPONE = "postpone"
    GIVE_UP = "give_up"
    CANCEL = "cancel"
    RETRY = "retry"
    """Somebody asks for another attempt with the stored bytes, or the terms do because the receipt is overdue."""


class ReceiptState(StrEnum):
    """What became of the receipt. For an inbound message it is our own receipt to the partner."""

    NOT_REQUESTED = "not_requested"
    PENDING = "pending"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    INVALID = "invalid"
    TIMEOUT = "timeout"


class Outcome(StrEnum):
    """What can happen to a receipt that is waited for."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INVALID = "invalid"
    EXPIRE = "expire"
    ASK_AGAIN = "ask_again"
    """Somebody has a message sent again: its receipt may still come."""


class ImpossibleStep(Exception):
    """A state machine was asked for a step that its table does not have."""


_T, _S = Transmission, Step
TRANSMISSION: Mapping[tuple[Transmission, Step], Transmission] = {
    (_T.SCHEDULED, _S.START): _T.PROCESSING,
    (_T.SCHEDULED, _S.CANCEL): _T.CANCELLED,
    (_T.SCHEDULED, _S.GIVE_UP): _T.FAILED,
    (_T.QUEUED, _S.START): _T.PROCESSING,
    (_T.QUEUED, _S.TRANSMIT): _T.TRANSMITTED,  # the receipt came while a repeat by hand was waiting
    (_T.QUEUED, _S.CANCEL): _T.CANCELLED,
    (_T.QUEUED, _S.GIVE_UP): _T.FAILED,
    (_T.PROCESSING, _S.START): _T.PROCESSING,  # the process that began the attempt died
    (_T.PROCESSING, _S.TRANSMIT): _T.TRANSMITTED,
    (_T.PROCESSING, _S.POSTPONE): _T.RETRY_WAIT,
    (_T.PROCESSING, _S.GIVE_UP): _T.FAILED,
    (_T.RETRY_WAIT, _S.START): _T.PROCESSING,
    (_T.RETRY_WAIT, _S.TRANSMIT): _T.TRANSMITTED,  # the answer was lost, but the receipt came by itself
    (_T.RETRY_WAIT, _S.CANCEL): _T.CANCELLED,
    (_T.RETRY_WAIT, _S.GIVE_UP): _T.FAILED,
    (_T.RETRY_WAIT, _S.RETRY): _T.RETRY_WAIT,  # at once instead of later
    (_T.FAILED, _S.RETRY): _T.QUEUED,
    (_T.TRANSMITTED, _S.RETRY): _T.QUEUED,  # by force, or to ask for the receipt
}

_R, _O = ReceiptState, Outcome
RECEIPT: Mapping[tuple[ReceiptState, Outcome], ReceiptState] = {
    (_R.PENDING, _O.POSITIVE): _R.POSITIVE,
    (_R.PENDING, _O.NEGATIVE): _R.NEGATIVE,
    (_R.PENDING, _O.INVALID): _R.INVALID,
    (_R.PENDING, _O.EXPIRE): _R.TIMEOUT,
    (_R.TIMEOUT, _O.POSITIVE): _R.POSITIVE,  # late
    (_R.TIMEOUT, _O.NEGATIVE): _R.NEGATIVE,
    (_R.TIMEOUT, _O.INVALID): _R.TIMEOUT,  # what does not verify proves nothing
    (_R.INVALID, _O.POSITIVE): _R.POSITIVE,  # a better one after a broken one, also late
    (_R.INVALID, _O.NEGATIVE): _R.NEGATIVE,
    (_R.INVALID, _O.INVALID): _R.INVALID,
    (_R.TIMEOUT, _O.ASK_AGAIN): _R.PENDING,
    (_R.INVALID, _O.ASK_AGAIN): _R.PENDING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file inside a message."""

    position: int
    """From 1."""
    filename: str | None
    """As the sender named it: for people only, never a path of ours."""
    content_type: str
    size: int
    sha256: str
    blob_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong with a message, in the words of the API."""

    code: str
    message: str
    details: Mapping[str, object] = field(default_factory=dict)
    """`advice`, where it is there, is one sentence about what to do."""

    def with_details(self, **details: object) -> Self:
        """The same with more details."""
        return replace(self, details={**self.details, **details})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What stood on the wire: header fields in order, and the body as it was."""

    headers: tuple[tuple[str, str], ...]
    blob_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One MDN, ours or the partner's, with its raw bytes."""

    id: UUID
    message_id: UUID
    direction: Direction
    wire: Wire
    disposition: str
    received_content_mic: str | None
    original_message_id: str | None
    reporting_ua: str | None
    final_recipient: str | None
    text: str
    """What the other side wrote for people."""
    is_signed: bool
    is_verified: bool
    """The signature is right and of a certificate that we hold for the partner; for our own receipts, that we
    signed.
    """
    reply_url: str | None
    """Where our asynchronous receipt has to go; None for synchronous ones and for the partner's."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One AS2 transmission and all that is known of it."""

    id: UUID
    handle: int
    account_id: UUID
    tenant_id: UUID
    station_id: UUID
    partner_id: UUID
    mode: Mode = Mode.LIVE
    direction: Direction
    wire_id: str
    """The Message-ID exactly as on the wire, brackets included where it had them."""
    subject: str | None
    content_type: str
    size: int
    """Bytes of all attachments; of the whole payload entity where there are several (RFC 6362)."""
    is_signed: bool
    is_encrypted: bool
    is_compressed: bool
    mdn: MDNMode
    transmission: Transmission
    receipt: ReceiptState
    receipt_is_late: bool = False
    priority: Priority = Priority.NORMAL
    attempts: int = 0
    attempt_token: UUID | None = None
    """Fences an attempt: only who holds it may write the attempt's outcome."""
    created_at: datetime
    updated_at: datetime
    scheduled_at: datetime | None = None
    first_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    receipt_due_at: datetime | None = None
    problem: Problem | None = None
    custom_headers: tuple[tuple[str, str], ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    wire: Wire | None = None
    """Headers and body as sent or received; None until an outbound message is built."""
    raw_sha256: str | None = None
    """Of the body on the wire: tells a repeated message from a reused Message-ID."""
    exchange: Exchange | None = None
    """What judges the receipt; None until an outbound message is built, and for inbound messages."""
    certificates: CertificatesUsed = field(default_factory=CertificatesUsed)
    form: SignedForm | None = None
    """Over which form of the content the partner's signature holds: of the message, or of its receipt for an outbound
    one.
    """
    repeats: int = 0
    """How often the partner sent an inbound message again after it was taken."""
    resend_of: int | None = None
    """The handle of the message that this one repeats, by somebody's wish, under a Message-ID of its own."""
    asked_again: int = 0
    """How often the message was sent again because its receipt was overdue."""
    resent_as: tuple[int, ...] = ()
    """The handles of the messages that repeat this one."""
    simulate: Behaviour | None = None
    """In test mode, what the simulated partner is to do with it; None: what a good partner does."""

    @property
    def public_id(self) -> str:
        """The handle that people and the native API use."""
        return f"msg_{self.handle:06d}"

    @property
    def lane(self) -> str:
        """The lane of what is done with the partner's server; test mode never holds up live messages."""
        return f"{'partner' if self.mode is Mode.LIVE else 'simulated'}:{self.partner_id}"

    @property
    def is_settled(self) -> bool:
        """Nothing more will be done for this message by itself."""
        if self.transmission in (Transmission.FAILED, Transmission.CANCELLED):
            return True
        return self.transmission in (Transmission.TRANSMITTED, Transmission.RECEIVED) and (
            self.receipt is not ReceiptState.PENDING
        )

    def step(self, step: Step, *, now: datetime, **changes: object) -> Self:
        """The message after a step of its transmission; raises ImpossibleStep."""
        after = TRANSMISSION.get((self.transmission, step))
        if after is None:
            raise ImpossibleStep(f"{self.transmission} has no step {step}")
        return replace(self, transmission=after, updated_at=now, **changes)  # type: ignore[arg-type]

    def settle(self, outcome: Outcome, *, now: datetime, **changes: object) -> Self:
        """The message after its receipt came or was given up; raises ImpossibleStep."""
        after = RECEIPT.get((self.receipt, outcome))
        if after is None:
            raise ImpossibleStep(f"receipt {self.receipt} has no outcome {outcome}")
        return replace(self, receipt=after, updated_at=now, **changes)  # type: ignore[arg-type]
