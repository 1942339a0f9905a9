"""A job table of its own for each test, and what a test needs to watch an engine at work."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from acuse.delivery.embedded import EmbeddedRunner
from acuse.domain.connection import USUAL_CONCURRENCY
from acuse.domain.message import Priority
from acuse.ports import Job, JobKind, JobTable, Unit
from acuse.storage import Home, MasterKey, SQLiteDatabase
from acuse.testing import FixedWorld

PATIENCE = 20.0
"""Seconds after which a test gives up; nothing waits that long when all is well."""


class Bench:
    """A database, a clock, and a handler that notes what it is given and can be held up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.world = FixedWorld()
        self.database = self.open()
        self.began: list[str] = []
        self.done: list[str] = []
        self.under_way: Counter[str] = Counter()
        self.most_under_way: Counter[str] = Counter()
        self.held: dict[str, asyncio.Event] = {}
        self.breaks: Counter[str] = Counter()
        self._changed = asyncio.Condition()

    def open(self) -> SQLiteDatabase:
        return SQLiteDatabase.open(self.path, master_key=MasterKey(b"k" * 32), now=self.world.now)

    def job(
        self,
        key: str,
        *,
        lane: str = "lane",
        hours: float = 0,
        priority: Priority = Priority.NORMAL,
        width: int = USUAL_CONCURRENCY,
    ) -> Job:
        return Job(
            kind=JobKind.SEND_MESSAGE,
            subject_id=self.world.new_id(),
            key=key,
            lane=lane,
            due_at=self.world.now() + timedelta(hours=hours),
            priority=priority,
            lane_width=width,
        )

    async def submit(self, *jobs: Job, database: SQLiteDatabase | None = None) -> None:
        """All in one unit."""
        units = database or self.database

        def decide(unit: Unit) -> None:
            for job in jobs:
                unit.jobs.submit(job)

        await asyncio.to_thread(units.run, decide)

    def hold(self, *keys: str) -> asyncio.Event:
        """Keep these jobs under way until the event is set."""
        event = asyncio.Event()
        self.held |= dict.fromkeys(keys, event)
        return event

    async def handle(self, job: Job) -> Mapping[str, object]:
        self.under_way[job.lane] += 1
        self.most_under_way |= self.under_way
        await self._note(self.began, job.key)
        try:
            if job.key in self.held:
                await self.held[job.key].wait()
            if self.breaks[job.key]:
                self.breaks[job.key] -= 1
                raise RuntimeError("broken on purpose")
        finally:
            self.under_way[job.lane] -= 1
        await self._note(self.done, job.key)
        return {}

    async def _note(self, where: list[str], key: str) -> None:
        async with self._changed:
            where.append(key)
            self._changed.notify_all()

    async def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait until handlers made it so."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(is_so)

    def waiting_keys(self) -> list[str]:
        """Of all jobs that are in the table, claimed or not."""
        with closing(self.open()) as other:
            other.jobs.release()
            far = self.world.now() + timedelta(days=365)
            return sorted(job.key for job in other.jobs.claim(far, limit=1000))

    @asynccontextmanager
    async def running(
        self,
        table: JobTable | None = None,
        *,
        periodic: Sequence[tuple[float, Callable[[], object]]] = (),
        grace: float = PATIENCE,
    ) -> AsyncIterator[asyncio.Event]:
        """The engine at work until the block ends, or until the event that it gives is set."""
        stopping = asyncio.Event()
        handlers = dict.fromkeys(JobKind, self.handle)
        runner = EmbeddedRunner(table or self.database.jobs, self.world, handlers, periodic=periodic, grace=grace)
        task = asyncio.create_task(runner.run(stopping))
        try:
            yield stopping
        finally:
            stopping.set()
            async with asyncio.timeout(PATIENCE):
                await task


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    home = Home(tmp_path)
    home.create()
    bench = Bench(home.database)
    yield bench
    bench.database.close()
