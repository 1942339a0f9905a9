"""Which calls are made again, and when.

Rule: a call is repeated only where it cannot be carried out twice: because it changes nothing, because its outcome is
the same however often it is made, because it carries an Idempotency-Key, or because the gateway says that it was not
begun (429) or never heard it.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from acuse_client.errors import Refused

_REPEATABLE = ("GET", "HEAD", "PUT", "DELETE")
_PASSING = (502, 503, 504)
IDEMPOTENCY_KEY = "Idempotency-Key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the gateway, as often as it is made."""

    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    """None leaves a parameter out."""
    json: object = None
    form: Mapping[str, str] | None = None
    files: Any = None
    """As httpx takes them."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_repeatable(self) -> bool:
        """Whether making it twice comes to the same as making it once."""
        return self.method in _REPEATABLE or IDEMPOTENCY_KEY in self.headers


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a call is made again, and the pauses before: they double, vary by a quarter, and heed Retry-After."""

    retries: int = 3
    first: float = 0.5
    longest: float = 30.0
    """Seconds. When the gateway asks for a longer pause, the refusal is raised instead."""

    def after_failure(self, call: Call, error: httpx.TransportError, *, made: int) -> float | None:
        """Seconds until the call is made again, which was made `made` times; None for not at all."""
        is_unheard = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
        return self._pause(made) if is_unheard or call.is_repeatable else None

    def after_refusal(self, call: Call, refusal: Refused, *, made: int) -> float | None:
        """The same for a call that was answered."""
        is_unbegun = refusal.status == 429 or refusal.code == "IDEMPOTENCY_KEY_IN_USE"
        if not is_unbegun and not (call.is_repeatable and refusal.status in _PASSING):
            return None
        pause = self._pause(made)
        if pause is None or refusal.retry_after is None:
            return pause
        return refusal.retry_after if refusal.retry_after <= self.longest else None

    def _pause(self, made: int) -> float | None:
        if made > self.retries:
            return None
        doubled: float = self.first * 2 ** (made - 1)
        return min(doubled, self.longest) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
