"""The rule against calls in a loop: who repeats itself, fails or says nothing too often is not heard for a while.

It lies in the memory of this process.
Rule: what is remembered is bounded; what was seen longest ago is forgotten first.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable
from datetime import datetime, timedelta

from acuse.errors import RateLimited

WINDOW = timedelta(minutes=1)
BLOCK = timedelta(minutes=1)
MOST_REMEMBERED = 10_000


class AbuseGuard:
    """Counts like calls. For one event loop."""

    def __init__(self, *, limit: int, most: int = MOST_REMEMBERED) -> None:
        """More than `limit` like calls within a minute block whoever makes them; 0: nobody is blocked."""
        self._limit = limit
        self._most = most
        self._seen: OrderedDict[Hashable, deque[datetime]] = OrderedDict()
        self._blocked: OrderedDict[Hashable, datetime] = OrderedDict()

    def check(self, who: Hashable, *, now: datetime) -> None:
        """Raises RateLimited while `who` is blocked."""
        until = self._blocked.get(who)
        if until is None:
            return
        if until <= now:
            del self._blocked[who]
            return
        raise RateLimited(retry_after=max(1, -(-(until - now) // timedelta(seconds=1))))

    def count(self, who: Hashable, what: Hashable, *, now: datetime) -> None:
        """Note that `who` did `what`. Raises RateLimited when that makes it too much, and blocks `who`."""
        if not self._limit:
            return
        seen = self._seen.setdefault((who, what), deque(maxlen=self._limit + 1))
        self._seen.move_to_end((who, what))
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        seen.append(now)
        while seen[0] <= now - WINDOW:
            seen.popleft()
        if len(seen) > self._limit:
            self._blocked[who] = now + BLOCK
            if len(self._blocked) > self._most:
                self._blocked.popitem(last=False)
            self.check(who, now=now)
