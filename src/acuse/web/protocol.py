"""The bounds that the HTTP server itself has to keep, because no application sees a request before its head is whole.

Rule: a head that grows beyond MAX_HEAD, or takes longer than HEAD_SECONDS, ends its connection.
"""

import asyncio
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from acuse.web.options import HEAD_SECONDS, MAX_HEAD

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nserver: acuse\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


_UPGRADE = re.compile(rb"(?<=\n)upgrade(?=[ \t]*:)", re.IGNORECASE)


def _without_upgrade(data: bytes) -> bytes:
    """A head whose offer to speak another protocol is not seen by the parser, which would drop the body after it.

    RFC 9110 section 7.8: a server may ignore the offer. Java's client makes it with every request over plain HTTP.
    """
    end = data.find(b"\r\n\r\n")
    head = data if end < 0 else data[:end]
    return _UPGRADE.sub(b"x-upgrade", head) + data[len(head) :] if _UPGRADE.search(head) else data


class BoundedProtocol(HttpToolsProtocol):
    """The server's protocol with a bound on the head of each request, in bytes and in time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Some AS2 products pad the size of a chunk with blanks, and always have.
        self.parser.set_dangerous_leniencies(lenient_spaces_after_chunk_size=True)
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
        super().data_received(data if self._is_in_body else _without_upgrade(data))
        if self._is_in_head:
            self._head_bytes += len(data)
            # A head that came whole is the application's to refuse, in its own words.
            if self._head_bytes > MAX_HEAD and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

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
