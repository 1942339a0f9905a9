"""`GET /message/inbox`, `/message/outbox` and its parts: the ids of messages, newest first.

The partner and the station narrow a list; without either, an id or else a subject does. What a list shows beside a
primary filter stays as it is: the secondary ones are then not heeded, as its users know it.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from acuse.domain.message import Direction
from acuse.ports import MessageFilter
from acuse.web.asgi import Reply
from acuse.web.dialects.mft.calls import Call, Handler
from acuse.web.dialects.mft.errors import json_reply
from acuse.web.dialects.mft.translate import Mailbox, states_in
from acuse.web.shared.fields import FieldReader

_MOST_ROWS = 1_000_000_000
_LONGEST_ID = 998
_OLD_NAMES = {
    "identifier": "as2MessageId",
    "partnerIdentifier": "partnerAS2Id",
    "stationIdentifier": "stationAS2Id",
}
"""By the names of version 3.1.1."""


class SortDirection(StrEnum):
    """The order of a list by time."""

    OLDEST_FIRST = "asc"
    NEWEST_FIRST = "desc"


def list_of(mailbox: Mailbox) -> Handler:
    """The handler that lists what lies in one mailbox."""

    async def list_messages(call: Call) -> Reply:
        query = FieldReader(_in_new_names(call.query))
        oldest_first = query.choice("sortDir", SortDirection) is SortDirection.OLDEST_FIRST
        length = query.whole("pageLength", default=10, least=1, most=100)
        offset = query.whole("pageOffset", default=0, least=0, most=_MOST_ROWS)
        is_all = query.truth("fetchAll") or mailbox is not Mailbox.INBOX
        partner, station = query.text("partnerIdentifier"), query.text("stationIdentifier")
        wire_id, subject = query.text("identifier", longest=_LONGEST_ID), query.text("subject")
        query.finish()

        def work() -> list[str]:
            wanted = _of(mailbox, is_all=is_all)
            if partner is None and station is None:
                wanted = replace(wanted, wire_id=wire_id, subject=subject if wire_id is None else None)
            chosen = _between(call, wanted, partner=partner, station=station)
            if chosen is None:
                return []
            page = call.ports.views.messages(call.space, chosen, limit=length, offset=offset, oldest_first=oldest_first)
            return [view.message.wire_id for view in page.rows]

        return json_reply(200, {"messages": await call.lanes.run(work)})

    return list_messages


def _of(mailbox: Mailbox, *, is_all: bool) -> MessageFilter:
    is_unanswered = {Mailbox.FAILED: False, Mailbox.INCOMPLETE: True}.get(mailbox)
    return MessageFilter(
        direction=Direction.INBOUND if mailbox is Mailbox.INBOX else Direction.OUTBOUND,
        states=states_in(mailbox),
        is_unanswered=is_unanswered,
        is_deleted=False,
        is_read=None if is_all else False,
    )


def _between(call: Call, wanted: MessageFilter, *, partner: str | None, station: str | None) -> MessageFilter | None:
    """The filter for these AS2 identifiers; None where nobody has one of them."""
    views = call.ports.views
    if partner is not None:
        ids = [entry.id for entry in views.partners(call.space) if entry.as2_id == partner]
        if not ids:
            return None
        wanted = replace(wanted, partner_id=ids[0])
    if station is not None:
        ids = [entry.id for entry in views.stations(call.space) if entry.as2_id == station]
        if not ids:
            return None
        wanted = replace(wanted, station_id=ids[0])
    return wanted


def _in_new_names(given: Mapping[str, str]) -> Mapping[str, str]:
    renamed = {new: given[old] for new, old in _OLD_NAMES.items() if old in given}
    return {**renamed, **given}
