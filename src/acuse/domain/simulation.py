"""Test mode: how the simulated partner can be told to behave, and the terms under which it shows within seconds.

Rule: test mode changes keys and spans, never the way of a message. What builds, judges and retries it is what builds,
judges and retries a live one.
"""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from acuse.domain.partner import Terms
from acuse.domain.retry import RetryPolicy

SIMULATED_TIMEOUT = timedelta(seconds=2)
SIMULATED_RETRY = RetryPolicy(
    first=timedelta(seconds=1), longest=timedelta(seconds=2), give_up_after=timedelta(seconds=5)
)
SIMULATED_RECEIPT_WITHIN = timedelta(seconds=4)
RECEIPT_AFTER = timedelta(seconds=0.5)
"""When the simulated partner posts an asynchronous receipt, counted from its answer."""
LATE_AFTER = SIMULATED_RECEIPT_WITHIN + timedelta(seconds=3)
"""The same for one that comes late: after the gateway has given it up."""
SLOW_AFTER = timedelta(seconds=1.5)
"""How long the slow partner takes: less than the time-out."""


class Behaviour(StrEnum):
    """What the simulated partner does with a message that is sent to it."""

    POSITIVE = "positive"
    """What a good partner does: it opens the message and answers as it finds it."""
    AUTHENTICATION_FAILED = "authentication-failed"
    DECOMPRESSION_FAILED = "decompression-failed"
    DECRYPTION_FAILED = "decryption-failed"
    INSUFFICIENT_MESSAGE_SECURITY = "insufficient-message-security"
    INTEGRITY_CHECK_FAILED = "integrity-check-failed"
    UNEXPECTED_PROCESSING_ERROR = "unexpected-processing-error"
    UNKNOWN_TRADING_PARTNER = "unknown-trading-partner"
    MIC_MISMATCH = "mic-mismatch"
    BAD_SIGNATURE = "bad-signature"
    UNSIGNED_RECEIPT = "unsigned-receipt"
    NO_RECEIPT = "no-receipt"
    LATE_RECEIPT = "late-receipt"
    SLOW = "slow"
    TIMEOUT = "timeout"
    CONNECTION_REFUSED = "connection-refused"
    TRUNCATED_ANSWER = "truncated-answer"
    HTTP_403 = "http-403"
    HTTP_500 = "http-500"
    HTTP_503_ONCE = "http-503-once"


NEGATIVE = frozenset(
    {
        Behaviour.AUTHENTICATION_FAILED,
        Behaviour.DECOMPRESSION_FAILED,
        Behaviour.DECRYPTION_FAILED,
        Behaviour.INSUFFICIENT_MESSAGE_SECURITY,
        Behaviour.INTEGRITY_CHECK_FAILED,
        Behaviour.UNEXPECTED_PROCESSING_ERROR,
        Behaviour.UNKNOWN_TRADING_PARTNER,
    }
)
"""Those whose receipt is negative, with the behaviour's name as what it says (RFC 4130 section 7.5)."""


class IncomingBehaviour(StrEnum):
    """How the simulated partner makes a message that it sends to a station."""

    AS_AGREED = "as-agreed"
    UNKNOWN_SIGNER = "unknown-signer"
    WRONG_RECIPIENT = "wrong-recipient"
    UNSIGNED = "unsigned"
    UNENCRYPTED = "unencrypted"
    REPEATED = "repeated"


def simulated_terms(terms: Terms) -> Terms:
    """A partner's terms as they hold in test mode: with short spans, and the machine's usual way to post."""
    return replace(terms, timeout=SIMULATED_TIMEOUT, receipt_within=SIMULATED_RECEIPT_WITHIN, retry=SIMULATED_RETRY)
