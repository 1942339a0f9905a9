"""What the services need from the world, as protocols; each has an adapter in the outer ring, wired by `bootstrap`.

Rule: a decision that writes is a synchronous function of a unit. It does no other I/O and may be run again from the
start, because the storage may roll it back with others of its group. Nothing is acknowledged before `Units.run`
returned.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import BinaryIO, Protocol, TypeVar
from uuid import UUID

from acuse.as2 import SignedForm
from acuse.domain.access import ApiKey
from acuse.domain.account import Account, Space, Tenant
from acuse.domain.connection import NO_CREDENTIALS, USUAL_CONCURRENCY, Credentials, HTTPTerms
from acuse.domain.event import Event, EventKind
from acuse.domain.keyring import Certificate
from acuse.domain.message import Attachment, Direction, Message, Priority, Receipt, ReceiptState, Transmission
from acuse.domain.partner import Partner, Terms
from acuse.domain.station import Station
from acuse.domain.timeline import Timeline, TimelineStep
from acuse.domain.webhook import Delivery, DeliveryState, WebhookEndpoint
from acuse.mime import Source

T = TypeVar("T")

ANSWER_LIMIT = 1024 * 1024
"""Bytes that are read of an answer to a post: more than any receipt needs."""


# ── Work ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


class JobKind(StrEnum):
    """What the durable engine can be asked to do. A job names a subject by id and carries nothing else."""

    SEND_MESSAGE = "send_message"
    DELIVER_RECEIPT = "deliver_receipt"
    DELIVER_EVENT = "deliver_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work that survives a crash and is done at least once."""

    kind: JobKind
    subject_id: UUID
    key: str
    """Unique among the waiting jobs: submitting it again changes nothing."""
    lane: str
    """Jobs of one lane share its concurrency, so that a slow partner holds up nobody else."""
    due_at: datetime
    priority: Priority = Priority.NORMAL
    lane_width: int = USUAL_CONCURRENCY
    """How many jobs of the lane may be under way at once; the one that came last says it."""


class Jobs(Protocol):
    """The durable engine, seen from inside a unit: work and rows commit together."""

    def submit(self, job: Job) -> None:
        """Have `job` done once it is due. A job that is due already starts right after the commit where it can."""
        ...

    def cancel(self, key: str) -> None:
        """Take a waiting job back; nothing happens if it is gone or under way."""
        ...


class JobTable(Protocol):
    """The waiting work, seen by an embedded runner: the only one on its home."""

    def listen(self, take: Callable[[Sequence[Job]], None]) -> None:
        """From now on, jobs that are due when they are submitted are claimed in the same commit and given to `take`
        after it. `take` is called from the thread that committed and must return at once."""
        ...

    def release(self) -> None:
        """Make every claimed job claimable again: whoever claimed it before this process began is dead."""
        ...

    def claim(self, now: datetime, *, limit: int, except_lanes: Collection[str] = ()) -> tuple[Job, ...]:
        """Claim jobs that are due, by priority and then by time, but none of the lanes named."""
        ...

    def finish(self, jobs: Sequence[Job]) -> None:
        """Remove claimed jobs that are done. Durable, but may be lost by a crash: a job is done at least once."""
        ...


# ── Bytes ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """Bytes that are ready to be named by a row. Large ones are durable already, small ones ride in the row's
    commit.
    """

    id: UUID
    size: int
    sha256: str
    inline: bytes | None = field(default=None, repr=False)
    """The bytes themselves, up to the limit under which a file of its own costs more than it brings."""


class Stage(Protocol):
    """A place for bytes that arrive or are made: memory while small, a file in the home after that.

    It fits `mime.Scratch`. A stage that is neither kept nor discarded is cleaned up when it is garbage or at the next
    start.
    """

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str:
        """Of what was written so far, in hexadecimal."""
        ...

    def write(self, data: bytes, /) -> object: ...

    def source(self) -> Source:
        """What was written, to be read any number of times. Nothing is written after this call."""
        ...

    def keep(self) -> Blob:
        """Make the bytes durable (a file is fsynced and moved into place); raises StorageFailed. May be called once."""
        ...

    def discard(self) -> None:
        """Forget the bytes. Does nothing after `keep`, or the second time."""
        ...


class Blobs(Protocol):
    """Bytes by id."""

    def stage(self) -> Stage: ...

    def source(self, blob_id: UUID) -> Source:
        """The bytes of a kept blob, readable from any thread; raises StorageFailed when they are gone."""
        ...

    def open(self, blob_id: UUID) -> BinaryIO:
        """The same as a seekable file."""
        ...

    def discard(self, blob: Blob) -> None:
        """Remove a kept blob whose unit did not commit."""
        ...


# ── Rows: writing, inside a unit ──────────────────────────────────────────────────────────────────────────────────────


class Handle(StrEnum):
    """The kinds of things that have a public number of their own in each account."""

    TENANT = "tenant"
    STATION = "station"
    PARTNER = "partner"
    CERTIFICATE = "certificate"
    KEY = "key"
    MESSAGE = "message"
    WEBHOOK = "webhook"


class Messages(Protocol):
    """The messages of the gateway, for writing. Every method is part of the unit's transaction."""

    def add(self, message: Message, attachments: Sequence[Attachment]) -> None: ...

    def get(self, message_id: UUID) -> Message:
        """Raises MessageNotFound."""
        ...

    def attachments(self, message_id: UUID) -> tuple[Attachment, ...]: ...

    def save(self, message: Message) -> None:
        """Write a message that was added before, but for what it is known by and never changes: its ids and handle,
        station and partner, direction, Message-ID and time of creation."""
        ...

    def find_inbound(self, *, station_id: UUID, partner_id: UUID, wire_id: str) -> Message | None:
        """The message that already came with this Message-ID in this relation (compared without brackets)."""
        ...

    def find_outbound(self, *, station_id: UUID, partner_id: UUID, wire_id: str) -> Message | None:
        """The message that a receipt speaks of (compared without brackets and outer blanks)."""
        ...

    def add_receipt(self, receipt: Receipt) -> None: ...

    def tell(self, message_id: UUID, steps: Sequence[TimelineStep]) -> None:
        """Add to the timeline of a message."""
        ...

    def get_receipt(self, message_id: UUID, direction: Direction) -> Receipt | None:
        """The first receipt of a message, `outbound` being the one we gave."""
        ...


class Directory(Protocol):
    """Accounts, tenants, stations, partners, certificates and keys, for writing."""

    def add_account(self, account: Account) -> None: ...

    def add_tenant(self, tenant: Tenant) -> None: ...

    def add_station(self, station: Station) -> None:
        """Raises AlreadyExists when the tenant has a station with that AS2 identifier."""
        ...

    def save_station(self, station: Station) -> None:
        """Write the name and the receive URL of a station that was added before. Raises StationNotFound."""
        ...

    def add_partner(self, partner: Partner, credentials: Credentials = NO_CREDENTIALS) -> None:
        """The credentials are sealed with the master key before they are written.

        Raises AlreadyExists when the tenant has a partner with that AS2 identifier.
        """
        ...

    def save_terms(self, partner_id: UUID, terms: Terms, *, now: datetime) -> None:
        """Change a partner's terms. Raises PartnerNotFound."""
        ...

    def remember_form(self, partner_id: UUID, form: SignedForm) -> None:
        """Note in which form the partner signs; nothing happens if there is no such partner."""
        ...

    def add_certificate(self, certificate: Certificate) -> None:
        """A private key is sealed with the master key before it is written."""
        ...

    def get_certificate(self, certificate_id: UUID) -> Certificate:
        """Raises CertificateNotFound."""
        ...

    def save_certificate(self, certificate: Certificate) -> None:
        """Write a certificate that was added before, but for what never changes: its ids and handle, its owner, the
        certificate itself with its key, and the time of creation. Raises CertificateNotFound."""
        ...

    def add_key(self, key: ApiKey) -> None: ...

    def remove_key(self, key_id: UUID) -> None:
        """Forget a key: from now on nobody knows it. Raises KeyNotFound."""
        ...


class Webhooks(Protocol):
    """Webhook endpoints and their deliveries, for writing."""

    def add(self, endpoint: WebhookEndpoint) -> None:
        """The secret and the header fields are sealed with the master key before they are written."""
        ...

    def get(self, endpoint_id: UUID) -> WebhookEndpoint:
        """Raises WebhookEndpointNotFound."""
        ...

    def save(self, endpoint: WebhookEndpoint) -> None:
        """Write every field of an endpoint that was added before."""
        ...

    def remove(self, endpoint_id: UUID) -> None:
        """Forget an endpoint and all of its deliveries."""
        ...

    def subscribers(self, tenant_id: UUID, kind: EventKind) -> tuple[UUID, ...]:
        """The active endpoints that want events of this kind."""
        ...

    def add_delivery(self, delivery: Delivery) -> None: ...

    def get_delivery(self, delivery_id: UUID) -> Delivery | None:
        """None when its endpoint was removed."""
        ...

    def save_delivery(self, delivery: Delivery) -> None: ...

    def first_pending(self, endpoint_id: UUID, subject_id: UUID) -> Delivery | None:
        """The delivery whose turn it is: of those that are pending for this message there, the one of the earliest
        event.
        """
        ...


class BlobRows(Protocol):
    """The rows that name kept bytes."""

    def add(self, blob: Blob) -> None: ...


class Unit(Protocol):
    """One decision, all or nothing."""

    @property
    def messages(self) -> Messages: ...

    @property
    def directory(self) -> Directory: ...

    @property
    def blobs(self) -> BlobRows: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def webhooks(self) -> Webhooks: ...

    def publish(self, event: Event) -> int:
        """Write an event and return its position. Positions are in the order of the commits, over all accounts, so
        that a reader who goes on after the last one it saw misses nothing.
        """
        ...

    def next_handle(self, account_id: UUID, kind: Handle) -> int:
        """The next public number, from 1. Gaps may remain, the same number is never given twice."""
        ...


class Units(Protocol):
    """Runs decisions durably."""

    def run(self, decide: Callable[[Unit], T]) -> T:
        """Run `decide` in a transaction and return once it is durable (fsynced).

        What `decide` raises is raised here and nothing of it is written; StorageFailed when the commit itself failed.
        Called from any thread but an event loop's; units of several threads may share one commit.
        """
        ...


# ── Rows: reading ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A station and a partner who know each other, with all that is needed to exchange a message between them."""

    station: Station
    partner: Partner
    station_certificates: tuple[Certificate, ...]
    """With their private keys."""
    partner_certificates: tuple[Certificate, ...]
    credentials: Credentials = field(default=NO_CREDENTIALS, repr=False)
    """Ours, for the partner's server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCertificate:
    """A certificate with whose it is: a station's with its private key, or a partner's."""

    entry: Certificate
    owner: Station | Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Which messages a list shows. None means: all of them."""

    partner_id: UUID | None = None
    direction: Direction | None = None
    states: tuple[tuple[Transmission, ReceiptState, bool], ...] | None = None
    """Any of these states: transmission, receipt, and whether the receipt came late."""
    created_from: datetime | None = None
    created_to: datetime | None = None
    content_type: str | None = None
    search: str | None = None
    """Part of the subject or of the Message-ID, without regard to case."""
    is_signed: bool | None = None
    is_encrypted: bool | None = None
    has_problem: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message with what a reader wants to see beside it."""

    message: Message
    station: Station
    partner: Partner
    attachments: tuple[Attachment, ...] = ()
    receipt: Receipt | None = None
    """The partner's for an outbound message, ours for an inbound one. Lists leave it and the attachments out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list, newest first."""

    rows: tuple[MessageView, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An event and its position."""

    position: int
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event with its subject: a message as it was when that happened, or a certificate."""

    position: int
    event: Event
    subject: MessageView | HeldCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery with what a reader of the log wants to see beside it."""

    delivery: Delivery
    event_id: UUID
    kind: EventKind
    subject_handle: int
    """The number of the message or the certificate, as the kind says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """A part of the log of an endpoint, newest event first."""

    rows: tuple[DeliveryView, ...]
    total: int


class WebhookViews(Protocol):
    """Reading about events and webhooks; like `Views`, whose part it is."""

    def endpoints(self, space: Space) -> tuple[WebhookEndpoint, ...]: ...

    def endpoint(self, space: Space, handle: int) -> WebhookEndpoint:
        """Raises WebhookEndpointNotFound."""
        ...

    def deliveries(
        self, endpoint_id: UUID, *, state: DeliveryState | None = None, limit: int, offset: int
    ) -> DeliveryPage: ...

    def events(self, space: Space, *, after: int, limit: int) -> tuple[Published, ...]:
        """The events behind a position, in their order."""
        ...

    def event(self, position: int) -> Published:
        """The event of a delivery."""
        ...


class Views(Protocol):
    """Reading, outside of any unit: each call sees what was committed before it began. Safe from any thread."""

    @property
    def webhooks(self) -> WebhookViews: ...

    def account(self) -> Account | None:
        """The first account of the home."""
        ...

    def tenants(self, account_id: UUID) -> tuple[Tenant, ...]: ...

    def key(self, digest: bytes) -> ApiKey | None: ...

    def keys(self, space: Space) -> tuple[ApiKey, ...]:
        """The keys that may act in this space, those for the whole account included."""
        ...

    def stations(self, space: Space) -> tuple[Station, ...]: ...

    def partners(self, space: Space) -> tuple[Partner, ...]: ...

    def partner(self, space: Space, handle: int) -> Partner:
        """Raises PartnerNotFound."""
        ...

    def certificates(self, owner_id: UUID) -> tuple[Certificate, ...]: ...

    def held_certificates(self, space: Space | None = None) -> tuple[HeldCertificate, ...]:
        """The certificates of all stations and partners of a space, or of every space, by their handles."""
        ...

    def certificate_by_id(self, certificate_id: UUID) -> HeldCertificate:
        """For what knows no space. Raises CertificateNotFound."""
        ...

    def credentials(self, partner_id: UUID) -> Credentials:
        """Ours for a partner's server. Raises PartnerNotFound."""
        ...

    def relation(self, *, station_as2_id: str, partner_as2_id: str) -> Relation | None:
        """For what comes in: the pair of AS2 identifiers names one relation, in whichever tenant it is."""
        ...

    def relation_of(self, *, station_id: UUID, partner_id: UUID) -> Relation:
        """For what goes out. Raises StationNotFound or PartnerNotFound."""
        ...

    def messages(self, space: Space, wanted: MessageFilter, *, limit: int, offset: int) -> Page: ...

    def message(self, space: Space, handle: int) -> MessageView:
        """With attachments and receipt. Raises MessageNotFound."""
        ...

    def message_by_id(self, message_id: UUID) -> MessageView:
        """The same for the engine, which knows no space. Raises MessageNotFound."""
        ...

    def inbound(self, *, station_id: UUID, partner_id: UUID, wire_id: str) -> MessageView | None:
        """The message that already came with this Message-ID, with our receipt."""
        ...

    def has_received_file(self, *, station_id: UUID, partner_id: UUID, filename: str) -> bool:
        """Whether a file of exactly that name was taken from the partner before."""
        ...

    def receipt(self, receipt_id: UUID) -> Receipt | None: ...

    def timeline(self, message_id: UUID) -> Timeline:
        """What was told of a message, in the order in which it happened."""
        ...

    def overdue_receipts(self, now: datetime, *, limit: int) -> tuple[UUID, ...]:
        """Messages whose receipt is pending and was due before `now`."""
        ...


# ── The rest of the world ─────────────────────────────────────────────────────────────────────────────────────────────


class World(Protocol):
    """Time and names, which the inner rings take as arguments."""

    def now(self) -> datetime:
        """The present, in UTC with microseconds."""
        ...

    def new_id(self) -> UUID:
        """A UUIDv7 (RFC 9562 section 5.7)."""
        ...

    def new_token(self) -> str:
        """Letters and digits with at least 100 random bits, for Message-IDs and boundaries."""
        ...

    def jitter(self) -> float:
        """A random number in [0, 1)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An address to post to, and how its server is spoken to."""

    url: str
    is_vouched: bool
    """The operator named the address, so it may lead into a private network."""
    timeout: timedelta
    """The longest standstill, once the connection is there."""
    http: HTTPTerms = field(default_factory=HTTPTerms)
    redirect_hosts: frozenset[str] = frozenset()
    """Hosts that a redirect may lead to."""
    credentials: Credentials = field(default=NO_CREDENTIALS, repr=False)
    needs_tls: bool = False
    """It may not be plain http, unless it is vouched for."""
    answer_limit: int = ANSWER_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPReply:
    """What the other side answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    redirected_to: str | None = None
    """The address that the partner named and that we did not follow."""


class Transport(Protocol):
    """Posting to partners and to webhooks."""

    async def post(self, destination: Destination, *, headers: Sequence[tuple[str, str]], body: Source) -> HTTPReply:
        """Post and read the answer, of which the destination's `answer_limit` of bytes is kept.

        A redirect that keeps the method (307, 308) is followed to the hosts that the destination names, never from
        https to http; any other is an answer like the rest.
        Raises PartnerUnreachable, whose `is_final` tells whether trying again is pointless.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world as the services get it."""

    units: Units
    views: Views
    blobs: Blobs
    world: World
    reporting_ua: str = "acuse"
