"""`GET /v1/messages/{id}`, and finding what a path names."""

from acuse.domain.partner import Partner
from acuse.errors import MessageNotFound, PartnerNotFound
from acuse.ports import MessageView
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.handles import parse_id
from acuse.web.api.objects import message_object
from acuse.web.api.selection import only, read_fields
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import FieldReader


async def show_message(call: Call) -> Reply:
    """One message with its receipt."""
    query = FieldReader(call.query)
    names = read_fields(query)
    query.finish()
    view = await call.lanes.run(lambda: find_message(call))
    (shown,) = only(names, [message_object(view, detail=True)])
    return json_reply(200, {"data": shown})


def find_message(call: Call) -> MessageView:
    """The message that the path names; raises MessageNotFound."""
    text = call.path["id"]
    handle = parse_id("msg", text)
    if handle is None:
        raise MessageNotFound(id=text)
    note(call.scope, message=text)
    return call.ports.views.message(call.caller.space, handle)


def find_partner(call: Call, text: str) -> Partner:
    """The partner with this public id; raises PartnerNotFound."""
    handle = parse_id("prt", text)
    if handle is None:
        raise PartnerNotFound(partner_id=text)
    return call.ports.views.partner(call.caller.space, handle)
