"""Telling an event later: the message as it was at that moment."""

from dataclasses import replace

from acuse.ports import EventView, Ports, Published


def recall_event(ports: Ports, published: Published) -> EventView:
    """The event with its message, whose changing parts are put back to what they were. Raises MessageNotFound."""
    event = published.event
    view = ports.views.message_by_id(event.message_id)
    receipt = None if event.state.receipt_id is None else ports.views.receipt(event.state.receipt_id)
    then = replace(view, message=event.state.put_back(view.message), receipt=receipt)
    return EventView(position=published.position, event=event, message=then)
