"""Deciding over a message by hand: `POST /v1/messages/{id}/resend`, `/retry` and `/cancel`."""

from acuse.ports import MessageView
from acuse.services.cancel_message import cancel_message
from acuse.services.resend_message import resend_message
from acuse.services.retry_message import retry_message
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.objects import message_object
from acuse.web.api.read import find_message
from acuse.web.asgi import Reply
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json


async def resend(call: Call) -> Reply:
    """The same files as a new message."""
    await _read_options(call)

    def work() -> MessageView:
        message_id = find_message(call).message.id
        return resend_message(call.ports, message_id, alongside=lambda unit, view: call.keep(unit, _resent(view)))

    return _resent(await call.lanes.run(work))


async def retry(call: Call) -> Reply:
    """The same message once more, now."""
    options = await _read_options(call)
    is_forced = options.flag("force") is True
    options.finish()

    def work() -> MessageView:
        return retry_message(call.ports, find_message(call).message.id, is_forced=is_forced)

    return _shown(202, "Message queued for another attempt", await call.lanes.run(work))


async def cancel(call: Call) -> Reply:
    """Nothing more of it is sent."""
    await _read_options(call)
    view = await call.lanes.run(lambda: cancel_message(call.ports, find_message(call).message.id))
    return _shown(200, "Message cancelled", view)


async def _read_options(call: Call) -> FieldReader:
    """The body, which may be left out."""
    body = await read_json(call)
    return FieldReader(parse_object(body) if body.strip() else {})


def _resent(view: MessageView) -> Reply:
    return _shown(202, "Message queued for delivery", view)


def _shown(status: int, text: str, view: MessageView) -> Reply:
    return json_reply(status, {"message": text, "data": message_object(view, detail=False)})
