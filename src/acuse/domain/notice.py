"""A notice: one certified e-mail to one recipient.

Rule: two axes, never one status. How far our mail got, and what its recipient did about it, are separate facts; each
API derives its own word or number from both. The tables below are complete: what is not in them cannot happen, and
asking for it raises. What others did is never recorded without a fact in the notice's journal, in the same unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from acuse.domain.access import Mode
from acuse.domain.message import ImpossibleStep

LONGEST_ACCEPTANCE_DAYS = 30
"""A recipient may be given 1 to this many days to accept or refuse."""


class Delivery(StrEnum):
    """How the content reaches its recipient, and with that, what can be proved."""

    DIRECT = "direct"
    """The mail is the content: what is proved is what the recipient's server said."""
    HOSTED = "hosted"
    """The mail is a notice of content on our page: reading, accepting and refusing can be proved too."""


class Protection(StrEnum):
    """What a recipient has to show before the content is handed over."""

    NONE = "none"
    EMAIL_CODE = "email_code"
    """A one-time code by e-mail."""
    SMS_CODE = "sms_code"
    """A one-time code by SMS."""
    DOCUMENT_NUMBER = "document_number"
    """The number of an identity document, known to the sender."""
    PIN = "pin"
    """A secret that sender and recipient agreed on elsewhere."""
    CLIENT_CERTIFICATE = "client_certificate"
    """A certificate for the person that the sender names."""


class Passage(StrEnum):
    """How far our mail got."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    DEFERRED = "deferred"
    """The recipient's server asked for another attempt later, or could not be reached."""
    HANDED_OVER = "handed_over"
    """The recipient's server took it."""
    DELIVERED = "delivered"
    """A report says so, or no bounce came for as long as one has to be waited for."""
    FAILED = "failed"
    BOUNCED = "bounced"
    """It was taken, and came back."""
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What can happen to a passage."""

    START = "start"
    POSTPONE = "postpone"
    HAND_OVER = "hand_over"
    CONFIRM = "confirm"
    GIVE_UP = "give_up"
    BOUNCE = "bounce"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"


class Reading(StrEnum):
    """What the recipient did about it. From ACCEPTED on, only a person can have done it."""

    UNSEEN = "unseen"
    OPENED = "opened"
    """An image or a page was fetched, which machines do too."""
    IDENTIFYING = "identifying"
    """The recipient began to show who it is."""
    ACCEPTED = "accepted"
    READ = "read"
    REFUSED = "refused"
    EXPIRED = "expired"
    """The days in which it could be accepted are over."""
    LOCKED = "locked"
    """Too many wrong codes or numbers."""


class Act(StrEnum):
    """What a recipient, or the clock, can do."""

    OPEN = "open"
    IDENTIFY = "identify"
    ACCEPT = "accept"
    READ = "read"
    REFUSE = "refuse"
    EXPIRE = "expire"
    LOCK = "lock"
    UNLOCK = "unlock"
    """The sender lets the recipient try again."""


class Failure(StrEnum):
    """Why a notice did not reach its recipient."""

    INTERNAL = "internal"
    SENDER_NOT_VALIDATED = "sender_not_validated"
    CONTENT_REFUSED = "content_refused"
    ACCOUNT_SUSPENDED = "account_suspended"
    VARIABLE_MISSING = "variable_missing"
    MAILBOX_UNKNOWN = "mailbox_unknown"
    REFUSED = "refused"
    """Another permanent reply."""
    DOMAIN_WITHOUT_MAIL = "domain_without_mail"
    EXPIRED_IN_QUEUE = "expired_in_queue"
    SUPPRESSED = "suppressed"
    BLOCKED = "blocked"
    MAILBOX_FULL = "mailbox_full"
    TOO_LARGE = "too_large"
    POLICY = "policy"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ADDRESS_INVALID = "address_invalid"
    TLS_REQUIRED = "tls_required"
    """The content may only travel encrypted, and the server does not offer that."""

    @property
    def is_before_sending(self) -> bool:
        """Nothing left for the recipient's server, so the credits go back."""
        return self in _BEFORE_SENDING


_BEFORE_SENDING = frozenset(
    {
        Failure.INTERNAL,
        Failure.SENDER_NOT_VALIDATED,
        Failure.CONTENT_REFUSED,
        Failure.ACCOUNT_SUSPENDED,
        Failure.VARIABLE_MISSING,
        Failure.SUPPRESSED,
        Failure.BLOCKED,
        Failure.CONSENT_WITHDRAWN,
        Failure.ADDRESS_INVALID,
    }
)

_P, _S = Passage, Step
PASSAGE: Mapping[tuple[Passage, Step], Passage] = {
    (_P.SCHEDULED, _S.START): _P.SENDING,
    (_P.SCHEDULED, _S.RESCHEDULE): _P.SCHEDULED,
    (_P.SCHEDULED, _S.CANCEL): _P.CANCELLED,
    (_P.SCHEDULED, _S.GIVE_UP): _P.FAILED,
    (_P.QUEUED, _S.START): _P.SENDING,
    (_P.QUEUED, _S.CANCEL): _P.CANCELLED,
    (_P.QUEUED, _S.GIVE_UP): _P.FAILED,
    (_P.SENDING, _S.START): _P.SENDING,  # the process that began the attempt died
    (_P.SENDING, _S.POSTPONE): _P.DEFERRED,
    (_P.SENDING, _S.HAND_OVER): _P.HANDED_OVER,
    (_P.SENDING, _S.GIVE_UP): _P.FAILED,
    (_P.SENDING, _S.CONFIRM): _P.DELIVERED,  # the report was faster than our commit
    (_P.SENDING, _S.BOUNCE): _P.BOUNCED,
    (_P.DEFERRED, _S.START): _P.SENDING,
    (_P.DEFERRED, _S.CANCEL): _P.CANCELLED,
    (_P.DEFERRED, _S.GIVE_UP): _P.FAILED,
    (_P.DEFERRED, _S.CONFIRM): _P.DELIVERED,  # the answer was lost, and a report came
    (_P.DEFERRED, _S.BOUNCE): _P.BOUNCED,
    (_P.HANDED_OVER, _S.CONFIRM): _P.DELIVERED,
    (_P.HANDED_OVER, _S.BOUNCE): _P.BOUNCED,
    (_P.DELIVERED, _S.CONFIRM): _P.DELIVERED,  # a second report
    (_P.DELIVERED, _S.BOUNCE): _P.BOUNCED,  # late
    (_P.BOUNCED, _S.BOUNCE): _P.BOUNCED,
}

_R, _A = Reading, Act
READING: Mapping[tuple[Reading, Act], Reading] = {
    (_R.UNSEEN, _A.OPEN): _R.OPENED,
    (_R.UNSEEN, _A.IDENTIFY): _R.IDENTIFYING,
    (_R.UNSEEN, _A.ACCEPT): _R.ACCEPTED,
    (_R.UNSEEN, _A.READ): _R.READ,
    (_R.UNSEEN, _A.REFUSE): _R.REFUSED,
    (_R.UNSEEN, _A.EXPIRE): _R.EXPIRED,
    (_R.UNSEEN, _A.LOCK): _R.LOCKED,
    (_R.OPENED, _A.OPEN): _R.OPENED,
    (_R.OPENED, _A.IDENTIFY): _R.IDENTIFYING,
    (_R.OPENED, _A.ACCEPT): _R.ACCEPTED,
    (_R.OPENED, _A.READ): _R.READ,
    (_R.OPENED, _A.REFUSE): _R.REFUSED,
    (_R.OPENED, _A.EXPIRE): _R.EXPIRED,
    (_R.OPENED, _A.LOCK): _R.LOCKED,
    (_R.IDENTIFYING, _A.OPEN): _R.IDENTIFYING,
    (_R.IDENTIFYING, _A.IDENTIFY): _R.IDENTIFYING,
    (_R.IDENTIFYING, _A.ACCEPT): _R.ACCEPTED,
    (_R.IDENTIFYING, _A.READ): _R.READ,
    (_R.IDENTIFYING, _A.REFUSE): _R.REFUSED,
    (_R.IDENTIFYING, _A.EXPIRE): _R.EXPIRED,
    (_R.IDENTIFYING, _A.LOCK): _R.LOCKED,
    (_R.LOCKED, _A.OPEN): _R.LOCKED,
    (_R.LOCKED, _A.UNLOCK): _R.OPENED,
    (_R.LOCKED, _A.EXPIRE): _R.EXPIRED,
    (_R.ACCEPTED, _A.OPEN): _R.ACCEPTED,
    (_R.ACCEPTED, _A.IDENTIFY): _R.ACCEPTED,
    (_R.ACCEPTED, _A.READ): _R.READ,
    (_R.READ, _A.OPEN): _R.READ,
    (_R.READ, _A.READ): _R.READ,  # once more, or an attachment
    (_R.REFUSED, _A.OPEN): _R.REFUSED,
    (_R.EXPIRED, _A.OPEN): _R.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """To whom a notice goes."""

    address: str
    """As it was given."""
    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    """What the sender said of it besides: fills in the text."""
    protection: Protection = Protection.NONE
    secret: str | None = field(default=None, repr=False)
    """What the protection asks for: the number, the PIN, the telephone, the second address, the NIF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One call's wish: the same text to one or more recipients."""

    id: UUID
    account_id: UUID
    tenant_id: UUID
    mode: Mode = Mode.LIVE
    sender_id: UUID
    subject: str
    """Before its variables are filled in; the text lies in a blob."""
    text_blob_id: UUID
    request_sha256: str
    """Of the call's body as it arrived."""
    acceptance_days: int | None = None
    """None: nobody is asked to accept."""
    reference: str | None = None
    """The sender's own, given back in every report."""
    wants_report: bool = False
    language: str = "es"
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One certified e-mail and all that is known of it."""

    id: UUID
    handle: int
    sending_id: UUID
    account_id: UUID
    tenant_id: UUID
    mode: Mode = Mode.LIVE
    recipient: Recipient
    subject: str
    """With its variables filled in."""
    delivery: Delivery
    credits: int
    """What it costs, in hundredths of a credit."""
    passage: Passage
    reading: Reading = Reading.UNSEEN
    failure: Failure | None = None
    said: str | None = None
    """The last reply or report of a server, for people."""
    attempts: int = 0
    attempt_token: UUID | None = None
    """Fences an attempt: only who holds it may write the attempt's outcome."""
    created_at: datetime
    updated_at: datetime
    scheduled_at: datetime | None = None
    first_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    next_attempt_at: datetime | None = None
    handed_over_at: datetime | None = None
    settles_at: datetime | None = None
    """When it counts as delivered if no bounce came; None while nothing is waited for."""
    expires_at: datetime | None = None
    """Until when it can be accepted or refused."""
    certified_at: datetime | None = None
    """When the facts so far were put together as a proof."""
    message_blob_id: UUID | None = None
    """The bytes that went behind DATA; None until it was composed."""
    facts: int = 0
    """How many facts its journal holds; each report carries the number, so that its receiver can put them in order."""

    @property
    def public_id(self) -> str:
        """The handle that people and the native API use."""
        return f"ntc_{self.handle:06d}"

    def with_facts(self, count: int) -> Self:
        """The notice with the number of facts that its journal holds now."""
        return replace(self, facts=count)

    def step(self, step: Step, *, now: datetime, **changes: object) -> Self:
        """The notice after a step of its passage; raises ImpossibleStep."""
        after = PASSAGE.get((self.passage, step))
        if after is None:
            raise ImpossibleStep(f"{self.passage} has no step {step}")
        return replace(self, passage=after, updated_at=now, **changes)  # type: ignore[arg-type]

    def act(self, act: Act, *, now: datetime, **changes: object) -> Self:
        """The notice after its recipient did something, or the clock; raises ImpossibleStep."""
        after = READING.get((self.reading, act))
        if after is None:
            raise ImpossibleStep(f"{self.reading} has no act {act}")
        return replace(self, reading=after, updated_at=now, **changes)  # type: ignore[arg-type]
