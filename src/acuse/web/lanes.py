"""Threads for the work behind a request, in lanes, so that one kind of work never holds up another.

`small` waits for commits and does little else; `bulk` turns large bodies over, one for each core but one, so that the
event loop keeps a core; `disk` takes the pieces of bodies that are still arriving; `door` finds out who may come in.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

BULK_FROM = 1024 * 1024
"""Bytes from which on a body is bulk: below, its work is about as long as a commit."""


MOST_HASHED = 2
"""Passwords that are hashed at once."""
_DOOR_THREADS = MOST_HASHED + 1
_SMALL_THREADS = 8
"""Enough for a commit to be shared. Two, four or eight: no difference was measured."""


class Lanes:
    """The thread pools of the faces. Close them when the server has stopped."""

    def __init__(self) -> None:
        self.small = ThreadPoolExecutor(_SMALL_THREADS, "acuse-small")
        self.bulk = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1), "acuse-bulk")
        self.disk = ThreadPoolExecutor(4, "acuse-disk")
        self.door = ThreadPoolExecutor(_DOOR_THREADS, "acuse-door")

    async def run(self, work: Callable[[], T], *, size: int = 0) -> T:
        """Run `work` in the lane for bodies of `size` bytes and return what it returns."""
        lane = self.bulk if size >= BULK_FROM else self.small
        return await asyncio.get_running_loop().run_in_executor(lane, work)

    async def ask(self, question: Callable[[], T]) -> T:
        """Run a short question before a request is let in and return its answer."""
        return await asyncio.get_running_loop().run_in_executor(self.door, question)

    def close(self) -> None:
        """Wait for what still runs and end the threads."""
        for lane in (self.small, self.bulk, self.disk, self.door):
            lane.shutdown()
