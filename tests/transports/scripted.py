"""A server that says exactly the bytes it is told to, over TCP or TLS, and keeps what it was asked where."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto


class Then(Enum):
    """What happens to the connection after the answer."""

    KEEP = auto()
    CLOSE = auto()
    """With a close_notify where there is TLS."""
    CUT = auto()
    """The TCP connection ends in order, TLS learns nothing of it."""
    RESET = auto()
    WAIT = auto()
    """Nothing more is said until the server closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it arrived."""

    connection: int
    """From 1."""
    head: str
    body: bytes
    shown: Mapping[str, object]
    """The client's certificate, if there was one."""

    def values(self, name: str) -> list[str]:
        """All values of a header."""
        fields = (line.partition(":") for line in self.head.split("\r\n")[1:])
        return [value.strip() for found, _, value in fields if found.lower() == name.lower()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """The bytes of an answer."""

    data: bytes = b""
    then: Then = Then.KEEP


def plain(
    status: int = 200, *, body: bytes = b"done", headers: str = "", then: Then = Then.KEEP, version: str = "1.1"
) -> Say:
    """A whole answer with its length."""
    head = f"HTTP/{version} {status} Word\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return Say(data=head.encode() + body, then=then)


class Server:
    """Listens on a port of the loopback interface."""

    def __init__(
        self, answer: Callable[[Asked], Say], context: ssl.SSLContext | None = None, *, unasked: bytes | None = None
    ) -> None:
        """With `unasked`, each connection gets these bytes at once and is closed."""
        self.asked: list[Asked] = []
        self.connections = 0
        self.take_after_the_end = False
        """Read on after the unasked bytes, so that the connection ends in order."""
        self._answer = answer
        self._context = context
        self._unasked = unasked
        self._paused = False
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}/as2"
        threading.Thread(target=self._accept, daemon=True).start()

    def pause(self) -> None:
        """From now on connections come about and nothing more happens."""
        self._paused = True

    def close(self) -> None:
        """Stop listening and let those go that wait."""
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError, EOFError):
            if self._paused:
                self._stopping.wait(20)
                return
            if self._context is None:
                self._talk(connection, number)
                return
            with self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as spoken:
                try:
                    spoken.do_handshake()
                except ssl.SSLError:
                    _let_hear(spoken)
                    return
                self._talk(spoken, number)

    def _talk(self, spoken: socket.socket, number: int) -> None:
        shown = spoken.getpeercert() or {} if isinstance(spoken, ssl.SSLSocket) else {}
        if self._unasked is not None:
            spoken.sendall(self._unasked)
            if self.take_after_the_end:
                _let_hear(spoken)
            return
        reader = spoken.makefile("rb")
        while asked := _read(reader, number, shown):
            self.asked.append(asked)
            say = self._answer(asked)
            spoken.sendall(say.data)
            if say.then is Then.WAIT:
                self._stopping.wait(20)
            if say.then is not Then.KEEP:
                _end(spoken, say.then)
                return


def _let_hear(spoken: socket.socket) -> None:
    """Closing with something unread would reset the connection, and the alert might get lost with it."""
    socket.socket.shutdown(spoken, socket.SHUT_WR)
    while socket.socket.recv(spoken, 65536):
        pass


def _end(spoken: socket.socket, then: Then) -> None:
    if then is Then.RESET:
        spoken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif then is Then.CUT:
        socket.socket.shutdown(spoken, socket.SHUT_RDWR)
    elif isinstance(spoken, ssl.SSLSocket):
        spoken.unwrap()


def _read(reader, number: int, shown: Mapping[str, object]) -> Asked | None:  # type: ignore[no-untyped-def]
    lines = []
    while (line := reader.readline()) not in (b"\r\n", b""):
        lines.append(line.decode("latin-1").rstrip("\r\n"))
    if not lines:
        return None
    asked = Asked(connection=number, head="\r\n".join(lines), body=b"", shown=shown)
    body = b"".join(_chunks(reader)) if asked.values("Transfer-Encoding") else b""
    if length := asked.values("Content-Length"):
        body = reader.read(int(length[0]))
    return Asked(connection=number, head=asked.head, body=body, shown=shown)


def _chunks(reader) -> Iterator[bytes]:  # type: ignore[no-untyped-def]
    while size := int(reader.readline(), 16):
        yield reader.read(size)
        reader.readline()
    reader.readline()


@contextmanager
def serving(
    answer: Callable[[Asked], Say] | Say, context: ssl.SSLContext | None = None, *, unasked: bytes | None = None
) -> Iterator[Server]:
    """A server for the length of a block."""
    server = Server(answer if callable(answer) else lambda _: answer, context, unasked=unasked)
    try:
        yield server
    finally:
        server.close()
