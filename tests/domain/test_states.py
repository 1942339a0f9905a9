"""The two state machines of a message: complete, reachable, and drawn as they are."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import pytest

from acuse.as2 import MDNMode
from acuse.domain.message import (
    RECEIPT,
    TRANSMISSION,
    Direction,
    ImpossibleStep,
    Message,
    Outcome,
    ReceiptState,
    Step,
    Transmission,
)
from scripts import draw_states

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)
MESSAGE = Message(
    id=UUID(int=1),
    handle=1,
    account_id=UUID(int=2),
    tenant_id=UUID(int=3),
    station_id=UUID(int=4),
    partner_id=UUID(int=5),
    direction=Direction.OUTBOUND,
    wire_id="<1@acme>",
    subject=None,
    content_type="text/plain",
    size=1,
    is_signed=True,
    is_encrypted=True,
    is_compressed=False,
    mdn=MDNMode.SYNC,
    transmission=Transmission.QUEUED,
    receipt=ReceiptState.PENDING,
    created_at=NOW,
    updated_at=NOW,
)


@pytest.mark.parametrize("state", list(Transmission))
@pytest.mark.parametrize("step", list(Step))
def test_every_step_of_a_transmission_is_in_the_table_or_refused(state: Transmission, step: Step) -> None:
    message = replace(MESSAGE, transmission=state)

    if (state, step) in TRANSMISSION:
        after = message.step(step, now=LATER, attempts=3)
        assert replace(message, transmission=TRANSMISSION[state, step], updated_at=LATER, attempts=3) == after
    else:
        with pytest.raises(ImpossibleStep):
            message.step(step, now=LATER)


@pytest.mark.parametrize("state", list(ReceiptState))
@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_of_a_receipt_is_in_the_table_or_refused(state: ReceiptState, outcome: Outcome) -> None:
    message = replace(MESSAGE, receipt=state)

    if (state, outcome) in RECEIPT:
        after = message.settle(outcome, now=LATER)
        assert replace(message, receipt=RECEIPT[state, outcome], updated_at=LATER) == after
    else:
        with pytest.raises(ImpossibleStep):
            message.settle(outcome, now=LATER)


def reachable(table: Mapping[tuple[S, E], S], *beginnings: S) -> set[S]:
    found = set(beginnings)
    while more := {after for (before, _), after in table.items() if before in found} - found:
        found |= more
    return found


def test_every_state_can_be_reached() -> None:
    assert set(Transmission) == reachable(
        TRANSMISSION, Transmission.SCHEDULED, Transmission.QUEUED, Transmission.RECEIVED
    )
    assert set(ReceiptState) == reachable(RECEIPT, ReceiptState.PENDING, ReceiptState.NOT_REQUESTED)


@pytest.mark.parametrize(
    "final", [Transmission.TRANSMITTED, Transmission.FAILED, Transmission.CANCELLED, Transmission.RECEIVED]
)
def test_final_transmission_is_never_left_but_by_hand(final: Transmission) -> None:
    assert {Step.RETRY} >= {step for state, step in TRANSMISSION if state is final}


def test_what_was_cancelled_or_received_is_not_even_tried_again_by_hand() -> None:
    assert not {(Transmission.CANCELLED, Step.RETRY), (Transmission.RECEIVED, Step.RETRY)} & TRANSMISSION.keys()


@pytest.mark.parametrize("final", [ReceiptState.POSITIVE, ReceiptState.NEGATIVE, ReceiptState.NOT_REQUESTED])
def test_partner_s_last_word_is_never_taken_back(final: ReceiptState) -> None:
    assert not [outcome for state, outcome in RECEIPT if state is final]


def test_what_waits_can_be_started_cancelled_and_given_up() -> None:
    for state in (Transmission.SCHEDULED, Transmission.QUEUED, Transmission.RETRY_WAIT):
        assert Transmission.PROCESSING is TRANSMISSION[state, Step.START]
        assert Transmission.CANCELLED is TRANSMISSION[state, Step.CANCEL]
        assert Transmission.FAILED is TRANSMISSION[state, Step.GIVE_UP]


def test_what_is_under_way_cannot_be_cancelled() -> None:
    assert (Transmission.PROCESSING, Step.CANCEL) not in TRANSMISSION


@pytest.mark.parametrize(
    ("transmission", "receipt", "is_settled"),
    [
        (Transmission.QUEUED, ReceiptState.PENDING, False),
        (Transmission.PROCESSING, ReceiptState.INVALID, False),
        (Transmission.TRANSMITTED, ReceiptState.PENDING, False),
        (Transmission.TRANSMITTED, ReceiptState.NOT_REQUESTED, True),
        (Transmission.TRANSMITTED, ReceiptState.TIMEOUT, True),
        (Transmission.RECEIVED, ReceiptState.PENDING, False),
        (Transmission.RECEIVED, ReceiptState.POSITIVE, True),
        (Transmission.FAILED, ReceiptState.PENDING, True),
        (Transmission.CANCELLED, ReceiptState.PENDING, True),
    ],
)
def test_message_is_settled_when_nothing_more_happens_by_itself(
    transmission: Transmission, receipt: ReceiptState, is_settled: bool
) -> None:
    assert is_settled is replace(MESSAGE, transmission=transmission, receipt=receipt).is_settled


def test_message_cannot_be_changed_in_place() -> None:
    for field in fields(Message):
        with pytest.raises(AttributeError):
            setattr(MESSAGE, field.name, None)


def test_page_with_the_tables_is_current() -> None:
    assert draw_states.draw() == draw_states.PAGE.read_text(encoding="utf-8"), "run scripts/draw_states.py"
