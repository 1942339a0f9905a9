"""What is done with a webhook endpoint by hand: trying it, another secret, replaying, and how it does."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from acuse.domain.webhook import DeliveryState, WebhookEndpoint
from acuse.errors import DeliveryNotFound
from acuse.ports import DeliveryCount
from acuse.services.manage_webhooks import USUAL_OVERLAP, rotate_secret
from acuse.services.replay_deliveries import replay_delivery, replay_given_up
from acuse.services.try_webhook import ask_for_test
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.event_objects import endpoint_object, webhook_test_object
from acuse.web.api.objects import iso
from acuse.web.api.webhooks import find_endpoint
from acuse.web.asgi import Reply
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json

_LOOK_SECONDS = 0.05
_GRACE = timedelta(seconds=5)
"""How long the answer waits beyond the endpoint's own time-out: the engine may have other work."""


async def try_endpoint(call: Call) -> Reply:
    """Post a signed `webhook.test`, and tell what the endpoint answered."""
    await read_json(call)
    endpoint = await call.lanes.run(lambda: find_endpoint(call))
    test = await call.lanes.run(lambda: ask_for_test(call.ports, endpoint.id))
    for _ in range(int((endpoint.timeout + _GRACE).total_seconds() / _LOOK_SECONDS)):
        current = (await call.lanes.run(lambda: find_endpoint(call))).last_test
        if current is not None and (current.ended_at is not None or current.id != test.id):
            return json_reply(200, {"message": "Test delivery sent", "data": webhook_test_object(current)})
        await asyncio.sleep(_LOOK_SECONDS)
    return json_reply(202, {"message": "Test delivery is under way", "data": webhook_test_object(test)})


async def rotate_endpoint_secret(call: Call) -> Reply:
    """Another secret; the old one signs as well for a while."""
    body = await read_json(call)
    fields = FieldReader(parse_object(body) if body.strip() else {})
    secret, overlap = fields.text("secret"), fields.seconds("overlap")
    fields.finish()

    def work() -> WebhookEndpoint:
        span = USUAL_OVERLAP if overlap is None else overlap
        return rotate_secret(call.ports, find_endpoint(call).id, secret=secret, overlap=span)

    shown = endpoint_object(await call.lanes.run(work), with_secret=True)
    return json_reply(200, {"message": "Webhook secret rotated successfully", "data": shown})


async def replay_one(call: Call) -> Reply:
    """Deliver one event again."""
    await read_json(call)
    delivery = await call.lanes.run(
        lambda: replay_delivery(call.ports, find_endpoint(call).id, delivery_id(call.path["delivery"]))
    )
    shown = {"id": delivery.public_id, "state": delivery.state.value, "next_attempt_at": iso(delivery.next_attempt_at)}
    return json_reply(202, {"message": "Delivery queued for replay", "data": shown})


async def replay_all(call: Call) -> Reply:
    """Deliver all events again that were given up, or those behind a position of the feed."""
    body = await read_json(call)
    fields = FieldReader(parse_object(body) if body.strip() else {})
    after = fields.whole("after", default=0, least=0, most=2**63 - 1)
    fields.finish()
    count = await call.lanes.run(lambda: replay_given_up(call.ports, find_endpoint(call).id, after=after))
    return json_reply(202, {"message": "Deliveries queued for replay", "data": {"deliveries": count}})


async def show_stats(call: Call) -> Reply:
    """How the endpoints of the tenant do."""

    def work() -> Mapping[str, object]:
        views, space = call.ports.views.webhooks, call.caller.space
        endpoints, counts = views.endpoints(space), views.delivery_counts(space)
        return {
            "endpoints": len(endpoints),
            "active": sum(endpoint.active for endpoint in endpoints),
            **_sums(counts),
            "by_endpoint": [
                {
                    "id": endpoint.public_id,
                    "url": endpoint.url,
                    "active": endpoint.active,
                    **_sums([count for count in counts if count.endpoint_id == endpoint.id]),
                }
                for endpoint in endpoints
            ],
        }

    return json_reply(200, {"data": await call.lanes.run(work)})


def _sums(counts: tuple[DeliveryCount, ...] | list[DeliveryCount]) -> dict[str, object]:
    """Numbers by state, the part of the ended ones that was delivered, and when and how fast."""
    numbers = {state: sum(count.count for count in counts if count.state is state) for state in DeliveryState}
    good = [count for count in counts if count.state is DeliveryState.DELIVERED]
    ended = numbers[DeliveryState.DELIVERED] + numbers[DeliveryState.GIVEN_UP]
    timed = [(count.mean_duration.total_seconds(), count.count) for count in good if count.mean_duration is not None]
    weight = sum(number for _, number in timed)
    return {
        **{state.value: number for state, number in numbers.items()},
        "success_rate": round(numbers[DeliveryState.DELIVERED] / ended, 4) if ended else None,
        "last_delivered_at": iso(max((c.last_settled_at for c in good if c.last_settled_at), default=None)),
        "average_duration": round(sum(mean * number for mean, number in timed) / weight, 3) if weight else None,
    }


def delivery_id(text: str) -> UUID:
    """The delivery that a public id names. Raises DeliveryNotFound."""
    prefix, _, digits = text.partition("_")
    try:
        key = UUID(hex=digits)
    except ValueError:
        raise DeliveryNotFound(id=text) from None
    if prefix != "dlv" or key.hex != digits:
        raise DeliveryNotFound(id=text)
    return key
