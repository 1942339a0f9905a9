"""The words of the API for every state that there is."""

from itertools import product

import pytest

from acuse.domain.message import ReceiptState, Transmission
from acuse.web.api.status import MDNStatus, Status, mdn_status_of, states_with, status_of

# Rows: transmission; columns: not_requested, pending, positive, negative, invalid, timeout.
STATUS = """
scheduled   queued      queued      queued      queued      queued      queued
queued      queued      queued      queued      queued      queued      queued
processing  processing  processing  processing  processing  processing  processing
retry_wait  processing  processing  processing  processing  processing  processing
transmitted sent        sent        delivered   failed      failed      failed
failed      failed      failed      failed      failed      failed      failed
cancelled   failed      failed      failed      failed      failed      failed
received    received    received    received    received    received    received
"""
MDN_STATUS = """
scheduled   none        pending     received    received    failed      timeout
queued      none        pending     received    received    failed      timeout
processing  none        pending     received    received    failed      timeout
retry_wait  none        pending     received    received    failed      timeout
transmitted none        pending     received    received    failed      timeout
failed      none        pending     received    received    failed      timeout
cancelled   none        pending     received    received    failed      timeout
received    none        pending     received    received    failed      failed
"""
RECEIPTS = (
    ReceiptState.NOT_REQUESTED,
    ReceiptState.PENDING,
    ReceiptState.POSITIVE,
    ReceiptState.NEGATIVE,
    ReceiptState.INVALID,
    ReceiptState.TIMEOUT,
)


def cells(table: str) -> dict[tuple[Transmission, ReceiptState], str]:
    rows = [line.split() for line in table.strip().splitlines()]
    return {
        (Transmission(row[0]), receipt): word for row in rows for receipt, word in zip(RECEIPTS, row[1:], strict=True)
    }


def test_the_tables_are_complete() -> None:
    assert set(product(Transmission, ReceiptState)) == cells(STATUS).keys() == cells(MDN_STATUS).keys()


@pytest.mark.parametrize(("state", "word"), cells(STATUS).items())
def test_status_of_each_state(state: tuple[Transmission, ReceiptState], word: str) -> None:
    assert word == status_of(*state, is_late=False)


@pytest.mark.parametrize(("state", "word"), cells(MDN_STATUS).items())
def test_mdn_status_of_each_state(state: tuple[Transmission, ReceiptState], word: str) -> None:
    assert word == mdn_status_of(*state)


@pytest.mark.parametrize("receipt", ReceiptState)
def test_a_late_receipt_leaves_a_sent_message_failed(receipt: ReceiptState) -> None:
    assert Status.FAILED is status_of(Transmission.TRANSMITTED, receipt, is_late=True)


@pytest.mark.parametrize("status", [None, *Status])
@pytest.mark.parametrize("mdn_status", [None, *MDNStatus])
def test_a_filter_finds_exactly_the_states_that_have_its_words(
    status: Status | None, mdn_status: MDNStatus | None
) -> None:
    found = states_with(status, mdn_status)

    assert len(set(found)) == len(found)
    for transmission, receipt, is_late in product(Transmission, ReceiptState, (False, True)):
        has_words = (status is None or status is status_of(transmission, receipt, is_late=is_late)) and (
            mdn_status is None or mdn_status is mdn_status_of(transmission, receipt)
        )
        assert has_words is ((transmission, receipt, is_late) in found)
