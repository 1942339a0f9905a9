"""Time and randomness of this machine."""

import os
import time
from collections import deque
from datetime import UTC, datetime
from random import SystemRandom
from uuid import UUID

_TOKEN_BYTES = 15
_ID_BYTES = 10
_IDS_DRAWN = 256
"""Ids for which the system is asked at once: while it answers, another thread takes the interpreter."""


class SystemWorld:
    """The real clock and the operating system's random numbers."""

    def __init__(self) -> None:
        self._random = SystemRandom()
        self._for_ids: deque[bytes] = deque()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> UUID:
        """RFC 9562 section 5.7: 48 bits of milliseconds, then 74 random ones."""
        milliseconds = time.time_ns() // 1_000_000
        random = int.from_bytes(self._draw())
        high = milliseconds << 16 | 0x7000 | random >> 68
        low = 1 << 63 | random & (1 << 62) - 1
        return UUID(int=high << 64 | low)

    def _draw(self) -> bytes:
        """Random bytes that nobody else gets: taking one from the end of a deque is safe from any thread."""
        while True:
            try:
                return self._for_ids.pop()
            except IndexError:
                drawn = os.urandom(_ID_BYTES * _IDS_DRAWN)
                self._for_ids.extend(drawn[at : at + _ID_BYTES] for at in range(0, len(drawn), _ID_BYTES))

    def new_token(self) -> str:
        return os.urandom(_TOKEN_BYTES).hex().upper()

    def jitter(self) -> float:
        return self._random.random()
