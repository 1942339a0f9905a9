"""One message or several: showing, marking, deleting, trying again.

Rule: what is deleted is hidden from these lists and kept as evidence; nothing that was exchanged is destroyed.
"""

from collections.abc import Mapping, Sequence

from acuse.domain.mark import MarkChange, MessageMark
from acuse.domain.message import Direction
from acuse.errors import InvalidInput, MessageNotFound, NotFound
from acuse.ports import MessageView
from acuse.services.mark_message import mark_messages
from acuse.services.retry_message import retry_message
from acuse.web.asgi import Reply, note
from acuse.web.dialects.mft.calls import Call, Handler
from acuse.web.dialects.mft.errors import NoneDeleted, NothingDeleted, json_reply
from acuse.web.dialects.mft.translate import message_object
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json

MOST_AT_ONCE = 100


def find_message(call: Call, direction: Direction, wire_id: str) -> tuple[MessageView, MessageMark | None]:
    """The message with that Message-ID, unless it was deleted. Raises MessageNotFound."""
    view = call.ports.views.message_named(call.space, direction, wire_id)
    mark = call.ports.views.marks.of([view.message.id]).get(view.message.id)
    if mark is not None and mark.is_deleted:
        raise MessageNotFound
    note(call.scope, message=view.message.public_id)
    return view, mark


def show(direction: Direction) -> Handler:
    """The handler that shows a message. One that came in counts as read from then on, unless `markAsRead=false`."""

    async def show_message(call: Call) -> Reply:
        query = FieldReader(call.query)
        marks_as_read = query.truth("markAsRead") is not False and direction is Direction.INBOUND
        query.finish()

        def work() -> Mapping[str, object]:
            view, mark = find_message(call, direction, call.names[0])
            is_fetched = mark is not None and mark.is_read
            if marks_as_read and not is_fetched:
                mark_messages(call.ports, [view.message.id], MarkChange(is_read=True))
            timeline = call.ports.views.timeline(view.message.id)
            return message_object(view, timeline, is_fetched=is_fetched or marks_as_read)

        return json_reply(200, await call.lanes.run(work))

    return show_message


def mark_one(*, is_read: bool) -> Handler:
    """The handler that marks one message that came in."""

    async def mark(call: Call) -> Reply:
        def work() -> Reply:
            view, _ = find_message(call, Direction.INBOUND, call.names[0])
            mark_messages(call.ports, [view.message.id], MarkChange(is_read=is_read))
            return json_reply(200, {"message": _marked(f"message {view.message.wire_id}", is_read=is_read)})

        return await call.lanes.run(work)

    return mark


def mark_many(*, is_read: bool) -> Handler:
    """The handler that marks those of the messages that are there."""

    async def mark(call: Call) -> Reply:
        body = await read_json(call)

        def work() -> Reply:
            found = _find_several(call, Direction.INBOUND, _ids(parse_object(body)))
            if not found:
                raise NotFound("Unable to find messages")
            mark_messages(call.ports, [view.message.id for view in found], MarkChange(is_read=is_read))
            ids = [view.message.wire_id for view in found]
            told = _marked(f"{len(ids)} message{'s' if len(ids) > 1 else ''}", is_read=is_read)
            return json_reply(200, {"message": told, "messageIdentifiers": ids})

        return await call.lanes.run(work)

    return mark


def delete_one(direction: Direction) -> Handler:
    """The handler that deletes one message."""

    async def delete(call: Call) -> Reply:
        def work() -> Reply:
            try:
                view, _ = find_message(call, direction, call.names[0])
            except MessageNotFound as missing:
                raise NothingDeleted from missing
            mark_messages(call.ports, [view.message.id], MarkChange(is_deleted=True))
            return json_reply(200, {"deleted": view.message.wire_id})

        return await call.lanes.run(work)

    return delete


def delete_many(direction: Direction) -> Handler:
    """The handler that deletes those of the messages that are there."""

    async def delete(call: Call) -> Reply:
        body = await read_json(call)

        def work() -> Reply:
            found = _find_several(call, direction, _ids(parse_object(body)))
            if not found:
                raise NoneDeleted
            mark_messages(call.ports, [view.message.id for view in found], MarkChange(is_deleted=True))
            return json_reply(200, {"deleted": [view.message.wire_id for view in found]})

        return await call.lanes.run(work)

    return delete


async def retry(call: Call) -> Reply:
    """Try a message again that failed, or that waits for its next attempt."""

    def work() -> Reply:
        view, _ = find_message(call, Direction.OUTBOUND, call.names[0])
        retry_message(call.ports, view.message.id, is_forced=False)
        return json_reply(200, {"message": f"Message {view.message.wire_id} queued for retry"})

    return await call.lanes.run(work)


def _marked(what: str, *, is_read: bool) -> str:
    return f"Successfully marked {what} as {'read' if is_read else 'unread'}"


def _ids(given: Mapping[str, object]) -> Sequence[str]:
    """The ids in a body, by the new name or the old one. Raises InvalidInput."""
    name = "messageIdentifiers" if "messageIdentifiers" in given else "as2MessageIds"
    ids = given.get(name)
    if not isinstance(ids, list) or not all(isinstance(entry, str) for entry in ids):
        raise InvalidInput(fields={name: "Must be a list of message identifiers."})
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise InvalidInput(fields={name: f"Must have 1 to {MOST_AT_ONCE} entries."})
    return ids


def _find_several(call: Call, direction: Direction, ids: Sequence[str]) -> Sequence[MessageView]:
    """Those that are there, each once, in the order of the ids."""
    found: dict[str, MessageView] = {}
    for wire_id in ids:
        try:
            view, _ = find_message(call, direction, wire_id)
        except MessageNotFound:
            continue
        found[view.message.wire_id] = view
    return tuple(found.values())
