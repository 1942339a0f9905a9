"""Delivering an event to a webhook endpoint: posted until it is taken, or until the endpoint's patience ends.

Rule: any 2xx means that the endpoint has it; everything else may be a proxy's or a restart's, and is tried again. What
follows of the same subject goes out only when this event is settled.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from acuse.domain.event_names import content_type_of
from acuse.domain.webhook import Delivery, DeliveryState, WebhookEndpoint
from acuse.domain.webhook_signature import dialect_headers
from acuse.errors import PartnerUnreachable
from acuse.ports import EventView, HTTPReply, Ports, Unit
from acuse.services.announce import delivery_job
from acuse.services.recall_event import recall_event

EXCERPT_LIMIT = 500
"""Bytes of an answer that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAttempt:
    """What has to be posted now."""

    delivery: Delivery
    endpoint: WebhookEndpoint
    event: EventView
    headers: tuple[tuple[str, str], ...]
    body: bytes


def begin_event_delivery(ports: Ports, delivery_id: UUID, render: Callable[[EventView], bytes]) -> EventAttempt | None:
    """Begin an attempt, whose body `render` writes. None: there is nothing to deliver any more."""
    now, token = ports.world.now(), ports.world.new_id()
    started = ports.units.run(lambda unit: _start(unit, delivery_id, token, now=now))
    if started is None:
        return None
    delivery, endpoint = started
    recalled = recall_event(ports, ports.views.webhooks.event(delivery.position))
    view = replace(recalled, dialect=endpoint.dialect, told_as=delivery.told_as)
    body = render(view)
    event_id = view.event.public_id
    signature = dialect_headers(endpoint.dialect, endpoint.secrets(now), event_id=event_id, body=body, now=now)
    headers = (("Content-Type", content_type_of(delivery.told_as)), *endpoint.headers, *signature)
    return EventAttempt(delivery=delivery, endpoint=endpoint, event=view, headers=headers, body=body)


def settle_event_delivery(ports: Ports, attempt: EventAttempt, outcome: HTTPReply | PartnerUnreachable) -> None:
    """Write what came of the attempt, and plan what follows from it, in one unit."""
    now, jitter = ports.world.now(), ports.world.jitter()

    def decide(unit: Unit) -> None:
        delivery = unit.webhooks.get_delivery(attempt.delivery.id)
        if delivery is None or delivery.attempt_token != attempt.delivery.attempt_token:
            return
        status = outcome.status if isinstance(outcome, HTTPReply) else None
        took = now - (delivery.last_attempt_at or now)
        excerpt = excerpt_of(attempt.endpoint, outcome)
        told = replace(delivery, attempt_token=None, status=status, excerpt=excerpt, duration=took)
        if status is not None and 200 <= status < 300:
            _settle(unit, replace(told, error=None), DeliveryState.DELIVERED, now=now)
            return
        told = replace(told, error=reason_of(outcome))
        due_at = attempt.endpoint.retry.next_attempt(
            attempts=told.attempts, since=told.first_attempt_at or now, jitter=jitter, now=now
        )
        if due_at is None:
            _settle(unit, told, DeliveryState.GIVEN_UP, now=now)
            return
        unit.webhooks.save_delivery(replace(told, next_attempt_at=due_at))
        unit.jobs.submit(delivery_job(told, due_at=due_at))

    ports.units.run(decide)


def _start(unit: Unit, delivery_id: UUID, token: UUID, *, now: datetime) -> tuple[Delivery, WebhookEndpoint] | None:
    delivery = unit.webhooks.get_delivery(delivery_id)
    if delivery is None or delivery.state is not DeliveryState.PENDING:
        return None
    endpoint = unit.webhooks.get(delivery.endpoint_id)
    if not endpoint.active:
        stopped = replace(delivery, attempt_token=None, error="the endpoint is not active")
        _settle(unit, stopped, DeliveryState.GIVEN_UP, now=now)
        return None
    started = replace(
        delivery,
        attempts=delivery.attempts + 1,
        attempt_token=token,
        first_attempt_at=delivery.first_attempt_at or now,
        last_attempt_at=now,
        next_attempt_at=None,
    )
    unit.webhooks.save_delivery(started)
    return started, endpoint


def _settle(unit: Unit, delivery: Delivery, state: DeliveryState, *, now: datetime) -> None:
    """End a delivery; it is the next one's turn."""
    unit.webhooks.save_delivery(replace(delivery, state=state, settled_at=now, next_attempt_at=None))
    following = unit.webhooks.first_pending(delivery.endpoint_id, delivery.subject_id)
    if following:
        unit.jobs.submit(delivery_job(following, due_at=now))


def excerpt_of(endpoint: WebhookEndpoint, outcome: HTTPReply | PartnerUnreachable) -> str | None:
    """The beginning of an answer, for the log of the endpoint. Where the operator vouched for the URL it is left out:
    it may lead into a private network, into which the tenants of the gateway are not to see.
    """
    if endpoint.url_is_vouched or not isinstance(outcome, HTTPReply):
        return None
    return outcome.body[:EXCERPT_LIMIT].decode("utf-8", "replace").replace("\0", "")


def reason_of(outcome: HTTPReply | PartnerUnreachable) -> str:
    """Why an attempt failed, for the log of the endpoint."""
    if isinstance(outcome, HTTPReply):
        return f"answered HTTP {outcome.status}"
    return str(outcome.details.get("error_details", outcome.message))
