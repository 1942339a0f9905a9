"""What follows from receipts that did not come in time: by choice of the partner's terms the message is sent again some
times, byte for byte, because a receiver that knows the Message-ID gives the receipt again (RFC 4130 section 5.5). Then
it is given up; should the receipt come later, it is still kept and told.
"""

from datetime import datetime
from uuid import UUID

from acuse.domain.event import EventKind
from acuse.domain.message import Message, Outcome, Problem, ReceiptState, Step, Transmission
from acuse.domain.moments import written
from acuse.domain.partner import Partner
from acuse.errors import MdnTimeout
from acuse.ports import Ports, Unit
from acuse.services.accept_message import sending_job
from acuse.services.announce import announce

BATCH = 200


def expire_receipts(ports: Ports) -> int:
    """Settle the messages whose receipt is overdue, or send them again, at most BATCH of them; tells how many."""
    now = ports.world.now()

    def decide(unit: Unit) -> None:
        for message_id, partner in overdue:
            _act(unit, ports, message_id, partner, now=now)

    found = ports.views.overdue_receipts(now, limit=BATCH)
    overdue = [(message_id, ports.views.message_by_id(message_id).partner) for message_id in found]
    if overdue:
        ports.units.run(decide)
    return len(overdue)


def _act(unit: Unit, ports: Ports, message_id: UUID, partner: Partner, *, now: datetime) -> None:
    message = unit.messages.get(message_id)
    if message.receipt is not ReceiptState.PENDING or message.receipt_due_at is None or message.receipt_due_at > now:
        return
    may_ask = partner.active and message.asked_again < partner.terms.ask_again
    if may_ask and message.transmission is Transmission.TRANSMITTED:
        _ask_again(unit, ports, message, partner, now=now)
    else:
        _expire(unit, ports, message, message.receipt_due_at, now=now)


def _ask_again(unit: Unit, ports: Ports, message: Message, partner: Partner, *, now: datetime) -> None:
    times = message.asked_again + 1
    again = message.step(Step.RETRY, now=now, first_attempt_at=None, receipt_due_at=None, asked_again=times)
    unit.messages.save(again)
    unit.jobs.submit(sending_job(again, partner, due_at=now))
    announce(unit, ports, EventKind.MESSAGE_QUEUED, again, now=now)


def _expire(unit: Unit, ports: Ports, message: Message, due_at: datetime, *, now: datetime) -> None:
    error = MdnTimeout()
    problem = Problem(code=error.code, message=error.message, details={"due_at": written(due_at)})
    if message.problem:
        problem = problem.with_details(unproven_receipt=message.problem.message)
    expired = message.settle(Outcome.EXPIRE, now=now, receipt_due_at=None, problem=problem)
    unit.messages.save(expired)
    announce(unit, ports, EventKind.MESSAGE_FAILED, expired, now=now)
