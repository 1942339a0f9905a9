"""Writing down a receipt of a message of ours, and what it changes.

Rule: the tables of `domain.message` say what a receipt changes. Whoever knows a Message-ID can post a receipt for it:
one that does not show whom it is from therefore settles nothing, unless it is the answer to our own request. The
message then goes on waiting for a genuine one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from acuse import as2
from acuse.as2 import Judgement
from acuse.cms import AnyDigest, fingerprint
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
from acuse.mime import Source, copy
from acuse.ports import Blob, Ports, Relation, Unit
from acuse.services.announce import announce
from acuse.services.explain_message import advice_on_mic
from acuse.services.judge_certificates import JudgedReceipt, note_first_use
from acuse.services.recompute_mic import recompute_mic

UNPROVEN = "RECEIPT_UNPROVEN"
"""The code of the problem of a message for which only a receipt came that may be anybody's."""
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

    @property
    def signer_fingerprint(self) -> str | None:
        """Of the certificate that signed, also where an authority vouches for it and we do not hold it."""
        if self.signer is None and self.read.signer is not None:
            return fingerprint(self.read.signer)
        return fingerprint_of(self.signer)


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
    return _verdict(message.exchange, receipt).code in ("MIC_MISMATCH", "MIC_UNVERIFIABLE")


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


def has_receipt_problem(message: Message) -> bool:
    """Whether what is wrong with the message is a receipt of it, and not its transmission."""
    is_unproven = message.problem is not None and message.problem.code == UNPROVEN
    return is_unproven or message.receipt is ReceiptState.INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a receipt says, and what that does to its message; None where it changes nothing."""

    verdict: as2.Verdict
    outcome: Outcome | None
    is_unproven: bool


def effect_of(message: Message, receipt: KeptReceipt, *, is_posted: bool) -> Effect:
    assert message.exchange is not None
    verdict = _verdict(message.exchange, receipt)
    is_proven = as2.shows_whose_it_is(message.exchange, receipt.read, accept_unsigned=_accepts_unsigned(receipt))
    outcome = _OUTCOMES[verdict.judgement]
    after = RECEIPT.get((message.receipt, outcome), message.receipt)
    is_unproven = is_posted and not is_proven
    is_idle = is_unproven or after is message.receipt
    return Effect(verdict=verdict, outcome=None if is_idle else outcome, is_unproven=is_unproven)


def _verdict(exchange: as2.Exchange, receipt: KeptReceipt) -> as2.Verdict:
    return as2.settle(exchange.knowing(receipt.mics), receipt.read, accept_unsigned=_accepts_unsigned(receipt))


def _accepts_unsigned(receipt: KeptReceipt) -> bool:
    return receipt.relation.partner.terms.accept_unsigned_receipts


def record_receipt(
    unit: Unit, ports: Ports, message: Message, receipt: KeptReceipt, *, is_posted: bool, now: datetime
) -> Message:
    """Write the receipt and tell what it changes; the caller saves the message that is returned.

    `is_posted`: it came by a connection that somebody else opened, not in the answer to our request.
    """
    if message.exchange is None:
        raise ValueError("a message that was never built has no receipt")
    unit.blobs.add(receipt.blob)
    row = _row(ports, message, receipt, now=now)
    unit.messages.add_receipt(row)
    if receipt.read.is_verified:
        note_first_use(unit, ports, receipt.relation, [receipt.signer], now=now)
    message = replace(message, form=receipt.read.form or message.form)
    effect = effect_of(message, receipt, is_posted=is_posted)
    unit.messages.tell(message.id, [_step(receipt, effect, now=now)])
    if effect.outcome is not None:
        return _settled(unit, ports, message, receipt, row, effect.outcome, effect.verdict, now=now)
    if effect.is_unproven and message.receipt is ReceiptState.PENDING and message.problem is None:
        return _doubted(unit, ports, message, receipt, row, effect.verdict, now=now)
    return message


def _doubted(
    unit: Unit,
    ports: Ports,
    message: Message,
    receipt: KeptReceipt,
    row: Receipt,
    verdict: as2.Verdict,
    *,
    now: datetime,
) -> Message:
    """The message, waiting as before, with the first receipt that may be anybody's told once."""
    reason = f"A receipt was posted that does not show whom it is from, so it does not count. {verdict.reason}"
    details = {"disposition": str(receipt.read.disposition), "text": receipt.read.text}
    doubted = replace(message, problem=Problem(code=UNPROVEN, message=reason, details=details), updated_at=now)
    announce(unit, ports, EventKind.MESSAGE_RECEIPT_UNPROVEN, doubted, now=now, receipt_id=row.id)
    return doubted


def _settled(
    unit: Unit,
    ports: Ports,
    message: Message,
    receipt: KeptReceipt,
    row: Receipt,
    outcome: Outcome,
    verdict: as2.Verdict,
    *,
    now: datetime,
) -> Message:
    is_late = message.receipt is not ReceiptState.PENDING or message.transmission in _FINAL
    used = replace(message.certificates, receipt_signer=receipt.signer_fingerprint)
    before, after = message, message.settle(outcome, now=now, receipt_due_at=None, certificates=used)
    if (message.transmission, Step.TRANSMIT) in TRANSMISSION and outcome is not Outcome.INVALID:
        # It came before the answer to our request, or instead of it: the partner has the message all the same.
        after = after.step(Step.TRANSMIT, now=now, attempt_token=None, problem=None, sent_at=now, next_attempt_at=None)
        announce(unit, ports, EventKind.MESSAGE_SENT, replace(after, receipt=before.receipt), now=now)
    if is_late:
        after = replace(after, receipt_is_late=True)
        announce(unit, ports, EventKind.MESSAGE_RECEIPT_LATE, after, now=now, receipt_id=row.id)
    elif outcome is Outcome.POSITIVE:
        after = replace(after, delivered_at=now, problem=None)
        announce(unit, ports, EventKind.MESSAGE_DELIVERED, after, now=now, receipt_id=row.id)
    else:
        details = {"disposition": str(receipt.read.disposition), "text": receipt.read.text}
        if receipt.advice:
            details["advice"] = receipt.advice
        after = replace(after, problem=Problem(code=verdict.code, message=verdict.reason, details=details))
        announce(unit, ports, EventKind.MESSAGE_FAILED, after, now=now, receipt_id=row.id)
    return after


def _step(receipt: KeptReceipt, effect: Effect, *, now: datetime) -> TimelineStep:
    verdict = effect.verdict
    judgement = "unproven" if effect.is_unproven else verdict.judgement.value
    return TimelineStep.took(
        receipt.took,
        at=now + receipt.took,
        name=StepName.RECEIPT,
        size=receipt.blob.size,
        algorithm=receipt.read.mic.algorithm if receipt.read.mic else None,
        certificate=receipt.signer_fingerprint,
        outcome=f"{judgement}: {verdict.code}" if verdict.code else judgement,
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
