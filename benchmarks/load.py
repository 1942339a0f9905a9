"""Sending requests: as many as the other side takes, or so many a second whatever it does.

Rule: with a given rate each request has its moment, and a late one is not left out; a latency counts from the moment
at which the request was to begin (no coordinated omission).
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from benchmarks.parties import Posted

CONCURRENCY = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One request and its answer."""

    status: int
    content_type: str
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All answers of one run, in the order of the requests."""

    answers: Sequence[Answered]
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.answers) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the requests needed at most."""
        ordered = sorted(answer.seconds for answer in self.answers)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def post_all(url: str, requests: Sequence[Posted], *, rate: float | None = None, concurrency: int = CONCURRENCY) -> Run:
    """Post every request; `rate` is messages in a second, without it as fast as `concurrency` connections go."""
    return asyncio.run(_post_all(url, requests, rate, concurrency))


async def _post_all(url: str, requests: Sequence[Posted], rate: float | None, concurrency: int) -> Run:
    connector = aiohttp.TCPConnector(limit=0)
    gate = asyncio.Semaphore(concurrency if rate is None else len(requests))
    async with aiohttp.ClientSession(connector=connector, skip_auto_headers=("Accept-Encoding",)) as session:

        async def post(number: int, posted: Posted) -> Answered:
            if rate is not None:
                await asyncio.sleep(began + number / rate - time.perf_counter())
            async with gate:
                due = time.perf_counter() if rate is None else began + number / rate
                async with session.post(url, data=posted.body, headers=list(posted.headers)) as answer:
                    body = await answer.read()
                    seconds = time.perf_counter() - due
                    content_type = answer.headers.get("Content-Type", "")
                    return Answered(status=answer.status, content_type=content_type, body=body, seconds=seconds)

        began = time.perf_counter()
        answers = await asyncio.gather(*(post(number, posted) for number, posted in enumerate(requests)))
        return Run(answers=answers, seconds=time.perf_counter() - began)
