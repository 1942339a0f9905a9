"""What notices need from the world: their rows, the credits they cost, and the way to other mail servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from acuse.domain.account import Space
from acuse.domain.credit import LedgerEntry
from acuse.domain.message import Attachment
from acuse.domain.notice import Notice, Passage, Reading, Sending
from acuse.domain.sender import Sender
from acuse.domain.visit import Visit
from acuse.evidence import Entry, Fact
from acuse.mail import Address, DKIMKey
from acuse.mime import Source


class LinkPurpose(StrEnum):
    """What a link in a mail opens. No link opens anything else, so that a leaked one costs little."""

    VISIT = "visit"
    """The recipient's page of a notice."""
    VALIDATE_SENDER = "validate_sender"
    """Shows that whoever follows it reads the mailbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that was given out; its token is known to whoever has the mail, and its digest to us."""

    digest: bytes
    """SHA-256 of the token."""
    purpose: LinkPurpose
    subject_id: UUID
    created_at: datetime
    expires_at: datetime | None = None


class Notices(Protocol):
    """Notices, their journals and their senders, for writing. Every method is part of the unit's transaction."""

    def add_sending(self, sending: Sending, attachments: Sequence[Attachment]) -> None: ...

    def add(self, notice: Notice, *, reference: str | None = None) -> None:
        """What its protection asks for is sealed with the master key before it is written; `reference` is that of
        its sending, to be searched."""
        ...

    def get(self, notice_id: UUID) -> Notice:
        """Raises NoticeNotFound."""
        ...

    def save(self, notice: Notice) -> None:
        """Write a notice that was added before. Raises NoticeNotFound."""
        ...

    def record(self, notice: Notice, fact: Fact) -> Notice:
        """Put a fact at the end of the notice's journal; the notice comes back with the number of its facts, still to
        be saved."""
        ...

    def add_link(self, link: Link) -> None: ...

    def remove_link(self, digest: bytes) -> bool:
        """Use up a link; whether it was there."""
        ...

    def visit(self, notice_id: UUID) -> Visit:
        """What happened on the page of the notice; an empty visit where nothing did."""
        ...

    def save_visit(self, visit: Visit) -> None:
        """It is sealed with the master key before it is written."""
        ...

    def add_sender(self, sender: Sender) -> None:
        """Raises AlreadyExists when the tenant has a sender with that address."""
        ...

    def get_sender(self, sender_id: UUID) -> Sender:
        """Raises SenderNotFound."""
        ...

    def save_sender(self, sender: Sender) -> None:
        """Raises SenderNotFound."""
        ...

    def remove_sender(self, sender_id: UUID) -> None:
        """What was sent under the address stays. Raises SenderNotFound."""
        ...

    def book(self, entry: LedgerEntry) -> int:
        """Write a line of the ledger; the balance after it, in hundredths of a credit. Raises CreditsExhausted when
        a reservation would take it below nothing."""
        ...

    def add_report(self, report: "IncomingReport") -> None:
        """Name the bytes of a mail that came about a notice."""
        ...

    def reports(self, notice_id: UUID) -> "tuple[IncomingReport, ...]":
        """The mails that came about a notice so far."""
        ...

    def add_dkim_key(self, key: DKIMKey) -> None:
        """Keep the key of a domain, sealed with the master key; it takes the place of the one before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingReport:
    """A mail that came back: a bounce, a delivery status notification, a reply."""

    notice_id: UUID
    sha256: str
    """Of its bytes; the same mail is kept once."""
    blob_id: UUID
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice with what belongs to it."""

    notice: Notice
    sending: Sending
    sender: Sender
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFilter:
    """Which notices a list shows. None: whatever it is."""

    passage: Passage | None = None
    reading: Reading | None = None
    address: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage:
    """A part of a list, newest first."""

    rows: tuple[NoticeView, ...]
    total: int


class NoticeViews(Protocol):
    """Reading about notices; like `Views`, whose part it is."""

    def page(self, space: Space, wanted: NoticeFilter, *, limit: int, offset: int) -> NoticePage: ...

    def notice(self, space: Space, handle: int) -> NoticeView:
        """Raises NoticeNotFound."""
        ...

    def notice_by_id(self, notice_id: UUID) -> NoticeView:
        """For the engine and the pages, which know no space. Raises NoticeNotFound."""
        ...

    def journal(self, notice_id: UUID) -> tuple[Entry, ...]:
        """The facts of a notice, in their order."""
        ...

    def link(self, digest: bytes) -> Link | None: ...

    def visit(self, notice_id: UUID) -> Visit:
        """What happened on the page of the notice; an empty visit where nothing did."""
        ...

    def senders(self, space: Space) -> tuple[Sender, ...]: ...

    def sender(self, space: Space, handle: int) -> Sender:
        """Raises SenderNotFound."""
        ...

    def reports(self, notice_id: UUID) -> tuple[IncomingReport, ...]:
        """The mails that came about a notice, in their order."""
        ...

    def dkim_key(self, domain: str) -> DKIMKey | None:
        """The key that signs what is sent from addresses of this domain."""
        ...

    def dkim_domains(self) -> tuple[str, ...]:
        """The domains that have a key."""
        ...

    def balance(self, account_id: UUID) -> int:
        """In hundredths of a credit."""
        ...

    def settling(self, now: datetime, *, limit: int) -> tuple[UUID, ...]:
        """Notices that were handed over and for whose bounce was waited long enough."""
        ...

    def expiring(self, now: datetime, *, limit: int) -> tuple[UUID, ...]:
        """Notices whose days for accepting are over, and that nobody accepted or refused."""
        ...


class Said(StrEnum):
    """What a mail server's answer means for us."""

    TAKEN = "taken"
    LATER = "later"
    """A 4xx, no server that could be reached, or a connection that broke before the answer to the message."""
    NEVER = "never"
    """A 5xx, or a domain without mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a dialogue, as it was seen."""

    at: datetime
    is_ours: bool
    text: str
    """Without its line end; what authenticates is redacted, and the message is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAnswer:
    """What came of handing a message to a mail server."""

    said: Said
    text: str
    """The server's words, or ours where no server spoke."""
    code: int | None = None
    enhanced_code: str | None = None
    """RFC 3463: `5.2.2`."""
    server: str | None = None
    """The name of the mail exchanger."""
    address: str | None = None
    """Its IP address."""
    tls_version: str | None = None
    cipher: str | None = None
    certificate: str | None = None
    """SHA-256 fingerprint of the server's certificate."""
    tls_policy: str | None = None
    """`dane`, `mta-sts`, `opportunistic` or `none`: what the certificate was checked against."""
    dialogue: tuple[Line, ...] = ()
    is_captured: bool = False
    """Nothing left this gateway."""
    is_uncertain: bool = False
    """The connection broke after the whole message was sent and before its answer: it may have been taken. Only with
    LATER."""
    is_relayed: bool = False
    """The server is no server of the recipient, but one of ours that passes the message on."""
    reports_delivery: bool = False
    """The server takes requests for delivery status notifications (RFC 3461)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What goes before DATA. One recipient: the answer is about it alone."""

    return_path: str
    recipient: Address
    envelope_id: str
    """Comes back in a report (ENVID, RFC 3461 section 4.4)."""
    needs_tls: bool = False


class Mailer(Protocol):
    """Handing messages to mail servers."""

    async def send(self, envelope: Envelope, message: Source) -> MailAnswer:
        """Hand over these very bytes. Whatever the other side does is an answer; nothing is raised for it."""
        ...
