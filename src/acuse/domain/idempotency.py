"""Idempotency keys: a client's word that two requests are one wish.

Rule: the answer is kept in the unit that carries the wish out, so there is no moment in which the one exists without
the other. Only what was accepted is kept: after a refusal the key is still free.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from acuse.domain.account import Space
from acuse.errors import IdempotencyKeyReused, InvalidInput

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What was answered to a request with an idempotency key."""

    space: Space
    route: str
    """Method and path: the same key means something else elsewhere."""
    key: str
    request_digest: bytes
    """SHA-256 that tells one request from another; equal for equal bodies."""
    status: int
    body: bytes
    created_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether the key is free again."""
        return now >= self.created_at + KEPT_FOR

    def require_same(self, request_digest: bytes) -> None:
        """Raises IdempotencyKeyReused unless this is the request that was answered."""
        if request_digest != self.request_digest:
            raise IdempotencyKeyReused(first_used_at=self.created_at)


def check_idempotency_key(text: str) -> str:
    """A key: 1 to 255 characters of text. Raises InvalidInput."""
    if not 1 <= len(text) <= LONGEST_KEY or not text.isprintable():
        raise InvalidInput(fields={"Idempotency-Key": f"1 to {LONGEST_KEY} characters, none of them a control"})
    return text
