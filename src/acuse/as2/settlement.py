"""Judging a receipt: does it prove that the partner took exactly what was sent?

Rule: four questions, asked apart and in this order: is the receipt the partner's, is it about this message, did the
partner take the message, are the bytes the same. Only four times yes is positive (RFC 4130 section 7.4.3 and 7.6).
"""

from dataclasses import dataclass
from enum import StrEnum

from acuse.as2.exchange import Exchange
from acuse.as2.identifiers import bare_message_id
from acuse.as2.mic import Mic
from acuse.as2.receipt_in import ReadReceipt


class Judgement(StrEnum):
    """What a receipt amounts to."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    """The partner says that it did not take the message."""
    INVALID = "invalid"
    """The receipt proves nothing: unsigned, not the partner's, or for another message or other bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A judgement, with a code for programs and one sentence for people; both empty when nothing is to be said."""

    judgement: Judgement
    code: str = ""
    reason: str = ""


def shows_whose_it_is(exchange: Exchange, receipt: ReadReceipt, *, accept_unsigned: bool = False) -> bool:
    """Whether the receipt is the partner's as far as was agreed: anybody can write one without a signature."""
    return receipt.is_verified or (not receipt.is_signed and (accept_unsigned or not exchange.mdn_signed))


def settle(exchange: Exchange, receipt: ReadReceipt, *, accept_unsigned: bool = False) -> Verdict:
    """Judge what the partner says about the message of this exchange. `accept_unsigned` lets an unsigned receipt count
    where a signed one was asked for; a positive verdict then says so.
    """
    needs_signature = exchange.mdn_signed and not accept_unsigned
    if receipt.is_signed and receipt.signature_problem:
        return _invalid("RECEIPT_UNVERIFIED", f"The receipt's signature does not verify: {receipt.signature_problem}")
    if receipt.original_bare_id not in ("", bare_message_id(exchange.message_id)):
        # The same payload sent twice has the same MIC: a receipt for the one must not prove the other.
        return _invalid("RECEIPT_FOR_ANOTHER", f"The receipt is about {receipt.original_message_id}.")
    if not receipt.disposition.is_positive:
        # Unsigned too: a refusal promises nothing that would need proof, and whoever cannot tell who we are cannot
        # sign.
        reason = f"The partner refused the message: {receipt.disposition}."
        return Verdict(judgement=Judgement.NEGATIVE, code="MDN_NEGATIVE", reason=reason)
    if needs_signature and not receipt.is_signed:
        return _invalid("RECEIPT_UNSIGNED", "The receipt is not signed, although a signed one was agreed.")
    if receipt.mic is None:
        if exchange.mdn_signed and receipt.is_signed:
            return _invalid("MIC_MISSING", "The receipt does not say which bytes the partner received.")
        return _positive(exchange, receipt)
    return _compare(exchange, receipt.mic) or _positive(exchange, receipt)


def _positive(exchange: Exchange, receipt: ReadReceipt) -> Verdict:
    if exchange.mdn_signed and not receipt.is_signed:
        reason = "The receipt is not signed, although a signed one was asked for; the terms accept that."
        return Verdict(judgement=Judgement.POSITIVE, code="RECEIPT_UNSIGNED", reason=reason)
    return Verdict(judgement=Judgement.POSITIVE)


def _compare(exchange: Exchange, mic: Mic) -> Verdict | None:
    """What is wrong with the MIC; None when it is that of the message."""
    sent = exchange.mics.get(mic.digest) if mic.digest else None
    if sent is None:
        return _invalid(
            "MIC_UNVERIFIABLE", f"The receipt uses {mic.algorithm or 'no named algorithm'}, which was not agreed."
        )
    if sent != mic.value:
        return _invalid("MIC_MISMATCH", f"The partner received other bytes: we sent {sent}, it got {mic.value}.")
    return None


def _invalid(code: str, reason: str) -> Verdict:
    return Verdict(judgement=Judgement.INVALID, code=code, reason=reason)
