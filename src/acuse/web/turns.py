"""One at a time for requests that bring the same thing.

A partner that grows impatient repeats a message while the first request is still being worked on (RFC 4130 section
5.5), and a client repeats a call with the same Idempotency-Key. Doing the work twice would cost twice and gain nothing:
the repetition waits for its turn and then gets the stored receipt, or the kept answer.

Rule: waiting holds no thread and has an end. This spares work within one process and no more; that a message is taken
once is the store's promise.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class TurnNotReached(Exception):
    """The request before this one took too long."""


class Turns:
    """Who is at work on which message. Belongs to one event loop."""

    def __init__(self, *, patience: float) -> None:
        """`patience`: seconds that a request waits."""
        self._patience = patience
        self._locks: dict[Hashable, asyncio.Lock] = {}
        self._users: dict[Hashable, int] = {}

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        """The block runs while no other one with this key does. Raises TurnNotReached."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._users[key] = self._users.get(key, 0) + 1
        try:
            try:
                await asyncio.wait_for(lock.acquire(), self._patience)
            except TimeoutError as error:
                raise TurnNotReached from error
            try:
                yield
            finally:
                lock.release()
        finally:
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key], self._locks[key]
