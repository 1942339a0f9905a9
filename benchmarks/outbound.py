"""Messages that go out through the API of a gateway, and when their receipts were verified.

Rule: waiting costs the gateway nothing. What became of the messages is read from its database file by another process,
and the latencies are differences of the times that it wrote there itself.
"""

import asyncio
import base64
import json
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from acuse import cms
from benchmarks import documents
from benchmarks.gateway import Gateway, free_port
from benchmarks.load import CONCURRENCY
from benchmarks.parties import SIZE, pem

_LIMIT = 120.0
_SETTLED = """
    SELECT delivered_at - created_at FROM message
    WHERE rowid > ? AND direction = 'outbound' AND receipt = 'positive'
"""
_LAST = "SELECT coalesce(max(rowid), 0) FROM message"
_PAUSE = 0.1
"""Seconds between two looks at the database: it lies on the cores that are measured."""


class Counterpart:
    """The process that answers; a context manager."""

    def __init__(self, folder: Path, identity: cms.KeyPair) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/"
        self._partners: dict[str, Path] = {}
        self._key, self._certificate = folder / "counterpart.der", folder / "counterpart.pem"
        self._key.write_bytes(cms.dump_private_key(identity.private_key))
        self._certificate.write_bytes(pem(identity.certificate))
        self._process: subprocess.Popen[bytes] | None = None

    def knows(self, as2_id: str, certificate: bytes) -> None:
        """Tell it, before it starts, who may send to it."""
        self._partners[as2_id] = self._folder / f"{as2_id}.pem"
        self._partners[as2_id].write_bytes(certificate)

    def __enter__(self) -> Self:
        partners = [f"{name}={file}" for name, file in self._partners.items()]
        arguments = [str(self._port), str(self._key), str(self._certificate), *partners]
        self._process = subprocess.Popen([sys.executable, "-m", "benchmarks.counterpart", *arguments])
        for _ in range(100):
            try:
                urllib.request.urlopen(self.url, timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise RuntimeError("the counterpart did not start")

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of the messages of one run."""

    seconds: float
    latencies: Sequence[float]
    """Milliseconds from before the 202 to the verified receipt, in ascending order."""

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


def send_all(gateway: Gateway, partner: str, count: int, *, rate: float | None = None) -> Delivered:
    """POST so many messages and wait until the receipt of each is verified. Raises RuntimeError when one is missing."""
    [(last,)] = _rows(gateway.database, _LAST)
    began = time.perf_counter()
    asyncio.run(_post_all(gateway, _body(partner), count, rate))
    while len(latencies := _settled(gateway.database, last)) < count:
        if time.perf_counter() - began > _LIMIT:
            raise RuntimeError(
                f"{count - len(latencies)} messages are not delivered:\n{gateway.log.read_text()[-2000:]}"
            )
        time.sleep(_PAUSE)
    return Delivered(seconds=time.perf_counter() - began, latencies=latencies)


def accept_all(gateway: Gateway, partner: str, count: int) -> None:
    """POST so many messages for a day in the far future: the share of the API and of storing, without the engine."""
    body = _body(partner, scheduled_at="2040-01-01T00:00:00Z")
    asyncio.run(_post_all(gateway, body, count, None))


def _body(partner: str, **more: str) -> bytes:
    content = base64.b64encode(documents.order(SIZE)).decode("ascii")
    payload = {"content": content, "encoding": "base64", "filename": "order.edi"}
    return json.dumps(
        {"partner_id": partner, "subject": "Order", "content_type": "application/edi-x12", "payload": payload, **more}
    ).encode("ascii")


async def _post_all(gateway: Gateway, body: bytes, count: int, rate: float | None) -> None:
    gate = asyncio.Semaphore(CONCURRENCY if rate is None else count)
    headers = {"Authorization": f"Bearer {gateway.api_key}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:

        async def post(number: int) -> None:
            if rate is not None:
                await asyncio.sleep(began + number / rate - time.perf_counter())
            async with gate, session.post(f"{gateway.url}/v1/messages", data=body) as answer:
                text = await answer.read()
                if answer.status != 202:
                    raise RuntimeError(f"the API answered {answer.status}: {text[:500]!r}")

        began = time.perf_counter()
        await asyncio.gather(*(post(number) for number in range(count)))


def _settled(database: Path, last: int) -> Sequence[float]:
    return sorted(row[0] / 1000 for row in _rows(database, _SETTLED, last))


def _rows(database: Path, statement: str, *parameters: int) -> list[tuple[int]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(statement, parameters).fetchall()
