"""`GET /v1/events`, for those who would rather ask than be told, and the log of what was delivered to an endpoint."""

from collections.abc import Mapping

from acuse.domain.webhook import DeliveryState
from acuse.services.recall_event import recall_event
from acuse.web.api.calls import MOST_PAGES, Call, json_reply, pagination
from acuse.web.api.event_objects import delivery_object, event_object
from acuse.web.api.webhooks import find_endpoint
from acuse.web.asgi import Reply
from acuse.web.shared.fields import FieldReader

LAST_POSITION = 2**63 - 1


async def list_events(call: Call) -> Reply:
    """The events behind a position, in the order in which they were committed."""
    query = FieldReader(call.query)
    after = query.whole("after", default=0, least=0, most=LAST_POSITION)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    query.finish()

    def work() -> Mapping[str, object]:
        found = call.ports.views.webhooks.events(call.caller.space, after=after, limit=per_page + 1)
        shown = [recall_event(call.ports, published) for published in found[:per_page]]
        return {
            "data": [{**event_object(view), "position": view.position} for view in shown],
            "cursor": {"after": shown[-1].position if shown else after, "has_more": len(found) > per_page},
        }

    return json_reply(200, await call.lanes.run(work))


async def list_deliveries(call: Call) -> Reply:
    """What became of each event at an endpoint, the newest first."""
    query = FieldReader(call.query)
    page = query.whole("page", default=1, least=1, most=MOST_PAGES)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    state = query.choice("state", DeliveryState)
    query.finish()

    def work() -> Mapping[str, object]:
        endpoint = find_endpoint(call)
        found = call.ports.views.webhooks.deliveries(
            endpoint.id, state=state, limit=per_page, offset=(page - 1) * per_page
        )
        return {
            "data": [delivery_object(view) for view in found.rows],
            "pagination": pagination(page=page, per_page=per_page, total=found.total),
        }

    return json_reply(200, await call.lanes.run(work))
