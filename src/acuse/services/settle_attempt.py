"""Settling an attempt: what the partner's answer, or its silence, makes of the message.

Rule: what was transmitted is never sent again by itself, however bad the receipt is: the partner has it already, and
the same bytes would only fail the same way. What may not have arrived is sent again, byte for byte, until the policy
gives up.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from acuse import as2
from acuse.as2 import MDNMode
from acuse.domain.event import EventKind
from acuse.domain.message import Message, Outcome, Problem, ReceiptState, Step, Transmission
from acuse.domain.moments import written
from acuse.domain.timeline import TimelineStep
from acuse.errors import PartnerUnreachable
from acuse.mime import Headers, Literal
from acuse.ports import HTTPReply, Ports, Unit
from acuse.services.accept_message import sending_job
from acuse.services.announce import announce
from acuse.services.begin_attempt import Attempt
from acuse.services.choose_certificates import expired_among
from acuse.services.judge_certificates import read_judged_receipt
from acuse.services.read_refusal import read_refusal
from acuse.services.record_receipt import (
    KeptReceipt,
    differs,
    has_receipt_problem,
    keep_receipt,
    record_receipt,
    with_advice,
)
from acuse.services.tell_timeline import attempt_step


def settle_attempt(ports: Ports, attempt: Attempt, outcome: HTTPReply | PartnerUnreachable) -> tuple[str, ...]:
    """Write what came of the attempt, and what follows from it, in one unit.

    Returns the certificates that verified the receipt although they had expired, for the log.
    """
    now = ports.world.now()
    step = _step(attempt, outcome, now=now)
    if isinstance(outcome, PartnerUnreachable):
        details = {**outcome.details, **_where(attempt, now)}
        problem = Problem(code=outcome.code, message=outcome.message, details=details)
        _not_transmitted(ports, attempt, problem, step, is_final=outcome.is_final, now=now)
    elif 200 <= outcome.status < 300:
        return _transmitted(ports, attempt, outcome, now=now)
    else:
        refusal = read_refusal(outcome, now=now)
        details = {**_where(attempt, now), **refusal.details}
        problem = Problem(code="PARTNER_REFUSED", message=refusal.message, details=details)
        is_final = not refusal.may_pass
        _not_transmitted(ports, attempt, problem, step, is_final=is_final, asked=refusal.retry_after, now=now)
    return ()


def _step(attempt: Attempt, outcome: HTTPReply | PartnerUnreachable, *, now: datetime) -> TimelineStep:
    began = attempt.message.last_attempt_at or now
    return attempt_step(outcome, size=attempt.body.size, began=began, at=now)


def _where(attempt: Attempt, now: datetime) -> Mapping[str, object]:
    partner = attempt.relation.partner
    return {
        "partner_id": f"prt_{partner.handle:06d}",
        "endpoint_url": partner.url,
        "timeout_seconds": int(partner.terms.timeout.total_seconds()),
        "last_attempt": written(now),
    }


def _not_transmitted(
    ports: Ports,
    attempt: Attempt,
    problem: Problem,
    step: TimelineStep,
    *,
    is_final: bool,
    asked: timedelta = timedelta(0),
    now: datetime,
) -> None:
    policy, jitter = attempt.relation.partner.terms.retry, ports.world.jitter()

    def decide(unit: Unit) -> None:
        message = _still_ours(unit, attempt)
        if message is None:
            return
        since = message.first_attempt_at or now
        unit.messages.tell(message.id, [step])
        due_at = policy.next_attempt(attempts=message.attempts, since=since, jitter=jitter, now=now, asked=asked)
        if is_final or due_at is None:
            failed = message.step(Step.GIVE_UP, now=now, attempt_token=None, problem=problem)
            unit.messages.save(failed)
            announce(unit, ports, EventKind.MESSAGE_FAILED, failed, now=now)
            return
        waiting = message.step(Step.POSTPONE, now=now, attempt_token=None, problem=problem, next_attempt_at=due_at)
        unit.messages.save(waiting)
        unit.jobs.submit(sending_job(waiting, attempt.relation.partner, due_at=due_at))

    ports.units.run(decide)


def _transmitted(ports: Ports, attempt: Attempt, reply: HTTPReply, *, now: datetime) -> tuple[str, ...]:
    receipt, problem = None, None
    if attempt.message.mdn is MDNMode.SYNC:
        receipt, problem = _read_receipt(ports, attempt, reply, now=now)

    def decide(unit: Unit) -> bool:
        message = _still_ours(unit, attempt)
        if message is None:
            return False
        unit.messages.tell(message.id, [_step(attempt, reply, now=now)])
        is_waiting = message.mdn is MDNMode.ASYNC and message.receipt is ReceiptState.PENDING
        sent = message.step(
            Step.TRANSMIT,
            now=now,
            attempt_token=None,
            problem=message.problem if has_receipt_problem(message) else None,
            sent_at=now,
            receipt_due_at=now + attempt.relation.partner.terms.receipt_within if is_waiting else None,
        )
        announce(unit, ports, EventKind.MESSAGE_SENT, sent, now=now)
        if receipt:
            sent = record_receipt(unit, ports, sent, receipt, is_posted=False, now=now)
        elif problem:
            sent = sent.settle(Outcome.INVALID, now=now, problem=problem)
            announce(unit, ports, EventKind.MESSAGE_FAILED, sent, now=now)
        unit.messages.save(sent)
        return True

    is_recorded = False
    try:
        is_recorded = ports.units.run(decide)
    finally:
        if receipt and not is_recorded:
            ports.blobs.discard(receipt.blob)
    return expired_among([receipt.signer if receipt else None], now=now)


def _read_receipt(
    ports: Ports, attempt: Attempt, reply: HTTPReply, *, now: datetime
) -> tuple[KeptReceipt | None, Problem | None]:
    """The synchronous receipt. An answer that is none is kept in the problem: it is all there is to find out why."""
    try:
        judged = read_judged_receipt(attempt.relation, Headers(reply.headers), Literal(reply.body), now=now)
    except as2.ReceiptUnreadable as error:
        excerpt = reply.body[:500].decode("utf-8", "replace")
        details = {**_where(attempt, now), "status": reply.status, "error_details": excerpt}
        return None, Problem(code=error.code, message=error.message, details=details)
    receipt = keep_receipt(ports, judged, reply.headers, Literal(reply.body), began=now)
    return with_advice(ports, attempt.message, receipt) if differs(attempt.message, receipt) else receipt, None


def _still_ours(unit: Unit, attempt: Attempt) -> Message | None:
    """The message, unless another attempt took over or an asynchronous receipt settled it meanwhile."""
    message = unit.messages.get(attempt.message.id)
    is_fenced = message.attempt_token != attempt.message.attempt_token
    return None if is_fenced or message.transmission is not Transmission.PROCESSING else message
