"""Calls in a loop: how many are heard, for how long nobody listens then, and what is remembered of it."""

from datetime import UTC, datetime, timedelta

import pytest

from acuse.errors import RateLimited
from acuse.web.dialects.mensatek.abuse import AbuseGuard

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_more_like_calls_than_allowed_in_a_minute_block_their_caller_for_a_minute() -> None:
    guard = AbuseGuard(limit=30)
    for second in range(30):
        guard.count("a", "report 7", now=START + timedelta(seconds=second))
    late = START + timedelta(seconds=30)
    with pytest.raises(RateLimited) as caught:
        guard.count("a", "report 7", now=late)

    assert 60 == caught.value.details["retry_after"]
    guard.check("b", now=late)
    with pytest.raises(RateLimited):
        guard.check("a", now=late + timedelta(seconds=59))
    guard.check("a", now=late + timedelta(seconds=60))


def test_calls_that_are_not_alike_or_far_apart_are_heard() -> None:
    guard = AbuseGuard(limit=3)
    for number in range(20):
        guard.count("a", number, now=START)
        guard.count("a", "slow", now=START + timedelta(seconds=21 * number))


def test_what_is_remembered_is_bounded() -> None:
    guard = AbuseGuard(limit=1, most=10)
    for number in range(100):
        guard.count(number, "x", now=START)
        with pytest.raises(RateLimited):
            guard.count(number, "x", now=START)

    guard.check(0, now=START)
    with pytest.raises(RateLimited):
        guard.check(99, now=START)


def test_without_a_limit_nobody_is_blocked() -> None:
    guard = AbuseGuard(limit=0)
    for _ in range(100):
        guard.count("a", "x", now=START)
    guard.check("a", now=START)
