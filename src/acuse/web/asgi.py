"""Answers and bodies in plain ASGI, without a framework's objects between.

Rule: whoever answers before the body was read uses `refuse`: closing a connection on unread bytes resets it, and the
answer may be lost on its way to the client.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from acuse.web.options import IDLE_SECONDS

_LINGER_SECONDS = 2.0
_LINGER_BYTES = 8 * 1024 * 1024


class ClientGone(Exception):
    """The connection ended before the body did."""


class ClientStalled(Exception):
    """The body paused for too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A short answer."""

    status: int
    body: bytes = b""
    headers: Sequence[tuple[str, str]] = ()

    @classmethod
    def text(cls, status: int, text: str, *headers: tuple[str, str]) -> "Reply":
        """A line for a person to read."""
        return cls(
            status=status, body=f"{text}\n".encode(), headers=(("Content-Type", "text/plain; charset=utf-8"), *headers)
        )


def header(scope: Scope, name: bytes) -> str | None:
    """The first field of that name, which is given in lower case."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def note(scope: Scope, **fields: object) -> None:
    """Add to what the log tells about this request."""
    scope.setdefault("acuse.fields", {}).update(fields)


async def answer(send: Send, reply: Reply) -> None:
    """Send a whole answer."""
    await _begin(send, reply)
    await send({"type": "http.response.body", "body": reply.body})


async def refuse(receive: Receive, send: Send, reply: Reply) -> None:
    """Send a whole answer although the body was not read; take in a little of the body, then close the connection."""
    await _begin(send, reply, (b"connection", b"close"))
    await send({"type": "http.response.body", "body": reply.body, "more_body": True})
    with suppress(TimeoutError, ClientGone):
        async with asyncio.timeout(_LINGER_SECONDS):
            taken = 0
            async for piece in body_pieces(receive):
                taken += len(piece)
                if taken > _LINGER_BYTES:
                    break
    await send({"type": "http.response.body"})


async def body_pieces(receive: Receive, *, idle: float = IDLE_SECONDS) -> AsyncIterator[bytes]:
    """The body as it arrives; raises ClientGone, or ClientStalled after `idle` seconds without a byte."""
    while True:
        try:
            async with asyncio.timeout(idle):
                message = await receive()
        except TimeoutError:
            raise ClientStalled from None
        if message["type"] != "http.request":
            raise ClientGone
        if piece := message.get("body", b""):
            yield piece
        if not message.get("more_body", False):
            return


async def _begin(send: Send, reply: Reply, *more: tuple[bytes, bytes]) -> None:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in reply.headers
        if name.lower() != "content-length"
    ]
    headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": [*headers, *more]})
