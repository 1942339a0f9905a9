"""How often something may be done: a bucket of tokens that fills at a steady rate.

Rule: a bucket is one number, the moment at which it will be full again; so nothing has to be filled by a timer, and a
bucket that is full need not be remembered at all. Moments are microseconds, given by the caller; inside they are
multiplied by the rate, which makes every token a whole number and the count exact.
"""

from dataclasses import dataclass

_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one attempt to take a token."""

    is_allowed: bool
    mark: int
    """What is to be remembered of the bucket."""
    full_at: int
    """When it will be full again."""
    remaining: int
    """Tokens that are left."""
    wait: int
    """Microseconds until there is a token again, 0 while there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`per_minute` tokens a minute in the long run, at most `burst` at once."""

    per_minute: int
    burst: int

    def take(self, mark: int, *, now: int) -> Taken:
        """Take a token of the bucket that was marked so by this rate; 0 stands for one that was never used."""
        present, whole = now * self.per_minute, self.burst * _MINUTE
        after = max(mark - present, 0) + _MINUTE
        is_allowed = after <= whole
        if is_allowed:
            mark = present + after
        remaining = max(whole - (mark - present), 0) // _MINUTE
        return Taken(
            is_allowed=is_allowed,
            mark=mark,
            full_at=-(-mark // self.per_minute),
            remaining=remaining,
            wait=0 if remaining else -(-(mark - present + _MINUTE - whole) // self.per_minute),
        )
