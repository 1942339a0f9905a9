"""Sending an asynchronous receipt again because the partner repeated its message: it may never have got it."""

from datetime import timedelta

from acuse.domain.message import Message
from acuse.domain.partner import Partner
from acuse.ports import Job, JobKind, Ports

RECEIPT_DELAY = timedelta(milliseconds=300)
"""The answer to the message has to reach the partner before its receipt does: some products wait for nothing
until then.
"""


def repeat_receipt(ports: Ports, message: Message, partner: Partner) -> None:
    """Have the stored receipt posted once more. Repeats that come in quick succession share one delivery."""
    job = receipt_job(message, partner, name="repeat", ports=ports)
    ports.units.run(lambda unit: unit.jobs.submit(job))


def receipt_job(message: Message, partner: Partner, *, name: str, ports: Ports) -> Job:
    """The job that posts a message's receipt."""
    return Job(
        kind=JobKind.DELIVER_RECEIPT,
        subject_id=message.id,
        key=f"receipt:{message.id}:{name}",
        lane=f"partner:{message.partner_id}",
        lane_width=partner.terms.http.concurrency,
        due_at=ports.world.now() + RECEIPT_DELAY,
        priority=message.priority,
    )
