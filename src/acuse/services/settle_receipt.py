"""Settling a receipt: the partner's word about a message, which it posts by a connection of its own.

A receipt may come before the answer to our request, after the deadline, or twice.

Rule: it is kept; but of those that change nothing, no more than KEPT_RECEIPTS for a message.
"""

from dataclasses import dataclass

from acuse.as2 import ReadReceipt
from acuse.domain.message import Direction, Message
from acuse.mime import Headers, Source
from acuse.ports import Ports, Relation, Unit
from acuse.services.choose_certificates import expired_among
from acuse.services.judge_certificates import read_judged_receipt
from acuse.services.record_receipt import differs, effect_of, keep_receipt, record_receipt, with_advice

KEPT_RECEIPTS = 20
"""Of one message; further ones that change nothing are forgotten."""


@dataclass(frozen=True, slots=True)
class AdviceNeeded:
    """Nothing was written yet: first somebody has to find out what the partner hashed, which takes time."""

    message: Message


@dataclass(frozen=True, slots=True)
class SurplusReceipt:
    """Nothing was written: enough receipts of the message are kept, and this one changes nothing."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledReceipt:
    """What became of a receipt that the partner posted."""

    message: Message | None
    """None: it speaks of no message that we sent in this relation."""
    read: ReadReceipt
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

    def decide(unit: Unit) -> Message | AdviceNeeded | SurplusReceipt | None:
        message = unit.messages.find_outbound(
            station_id=relation.station.id, partner_id=relation.partner.id, wire_id=judged.read.original_bare_id
        )
        if message is None or message.exchange is None:
            return None
        if differs(message, receipt):
            return AdviceNeeded(message)
        effect = effect_of(message, receipt, is_posted=True)
        if effect.outcome is None and unit.messages.count_receipts(message.id, Direction.INBOUND) >= KEPT_RECEIPTS:
            return SurplusReceipt(message)
        settled = record_receipt(unit, ports, message, receipt, is_posted=True, now=now)
        unit.messages.save(settled)
        return settled

    outcome = None
    try:
        outcome = ports.units.run(decide)
        if isinstance(outcome, AdviceNeeded):
            receipt = with_advice(ports, outcome.message, receipt)
            outcome = ports.units.run(decide)
    finally:
        if not isinstance(outcome, Message):
            ports.blobs.discard(receipt.blob)
    message = outcome if outcome is None or isinstance(outcome, Message) else outcome.message
    return SettledReceipt(message=message, read=judged.read, expired=expired_among([judged.signer], now=now))
