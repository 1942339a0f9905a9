"""`GET /v1/messages` and `GET /v1/messages/{id}`."""

from collections.abc import Mapping
from dataclasses import replace

from acuse.domain.message import Direction
from acuse.domain.partner import Partner
from acuse.errors import MessageNotFound, PartnerNotFound
from acuse.ports import MessageFilter, MessageView
from acuse.web.api.calls import Call, json_reply, pagination
from acuse.web.api.handles import parse_id
from acuse.web.api.objects import message_object
from acuse.web.api.status import MDNStatus, Status, states_with
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import FieldReader

MOST_PAGES = 10_000_000


async def list_messages(call: Call) -> Reply:
    """A page of messages, newest first."""
    query = FieldReader(call.query)
    page = query.whole("page", default=1, least=1, most=MOST_PAGES)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    partner = query.text("partner_id")
    wanted = _filter(query)
    query.finish()

    def work() -> Mapping[str, object]:
        chosen = _of_partner(call, wanted, partner)
        found = call.ports.views.messages(call.caller.space, chosen, limit=per_page, offset=(page - 1) * per_page)
        return {
            "data": [message_object(view, detail=False) for view in found.rows],
            "pagination": pagination(page=page, per_page=per_page, total=found.total),
        }

    return json_reply(200, await call.lanes.run(work))


async def show_message(call: Call) -> Reply:
    """One message with its receipt."""
    view = await call.lanes.run(lambda: find_message(call))
    return json_reply(200, {"data": message_object(view, detail=True)})


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


def _filter(query: FieldReader) -> MessageFilter:
    status, mdn_status = query.choice("status", Status), query.choice("mdn_status", MDNStatus)
    return MessageFilter(
        direction=query.choice("direction", Direction),
        states=states_with(status, mdn_status) if status or mdn_status else None,
        created_from=query.moment("from_date"),
        created_to=query.moment("to_date"),
        content_type=query.text("content_type"),
        search=query.text("search"),
        is_signed=query.truth("signed"),
        is_encrypted=query.truth("encrypted"),
        has_problem=query.truth("has_errors"),
    )


def _of_partner(call: Call, wanted: MessageFilter, partner: str | None) -> MessageFilter:
    return wanted if partner is None else replace(wanted, partner_id=find_partner(call, partner).id)
