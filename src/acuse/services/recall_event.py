"""Telling an event later: its subject as it was at that moment."""

from dataclasses import replace

from acuse.domain.event import MessageState, NoticeState, PartnerState
from acuse.ports import EventView, Ports, Published


def recall_event(ports: Ports, published: Published) -> EventView:
    """The event with its subject. What of it changes is put back to what it was; a certificate stands for itself.

    Raises MessageNotFound, NoticeNotFound, PartnerNotFound and CertificateNotFound.
    """
    event = published.event
    if isinstance(event.state, NoticeState):
        seen = ports.views.notices.notice_by_id(event.subject_id)
        seen = replace(seen, notice=event.state.put_back(seen.notice))
        return EventView(position=published.position, event=event, subject=seen)
    if isinstance(event.state, PartnerState):
        known = ports.views.partner_view(event.subject_id)
        was = replace(known, partner=event.state.put_back(known.partner))
        return EventView(position=published.position, event=event, subject=was)
    if not isinstance(event.state, MessageState):
        held = ports.views.certificate_by_id(event.subject_id)
        return EventView(position=published.position, event=event, subject=held)
    view = ports.views.message_by_id(event.subject_id)
    receipt = None if event.state.receipt_id is None else ports.views.receipt(event.state.receipt_id)
    then = replace(view, message=event.state.put_back(view.message), receipt=receipt)
    return EventView(position=published.position, event=event, subject=then)
