"""Trying a message again by hand: the stored bytes under the same Message-ID, as soon as the engine can.

Rule: what the partner has is not sent again, unless somebody insists. Insisting is for a receipt that was lost: a
partner that knows the Message-ID answers with the receipt that it gave before. What the partner has confirmed or
refused is final: to have those files processed once more takes a new message (`resend_message`).
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from acuse.domain.event import EventKind
from acuse.domain.message import RECEIPT, Direction, Message, Outcome, ReceiptState, Step, Transmission
from acuse.errors import NotRetryable, PartnerInactive
from acuse.ports import MessageView, Ports, Unit
from acuse.services.accept_message import sending_job
from acuse.services.announce import announce

_ANSWERED = (ReceiptState.POSITIVE, ReceiptState.NEGATIVE)
_TRIED = (Transmission.RETRY_WAIT, Transmission.FAILED, Transmission.TRANSMITTED)


def retry_message(ports: Ports, message_id: UUID, *, is_forced: bool) -> MessageView:
    """Have the next attempt made now. `is_forced` lets it happen to a message that was transmitted.

    Raises MessageNotFound, NotRetryable, PartnerInactive, StorageFailed.
    """
    view = ports.views.message_by_id(message_id)
    if not view.partner.active:
        raise PartnerInactive(partner_id=f"prt_{view.partner.handle:06d}")
    now = ports.world.now()

    def decide(unit: Unit) -> Message:
        message = unit.messages.get(message_id)
        _check(message, is_forced=is_forced)
        if message.transmission is Transmission.RETRY_WAIT:
            again = _sooner(message, now)
        else:
            again = _anew(message, now)
            announce(unit, ports, EventKind.MESSAGE_QUEUED, again, now=now)
        if again is not message:
            unit.messages.save(again)
            job = sending_job(again, view.partner, due_at=now)
            unit.jobs.cancel(job.key)
            unit.jobs.submit(job)
        return again

    return replace(view, message=ports.units.run(decide))


def _check(message: Message, *, is_forced: bool) -> None:
    facts = {"id": message.public_id, "transmission": message.transmission.value}
    if message.direction is Direction.INBOUND:
        raise NotRetryable("The message came from the partner. Only what was sent can be tried again.", **facts)
    if message.receipt in _ANSWERED:
        raise NotRetryable("The partner has answered this message. Send it again as a new one instead.", **facts)
    if message.transmission not in _TRIED:
        raise NotRetryable(**facts)
    if message.transmission is Transmission.TRANSMITTED and not is_forced:
        raise NotRetryable("The partner has taken this message. Insist with force, or send it as a new one.", **facts)


def _sooner(message: Message, now: datetime) -> Message:
    """The next attempt now instead of later. One that is due is being started already."""
    if message.next_attempt_at is not None and message.next_attempt_at <= now:
        return message
    return message.step(Step.RETRY, now=now, next_attempt_at=now)


def _anew(message: Message, now: datetime) -> Message:
    """Back to the queue: the time until it is given up begins anew, and its receipt may come."""
    again = message.step(Step.RETRY, now=now, problem=None, first_attempt_at=None, receipt_due_at=None)
    if (again.receipt, Outcome.ASK_AGAIN) in RECEIPT:
        again = again.settle(Outcome.ASK_AGAIN, now=now, receipt_is_late=False)
    return again
