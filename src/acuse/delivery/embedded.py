"""The runner for one process on one home: it does the jobs of the `job` table.

Rule: a job is done at least once and may be done again, so every handler looks at the stored state first. Work that
is due when it is submitted comes straight from the commit that stored it; everything else, and whatever a crash left
behind, is found by a sweep of the table. Each lane has a few jobs under way at most, as many as its jobs say, so that
one slow partner holds up nobody else. A stop waits a little for what is under way and then cuts it off: what was cut
off stays claimed in the table, and the next start releases it and does it again.
"""

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from acuse.domain.message import Priority
from acuse.ports import Job, JobKind, JobTable, World

SWEEP_INTERVAL = 0.1
"""Seconds between two looks at the table: the longest wait of work that another process submitted."""
UNDER_WAY_LIMIT = 256
"""Jobs under way at once in all lanes, and the most that one sweep claims."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds before a job whose handler broke is done again: they double. A partner's failure is no such case."""
GRACE = 5.0
"""Seconds that jobs under way get to end after a stop."""

Handler = Callable[[Job], Awaitable[Mapping[str, object]]]
"""Does a job and returns what the log should say of it."""
Sweep = Callable[[], object]

_RANK = {Priority.HIGH: 0, Priority.NORMAL: 1, Priority.LOW: 2}
_log = logging.getLogger("acuse.job")


class EmbeddedRunner:
    """Does jobs until it is stopped. Made and used in one event loop; `take` alone may be called from any thread."""

    def __init__(
        self,
        table: JobTable,
        world: World,
        handlers: Mapping[JobKind, Handler],
        *,
        periodic: Sequence[tuple[float, Sweep]] = (),
        grace: float = GRACE,
    ) -> None:
        """`periodic` names synchronous functions and the seconds between two calls of each; they run in threads.
        `grace` is how many seconds the jobs under way get after a stop.
        """
        self._table = table
        self._world = world
        self._handlers = handlers
        self._periodic = periodic
        self._grace = grace
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, list[tuple[int, int, Job]]] = defaultdict(list)
        self._arrivals = itertools.count()
        self._running: dict[str, int] = defaultdict(int)
        self._widths: dict[str, int] = {}
        self._known: set[tuple[str, datetime]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._finished: list[Job] = []
        self._breaks: dict[str, int] = defaultdict(int)
        self._stopping = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set, then end what is under way, or cut it off after the grace. Jobs that are not
        done stay in the table.
        """
        self._stopping = stopping
        await asyncio.to_thread(self._table.release)
        self._table.listen(self.take)
        sweeps = [asyncio.create_task(self._repeat(every, sweep)) for every, sweep in self._periodic]
        while not stopping.is_set():
            try:
                await self._sweep()
            except Exception:  # noqa: BLE001 - a full disk, say: the next round may do better
                _log.exception("sweep")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), SWEEP_INTERVAL)
        for sweep in sweeps:
            sweep.cancel()
        await self._end_tasks()
        await asyncio.gather(*sweeps, return_exceptions=True)
        try:
            await self._forget_finished()
        except Exception:  # noqa: BLE001 - these jobs will be found done after the next start
            _log.exception("sweep")

    async def _end_tasks(self) -> None:
        """A service that a cut-off job began in a thread still ends there, and whole."""
        tasks = tuple(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def take(self, jobs: Sequence[Job]) -> None:
        """Accept jobs that were claimed in the commit that submitted them."""
        self._loop.call_soon_threadsafe(self._accept, tuple(jobs))

    def _accept(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if (job.key, job.due_at) not in self._known:
                self._known.add((job.key, job.due_at))
                self._queue(job)
        self._start()

    def _queue(self, job: Job) -> None:
        self._widths[job.lane] = job.lane_width
        heapq.heappush(self._waiting[job.lane], (_RANK[job.priority], next(self._arrivals), job))

    def _start(self) -> None:
        if self._stopping.is_set():
            return
        for lane in list(self._waiting):
            queue = self._waiting[lane]
            while queue and self._running[lane] < self._widths[lane] and len(self._tasks) < UNDER_WAY_LIMIT:
                task = asyncio.create_task(self._do(heapq.heappop(queue)[2]))
                self._tasks.add(task)
                self._running[lane] += 1
                task.add_done_callback(self._tasks.discard)
            if not queue:
                del self._waiting[lane]

    async def _do(self, job: Job) -> None:
        began = self._loop.time()
        facts: dict[str, object] = {"kind": job.kind.value, "subject": str(job.subject_id), "lane": job.lane}
        try:
            facts |= await self._handlers[job.kind](job)
        except asyncio.CancelledError:
            _log.info("job", extra={"fields": {**facts, "outcome": "cut off by the stop"}})
            raise
        except Exception:  # noqa: BLE001 - whatever it was, the job has to be done
            self._breaks[job.key] += 1
            pause = min(FIRST_PAUSE * 2 ** (self._breaks[job.key] - 1), LONGEST_PAUSE)
            _log.exception("job", extra={"fields": {**facts, "again_in": pause}})
            self._loop.call_later(pause, self._do_again, job)
        else:
            took = round((self._loop.time() - began) * 1000, 1)
            _log.info("job", extra={"fields": {**facts, "ms": took}})
            self._breaks.pop(job.key, None)
            self._finished.append(job)
        finally:
            self._running[job.lane] -= 1
            if not self._running[job.lane]:
                del self._running[job.lane]
                if job.lane not in self._waiting:
                    del self._widths[job.lane]
            self._loop.call_soon(self._start)

    def _do_again(self, job: Job) -> None:
        self._queue(job)
        self._start()

    async def _sweep(self) -> None:
        """Claim what is due, but for the lanes that have enough to do already."""
        await self._forget_finished()
        full = {lane for lane, running in self._running.items() if running >= self._widths[lane]} | self._waiting.keys()
        room = UNDER_WAY_LIMIT - len(self._tasks)
        if room > 0:
            claim = self._table.claim
            self._accept(await asyncio.to_thread(claim, self._world.now(), limit=room, except_lanes=full))

    async def _forget_finished(self) -> None:
        """Many at once: if a crash loses this, the handlers find that there is nothing left to do."""
        finished = tuple(self._finished)
        if finished:
            await asyncio.to_thread(self._table.finish, finished)
            del self._finished[: len(finished)]
            self._known.difference_update((job.key, job.due_at) for job in finished)

    async def _repeat(self, every: float, sweep: Sweep) -> None:
        while True:
            try:
                await asyncio.to_thread(sweep)
            except Exception:  # noqa: BLE001 - the next round may do better
                _log.exception("sweep")
            await asyncio.sleep(every)
