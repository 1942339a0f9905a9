"""A world whose clock stands still and whose ids repeat from run to run.

Rule: nothing happens by itself. Time passes when a test says so, and no two ids or tokens are the same.
"""

import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_RANDOM_BITS = 62


class FixedWorld:
    """`ports.World` for tests. Safe from any thread."""

    def __init__(self, present: datetime = _NOON, *, seed: int = 0, jitter: float = 0.0) -> None:
        """Two worlds with different seeds never give the same id or token."""
        self.present = present
        self._jitter = jitter
        self._seed = seed
        self._numbers = itertools.count(1)

    def now(self) -> datetime:
        return self.present

    def advance(self, duration: timedelta) -> datetime:
        """Let time pass; the new present."""
        self.present += duration
        return self.present

    def new_id(self) -> UUID:
        """RFC 9562 section 5.7, with a number where the random bits would be."""
        milliseconds = int(self.present.timestamp() * 1000)
        number = self._seed << 40 | next(self._numbers)
        return UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << _RANDOM_BITS | number)

    def new_token(self) -> str:
        return f"TOKEN{self._seed:05d}{next(self._numbers):014d}"

    def jitter(self) -> float:
        return self._jitter
