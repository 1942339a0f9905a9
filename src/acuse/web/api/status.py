"""The words `status` and `mdn_status`: each a function of how far the bytes got and what became of the receipt.

Rule: the words are never stored. A filter that asks for a word asks for every state that has it, by the same functions,
so that a list can never disagree with the messages in it.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product

from acuse.domain.message import ReceiptState, Transmission

State = tuple[Transmission, ReceiptState, bool]
"""Transmission, receipt, and whether the receipt came after its time."""


class Status(StrEnum):
    """How a message stands. `sent` waits for its receipt, if there is one to come."""

    QUEUED = "queued"
    PROCESSING = "processing"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    RECEIVED = "received"


class MDNStatus(StrEnum):
    """How its receipt stands. `received` says that there is one, not that it is positive."""

    NONE = "none"
    PENDING = "pending"
    RECEIVED = "received"
    FAILED = "failed"
    TIMEOUT = "timeout"


_BY_TRANSMISSION: Mapping[Transmission, Status] = {
    Transmission.SCHEDULED: Status.QUEUED,
    Transmission.QUEUED: Status.QUEUED,
    Transmission.PROCESSING: Status.PROCESSING,
    Transmission.RETRY_WAIT: Status.PROCESSING,
    Transmission.FAILED: Status.FAILED,
    Transmission.CANCELLED: Status.FAILED,
    Transmission.RECEIVED: Status.RECEIVED,
}
_TRANSMITTED: Mapping[ReceiptState, Status] = {
    ReceiptState.NOT_REQUESTED: Status.SENT,
    ReceiptState.PENDING: Status.SENT,
    ReceiptState.POSITIVE: Status.DELIVERED,
    ReceiptState.NEGATIVE: Status.FAILED,
    ReceiptState.INVALID: Status.FAILED,
    ReceiptState.TIMEOUT: Status.FAILED,
}
_BY_RECEIPT: Mapping[ReceiptState, MDNStatus] = {
    ReceiptState.NOT_REQUESTED: MDNStatus.NONE,
    ReceiptState.PENDING: MDNStatus.PENDING,
    ReceiptState.POSITIVE: MDNStatus.RECEIVED,
    ReceiptState.NEGATIVE: MDNStatus.RECEIVED,
    ReceiptState.INVALID: MDNStatus.FAILED,
    ReceiptState.TIMEOUT: MDNStatus.TIMEOUT,
}


def status_of(transmission: Transmission, receipt: ReceiptState, *, is_late: bool) -> Status:
    """The word for a message. `failed` is final: a receipt that came too late does not take it back."""
    if transmission is not Transmission.TRANSMITTED:
        return _BY_TRANSMISSION[transmission]
    return Status.FAILED if is_late else _TRANSMITTED[receipt]


def mdn_status_of(transmission: Transmission, receipt: ReceiptState) -> MDNStatus:
    """The word for its receipt. For a received message that is ours, which can be given up but not run out of time."""
    if transmission is Transmission.RECEIVED and receipt is ReceiptState.TIMEOUT:
        return MDNStatus.FAILED
    return _BY_RECEIPT[receipt]


def states_with(status: Status | None, mdn_status: MDNStatus | None) -> tuple[State, ...]:
    """Every state that has these words; None stands for any word."""
    return tuple(
        (transmission, receipt, is_late)
        for transmission, receipt, is_late in product(Transmission, ReceiptState, (False, True))
        if status in (None, status_of(transmission, receipt, is_late=is_late))
        and mdn_status in (None, mdn_status_of(transmission, receipt))
    )
