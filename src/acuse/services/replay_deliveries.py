"""Replaying deliveries by hand: the same event under the same id, as if it had just been published to the endpoint.

Rule: the order of one subject's events is kept. What is replayed waits for what is pending of the same subject, and the
other way round, by the order in which the events happened.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from acuse.domain.webhook import Delivery, DeliveryState
from acuse.errors import DeliveryNotFound
from acuse.ports import Ports, Unit
from acuse.services.announce import delivery_job

BATCH = 500
"""Deliveries that one unit replays."""


def replay_delivery(ports: Ports, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
    """Have one event delivered again. One that is pending is tried now. Raises DeliveryNotFound."""
    now = ports.world.now()

    def decide(unit: Unit) -> Delivery:
        delivery = unit.webhooks.get_delivery(delivery_id)
        if delivery is None or delivery.endpoint_id != endpoint_id:
            raise DeliveryNotFound
        return _again(unit, delivery, now=now)

    return ports.units.run(decide)


def replay_given_up(ports: Ports, endpoint_id: UUID, *, after: int = 0) -> int:
    """Have all events that were given up at an endpoint delivered again, those behind a position of the feed only;
    gives how many.
    """
    count, position = 0, after
    while found := ports.views.webhooks.given_up(endpoint_id, after=position, limit=BATCH):
        replayed, position = _replay(ports, found, position)
        count += replayed
    return count


def _replay(ports: Ports, delivery_ids: Sequence[UUID], position: int) -> tuple[int, int]:
    """How many were replayed, and the last of their positions."""
    now = ports.world.now()

    def decide(unit: Unit) -> tuple[int, int]:
        found = [delivery for key in delivery_ids if (delivery := unit.webhooks.get_delivery(key))]
        given_up = [delivery for delivery in found if delivery.state is DeliveryState.GIVEN_UP]
        for delivery in given_up:
            _again(unit, delivery, now=now)
        return len(given_up), max((delivery.position for delivery in found), default=position + 1)

    return ports.units.run(decide)


def _again(unit: Unit, delivery: Delivery, *, now: datetime) -> Delivery:
    is_under_way = delivery.attempt_token is not None and delivery.state is DeliveryState.PENDING
    if not is_under_way:
        unit.jobs.cancel(delivery_job(delivery, due_at=now).key)
        delivery = delivery.again(now)
        unit.webhooks.save_delivery(delivery)
    first = unit.webhooks.first_pending(delivery.endpoint_id, delivery.subject_id)
    if first is not None and first.attempt_token is None and first.id == delivery.id:
        unit.jobs.submit(delivery_job(first, due_at=now))
    return delivery
