"""A small HTTP server on the loopback interface that keeps what was posted to it, header by header and byte by byte.

How it answers is a function of what was posted; with none it says 200 and nothing more, which makes it a recorder.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.peers.wire import Headers, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One POST as it arrived."""

    path: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def raw(self) -> bytes:
        """Headers, blank line and body: how libraries for e-mail want to read it."""
        return "".join(f"{name}: {value}\r\n" for name, value in self.headers).encode() + b"\r\n" + self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a listener says, and what it does once that has been said."""

    reply: Reply | None = field(default_factory=Reply)
    """None hangs up without a word."""
    afterwards: Callable[[], None] | None = None


class Listener:
    """Listens from its creation until `close`."""

    def __init__(self, answer: Callable[[Posted], Answer] | None = None, *, port: int = 0) -> None:
        self.posted: list[Posted] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                posted = Posted(path=self.path, headers=tuple(self.headers.items()), body=self._read_body())
                listener.posted.append(posted)
                outcome = answer(posted) if answer else Answer()
                self.close_connection = True
                if outcome.reply:
                    self._say(outcome.reply)
                if outcome.afterwards:
                    outcome.afterwards()

            def _read_body(self) -> bytes:
                if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", "0")))
                chunks = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(chunks)

            def _say(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in _fields_of(reply):
                    self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(reply.body)
                self.wfile.flush()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Say nothing on the terminal."""

        self._server = _QuietServer(("127.0.0.1", port), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/as2"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        """Stop listening; connections to the port are refused from now on."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _fields_of(reply: Reply) -> Headers:
    """With the length of the body, unless the reply claims another one."""
    named = {name.lower() for name, _ in reply.headers}
    return reply.headers if "content-length" in named else (*reply.headers, ("Content-Length", str(len(reply.body))))


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A gateway that was killed breaks connections off; that is what some tests are about."""


@contextmanager
def listening(answer: Callable[[Posted], Answer] | None = None, *, port: int = 0) -> Iterator[Listener]:
    """A listener for the length of a block."""
    listener = Listener(answer, port=port)
    try:
        yield listener
    finally:
        listener.close()
