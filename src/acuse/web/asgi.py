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
_BODY = "acuse.body"
"""The key in the scope that tells how far the body was read: not there, `begun` or `ended`."""


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


def client_address(scope: Scope) -> str | None:
    """From where the request comes; behind a trusted proxy, what that says."""
    client = scope.get("client")
    return client[0] if client else None


def note(scope: Scope, **fields: object) -> None:
    """Add to what the log tells about this request."""
    scope.setdefault("acuse.fields", {}).update(fields)


async def answer(send: Send, reply: Reply) -> None:
    """Send a whole answer."""
    await _begin(send, reply)
    await send({"type": "http.response.body", "body": reply.body})


async def refuse(scope: Scope, receive: Receive, send: Send, reply: Reply) -> None:
    """Send a whole answer although the body may not have been read; if so, take in a little of it, then close."""
    if not _is_body_left(scope):
        await answer(send, reply)
        return
    await _begin(send, reply, (b"connection", b"close"))
    await send({"type": "http.response.body", "body": reply.body, "more_body": True})
    # RFC 9110 section 10.1.1: who waits for 100 (Continue) has sent nothing yet, and now will not.
    if _BODY in scope or header(scope, b"expect") is None:
        await _linger(scope, receive)
    await send({"type": "http.response.body"})


async def body_pieces(scope: Scope, receive: Receive, *, idle: float = IDLE_SECONDS) -> AsyncIterator[bytes]:
    """The body as it arrives; raises ClientGone, or ClientStalled after `idle` seconds without a byte."""
    scope[_BODY] = "begun"
    while True:
        try:
            async with asyncio.timeout(idle):
                message = await receive()
        except TimeoutError:
            raise ClientStalled from None
        if message["type"] != "http.request":
            raise ClientGone
        is_last = not message.get("more_body", False)
        if is_last:
            end_of_body(scope)
        if piece := message.get("body", b""):
            yield piece
        if is_last:
            return


def end_of_body(scope: Scope) -> None:
    """Note that the body was read to its end: an answer need not wait for more of it."""
    scope[_BODY] = "ended"


async def _linger(scope: Scope, receive: Receive) -> None:
    with suppress(TimeoutError, ClientGone):
        async with asyncio.timeout(_LINGER_SECONDS):
            taken = 0
            async for piece in body_pieces(scope, receive):
                taken += len(piece)
                if taken > _LINGER_BYTES:
                    break


def _is_body_left(scope: Scope) -> bool:
    has_body = header(scope, b"transfer-encoding") is not None or header(scope, b"content-length") not in (None, "0")
    return has_body and scope.get(_BODY) != "ended"


async def _begin(send: Send, reply: Reply, *more: tuple[bytes, bytes]) -> None:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in reply.headers
        if name.lower() != "content-length"
    ]
    headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": [*headers, *more]})
