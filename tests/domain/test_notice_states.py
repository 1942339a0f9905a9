"""The two state machines of a notice: complete, reachable, and ending where they should."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from acuse.domain.message import ImpossibleStep
from acuse.domain.notice import PASSAGE, READING, Act, Delivery, Failure, Notice, Passage, Reading, Recipient, Step

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)


def notice(passage: Passage = Passage.QUEUED, reading: Reading = Reading.UNSEEN) -> Notice:
    return Notice(
        id=UUID(int=1),
        handle=1,
        sending_id=UUID(int=2),
        account_id=UUID(int=3),
        tenant_id=UUID(int=4),
        recipient=Recipient(address="ana@example.net", name="Ana"),
        subject="s",
        delivery=Delivery.DIRECT,
        credits=0,
        passage=passage,
        reading=reading,
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.mark.parametrize("state", list(Passage))
@pytest.mark.parametrize("step", list(Step))
def test_every_step_of_a_passage_is_in_the_table_or_refused(state: Passage, step: Step) -> None:
    if (state, step) in PASSAGE:
        after = notice(passage=state).step(step, now=LATER, attempts=3)
        assert (PASSAGE[state, step], LATER, 3) == (after.passage, after.updated_at, after.attempts)
    else:
        with pytest.raises(ImpossibleStep):
            notice(passage=state).step(step, now=LATER)


@pytest.mark.parametrize("state", list(Reading))
@pytest.mark.parametrize("act", list(Act))
def test_every_act_of_a_reading_is_in_the_table_or_refused(state: Reading, act: Act) -> None:
    if (state, act) in READING:
        after = notice(reading=state).act(act, now=LATER)
        assert (READING[state, act], LATER) == (after.reading, after.updated_at)
    else:
        with pytest.raises(ImpossibleStep):
            notice(reading=state).act(act, now=LATER)


def test_every_state_can_be_reached() -> None:
    passages = {Passage.SCHEDULED, Passage.QUEUED, *PASSAGE.values()}
    assert set(Passage) == passages
    assert set(Reading) == {Reading.UNSEEN, *READING.values()}


@pytest.mark.parametrize("final", [Reading.READ, Reading.REFUSED, Reading.EXPIRED])
def test_what_was_decided_stays_decided(final: Reading) -> None:
    assert {final} == {after for (before, _), after in READING.items() if before is final}


def test_no_machine_signal_undoes_what_a_person_did() -> None:
    persons = {Reading.ACCEPTED, Reading.READ, Reading.REFUSED}
    assert {READING[state, Act.OPEN] for state in persons} == persons


@pytest.mark.parametrize("final", [Passage.FAILED, Passage.CANCELLED])
def test_what_ended_before_it_was_taken_takes_no_further_step(final: Passage) -> None:
    assert [] == [step for (before, step) in PASSAGE if before is final]


def test_credits_go_back_only_where_nothing_was_handed_to_anybody() -> None:
    assert Failure.ADDRESS_INVALID.is_before_sending
    assert not Failure.MAILBOX_UNKNOWN.is_before_sending
    assert not Failure.EXPIRED_IN_QUEUE.is_before_sending


def test_a_notice_is_shown_without_the_secret_of_its_recipient() -> None:
    assert "hush" not in repr(Recipient(address="a@example.net", name="A", secret="hush"))
