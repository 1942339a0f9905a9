"""Rows, writing: what may be changed inside one unit of work."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from acuse.as2 import SignedForm
from acuse.cms import KeyPair
from acuse.domain.access import ApiKey, KeyUse, Mode
from acuse.domain.account import Account, Space, Tenant
from acuse.domain.connection import NO_CREDENTIALS, Credentials
from acuse.domain.event import Event
from acuse.domain.idempotency import KeptAnswer
from acuse.domain.keyring import Certificate, CertificateRequest
from acuse.domain.mark import MessageMark
from acuse.domain.message import Attachment, Direction, Message, Receipt
from acuse.domain.partner import Partner
from acuse.domain.session import Session
from acuse.domain.station import Station
from acuse.domain.stray import StrayReceipt
from acuse.domain.timeline import TimelineStep
from acuse.domain.webhook import Delivery, Subscription, WebhookEndpoint
from acuse.ports.blobs import Blob
from acuse.ports.notices import Notices
from acuse.ports.work import Jobs

T = TypeVar("T")


class Handle(StrEnum):
    """The kinds of things that have a public number of their own in each account."""

    TENANT = "tenant"
    STATION = "station"
    PARTNER = "partner"
    CERTIFICATE = "certificate"
    KEY = "key"
    MESSAGE = "message"
    WEBHOOK = "webhook"
    NOTICE = "notice"
    SENDER = "sender"
    STRAY_RECEIPT = "stray_receipt"


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

    def open_of_partner(self, partner: Partner) -> tuple[Message, ...]:
        """The outbound messages of a partner that are still to be sent, or whose receipt is awaited."""
        ...

    def open_of_station(self, station: Station) -> tuple[Message, ...]:
        """The same of a station."""
        ...

    def find_inbound(self, *, station_id: UUID, partner_id: UUID, wire_id: str) -> Message | None:
        """The message that already came with this Message-ID in this relation (compared without brackets)."""
        ...

    def find_outbound(self, *, station_id: UUID, partner_id: UUID, wire_id: str) -> Message | None:
        """The message that a receipt speaks of (compared without brackets and outer blanks)."""
        ...

    def clear_test_data(self, space: Space) -> tuple[int, tuple[Blob, ...]]:
        """Remove every message of the tenant's test mode with its events, deliveries, jobs and bytes: how many
        messages that were, and the blobs that no row names any more. No live row is touched.
        """
        ...

    def add_receipt(self, receipt: Receipt) -> None: ...

    def count_receipts(self, message_id: UUID, direction: Direction) -> int:
        """How many receipts of a message are kept."""
        ...

    def tell(self, message_id: UUID, steps: Sequence[TimelineStep]) -> None:
        """Add to the timeline of a message."""
        ...

    def get_receipt(self, message_id: UUID, direction: Direction) -> Receipt | None:
        """The first receipt of a message, `outbound` being the one we gave."""
        ...


class Sessions(Protocol):
    """Who logged in."""

    def add(self, session: Session) -> None: ...

    def get(self, session_id: UUID) -> Session | None: ...

    def save(self, session: Session) -> None:
        """Write which refresh token holds, and since when."""
        ...

    def remove(self, session_id: UUID) -> None: ...

    def forget_ended(self, now: datetime) -> None:
        """Remove the sessions that can no longer be renewed."""
        ...


class Directory(Protocol):
    """Accounts, tenants, stations, partners, certificates and keys, for writing."""

    def add_account(self, account: Account) -> None: ...

    def save_account(self, account: Account) -> None:
        """Write the name, the slug and the plan of an account that was added before."""
        ...

    def add_tenant(self, tenant: Tenant) -> None: ...

    def tenants(self, account_id: UUID) -> tuple[Tenant, ...]:
        """All tenants of an account, by their handles."""
        ...

    def save_tenant(self, tenant: Tenant) -> None:
        """Write the name and the slug of a tenant that was added before. Raises TenantNotFound."""
        ...

    def contents(self, tenant_id: UUID) -> Mapping[str, int]:
        """How much of what is in a tenant, such as `{"station": 1}`; of each kind up to 1000 are counted."""
        ...

    def remove_tenant(self, tenant_id: UUID) -> None:
        """Remove a tenant that is empty, with the answers of its idempotency keys. Raises TenantNotFound."""
        ...

    def add_station(self, station: Station) -> None:
        """Raises AlreadyExists when the tenant has a station with that AS2 identifier."""
        ...

    def get_station(self, station_id: UUID) -> Station:
        """Also one that was removed. Raises StationNotFound."""
        ...

    def save_station(self, station: Station) -> None:
        """Write a station that was added before, but for its ids and the time of creation. One that becomes the default
        takes the place of the last one. Raises StationNotFound, and AlreadyExists for its AS2 identifier.
        """
        ...

    def add_partner(self, partner: Partner, credentials: Credentials = NO_CREDENTIALS) -> None:
        """The credentials are sealed with the master key before they are written.

        Raises AlreadyExists when the tenant has a partner with that AS2 identifier.
        """
        ...

    def get_partner(self, partner_id: UUID) -> tuple[Partner, Credentials]:
        """Also one that was removed. Raises PartnerNotFound."""
        ...

    def save_partner(self, partner: Partner, credentials: Credentials) -> None:
        """Write a partner that was added before, but for its ids, its form and the time of creation.

        Raises PartnerNotFound, and AlreadyExists for its AS2 identifier.
        """
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

    def add_simulated_key_pair(self, pair_id: UUID, pair: KeyPair) -> None:
        """Give the simulated partner its key pair, sealed like any other; nothing happens if it has one."""
        ...

    def add_certificate_request(self, request: CertificateRequest) -> None:
        """Its private key is sealed with the master key before it is written."""
        ...

    def remove_certificate_request(self, request_id: UUID) -> None: ...

    def add_key(self, key: ApiKey) -> None: ...

    def get_key(self, key_id: UUID) -> ApiKey:
        """Raises KeyNotFound."""
        ...

    def save_key(self, key: ApiKey) -> None:
        """Write a key that was added before, but for its ids and handle, account, tenant, mode and time of creation.
        Raises KeyNotFound."""
        ...

    def note_key_use(self, use: KeyUse) -> None:
        """Remember the last use of a key; nothing happens if there is no such key."""
        ...

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

    def subscriptions(self, tenant_id: UUID, mode: Mode) -> tuple[Subscription, ...]:
        """Of the active endpoints, in the order in which they were made."""
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


class StrayReceipts(Protocol):
    """Receipts for nothing we sent, for writing."""

    def add(self, receipt: StrayReceipt) -> None:
        """Keep one more, and forget the oldest of its tenant beyond KEPT_STRAYS, of those that verify as it does."""
        ...


class Marks(Protocol):
    """What programs noted about messages, for writing."""

    def get(self, message_id: UUID) -> MessageMark | None:
        """None: nothing was noted yet."""
        ...

    def save(self, mark: MessageMark) -> None: ...


class BlobRows(Protocol):
    """The rows that name kept bytes."""

    def add(self, blob: Blob) -> None: ...


class Answers(Protocol):
    """What was answered to requests with an idempotency key."""

    def add(self, answer: KeptAnswer) -> None:
        """Keep an answer for its day. Raises RequestUnderWay when the key has one that is not over."""
        ...

    def forget(self, before: datetime, *, limit: int) -> int:
        """Remove the answers given until `before`, the oldest `limit` of them; tells how many."""
        ...


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

    @property
    def notices(self) -> Notices: ...

    @property
    def strays(self) -> StrayReceipts: ...

    @property
    def answers(self) -> Answers: ...

    @property
    def marks(self) -> Marks: ...

    @property
    def sessions(self) -> Sessions: ...

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
