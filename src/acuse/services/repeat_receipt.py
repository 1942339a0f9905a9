"""A partner repeats a message that was taken: it may never have got our receipt, or cannot read it.

Nobody but the operator can help in the second case, so there is an event once it looks like one.
"""

from dataclasses import replace
from datetime import timedelta

from acuse.domain.event import EventKind
from acuse.domain.message import Message
from acuse.domain.partner import Partner
from acuse.ports import Job, JobKind, MessageView, Ports, Unit
from acuse.services.announce import announce

TOLERATED_REPEATS = 5
"""A lost answer explains one or two of them."""
RECEIPT_DELAY = timedelta(milliseconds=300)
"""The answer to the message has to reach the partner before its receipt does: some products wait for nothing
until then.
"""


def repeat_receipt(ports: Ports, known: MessageView) -> None:
    """Note that the partner sent the message again, and have an asynchronous receipt posted once more.

    Repeats that come in quick succession share one delivery.
    """
    is_posted = known.receipt is not None and known.receipt.reply_url is not None

    def decide(unit: Unit) -> None:
        message = unit.messages.get(known.message.id)
        message = replace(message, repeats=message.repeats + 1)
        unit.messages.save(message)
        if message.repeats == TOLERATED_REPEATS:
            announce(unit, ports, EventKind.MESSAGE_REPEATED, message, now=ports.world.now())
        if is_posted:
            unit.jobs.submit(receipt_job(message, known.partner, name="repeat", ports=ports))

    ports.units.run(decide)


def receipt_job(message: Message, partner: Partner, *, name: str, ports: Ports) -> Job:
    """The job that posts a message's receipt."""
    return Job(
        kind=JobKind.DELIVER_RECEIPT,
        subject_id=message.id,
        key=f"receipt:{message.id}:{name}",
        lane=message.lane,
        lane_width=partner.terms.http.concurrency,
        due_at=ports.world.now() + RECEIPT_DELAY,
        priority=message.priority,
    )
