"""The body of a post, as it streams from its source; and the patience with which its way is watched."""

import asyncio
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import StreamWriter

from acuse.mime import CHUNK, Source
from acuse.ports import Protection
from acuse.transports.tls import protection_of

_IN_MEMORY = 64 * 1024
_LAST_WORDS = 1.0
"""Seconds for what arrived before a connection ended to be read."""


class Patience:
    """A time-out that begins anew with each piece that moves, either way: a long transfer is fine, a
    standstill is not.
    """

    def __init__(self, first: float, seconds: float) -> None:
        """`first` stands for `seconds` until something has moved: the connection has its own time-out."""
        self._seconds = seconds
        self._timeout = asyncio.timeout(first)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._timeout.__aexit__(kind, error, trace)

    def renew(self) -> None:
        """Something moved."""
        if not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time() + self._seconds)


class Body(aiohttp.Payload):
    """What is posted. It can be read again for another post."""

    _autoclose = True

    def __init__(self, source: Source, patience: Patience, *, is_chunked: bool) -> None:
        super().__init__(source)
        self._source = source
        self._patience = patience
        self.protection: Protection | None = None
        """Of the connection over which it was written last."""
        self._size = None if is_chunked else source.size

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:  # noqa: ARG002
        """Write all of it: the length comes from the source itself."""
        await self.write(writer)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """A partner may end the connection before it has everything. Why it did, an alert of TLS or an early answer,
        is told to whoever reads, who then ends this task; an error from here would hide it.
        """
        try:
            await self._write(writer)
        except aiohttp.ClientConnectionResetError:
            await asyncio.sleep(_LAST_WORDS)
            raise

    async def _write(self, writer: AbstractStreamWriter) -> None:
        # Asked here, because a connection may be back in its pool when the answer is there.
        self.protection = _protection(writer)
        reader = self._source.open()
        is_small = self._source.size <= _IN_MEMORY
        while True:
            # A small body lies in memory; a large one is read from the disk, which must not stall the loop.
            piece = reader.read(CHUNK) if is_small else await asyncio.to_thread(reader.read, CHUNK)
            self._patience.renew()
            if not piece:
                return
            await writer.write(piece)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002
        """There is no text."""
        raise TypeError


def _protection(writer: AbstractStreamWriter) -> Protection | None:
    transport = writer.transport if isinstance(writer, StreamWriter) else None
    session = transport.get_extra_info("ssl_object") if transport else None
    return protection_of(session) if session else None
