"""How many calls an account may make, and how many failures an address.

Everything lies in the memory of this process and costs a call a few microseconds, or nothing where its plan has no
limit. An account has one bucket for all of its keys: another key is not another plan.

Rule: what is remembered is bounded. The bucket that was used longest ago is forgotten first: it is the fullest.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final

from acuse.domain.plan import Plan
from acuse.domain.rate import Rate, Taken
from acuse.errors import RateLimited

MOST_BUCKETS = 10_000
FAILURES: Final = Rate(per_minute=60, burst=100)
"""Calls without a good key, from one address."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000


class Buckets:
    """One bucket for each of those who ask."""

    def __init__(self, *, most: int = MOST_BUCKETS) -> None:
        self._most = most
        self._marks: OrderedDict[Hashable, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._marks)

    def take(self, who: Hashable, rate: Rate, *, now: int) -> Taken:
        """Take a token of theirs."""
        bucket = who, rate  # a mark means nothing to another rate
        taken = rate.take(self._marks.get(bucket, 0), now=now)
        self._marks[bucket] = taken.mark
        self._marks.move_to_end(bucket)
        if len(self._marks) > self._most:
            self._marks.popitem(last=False)
        return taken


class Limiter:
    """The limits of all accounts. For one event loop."""

    def __init__(self) -> None:
        self._buckets = Buckets()
        self._failures = Buckets()
        self._running: dict[Hashable, int] = {}

    def count(self, who: Hashable, plan: Plan, told: list[tuple[str, str]], *, now: datetime) -> None:
        """Count a call, and add to `told` the header fields that its answer is to have. Raises RateLimited."""
        if plan.rate is None:
            return
        moment = _micros(now)
        rate = Rate(per_minute=plan.rate, burst=plan.burst or plan.rate)
        taken = self._buckets.take(who, rate, now=moment)
        told += [
            ("X-RateLimit-Limit", str(plan.rate)),
            ("X-RateLimit-Remaining", str(taken.remaining)),
            ("X-RateLimit-Reset", str(-(-taken.full_at // _SECOND))),
        ]
        if not taken.is_allowed:
            raise RateLimited(retry_after=-(-taken.wait // _SECOND), limit=plan.rate)

    @contextmanager
    def running(self, who: Hashable, plan: Plan) -> Iterator[None]:
        """The block counts as a call that is under way. Raises RateLimited when the plan allows no more of them."""
        if plan.concurrency is None:
            yield
            return
        running = self._running.get(who, 0)
        if running >= plan.concurrency:
            raise RateLimited(
                "Too many calls are under way at once. Wait for one of them to end.",
                retry_after=1,
                limit=plan.concurrency,
            )
        self._running[who] = running + 1
        try:
            yield
        finally:
            self._running[who] -= 1
            if not self._running[who]:
                del self._running[who]

    def note_failure(self, address: str | None, *, now: datetime) -> None:
        """A call from this address had no good key. Raises RateLimited when that happens too often."""
        taken = self._failures.take(_household(address), FAILURES, now=_micros(now))
        if not taken.is_allowed:
            raise RateLimited(
                "Too many calls with a bad key came from this address. Check the key.",
                retry_after=-(-taken.wait // _SECOND),
            )


def _household(address: str | None) -> str:
    """Who stands behind an address: of IPv6 the first 64 bits, because the rest is free to choose."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or found.exploded[:19])
    return str(found)


def _micros(now: datetime) -> int:
    return (now - _EPOCH) // _MICROSECOND
