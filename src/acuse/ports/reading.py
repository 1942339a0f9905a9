"""Rows, reading: what the services and the faces may ask, always within one space."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from acuse.cms import KeyPair
from acuse.domain.access import ApiKey, KeyUse, Mode
from acuse.domain.account import Account, Space, Tenant
from acuse.domain.connection import NO_CREDENTIALS, Credentials
from acuse.domain.dialect import Dialect
from acuse.domain.event import Event, EventKind
from acuse.domain.idempotency import KeptAnswer
from acuse.domain.keyring import Certificate, CertificateRequest
from acuse.domain.mark import MessageMark
from acuse.domain.message import Attachment, Direction, Message, Receipt, ReceiptState, Transmission
from acuse.domain.partner import Partner
from acuse.domain.session import Session
from acuse.domain.station import Station
from acuse.domain.stray import StrayReceipt
from acuse.domain.timeline import Timeline
from acuse.domain.webhook import Delivery, DeliveryState, WebhookEndpoint
from acuse.ports.notices import NoticeView, NoticeViews


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
    mode: Mode = Mode.LIVE
    """In test mode the simulated partner stands in for the partner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCertificate:
    """A certificate with whose it is: a station's with its private key, or a partner's."""

    entry: Certificate
    owner: Station | Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An API key with its account and all tenants of that."""

    key: ApiKey
    account: Account
    tenants: tuple[Tenant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """An API key with what a reader wants to see beside it."""

    key: ApiKey
    tenant: Tenant | None
    """Whose it is; None for a key of the whole account."""
    last_use: KeyUse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFilter:
    """Which partners a list shows. None means: all of them."""

    search: str | None = None
    """Part of the name, the AS2 identifier, the URL or the e-mail address, without regard to case."""
    active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerView:
    """A partner with its certificates and our credentials for its server."""

    partner: Partner
    certificates: tuple[Certificate, ...] = ()
    credentials: Credentials = field(default=NO_CREDENTIALS, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerPage:
    """A part of the partners, in the order in which they were added."""

    rows: tuple[PartnerView, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerActivity:
    """What became of the messages with a partner."""

    last_success_at: datetime | None
    """When a message was last delivered to the partner, or taken from it."""
    outcomes: tuple[tuple[Direction, Transmission, ReceiptState, int], ...]
    """How many messages since a time are in which state."""
    open_messages: int
    """Still to be sent, or waiting for their receipt."""


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
    station_id: UUID | None = None
    is_read: bool | None = None
    is_deleted: bool | None = None
    folder: str | None = None
    """Its name; empty: what lies in none of its own."""
    wire_id: str | None = None
    """The whole Message-ID, with or without brackets."""
    subject: str | None = None
    """Part of the subject, without regard to case."""
    is_unanswered: bool | None = None
    """The last attempt went out and no answer came in time."""


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
class ListPosition:
    """A place in a list of messages, newest first: behind the message that was made then and has this handle."""

    created_at: datetime
    handle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list, newest first."""

    rows: tuple[MessageView, ...]
    total: int
    is_exact: bool = True
    """False: there are `total` or more, and nobody counted how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An event and its position."""

    position: int
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event with its subject: a message, a notice or a partner as it was then, or a certificate."""

    position: int
    event: Event
    subject: MessageView | HeldCertificate | NoticeView | PartnerView
    dialect: Dialect = Dialect.NATIVE
    """In whose words it shall be told."""
    told_as: str = ""
    """Under which name, where the dialect has names of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery with what a reader of the log wants to see beside it."""

    delivery: Delivery
    event_id: UUID
    kind: EventKind
    subject_handle: int
    """The number of the message, the certificate or the partner, as the kind says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """A part of the log of an endpoint, newest event first."""

    rows: tuple[DeliveryView, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCount:
    """How many deliveries of an endpoint are in one state."""

    endpoint_id: UUID
    state: DeliveryState
    count: int
    last_settled_at: datetime | None
    mean_duration: timedelta | None
    """Of their last attempts."""


class WebhookViews(Protocol):
    """Reading about events and webhooks; like `Views`, whose part it is."""

    def endpoints(self, space: Space) -> tuple[WebhookEndpoint, ...]: ...

    def endpoint(self, space: Space, handle: int) -> WebhookEndpoint:
        """Raises WebhookEndpointNotFound."""
        ...

    def deliveries(
        self, endpoint_id: UUID, *, state: DeliveryState | None = None, limit: int, offset: int
    ) -> DeliveryPage: ...

    def delivery_counts(self, space: Space) -> tuple[DeliveryCount, ...]:
        """Of every endpoint of the space that has any."""
        ...

    def given_up(self, endpoint_id: UUID, *, after: int, limit: int) -> tuple[UUID, ...]:
        """The deliveries that were given up and whose events come after a position, in the order of the events."""
        ...

    def events(self, space: Space, *, after: int, limit: int) -> tuple[Published, ...]:
        """The events behind a position, in their order."""
        ...

    def event(self, position: int) -> Published:
        """The event of a delivery."""
        ...


class StrayViews(Protocol):
    """Reading receipts for nothing we sent; like `Views`, whose part it is."""

    def newest(self, space: Space, *, limit: int) -> tuple[StrayReceipt, ...]: ...

    def get(self, space: Space, handle: int) -> StrayReceipt:
        """Raises ReceiptNotFound."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderCount:
    """How many messages of a station lie in a folder; without those that were deleted."""

    station_id: UUID
    direction: Direction
    folder: str | None
    """None: in none of its own."""
    messages: int
    unread: int


class MarkViews(Protocol):
    """What programs noted about messages."""

    def of(self, message_ids: Collection[UUID]) -> Mapping[UUID, MessageMark]:
        """The marks of these messages; of those that have none, nothing."""
        ...

    def folders(self, space: Space) -> tuple[FolderCount, ...]:
        """By station, folder and direction, those that are not empty."""
        ...


class Views(Protocol):
    """Reading, outside of any unit: each call sees what was committed before it began. Safe from any thread."""

    @property
    def notices(self) -> NoticeViews: ...

    @property
    def webhooks(self) -> WebhookViews: ...

    @property
    def strays(self) -> StrayViews: ...

    @property
    def marks(self) -> MarkViews: ...

    def account(self) -> Account | None:
        """The first account of the home."""
        ...

    def tenants(self, account_id: UUID) -> tuple[Tenant, ...]: ...

    def key(self, digest: bytes) -> ApiKey | None:
        """The key whose text, or whose replaced text, has this digest."""
        ...

    def access(self, digest: bytes) -> Access | None:
        """The same key with what it leads to."""
        ...

    def access_of_user(self, username: str) -> Access | None:
        """The key of that user name."""
        ...

    def access_of_token(self, token_id: str) -> Access | None:
        """The key whose token has that id."""
        ...

    def access_of_key(self, key_id: UUID) -> Access | None:
        """The key with this id."""
        ...

    def session(self, session_id: UUID) -> Session | None:
        """Who logged in; the session may have ended."""
        ...

    def keys(self, account_id: UUID) -> tuple[KeyView, ...]:
        """All keys of an account, by their handles."""
        ...

    def stations(self, space: Space) -> tuple[Station, ...]:
        """The default one first, then by their handles."""
        ...

    def station_named(self, as2_id: str) -> Station | None:
        """For what comes in from somebody unknown: the first station of that AS2 identifier, in whichever tenant."""
        ...

    def partners(self, space: Space) -> tuple[Partner, ...]: ...

    def partner(self, space: Space, handle: int) -> Partner:
        """Raises PartnerNotFound."""
        ...

    def partner_page(self, space: Space, wanted: PartnerFilter, *, limit: int, offset: int) -> PartnerPage: ...

    def partner_view(self, partner_id: UUID) -> PartnerView:
        """For what knows no space; also one that was removed. Raises PartnerNotFound."""
        ...

    def partner_activity(self, partner: Partner, *, mode: Mode, since: datetime) -> PartnerActivity: ...

    def certificates(self, owner_id: UUID) -> tuple[Certificate, ...]:
        """All that its owner ever had, those that were removed included."""
        ...

    def held_certificates(self, space: Space | None = None) -> tuple[HeldCertificate, ...]:
        """The certificates of all stations and partners of a space, or of every space, by their handles. What was
        removed is left out.
        """
        ...

    def certificate(self, space: Space, handle: int) -> HeldCertificate:
        """Raises CertificateNotFound."""
        ...

    def certificate_request(self, space: Space, key_sha256: str) -> CertificateRequest | None:
        """The one whose public key has that digest."""
        ...

    def certificate_by_id(self, certificate_id: UUID) -> HeldCertificate:
        """For what knows no space. Raises CertificateNotFound."""
        ...

    def credentials(self, partner_id: UUID) -> Credentials:
        """Ours for a partner's server. Raises PartnerNotFound."""
        ...

    def client_certificates(self) -> tuple[tuple[Partner, str], ...]:
        """What we show to the servers of partners that ask for it, in PEM."""
        ...

    def simulated_key_pair(self) -> KeyPair | None:
        """The simulated partner's, once it was needed."""
        ...

    def relation(self, *, station_as2_id: str, partner_as2_id: str) -> Relation | None:
        """For what comes in: the pair of AS2 identifiers names one relation, in whichever tenant it is."""
        ...

    def relation_of(self, *, station_id: UUID, partner_id: UUID) -> Relation:
        """For what goes out. Raises StationNotFound or PartnerNotFound."""
        ...

    def messages(
        self,
        space: Space,
        wanted: MessageFilter,
        *,
        limit: int,
        offset: int,
        behind: ListPosition | None = None,
        oldest_first: bool = False,
    ) -> Page:
        """Newest first, unless it is turned round. What lies far down is better reached by its position than by an
        offset; a position counts in a list with the newest first."""
        ...

    def message(self, space: Space, handle: int) -> MessageView:
        """With attachments and receipt. Raises MessageNotFound."""
        ...

    def message_by_id(self, message_id: UUID) -> MessageView:
        """The same for the engine, which knows no space. Raises MessageNotFound."""
        ...

    def message_named(self, space: Space, direction: Direction, wire_id: str) -> MessageView:
        """The message with this Message-ID, with or without brackets; of several the newest. Raises MessageNotFound."""
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

    def kept_answer(self, space: Space, *, route: str, key: str) -> KeptAnswer | None:
        """What was answered to a request with this idempotency key; it may be over already."""
        ...

    def overdue_receipts(self, now: datetime, *, limit: int) -> tuple[UUID, ...]:
        """Messages whose receipt is pending and was due before `now`."""
        ...
