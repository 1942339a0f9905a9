"""When a delivery is tried again, and when it is given up.

Rule: the schedule is a pure function of the policy, the number of attempts and one random number that the caller draws.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Waits that double from `first` up to `longest`, until `give_up_after` has passed since the first attempt."""

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(hours=1)
    give_up_after: timedelta = timedelta(hours=24)
    retry_limit: int | None = None
    """How many attempts follow the first one at most; None leaves that to the time."""

    @property
    def most_retries(self) -> int:
        """How many attempts there can be after the first one, when each fails at once and nothing shortens a wait."""
        passed, wait, count = timedelta(0), self.first, 0
        while wait < self.longest and passed + wait <= self.give_up_after:
            passed, wait, count = passed + wait, wait * 2, count + 1
        return count + max(0, (self.give_up_after - passed) // min(wait, self.longest))

    def next_attempt(
        self, *, attempts: int, since: datetime, jitter: float, now: datetime, asked: timedelta = timedelta(0)
    ) -> datetime | None:
        """When to try again after `attempts` (≥ 1) failed ones, or None to give up.

        `jitter` in [0, 1) takes up to a fifth off the wait, so that deliveries that failed together part again.
        `asked` is the wait that the other side asked for: it is kept to, and the jitter put on top of it, as far as
        `longest` allows.
        """
        if self.retry_limit is not None and attempts > self.retry_limit:
            return None
        doubled = self.first * 2 ** min(attempts - 1, 40)
        wait = max(min(doubled, self.longest) * (1 - jitter / 5), min(asked * (1 + jitter / 5), self.longest))
        due = now + wait
        return due if due <= since + self.give_up_after else None
