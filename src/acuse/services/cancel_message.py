"""Cancelling a message that waits: nothing more of it leaves the gateway.

What is under way cannot be called back. A message that waits for its next attempt may have arrived although no answer
came; should its receipt come, it is kept and told as late.
"""

from dataclasses import replace
from uuid import UUID

from acuse.domain.event import EventKind
from acuse.domain.message import TRANSMISSION, Message, Problem, Step
from acuse.errors import NotCancellable
from acuse.ports import MessageView, Ports, Unit
from acuse.services.accept_message import sending_job
from acuse.services.announce import announce

CANCELLED = Problem(code="CANCELLED", message="The message was cancelled before it was sent.")


def cancel_message(ports: Ports, message_id: UUID) -> MessageView:
    """Take a message back. Raises MessageNotFound, NotCancellable, StorageFailed."""
    view = ports.views.message_by_id(message_id)
    now = ports.world.now()

    def decide(unit: Unit) -> Message:
        message = unit.messages.get(message_id)
        if (message.transmission, Step.CANCEL) not in TRANSMISSION:
            raise NotCancellable(id=message.public_id, transmission=message.transmission.value)
        cancelled = message.step(Step.CANCEL, now=now, next_attempt_at=None, problem=CANCELLED)
        unit.messages.save(cancelled)
        unit.jobs.cancel(sending_job(message, view.partner, due_at=now).key)
        announce(unit, ports, EventKind.MESSAGE_FAILED, cancelled, now=now)
        return cancelled

    return replace(view, message=ports.units.run(decide))
