"""`GET /v1/messages`: pages, filters, and a cursor that does not become slower on its way down.

Some clients know the filters by other names; each is read under all of them. What is given under two names has to be
the same under both, so that no filter is silently left out.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from acuse.domain.message import Direction
from acuse.ports import ListPosition, MessageFilter, MessageView, Page
from acuse.web.api.calls import Call, json_reply, pagination
from acuse.web.api.objects import message_object
from acuse.web.api.read import find_partner
from acuse.web.api.selection import only, read_fields
from acuse.web.api.status import MDNStatus, Status, states_with
from acuse.web.asgi import Reply
from acuse.web.shared.fields import FieldReader

MOST_SKIPPED = 10_000
"""Rows that a page may lie below the newest: the database walks over each of them."""

ALIASES: Mapping[str, str] = {
    "partnerId": "partner_id",
    "created_after": "from_date",
    "dateFrom": "from_date",
    "created_before": "to_date",
    "dateTo": "to_date",
    "contentType": "content_type",
    "hasErrors": "has_errors",
    "mdnStatus": "mdn_status",
    "limit": "per_page",
    "perPage": "per_page",
}
"""Other names of parameters."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def list_messages(call: Call) -> Reply:
    """A part of the messages, newest first."""
    query = _by_one_name(call.query)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    page = query.whole("page", default=1, least=1, most=MOST_SKIPPED)
    offset = query.whole("offset", default=(page - 1) * per_page, least=0, most=MOST_SKIPPED)
    if offset + per_page > MOST_SKIPPED:
        query.refuse("page", f"Only the newest {MOST_SKIPPED} messages have pages; go on with next_cursor as `cursor`.")
    behind = _position(query)
    partner, wanted = query.text("partner_id"), _filter(query)
    chosen_fields = read_fields(query)
    query.finish()

    def work() -> Mapping[str, object]:
        chosen = wanted if partner is None else replace(wanted, partner_id=find_partner(call, partner).id)
        skipped = 0 if behind is not None else offset
        # One more than is shown tells whether there is more.
        found = call.ports.views.messages(call.caller.space, chosen, limit=per_page + 1, offset=skipped, behind=behind)
        rows = found.rows[:per_page]
        objects = (message_object(view, detail=False) for view in rows)
        place = {} if behind is None else {"current_page": None}
        return {
            "data": only(chosen_fields, objects),
            "pagination": {
                **pagination(page=skipped // per_page + 1, per_page=per_page, total=found.total),
                **place,
                **_what_follows(found, rows, per_page),
            },
        }

    return json_reply(200, await call.lanes.run(work))


def _what_follows(found: Page, rows: tuple[MessageView, ...], per_page: int) -> Mapping[str, object]:
    has_more = len(found.rows) > per_page
    return {
        "has_more": has_more,
        "total_is_exact": found.is_exact,
        "next_cursor": _cursor(rows[-1]) if has_more else None,
    }


def _by_one_name(given: Mapping[str, str]) -> FieldReader:
    """The query under the names of the document."""
    named: dict[str, object] = {}
    problems: dict[str, str] = {}
    for name, value in given.items():
        own = ALIASES.get(name, name)
        if named.setdefault(own, value) != value:
            problems[own] = f"Is given twice, as {name} too, with another value."
    return FieldReader(named, problems=problems)


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


def _cursor(view: MessageView) -> str:
    message = view.message
    place = f"{(message.created_at - _EPOCH) // timedelta(microseconds=1)}.{message.handle}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _position(query: FieldReader) -> ListPosition | None:
    text = query.text("cursor", longest=64)
    if text is None:
        return None
    try:
        micros, _, handle = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(".")
        return ListPosition(created_at=_EPOCH + timedelta(microseconds=int(micros)), handle=int(handle))
    except (ValueError, OverflowError, binascii.Error):
        query.refuse("cursor", "Must be the next_cursor of a list.")
        return None
