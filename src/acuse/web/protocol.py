"""The bounds that the HTTP server itself has to keep, because no application sees a request before its head is whole.

Rule: a head that grows beyond MAX_HEAD, or takes longer than HEAD_SECONDS, ends its connection.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from acuse.web.options import HEAD_SECONDS, MAX_HEAD
from acuse.web.unfolding import HeadLines

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nserver: acuse\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """The server's protocol with a bound on the head of each request, in bytes and in time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Some AS2 products pad the size of a chunk with blanks, and always have.
        self.parser.set_dangerous_leniencies(lenient_spaces_after_chunk_size=True)
        self._head: HeadLines | None = HeadLines()
        self._head_bytes = 0
        self._is_in_head = False
        self._is_in_body = False
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._feed(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            # A head that came whole is the application's to refuse, in its own words.
            if self._head_bytes > MAX_HEAD and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def _feed(self, data: bytes) -> None:
        while data:
            if self._is_in_body or self._head is None:
                super().data_received(data)
                # A head that began in the middle of this piece goes to the parser as it is, to its end.
                self._head = None if self._is_in_head or self._is_in_body else HeadLines()
                return
            head, rest = self._head.take(data)
            super().data_received(head)
            if rest is None or self.transport.is_closing():
                return
            self._head, data = HeadLines(), rest

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0
        self._start_timer()

    def on_headers_complete(self) -> None:
        self._is_in_head, self._is_in_body = False, True
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_in_body = False
        super().on_message_complete()

    def _start_timer(self) -> None:
        self._stop_timer()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
