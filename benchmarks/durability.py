"""Killing a gateway while it receives: whatever it acknowledged must be in its store."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing

import aiohttp

from benchmarks.gateway import Gateway
from benchmarks.load import CONCURRENCY
from benchmarks.parties import Posted

_STORED = "SELECT wire_id FROM message WHERE direction = 'inbound'"


def check_durability(gateway: Gateway, messages: Sequence[Posted]) -> int:
    """Kill the gateway after half of the messages were answered; the number of messages that it had acknowledged.

    Raises RuntimeError when one of them is not in the store. The gateway runs again afterwards.
    """
    acknowledged = asyncio.run(_post_and_kill(gateway, messages))
    gateway.start()
    with closing(sqlite3.connect(f"file:{gateway.database}?mode=ro", uri=True)) as connection:
        stored = {row[0] for row in connection.execute(_STORED)}
    lost = acknowledged - stored
    if lost:
        raise RuntimeError(f"{len(lost)} of {len(acknowledged)} acknowledged messages are lost")
    return len(acknowledged)


async def _post_and_kill(gateway: Gateway, messages: Sequence[Posted]) -> set[str]:
    acknowledged: set[str] = set()
    gate = asyncio.Semaphore(CONCURRENCY)
    async with aiohttp.ClientSession() as session:

        async def post(posted: Posted) -> None:
            try:
                async with (
                    gate,
                    session.post(gateway.receive_url, data=posted.body, headers=list(posted.headers)) as answer,
                ):
                    await answer.read()
            except (aiohttp.ClientError, OSError):
                return
            if answer.status == 200:
                acknowledged.add(posted.message_id)
            if len(acknowledged) == len(messages) // 2:
                gateway.kill()

        await asyncio.gather(*(post(posted) for posted in messages))
    return acknowledged
