"""HTTP as the other parties speak it: posts with exact headers and bytes, and posts that break off."""

import http.client
import json
import random
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole HTTP answer."""

    status: int = 200
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None, timeout: float = 30
) -> Reply:
    """Send one request with exactly these headers (plus Host and Content-Length) and read the whole answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        return Reply(status=answer.status, headers=tuple(answer.getheaders()), body=answer.read())
    finally:
        connection.close()


def post(url: str, *, headers: Mapping[str, str], body: bytes, timeout: float = 30) -> Reply:
    """POST bytes."""
    return request("POST", url, headers=headers, body=body, timeout=timeout)


def post_and_break_off(url: str, *, headers: Mapping[str, str], body: bytes, announced: int) -> bytes:
    """Announce more bytes than are sent, then close the sending side. Returns whatever the server still says."""
    parts = urlsplit(url)
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Content-Length: {announced}",
        "Connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(_chunks(connection))


def post_and_hang_up(url: str, *, headers: Mapping[str, str], body: bytes) -> None:
    """Send a whole request and close the connection without waiting for the answer."""
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def _chunks(connection: socket.socket) -> Iterable[bytes]:
    try:
        while chunk := connection.recv(65536):
            yield chunk
    except ConnectionError:
        return


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on, below those that outgoing connections are given."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
