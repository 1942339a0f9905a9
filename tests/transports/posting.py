"""Posting with the real transport, in a loop like that of a gateway."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import uvloop

from acuse.mime import Literal
from acuse.ports import Destination, HTTPReply
from acuse.transports.http import HTTPTransport

T = TypeVar("T")

HEADERS = (("AS2-To", "GLOBEX"), ("Message-ID", "<1@acme.test>"))
BODY = b"an order\r\n" * 10


def in_transport(work: Callable[[HTTPTransport], Awaitable[T]], *, allow_private_networks: bool = False) -> T:
    """Run `work` with an open transport."""

    async def run() -> T:
        async with HTTPTransport(user_agent="acuse/test", allow_private_networks=allow_private_networks) as transport:
            return await work(transport)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


def to(url: str, **choices: Any) -> Destination:
    """A destination that the operator named, with little patience."""
    return Destination(url=url, **{"is_vouched": True, "timeout": timedelta(seconds=5), **choices})


def post(destination: Destination, *, body: bytes = BODY) -> HTTPReply:
    """One post."""
    return in_transport(lambda transport: transport.post(destination, headers=HEADERS, body=Literal(body)))


def post_times(times: int, destination: Destination) -> list[HTTPReply]:
    """Several, one after the other, on the same transport."""

    async def work(transport: HTTPTransport) -> list[HTTPReply]:
        return [await transport.post(destination, headers=HEADERS, body=Literal(BODY)) for _ in range(times)]

    return in_transport(work)
