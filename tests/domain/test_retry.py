"""When a delivery is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.domain.retry import RetryPolicy

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLICY = RetryPolicy()


def schedule(policy: RetryPolicy, *, jitter: float = 0.0) -> list[timedelta]:
    """The waits before each attempt, when every attempt fails at once."""
    waits, now, attempts = [], START, 1
    while due := policy.next_attempt(attempts=attempts, since=START, jitter=jitter, now=now):
        waits.append(due - now)
        now, attempts = due, attempts + 1
    return waits


def test_waits_double_up_to_an_hour_and_end_after_a_day() -> None:
    waits = schedule(POLICY)

    seconds = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048]
    assert [timedelta(seconds=each) for each in seconds] == waits[:11]
    assert {timedelta(hours=1)} == set(waits[11:])
    assert timedelta(hours=23) < sum(waits, timedelta()) <= timedelta(hours=24)
    assert 33 == len(waits)


def test_policy_of_the_partner_decides() -> None:
    policy = RetryPolicy(first=timedelta(minutes=1), longest=timedelta(minutes=3), give_up_after=timedelta(minutes=10))

    assert [timedelta(minutes=each) for each in (1, 2, 3, 3)] == schedule(policy)


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 2.0), (0.5, 1.8), (0.999999, 1.6)])
def test_jitter_takes_up_to_a_fifth_off(jitter: float, seconds: float) -> None:
    due = POLICY.next_attempt(attempts=1, since=START, jitter=jitter, now=START)

    assert due
    assert seconds == pytest.approx((due - START).total_seconds(), abs=1e-5)


def test_time_that_the_attempts_themselves_took_counts() -> None:
    late = START + timedelta(hours=23, minutes=30)

    assert POLICY.next_attempt(attempts=20, since=START, jitter=0.0, now=late) is None
    assert late + timedelta(seconds=2) == POLICY.next_attempt(attempts=1, since=START, jitter=0.0, now=late)


@given(
    attempts=st.integers(1, 10**6),
    jitter=st.floats(0, 1, exclude_max=True),
    passed=st.timedeltas(timedelta(), timedelta(days=3)),
)
def test_next_attempt_is_never_before_now_nor_after_the_end(attempts: int, jitter: float, passed: timedelta) -> None:
    now = START + passed
    due = POLICY.next_attempt(attempts=attempts, since=START, jitter=jitter, now=now)

    if due is None:
        assert passed + timedelta(hours=1) > timedelta(hours=24) or passed + timedelta(seconds=2) > timedelta(hours=24)
    else:
        assert now + timedelta(seconds=1.6) <= due <= START + timedelta(hours=24)


@pytest.mark.parametrize(
    ("asked", "jitter", "seconds"), [(0, 0.5, 1.8), (1, 0, 2), (60, 0, 60), (60, 0.5, 66), (7200, 0.5, 3600)]
)
def test_wait_that_was_asked_for_is_kept_to_and_spread(asked: float, jitter: float, seconds: float) -> None:
    due = POLICY.next_attempt(attempts=1, since=START, jitter=jitter, now=START, asked=timedelta(seconds=asked))

    assert START + timedelta(seconds=seconds) == due
