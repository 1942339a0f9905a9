"""Trying a webhook endpoint: one signed post that tells of no event, and what came of it.

Rule: it is posted once, by the engine and over the way of every delivery, so that what it shows is what deliveries
meet.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from acuse.domain.webhook import WebhookEndpoint, WebhookTest
from acuse.domain.webhook_signature import dialect_headers
from acuse.errors import PartnerUnreachable, WebhookEndpointNotFound
from acuse.ports import HTTPReply, Job, JobKind, Ports, Unit
from acuse.services.deliver_event import reason_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTrial:
    """What has to be posted now."""

    endpoint: WebhookEndpoint
    test: WebhookTest
    headers: tuple[tuple[str, str], ...]
    body: bytes


def ask_for_test(ports: Ports, endpoint_id: UUID) -> WebhookTest:
    """Have a test posted; its outcome will stand in the endpoint's `last_test`. Raises WebhookEndpointNotFound."""
    now, test_id = ports.world.now(), ports.world.new_id()

    def decide(unit: Unit) -> WebhookTest:
        test = WebhookTest(id=test_id, asked_at=now)
        unit.webhooks.save(replace(unit.webhooks.get(endpoint_id), last_test=test))
        unit.jobs.submit(
            Job(
                kind=JobKind.TEST_WEBHOOK,
                subject_id=endpoint_id,
                key=f"webhook-test:{test_id}",
                lane=f"webhook:{endpoint_id}",
                due_at=now,
            )
        )
        return test

    return ports.units.run(decide)


def begin_webhook_test(
    ports: Ports, endpoint_id: UUID, render: Callable[[WebhookEndpoint, WebhookTest], bytes]
) -> WebhookTrial | None:
    """What to post, with a body that `render` writes. None: it was posted already, or the endpoint is gone."""

    def read(unit: Unit) -> WebhookEndpoint | None:
        try:
            return unit.webhooks.get(endpoint_id)
        except WebhookEndpointNotFound:
            return None

    endpoint = ports.units.run(read)
    if endpoint is None or endpoint.last_test is None or endpoint.last_test.ended_at is not None:
        return None
    now, test = ports.world.now(), endpoint.last_test
    body = render(endpoint, test)
    event_id = test.public_id
    signature = dialect_headers(endpoint.dialect, endpoint.secrets(now), event_id=event_id, body=body, now=now)
    headers = (("Content-Type", "application/json"), *endpoint.headers, *signature)
    return WebhookTrial(endpoint=endpoint, test=test, headers=headers, body=body)


def settle_webhook_test(ports: Ports, trial: WebhookTrial, outcome: HTTPReply | PartnerUnreachable) -> None:
    """Write what came of it, unless somebody asked for another test meanwhile."""
    now = ports.world.now()
    status = outcome.status if isinstance(outcome, HTTPReply) else None
    is_taken = status is not None and 200 <= status < 300
    ended = replace(
        trial.test,
        ended_at=now,
        status=status,
        error=None if is_taken else reason_of(outcome),
        duration=now - trial.test.asked_at,
    )

    def decide(unit: Unit) -> None:
        try:
            endpoint = unit.webhooks.get(trial.endpoint.id)
        except WebhookEndpointNotFound:
            return
        if endpoint.last_test is not None and endpoint.last_test.id == trial.test.id:
            unit.webhooks.save(replace(endpoint, last_test=ended))

    ports.units.run(decide)
