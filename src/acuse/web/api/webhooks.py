"""`/v1/webhook-endpoints`: where events are posted to.

Rule: the secret is in the answer that made the endpoint, and in no other.
"""

from acuse.domain.dialect import Dialect
from acuse.domain.webhook import WebhookEndpoint
from acuse.errors import WebhookEndpointNotFound
from acuse.services.manage_webhooks import EndpointWish, add_endpoint, change_endpoint, remove_endpoint
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.event_objects import endpoint_object
from acuse.web.api.handles import parse_id
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json

LONGEST_URL = 2048


async def list_endpoints(call: Call) -> Reply:
    """All endpoints of the tenant."""
    found = await call.lanes.run(lambda: call.ports.views.webhooks.endpoints(call.caller.space))
    return json_reply(200, {"data": [endpoint_object(endpoint) for endpoint in found]})


async def show_endpoint(call: Call) -> Reply:
    """One endpoint."""
    endpoint = await call.lanes.run(lambda: find_endpoint(call))
    return json_reply(200, {"data": endpoint_object(endpoint)})


async def create_endpoint(call: Call) -> Reply:
    """Make an endpoint."""
    body = await read_json(call)
    wish, dialect = _read_wish(body, is_new=True), _read_format(body)
    allows_private = call.options.allow_private_networks

    def work() -> WebhookEndpoint:
        space = call.caller.space
        return add_endpoint(
            call.ports,
            wish,
            space=space,
            url_is_vouched=False,
            allows_private=allows_private,
            dialect=dialect,
        )

    made = await call.lanes.run(work)
    note(call.scope, endpoint=made.public_id)
    shown = {"message": "Webhook endpoint created successfully", "data": endpoint_object(made, with_secret=True)}
    return json_reply(201, shown)


async def patch_endpoint(call: Call) -> Reply:
    """Change what the body names."""
    wish = _read_wish(await read_json(call), is_new=False)
    allows_private = call.options.allow_private_networks

    def work() -> WebhookEndpoint:
        endpoint_id = find_endpoint(call).id
        return change_endpoint(call.ports, endpoint_id, wish, url_is_vouched=False, allows_private=allows_private)

    changed = await call.lanes.run(work)
    return json_reply(200, {"message": "Webhook endpoint updated successfully", "data": endpoint_object(changed)})


async def delete_endpoint(call: Call) -> Reply:
    """Forget an endpoint and what is pending for it."""
    await call.lanes.run(lambda: remove_endpoint(call.ports, find_endpoint(call).id))
    return json_reply(200, {"message": "Webhook endpoint deleted successfully"})


def find_endpoint(call: Call) -> WebhookEndpoint:
    """The endpoint that the path names; raises WebhookEndpointNotFound."""
    text = call.path["id"]
    handle = parse_id("wh", text)
    if handle is None:
        raise WebhookEndpointNotFound(id=text)
    note(call.scope, endpoint=text)
    return call.ports.views.webhooks.endpoint(call.caller.space, handle)


def _read_format(body: bytes) -> Dialect:
    """In whose words an endpoint is told; it keeps them."""
    fields = FieldReader(parse_object(body))
    dialect = fields.choice("format", Dialect)
    fields.finish()
    return dialect or Dialect.NATIVE


def _read_wish(body: bytes, *, is_new: bool) -> EndpointWish:
    fields = FieldReader(parse_object(body))
    headers = fields.mapping("headers")
    wish = EndpointWish(
        url=fields.text("url", longest=LONGEST_URL, required=is_new),
        events=fields.texts("events"),
        secret=fields.text("secret"),
        description=fields.text("description"),
        active=fields.flag("active"),
        timeout=fields.seconds("timeout"),
        headers=headers if fields.value("headers") is not None else None,
        retry_first=fields.seconds("retry_first"),
        retry_longest=fields.seconds("retry_longest"),
        retry_for=fields.seconds("retry_for"),
        retry_attempts=fields.number("retry_attempts"),
        retry_interval=fields.seconds("retry_interval"),
    )
    fields.finish()
    return wish
