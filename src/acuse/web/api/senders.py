"""`/v1/senders`: the addresses that notices are sent from, and `/v1/credits`: what is left to send with.

Rule: who adds an address has not shown that it may be used. The link in a mail to it does.
"""

from collections.abc import Mapping

from acuse.domain.credit import UNIT
from acuse.domain.sender import Sender
from acuse.errors import SenderNotFound
from acuse.services.manage_senders import add_sender, ask_for_validation, remove_sender
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.handles import parse_id
from acuse.web.api.notice_objects import sender_object
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json


async def list_senders(call: Call) -> Reply:
    """The addresses of the tenant."""
    found = await call.lanes.run(lambda: call.ports.views.notices.senders(call.caller.space))
    return json_reply(200, {"data": [sender_object(sender) for sender in found]})


async def show_sender(call: Call) -> Reply:
    """One address."""
    return json_reply(200, {"data": sender_object(await call.lanes.run(lambda: find_sender(call)))})


async def create_sender(call: Call) -> Reply:
    """Add an address, from which nothing is sent until it is validated, and write to it."""
    fields = FieldReader(parse_object(await read_json(call)))
    address, name = fields.text("address", required=True), fields.text("name")
    fields.finish()

    def work() -> Sender:
        sender = add_sender(call.ports, space=call.caller.space, address=address or "", name=name or "")
        ask_for_validation(call.ports, sender)
        return sender

    made = await call.lanes.run(work)
    return json_reply(201, {"message": "Sender created; a link was sent to it", "data": sender_object(made)})


async def validate(call: Call) -> Reply:
    """Write to the address once more."""

    def work() -> Sender:
        sender = find_sender(call)
        ask_for_validation(call.ports, sender)
        return sender

    asked = await call.lanes.run(work)
    return json_reply(202, {"message": "A link was sent to the address", "data": sender_object(asked)})


async def delete_sender(call: Call) -> Reply:
    """Send nothing more from an address."""
    await call.lanes.run(lambda: remove_sender(call.ports, find_sender(call)))
    return json_reply(200, {"message": "Sender deleted successfully"})


async def show_credits(call: Call) -> Reply:
    """What the account has left, and what a notice costs."""

    def work() -> Mapping[str, object]:
        post = call.ports.post
        balance = call.ports.views.notices.balance(call.caller.account.id)
        return {"balance": balance / UNIT, "per_notice": post.credits_per_notice / UNIT}

    return json_reply(200, {"data": await call.lanes.run(work)})


def find_sender(call: Call) -> Sender:
    """The address that the path names; raises SenderNotFound."""
    text = call.path["id"]
    handle = parse_id("snd", text)
    if handle is None:
        raise SenderNotFound(id=text)
    note(call.scope, sender=text)
    return call.ports.views.notices.sender(call.caller.space, handle)
