"""A body on its way from the network into a stage.

Rule: the event loop never waits for a disk. What fits into memory is written at once; after that pieces go to a thread,
one at a time while the next one fills, so that a slow disk slows down the client and nobody else.
"""

import asyncio

from acuse.ports import Stage
from acuse.web.lanes import Lanes

IN_MEMORY = 64 * 1024
"""Bytes that a stage keeps in memory, so that writing them costs no disk."""
PIECE = 256 * 1024
"""Bytes that are handed to a thread at least, but for the last."""


class BodyTooLarge(Exception):
    """More bytes arrived than allowed."""


class Spool:
    """Fills one stage. Either `finish` or `discard` ends it."""

    def __init__(self, stage: Stage, *, limit: int, lanes: Lanes) -> None:
        self.size = 0
        self._stage = stage
        self._limit = limit
        self._lanes = lanes
        self._filling: list[bytes] = []
        self._filled = 0
        self._writing: asyncio.Future[object] | None = None

    async def write(self, data: bytes) -> None:
        """Take more bytes; raises BodyTooLarge, and StorageFailed when an earlier piece could not be written."""
        self.size += len(data)
        if self.size > self._limit:
            raise BodyTooLarge
        if self.size <= IN_MEMORY:
            self._stage.write(data)
            return
        self._filling.append(data)
        self._filled += len(data)
        if self._filled >= PIECE:
            await self._hand_over()

    async def finish(self) -> Stage:
        """The stage with every byte in it; from now on it belongs to the caller."""
        if self._filled:
            await self._hand_over()
        await self._written()
        return self._stage

    async def discard(self) -> None:
        """Forget the bytes. A piece that is being written is waited for: a thread cannot be interrupted."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
            self._writing.exception()
        self._stage.discard()

    async def _hand_over(self) -> None:
        await self._written()
        piece = b"".join(self._filling)
        self._filling, self._filled = [], 0
        self._writing = asyncio.get_running_loop().run_in_executor(self._lanes.disk, self._stage.write, piece)

    async def _written(self) -> None:
        if self._writing is not None:
            await asyncio.wait([self._writing])
            writing, self._writing = self._writing, None
            writing.result()
