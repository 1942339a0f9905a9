"""Delivering our asynchronous receipt: the stored bytes, posted until the partner takes them (RFC 4130 section 7.3)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from acuse.domain.message import RECEIPT, Direction, Message, Outcome, Problem, Receipt, Transmission
from acuse.errors import MessageNotFound, PartnerUnreachable
from acuse.mime import Source
from acuse.ports import HTTPReply, Ports, Relation, Unit
from acuse.services.read_refusal import read_refusal
from acuse.services.relate import relation_for
from acuse.services.repeat_receipt import receipt_job
from acuse.services.tell_timeline import attempt_step

FEW_TRIES = 5
"""How often a receipt is posted to a partner that refuses it for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDelivery:
    """What has to be posted now."""

    message: Message
    receipt: Receipt
    relation: Relation
    url: str
    body: Source
    began: datetime
    """When this attempt began."""


def begin_receipt_delivery(ports: Ports, message_id: UUID) -> ReceiptDelivery | None:
    """The receipt of this inbound message, or None if there is nothing to post."""
    try:
        view = ports.views.message_by_id(message_id)
    except MessageNotFound:
        return None
    receipt = view.receipt
    if receipt is None or receipt.reply_url is None or receipt.direction is not Direction.OUTBOUND:
        return None
    relation = relation_for(ports, view.message)
    body = ports.blobs.source(receipt.wire.blob_id)
    return ReceiptDelivery(
        message=view.message,
        receipt=receipt,
        relation=relation,
        url=receipt.reply_url,
        body=body,
        began=ports.world.now(),
    )


def settle_receipt_delivery(ports: Ports, delivery: ReceiptDelivery, outcome: HTTPReply | PartnerUnreachable) -> None:
    """Any 2xx means that the partner has it. What may pass is tried for as long as the policy says; any other refusal
    may still be a proxy's or a restart's, so it is tried a few times.
    """
    now, jitter = ports.world.now(), ports.world.jitter()
    policy = delivery.relation.partner.terms.retry
    step = attempt_step(outcome, size=delivery.body.size, began=delivery.began, at=now)
    refusal = read_refusal(outcome, now=now) if isinstance(outcome, HTTPReply) else None
    may_pass = refusal.may_pass if refusal else isinstance(outcome, PartnerUnreachable) and not outcome.is_final
    asked = refusal.retry_after if refusal else timedelta(0)

    def decide(unit: Unit) -> None:
        message = unit.messages.get(delivery.message.id)
        unit.messages.tell(message.id, [step])
        attempts, since = message.attempts + 1, message.first_attempt_at or now
        message = replace(message, attempts=attempts, first_attempt_at=since, last_attempt_at=now, updated_at=now)
        if isinstance(outcome, HTTPReply) and 200 <= outcome.status < 300:
            is_accepted = message.transmission is Transmission.RECEIVED
            result = Outcome.POSITIVE if is_accepted else Outcome.NEGATIVE
            if (message.receipt, result) in RECEIPT:
                problem = None if is_accepted else message.problem
                message = message.settle(result, now=now, next_attempt_at=None, problem=problem)
            unit.messages.save(message)
            return
        due_at = policy.next_attempt(attempts=attempts, since=since, jitter=jitter, now=now, asked=asked)
        if not may_pass and attempts >= FEW_TRIES:
            due_at = None
        if due_at is not None:
            job = receipt_job(message, delivery.relation.partner, name=str(attempts), ports=ports)
            unit.jobs.submit(replace(job, due_at=due_at))
        elif (message.receipt, Outcome.EXPIRE) in RECEIPT:
            message = message.settle(
                Outcome.EXPIRE, now=now, problem=message.problem or _problem(delivery, outcome, now=now)
            )
        unit.messages.save(replace(message, next_attempt_at=due_at))

    ports.units.run(decide)


def _problem(delivery: ReceiptDelivery, outcome: HTTPReply | PartnerUnreachable, *, now: datetime) -> Problem:
    if isinstance(outcome, PartnerUnreachable):
        return Problem(code=outcome.code, message=outcome.message, details=outcome.details)
    refusal = read_refusal(outcome, now=now)
    return Problem(
        code="RECEIPT_NOT_DELIVERED",
        message=f"Our receipt was not taken. {refusal.message}",
        details={"endpoint_url": delivery.url, **refusal.details},
    )
