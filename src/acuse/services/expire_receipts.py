"""Giving up on receipts that did not come in time; should they come later, they are still kept and told."""

from datetime import datetime
from uuid import UUID

from acuse.domain.event import EventKind
from acuse.domain.message import Outcome, Problem, ReceiptState
from acuse.errors import MdnTimeout
from acuse.ports import Ports, Unit
from acuse.services.announce import announce

BATCH = 200


def expire_receipts(ports: Ports) -> int:
    """Settle the messages whose receipt is overdue, at most BATCH of them; tells how many."""
    now = ports.world.now()

    def decide(unit: Unit) -> None:
        for message_id in overdue:
            _expire(unit, ports, message_id, now=now)

    overdue = ports.views.overdue_receipts(now, limit=BATCH)
    if overdue:
        ports.units.run(decide)
    return len(overdue)


def _expire(unit: Unit, ports: Ports, message_id: UUID, *, now: datetime) -> None:
    message = unit.messages.get(message_id)
    if message.receipt is not ReceiptState.PENDING or message.receipt_due_at is None or message.receipt_due_at > now:
        return
    error = MdnTimeout()
    problem = Problem(code=error.code, message=error.message, details={"due_at": message.receipt_due_at.isoformat()})
    if message.problem:
        problem = problem.with_details(unproven_receipt=message.problem.message)
    expired = message.settle(Outcome.EXPIRE, now=now, receipt_due_at=None, problem=problem)
    unit.messages.save(expired)
    announce(unit, ports, EventKind.MESSAGE_FAILED, expired, now=now)
