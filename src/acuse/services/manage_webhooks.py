"""Webhook endpoints: making, changing and removing them.

Rule: where events may go is judged here, whoever asks: a URL that nobody vouches for needs TLS and a public host.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from acuse.domain.account import Space
from acuse.domain.dialect import Dialect
from acuse.domain.retry import RetryPolicy
from acuse.domain.webhook import (
    EVERYTHING,
    WebhookEndpoint,
    check_events,
    check_webhook_headers,
    check_webhook_url,
)
from acuse.domain.webhook_signature import check_secret, new_secret
from acuse.errors import InvalidInput
from acuse.ports import Handle, Ports, Unit

MOST_ENDPOINTS = 50
"""Endpoints of one tenant: each costs every message of the tenant a few rows."""
LONGEST_TIMEOUT = timedelta(minutes=1)
LONGEST_RETRYING = timedelta(days=7)
LONGEST_OVERLAP = timedelta(days=30)
USUAL_OVERLAP = timedelta(days=1)
USUAL_RETRIES, USUAL_INTERVAL = 5, timedelta(seconds=300)
MOST_RETRIES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointWish:
    """What can be chosen of an endpoint. None: the default of a new one, or as it was."""

    url: str | None = None
    events: tuple[str, ...] | None = None
    secret: str | None = None
    description: str | None = None
    active: bool | None = None
    timeout: timedelta | None = None
    headers: Mapping[str, object] | None = None
    retry_first: timedelta | None = None
    retry_longest: timedelta | None = None
    retry_for: timedelta | None = None
    retry_attempts: int | None = None
    """How often to try again after the first attempt, in equal waits of `retry_interval`."""
    retry_interval: timedelta | None = None


def add_endpoint(
    ports: Ports,
    wish: EndpointWish,
    *,
    space: Space,
    url_is_vouched: bool,
    allows_private: bool = False,
    dialect: Dialect = Dialect.NATIVE,
    scope_id: UUID | None = None,
) -> WebhookEndpoint:
    """Make an endpoint, with a new secret unless one is given. `allows_private` is the operator's setting.

    It is told in the words of `dialect`, and only of the messages of the station or the partner that is `scope_id`,
    where one is given. Raises InvalidInput.
    """
    if wish.url is None:
        raise InvalidInput(fields={"url": "This field is required."})
    if len(ports.views.webhooks.endpoints(space)) >= MOST_ENDPOINTS:
        raise InvalidInput(fields={"url": f"a tenant may have {MOST_ENDPOINTS} endpoints; remove one first"})
    now = ports.world.now()
    endpoint = WebhookEndpoint(
        id=ports.world.new_id(),
        handle=0,
        account_id=space.account_id,
        tenant_id=space.tenant_id,
        mode=space.mode,
        url=wish.url,
        url_is_vouched=url_is_vouched,
        secret=new_secret(ports.world.new_token() + ports.world.new_token()),
        events=(EVERYTHING,),
        dialect=dialect,
        scope_id=scope_id,
        created_at=now,
        updated_at=now,
    )
    endpoint = _with(endpoint, wish, url_is_vouched=url_is_vouched, allows_private=allows_private, now=now)

    def decide(unit: Unit) -> WebhookEndpoint:
        made = replace(endpoint, handle=unit.next_handle(space.account_id, Handle.WEBHOOK))
        unit.webhooks.add(made)
        return made

    return ports.units.run(decide)


def change_endpoint(
    ports: Ports, endpoint_id: UUID, wish: EndpointWish, *, url_is_vouched: bool, allows_private: bool = False
) -> WebhookEndpoint:
    """Change what the wish names; what is pending goes where the endpoint leads from now on.

    Raises InvalidInput and WebhookEndpointNotFound.
    """
    now = ports.world.now()

    def decide(unit: Unit) -> WebhookEndpoint:
        endpoint = unit.webhooks.get(endpoint_id)
        changed = _with(endpoint, wish, url_is_vouched=url_is_vouched, allows_private=allows_private, now=now)
        unit.webhooks.save(changed)
        return changed

    return ports.units.run(decide)


def rotate_secret(ports: Ports, endpoint_id: UUID, *, secret: str | None, overlap: timedelta) -> WebhookEndpoint:
    """Give an endpoint another secret, a new one unless one is given; the old one signs as well for `overlap` more.

    Raises InvalidInput and WebhookEndpointNotFound.
    """
    now = ports.world.now()
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise InvalidInput(fields={"overlap": f"0 to {LONGEST_OVERLAP.total_seconds():g} seconds"})
    made = new_secret(ports.world.new_token() + ports.world.new_token())

    def decide(unit: Unit) -> WebhookEndpoint:
        endpoint = unit.webhooks.get(endpoint_id)
        chosen = made if secret is None else check_secret("secret", secret, dialect=endpoint.dialect)
        changed = replace(
            endpoint,
            secret=chosen,
            replaced_secret=endpoint.secret if overlap else None,
            replaced_until=now + overlap if overlap else None,
            updated_at=now,
        )
        unit.webhooks.save(changed)
        return changed

    return ports.units.run(decide)


def remove_endpoint(ports: Ports, endpoint_id: UUID) -> None:
    """Forget an endpoint, its deliveries and what is pending. Nothing happens if it is gone."""
    ports.units.run(lambda unit: unit.webhooks.remove(endpoint_id))


def _with(
    endpoint: WebhookEndpoint, wish: EndpointWish, *, url_is_vouched: bool, allows_private: bool, now: datetime
) -> WebhookEndpoint:
    changed = replace(endpoint, retry=_retry(endpoint.retry, wish), updated_at=now)
    if wish.url is not None:
        url = check_webhook_url("url", wish.url, is_vouched=url_is_vouched or allows_private)
        changed = replace(changed, url=url, url_is_vouched=url_is_vouched)
    if wish.events is not None:
        changed = replace(changed, events=check_events("events", wish.events, dialect=endpoint.dialect))
    if wish.secret is not None:
        changed = replace(changed, secret=check_secret("secret", wish.secret, dialect=endpoint.dialect))
    if wish.headers is not None:
        changed = replace(changed, headers=check_webhook_headers("headers", wish.headers))
    if wish.timeout is not None:
        _bound("timeout", wish.timeout, most=LONGEST_TIMEOUT)
        changed = replace(changed, timeout=wish.timeout)
    if wish.description is not None:
        changed = replace(changed, description=wish.description)
    return changed if wish.active is None else replace(changed, active=wish.active)


def _retry(policy: RetryPolicy, wish: EndpointWish) -> RetryPolicy:
    if wish.retry_attempts is not None or wish.retry_interval is not None:
        policy = _in_equal_waits(wish)
    chosen = RetryPolicy(
        first=wish.retry_first or policy.first,
        longest=wish.retry_longest or policy.longest,
        give_up_after=wish.retry_for or policy.give_up_after,
    )
    _bound("retry_first", chosen.first, most=chosen.longest)
    _bound("retry_longest", chosen.longest, most=LONGEST_RETRYING)
    _bound("retry_for", chosen.give_up_after, most=LONGEST_RETRYING)
    return chosen


def _in_equal_waits(wish: EndpointWish) -> RetryPolicy:
    """The policy of whoever counts attempts: `retry_attempts` more after the first, `retry_interval` apart."""
    attempts = USUAL_RETRIES if wish.retry_attempts is None else wish.retry_attempts
    interval = USUAL_INTERVAL if wish.retry_interval is None else wish.retry_interval
    if not 1 <= attempts <= MOST_RETRIES:
        raise InvalidInput(fields={"retry_attempts": f"1 to {MOST_RETRIES}"})
    _bound("retry_interval", interval, most=LONGEST_RETRYING / attempts)
    return RetryPolicy(first=interval, longest=interval, give_up_after=interval * attempts)


def _bound(field: str, value: timedelta, *, most: timedelta) -> None:
    if not timedelta(milliseconds=100) <= value <= most:
        raise InvalidInput(fields={field: f"0.1 to {most.total_seconds():g} seconds"})
