"""The simulated partner of test mode: it opens what was sent to it and writes a real receipt, or fails as it was told.

Rule: no result is made up. The message is opened by the code that opens messages, with the simulated partner's key; the
receipt is written and signed by the code that writes receipts, and goes the way of any other. What a behaviour changes
is one input of that code, or, as a network does, the answer on its way back.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from acuse import as2
from acuse.as2 import Arrival, Disposition, Envelope, Mic, WrittenReceipt
from acuse.domain.message import Message
from acuse.domain.simulation import LATE_AFTER, NEGATIVE, RECEIPT_AFTER, SLOW_AFTER, Behaviour
from acuse.errors import MessageNotFound, PartnerUnreachable
from acuse.mime import Headers, Source
from acuse.ports import HTTPReply, Job, JobKind, Ports, Relation, Stage
from acuse.services.begin_attempt import Attempt
from acuse.services.deliver_receipt import ReceiptDelivery
from acuse.services.give_receipt import give_receipt
from acuse.services.judge_certificates import read_judged_receipt
from acuse.services.open_message import open_message
from acuse.services.receive_message import receive
from acuse.services.relate import relation_for, seen_by_partner

REPORTING_UA = "acuse simulated partner"
_PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedAnswer:
    """What comes back, and how long that takes."""

    outcome: HTTPReply | PartnerUnreachable
    after: timedelta = timedelta(0)


def answer_as_partner(ports: Ports, attempt: Attempt) -> SimulatedAnswer:
    """Take the message of an attempt in test mode. An asynchronous receipt becomes a job of its own."""
    message, behaviour = attempt.message, attempt.message.simulate or Behaviour.POSITIVE
    failed = _failure(attempt, behaviour)
    if failed is not None:
        return failed
    after = SLOW_AFTER if behaviour is Behaviour.SLOW else timedelta(0)
    envelope = as2.open_envelope(Headers(tuple(attempt.headers)))
    if envelope.receipt_request is not None and envelope.receipt_request.url:
        if behaviour is not Behaviour.NO_RECEIPT:
            job = _receipt_job(ports, message, behaviour, after=after)
            ports.units.run(lambda unit: unit.jobs.submit(job))
        return SimulatedAnswer(outcome=HTTPReply(status=200, headers=(), body=b""), after=after)
    receipt = _write_receipt(ports, attempt.relation, envelope, attempt.body, behaviour)
    headers, body = (receipt.headers, receipt.body) if receipt else ((), b"")
    return SimulatedAnswer(outcome=HTTPReply(status=200, headers=headers, body=body), after=after)


def post_simulated_receipt(ports: Ports, message_id: UUID) -> bool:
    """Have the simulated partner post its asynchronous receipt to us. False: the message is gone."""
    try:
        message = ports.views.message_by_id(message_id).message
    except MessageNotFound:
        return False
    assert message.wire is not None
    relation, body = relation_for(ports, message), ports.blobs.source(message.wire.blob_id)
    envelope = as2.open_envelope(Headers(message.wire.headers))
    receipt = _write_receipt(ports, relation, envelope, body, message.simulate or Behaviour.POSITIVE)
    assert receipt is not None
    stage = ports.blobs.stage()
    stage.write(receipt.body)
    receive(ports, receipt.headers, stage, simulated=relation)
    return True


def take_receipt_as_partner(ports: Ports, delivery: ReceiptDelivery) -> HTTPReply:
    """Take our asynchronous receipt for what the simulated partner sent."""
    theirs, headers = seen_by_partner(delivery.relation), Headers(delivery.receipt.wire.headers)
    try:
        judged = read_judged_receipt(theirs, headers, delivery.body, now=ports.world.now())
    except as2.ReceiptUnreadable as error:
        return HTTPReply(status=400, headers=_PLAIN, body=error.message.encode())
    if judged.read.is_signed and not judged.read.is_verified:
        return HTTPReply(status=400, headers=_PLAIN, body=str(judged.read.signature_problem).encode())
    return HTTPReply(status=200, headers=(), body=b"")


def _failure(attempt: Attempt, behaviour: Behaviour) -> SimulatedAnswer | None:
    """What happens instead of an answer, or before anybody has looked at the message."""
    url, timeout = attempt.relation.partner.url, attempt.relation.partner.terms.timeout
    match behaviour:
        case Behaviour.CONNECTION_REFUSED:
            return SimulatedAnswer(outcome=PartnerUnreachable(endpoint_url=url, error_details="connection refused"))
        case Behaviour.TIMEOUT:
            told = f"The partner did not answer within {timeout.total_seconds():g} seconds."
            return SimulatedAnswer(
                outcome=PartnerUnreachable(told, endpoint_url=url, error_details="timeout"), after=timeout
            )
        case Behaviour.TRUNCATED_ANSWER:
            told = "The partner's answer ended before its last byte."
            return SimulatedAnswer(
                outcome=PartnerUnreachable(told, endpoint_url=url, error_details="the answer ended early")
            )
        case Behaviour.HTTP_403 | Behaviour.HTTP_500:
            return _refusal(int(behaviour.value.removeprefix("http-")))
        case Behaviour.HTTP_503_ONCE if attempt.message.attempts == 1:
            return _refusal(503)
        case _:
            return None


def _refusal(status: int) -> SimulatedAnswer:
    body = f"The simulated partner was told to answer {status}.\n".encode()
    return SimulatedAnswer(outcome=HTTPReply(status=status, headers=_PLAIN, body=body))


def _receipt_job(ports: Ports, message: Message, behaviour: Behaviour, *, after: timedelta) -> Job:
    wait = LATE_AFTER if behaviour is Behaviour.LATE_RECEIPT else RECEIPT_AFTER
    return Job(
        kind=JobKind.SIMULATE_RECEIPT,
        subject_id=message.id,
        key=f"simulate:{message.id}",
        lane=message.lane,
        due_at=ports.world.now() + after + wait,
    )


def _write_receipt(
    ports: Ports, relation: Relation, envelope: Envelope, body: Source, behaviour: Behaviour
) -> WrittenReceipt | None:
    """The receipt, or None where none was asked for or none is to come."""
    if envelope.receipt_request is None or behaviour is Behaviour.NO_RECEIPT:
        return None
    theirs, stages = seen_by_partner(relation), list[Stage]()

    def stage() -> Stage:
        stages.append(ports.blobs.stage())
        return stages[-1]

    try:
        arrival = open_message(ports, theirs, envelope, body, stage).arrival
    finally:
        for each in stages:
            each.discard()
    disposition, reason, mic = _verdict(arrival, behaviour)
    writer = replace(theirs, station_certificates=()) if behaviour is Behaviour.UNSIGNED_RECEIPT else theirs
    written = give_receipt(
        replace(ports, reporting_ua=REPORTING_UA),
        envelope,
        writer,
        disposition=disposition,
        reason=reason,
        mic=mic,
        digest=arrival.signature.digest if arrival.signature else None,
    )
    if behaviour is Behaviour.BAD_SIGNATURE:
        return replace(written, body=_changed(written.body))
    return written


def _verdict(arrival: Arrival[Stage], behaviour: Behaviour) -> tuple[Disposition, str, Mic | None]:
    if behaviour in NEGATIVE:
        refusal = Disposition(modifier="error", detail=behaviour.value)
        return refusal, "The simulated partner was told to refuse this message.", None
    mic = arrival.mic
    if behaviour is Behaviour.MIC_MISMATCH and mic is not None and mic.digest is not None:
        mic = Mic.of(hashlib.new(mic.digest.value, b"other bytes than those that were sent").digest(), mic.digest)
    return arrival.disposition, arrival.reason, mic


def _changed(receipt: bytes) -> bytes:
    """The receipt as somebody on the way changed it: its signature covers other bytes."""
    return receipt.replace(REPORTING_UA.encode(), REPORTING_UA.upper().encode(), 1)
