"""Webhooks: who wants to be told of events, and what became of each event there.

Rule: one delivery for each endpoint and event. The events of one subject reach an endpoint in the order in which they
happened; an event waits until those before it were delivered or given up there. Subjects do not wait for each other.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from acuse.domain.access import Mode
from acuse.domain.address import is_private_by_name
from acuse.domain.custom_headers import check_headers
from acuse.domain.dialect import Dialect
from acuse.domain.event import Event
from acuse.domain.event_names import known_names, names_in
from acuse.domain.partner import check_url
from acuse.domain.retry import RetryPolicy
from acuse.errors import InvalidAS2Headers, InvalidInput

EVERYTHING = "*"
"""Subscribes to all events, also to kinds that are still to come."""
_OURS = frozenset(
    {
        "x-signature",
        "x-signature-replaced",
        "x-timestamp",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "user-agent",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTest:
    """A post that somebody asked for to see whether an endpoint works; it is made once and tells of no event."""

    id: UUID
    asked_at: datetime
    ended_at: datetime | None = None
    """None while it is under way."""
    status: int | None = None
    """The HTTP status of the answer; None when there was none."""
    error: str | None = None
    """Why it failed."""
    duration: timedelta = timedelta(0)

    @property
    def public_id(self) -> str:
        """What the receiver gets as the name of the post."""
        return f"evt_{self.id.hex}"

    @property
    def is_success(self) -> bool:
        """The endpoint took it."""
        return self.ended_at is not None and self.error is None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """A URL of the account's own software that events are posted to."""

    id: UUID
    handle: int
    account_id: UUID
    tenant_id: UUID
    mode: Mode = Mode.LIVE
    """Of which events it is told."""
    url: str
    url_is_vouched: bool
    """The operator gave the URL by hand, so it may lead into a private network and go without TLS."""
    secret: str = field(repr=False)
    """What deliveries are signed with: see `webhook_signature`."""
    events: tuple[str, ...] = (EVERYTHING,)
    """Names of events in the words of the dialect, or EVERYTHING."""
    dialect: Dialect = Dialect.NATIVE
    """In whose words it is told, and how that is signed."""
    scope_id: UUID | None = None
    """The station or the partner of whose messages alone it is told."""
    description: str | None = None
    active: bool = True
    timeout: timedelta = timedelta(seconds=30)
    """How long one whole attempt may take."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Further header fields of each delivery. They often hold a password, so they are as secret as the secret."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    replaced_secret: str | None = field(default=None, repr=False)
    """The secret before this one, with which deliveries are signed as well until `replaced_until`."""
    replaced_until: datetime | None = None
    last_test: WebhookTest | None = None
    created_at: datetime
    updated_at: datetime

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Those that deliveries are signed with now, the newest first."""
        is_both = self.replaced_secret is not None and self.replaced_until is not None and now < self.replaced_until
        return (self.secret, self.replaced_secret) if is_both and self.replaced_secret else (self.secret,)

    @property
    def public_id(self) -> str:
        """The handle that people and the native API use."""
        return f"wh_{self.handle:06d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What an endpoint wants to be told."""

    endpoint_id: UUID
    events: tuple[str, ...]
    dialect: Dialect = Dialect.NATIVE
    scope_id: UUID | None = None

    def names_for(self, event: Event, concerned: Collection[UUID]) -> tuple[str, ...]:
        """Under which names the endpoint is told of an event that concerns these stations and partners."""
        if self.scope_id is not None and self.scope_id not in concerned:
            return ()
        names = names_in(self.dialect, event)
        return names if EVERYTHING in self.events else tuple(name for name in names if name in self.events)


class DeliveryState(StrEnum):
    """What became of an event at an endpoint. The last two are final."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: UUID
    endpoint_id: UUID
    position: int
    """The event's position in the order of all events."""
    subject_id: UUID
    told_as: str
    """The name of the event in the words of the endpoint's dialect."""
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    attempt_token: UUID | None = None
    """Fences an attempt: only who holds it may write the attempt's outcome."""
    created_at: datetime
    first_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    next_attempt_at: datetime | None = None
    settled_at: datetime | None = None
    status: int | None = None
    """The HTTP status of the last answer; None when there was none."""
    error: str | None = None
    """Why the last attempt failed."""
    excerpt: str | None = None
    """The beginning of the last answer; None where it may come from a private network."""
    duration: timedelta | None = None
    """How long the last attempt took."""

    @property
    def public_id(self) -> str:
        """The name that people and the native API use."""
        return f"dlv_{self.id.hex}"

    def again(self, now: datetime) -> Self:
        """The same event for another series of attempts, as if it had just been published."""
        return replace(
            self,
            state=DeliveryState.PENDING,
            attempts=0,
            attempt_token=None,
            first_attempt_at=None,
            next_attempt_at=now,
            settled_at=None,
            error=None,
        )


def check_events(field_name: str, names: Iterable[str], *, dialect: Dialect = Dialect.NATIVE) -> tuple[str, ...]:
    """Events by their names in a dialect, each once and in a fixed order, or EVERYTHING alone. Raises InvalidInput."""
    wanted = set(names)
    known = known_names(dialect)
    if unknown := sorted(wanted - {EVERYTHING, *known}):
        choice = f"'{EVERYTHING}', or some of {', '.join(known)}"
        raise InvalidInput(fields={field_name: f"there is no event {', '.join(map(repr, unknown))}; choose {choice}"})
    if not wanted:
        raise InvalidInput(fields={field_name: f"'{EVERYTHING}', or some of {', '.join(known)}"})
    return (EVERYTHING,) if EVERYTHING in wanted else tuple(name for name in known if name in wanted)


def check_webhook_url(field_name: str, url: str, *, is_vouched: bool) -> str:
    """Where events may be posted: https in the public internet, unless somebody vouches for it. Raises InvalidInput."""
    check_url(field_name, url)
    if is_vouched:
        return url
    if not url.lower().startswith("https://"):
        raise InvalidInput(fields={field_name: "an https:// URL; the operator may allow http:// and private networks"})
    if is_private_by_name(url):
        raise InvalidInput(fields={field_name: "a host in the public internet; the operator may allow private ones"})
    return url


def check_webhook_headers(field_name: str, given: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Further header fields, none of which the gateway sets itself. Raises InvalidInput."""
    try:
        checked = check_headers(given)
    except InvalidAS2Headers as error:
        raise InvalidInput(fields={field_name: error.message}) from error
    for name, _ in checked:
        if name.lower() in _OURS:
            raise InvalidInput(fields={field_name: f"{name} is set by the gateway itself. Remove it."})
    return checked
