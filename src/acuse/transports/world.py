"""Time and randomness of this machine."""

import os
import time
from datetime import UTC, datetime
from random import SystemRandom
from uuid import UUID

_TOKEN_BYTES = 15


class SystemWorld:
    """The real clock and the operating system's random numbers."""

    def __init__(self) -> None:
        self._random = SystemRandom()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> UUID:
        """RFC 9562 section 5.7: 48 bits of milliseconds, then 74 random ones."""
        milliseconds = time.time_ns() // 1_000_000
        random = int.from_bytes(os.urandom(10))
        high = milliseconds << 16 | 0x7000 | random >> 68
        low = 1 << 63 | random & (1 << 62) - 1
        return UUID(int=high << 64 | low)

    def new_token(self) -> str:
        return os.urandom(_TOKEN_BYTES).hex().upper()

    def jitter(self) -> float:
        return self._random.random()
