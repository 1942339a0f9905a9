"""Buckets of tokens, with a clock that is set by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.domain.rate import Rate

SECOND = 1_000_000
MINUTE = 60 * SECOND
NOON = 1_795_176_000 * SECOND


def test_a_burst_is_allowed_and_then_one_token_at_a_time() -> None:
    rate, mark = Rate(per_minute=60, burst=3), 0

    seen = []
    for _ in range(4):
        taken = rate.take(mark, now=NOON)
        mark = taken.mark
        seen.append((taken.is_allowed, taken.remaining, taken.wait))
    assert [(True, 2, 0), (True, 1, 0), (True, 0, SECOND), (False, 0, SECOND)] == seen
    assert NOON + 3 * SECOND == taken.full_at

    assert not rate.take(mark, now=NOON + SECOND - 1).is_allowed
    later = rate.take(mark, now=NOON + SECOND)
    assert (True, 0, NOON + 4 * SECOND) == (later.is_allowed, later.remaining, later.full_at)


def test_a_bucket_fills_no_further_than_its_burst() -> None:
    rate, mark = Rate(per_minute=100, burst=20), 0
    for now in (NOON, NOON + 1000 * MINUTE):
        allowed = 0
        while (taken := rate.take(mark, now=now)).is_allowed:
            mark, allowed = taken.mark, allowed + 1
        assert 20 == allowed


@pytest.mark.parametrize("per_minute", [1, 7, 100, 999])
def test_a_whole_minute_may_come_at_once_at_any_rate(per_minute: int) -> None:
    rate, mark = Rate(per_minute=per_minute, burst=per_minute), 0
    for left in range(per_minute, 0, -1):
        taken = rate.take(mark, now=NOON)
        mark = taken.mark
        assert (True, left - 1) == (taken.is_allowed, taken.remaining)

    assert NOON + MINUTE == taken.full_at
    assert not rate.take(mark, now=NOON).is_allowed


def test_a_refused_attempt_takes_nothing() -> None:
    rate = Rate(per_minute=1, burst=1)
    first = rate.take(0, now=NOON)

    for now in range(NOON, NOON + MINUTE, SECOND):
        refused = rate.take(first.mark, now=now)
        assert (False, first.full_at, NOON + MINUTE - now) == (refused.is_allowed, refused.full_at, refused.wait)
    assert rate.take(first.mark, now=NOON + MINUTE).is_allowed


@pytest.mark.parametrize("clock", [-3600 * SECOND, -1])
def test_a_clock_that_is_set_back_locks_nobody_out_for_longer_than_that(clock: int) -> None:
    rate = Rate(per_minute=60, burst=2)
    taken = rate.take(0, now=NOON)

    again = rate.take(taken.mark, now=NOON + clock)

    assert again.is_allowed or again.wait <= SECOND - clock


@given(
    st.integers(1, 5000),
    st.integers(1, 50),
    st.lists(st.integers(0, 3 * SECOND), min_size=1, max_size=200),
)
def test_never_more_than_the_rate_and_never_much_less(per_minute: int, burst: int, pauses: list[int]) -> None:
    rate, now, mark, allowed = Rate(per_minute=per_minute, burst=burst), NOON, 0, 0
    for pause in pauses:
        now += pause
        taken = rate.take(mark, now=now)
        mark, allowed = taken.mark, allowed + taken.is_allowed
        if not taken.is_allowed:
            assert not rate.take(mark, now=now + taken.wait - 1).is_allowed
            assert rate.take(mark, now=now + taken.wait).is_allowed

    earned = (now - NOON) * per_minute // MINUTE
    assert min(burst, len(pauses)) <= allowed <= burst + earned
