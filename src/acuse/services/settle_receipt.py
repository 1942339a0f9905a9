"""Settling a receipt: the partner's word about a message, kept raw and judged once.

A receipt may come in the answer, by a connection of its own, before that answer, after the deadline, or twice. It is
always kept; the tables of `domain.message` say what it changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from acuse import as2
from acuse.as2 import Judgement
from acuse.cms import AnyDigest
from acuse.domain.event import EventKind
from acuse.domain.keyring import Certificate, fingerprint_of
from acuse.domain.message import (
    RECEIPT,
    TRANSMISSION,
    Direction,
    Message,
    Outcome,
    Problem,
    Receipt,
    ReceiptState,
    Step,
    Transmission,
    Wire,
)
from acuse.domain.timeline import StepName, TimelineStep
from acuse.mime import Headers, Source, copy
from acuse.ports import Blob, Ports, Relation, Unit
from acuse.services.announce import announce
from acuse.services.choose_certificates import expired_among
from acuse.services.explain_message import advice_on_mic
from acuse.services.judge_certificates import JudgedReceipt, note_first_use, read_judged_receipt
from acuse.services.recompute_mic import recompute_mic

_OUTCOMES = {
    Judgement.POSITIVE: Outcome.POSITIVE,
    Judgement.NEGATIVE: Outcome.NEGATIVE,
    Judgement.INVALID: Outcome.INVALID,
}


_FINAL = (Transmission.FAILED, Transmission.CANCELLED)
"""A receipt does not take these back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReceipt:
    """A receipt that was read and whose bytes are kept."""

    read: as2.ReadReceipt
    relation: Relation
    signer: Certificate | None
    headers: tuple[tuple[str, str], ...]
    blob: Blob
    took: timedelta = timedelta()
    """How long it took to read it."""
    mics: Mapping[AnyDigest, str] = field(default_factory=dict)
    """The MIC of the message under the digest of the receipt, where it had to be computed once more."""
    advice: str | None = None
    """What to do about a MIC that differs; None where nobody has looked for it."""


@dataclass(frozen=True, slots=True)
class AdviceNeeded:
    """Nothing was written yet: first somebody has to find out what the partner hashed, which takes time."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledReceipt:
    """What became of a receipt that the partner posted."""

    message: Message | None
    """None: it speaks of no message that we sent in this relation."""
    expired: tuple[str, ...] = ()
    """Certificates that served although they had expired, for the log."""


def settle_receipt(
    ports: Ports, relation: Relation, headers: tuple[tuple[str, str], ...], body: Source
) -> SettledReceipt:
    """Take a receipt that the partner posted.

    Raises as2.ReceiptUnreadable, and StorageFailed when it could not be kept.
    """
    now = ports.world.now()
    judged = read_judged_receipt(relation, Headers(headers), body, now=now)
    receipt = keep_receipt(ports, judged, headers, body, began=now)

    def decide(unit: Unit) -> Message | AdviceNeeded | None:
        message = unit.messages.find_outbound(
            station_id=relation.station.id, partner_id=relation.partner.id, wire_id=judged.read.original_bare_id
        )
        if message is None or message.exchange is None:
            return None
        if differs(message, receipt):
            return AdviceNeeded(message)
        settled = record_receipt(unit, ports, message, receipt, now=now)
        unit.messages.save(settled)
        return settled

    settled = None
    try:
        outcome = ports.units.run(decide)
        if isinstance(outcome, AdviceNeeded):
            receipt = with_advice(ports, outcome.message, receipt)
            outcome = ports.units.run(decide)
        settled = outcome if isinstance(outcome, Message) else None
    finally:
        if settled is None:
            ports.blobs.discard(receipt.blob)
    return SettledReceipt(message=settled, expired=expired_among([judged.signer], now=now))


def keep_receipt(
    ports: Ports, judged: JudgedReceipt, headers: Sequence[tuple[str, str]], body: Source, *, began: datetime
) -> KeptReceipt:
    """Keep the bytes of a receipt exactly as they came; reading it began at that time."""
    stage = ports.blobs.stage()
    copy(body.open(), stage.write)
    return KeptReceipt(
        read=judged.read,
        relation=judged.relation,
        signer=judged.signer,
        headers=tuple(headers),
        blob=stage.keep(),
        took=ports.world.now() - began,
    )


def differs(message: Message, receipt: KeptReceipt) -> bool:
    """Whether the MIC is another one than that of the message, and nobody has looked for the reason yet."""
    if message.exchange is None or receipt.advice is not None:
        return False
    return as2.settle(message.exchange.knowing(receipt.mics), receipt.read).code in ("MIC_MISMATCH", "MIC_UNVERIFIABLE")


def with_advice(ports: Ports, message: Message, receipt: KeptReceipt) -> KeptReceipt:
    """The receipt with the MIC under its digest, else with what the partner hashed. This reads the files once more: not
    to be done inside a unit.
    """
    mic = receipt.read.mic
    assert mic is not None
    receipt = replace(receipt, mics=recompute_mic(ports, message, mic))
    if not differs(message, receipt):
        return receipt
    return replace(receipt, advice=advice_on_mic(ports, message, mic))


def record_receipt(unit: Unit, ports: Ports, message: Message, receipt: KeptReceipt, *, now: datetime) -> Message:
    """Write the receipt and tell what it changes; the caller saves the message that is returned."""
    if message.exchange is None:
        raise ValueError("a message that was never built has no receipt")
    exchange = message.exchange.knowing(receipt.mics)
    unit.blobs.add(receipt.blob)
    row = _row(ports, message, receipt, now=now)
    unit.messages.add_receipt(row)
    if receipt.read.is_verified:
        note_first_use(unit, ports, receipt.relation, [receipt.signer], now=now)
    message = replace(message, form=receipt.read.form or message.form)
    verdict = as2.settle(exchange, receipt.read)
    unit.messages.tell(message.id, [_step(receipt, verdict, now=now)])
    outcome = _OUTCOMES[verdict.judgement]
    if (message.receipt, outcome) not in RECEIPT:
        return message
    is_late = message.receipt is not ReceiptState.PENDING or message.transmission in _FINAL
    used = replace(message.certificates, receipt_signer=fingerprint_of(receipt.signer))
    before, after = message, message.settle(outcome, now=now, receipt_due_at=None, certificates=used)
    if (message.transmission, Step.TRANSMIT) in TRANSMISSION and outcome is not Outcome.INVALID:
        # It came before the answer to our request, or instead of it: the partner has the message all the same.
        after = after.step(Step.TRANSMIT, now=now, attempt_token=None, problem=None, sent_at=now, next_attempt_at=None)
        announce(unit, ports, EventKind.MESSAGE_SENT, replace(after, receipt=before.receipt), now=now)
    if after.receipt is before.receipt:
        return after
    if is_late:
        after = replace(after, receipt_is_late=True)
        announce(unit, ports, EventKind.MESSAGE_RECEIPT_LATE, after, now=now, receipt_id=row.id)
    elif outcome is Outcome.POSITIVE:
        after = replace(after, delivered_at=now)
        announce(unit, ports, EventKind.MESSAGE_DELIVERED, after, now=now, receipt_id=row.id)
    else:
        details = {"disposition": str(receipt.read.disposition), "text": receipt.read.text}
        if receipt.advice:
            details["advice"] = receipt.advice
        after = replace(after, problem=Problem(code=verdict.code, message=verdict.reason, details=details))
        announce(unit, ports, EventKind.MESSAGE_FAILED, after, now=now, receipt_id=row.id)
    return after


def _step(receipt: KeptReceipt, verdict: as2.Verdict, *, now: datetime) -> TimelineStep:
    return TimelineStep.took(
        receipt.took,
        at=now + receipt.took,
        name=StepName.RECEIPT,
        size=receipt.blob.size,
        algorithm=receipt.read.mic.algorithm if receipt.read.mic else None,
        certificate=fingerprint_of(receipt.signer),
        outcome=f"{verdict.judgement}: {verdict.code}" if verdict.code else verdict.judgement,
    )


def _row(ports: Ports, message: Message, receipt: KeptReceipt, *, now: datetime) -> Receipt:
    read = receipt.read
    return Receipt(
        id=ports.world.new_id(),
        message_id=message.id,
        direction=Direction.INBOUND,
        wire=Wire(headers=receipt.headers, blob_id=receipt.blob.id),
        disposition=str(read.disposition),
        received_content_mic=str(read.mic) if read.mic else None,
        original_message_id=read.original_message_id or None,
        reporting_ua=read.reporting_ua,
        final_recipient=read.final_recipient,
        text=read.text,
        is_signed=read.is_signed,
        is_verified=read.is_verified,
        reply_url=None,
        created_at=now,
    )
