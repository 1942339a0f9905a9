"""The embedded engine, on the real table: at least once, without delay, and one slow partner holds up nobody."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from datetime import datetime, timedelta

from acuse.domain.connection import USUAL_CONCURRENCY as LANE_WIDTH
from acuse.domain.message import Priority
from acuse.errors import StorageFailed
from acuse.ports import Job, JobTable
from tests.delivery.conftest import PATIENCE, Bench


class Watched:
    """A job table that tells of its sweeps and fails when a test wants it to."""

    def __init__(self, table: JobTable) -> None:
        self._table = table
        self.is_listening = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._swept = asyncio.Event()
        self.claims_fail = False
        self.finds_nothing = False
        self.finishes_fail = 0

    def listen(self, take: Callable[[Sequence[Job]], None]) -> None:
        self._table.listen(take)
        self._loop.call_soon_threadsafe(self.is_listening.set)

    def release(self) -> None:
        self._table.release()

    def claim(self, now: datetime, *, limit: int, except_lanes: Collection[str] = ()) -> tuple[Job, ...]:
        self._loop.call_soon_threadsafe(self._swept.set)
        if self.claims_fail:
            raise StorageFailed
        return () if self.finds_nothing else self._table.claim(now, limit=limit, except_lanes=except_lanes)

    def finish(self, jobs: Sequence[Job]) -> None:
        if self.finishes_fail:
            self.finishes_fail -= 1
            raise StorageFailed
        self._table.finish(jobs)

    async def sweeps(self, count: int) -> None:
        """Wait for that many whole sweeps."""
        async with asyncio.timeout(PATIENCE):
            for _ in range(count + 1):
                self._swept.clear()
                await self._swept.wait()


async def test_job_that_is_due_starts_from_the_commit_without_a_sweep(bench: Bench) -> None:
    table = Watched(bench.database.jobs)
    table.finds_nothing = True

    async with bench.running(table):
        await table.is_listening.wait()
        await bench.submit(bench.job("a"), bench.job("b"))
        await bench.wait_until(lambda: {"a", "b"} == set(bench.done))

    assert [] == bench.waiting_keys()


async def test_job_that_is_due_later_waits_for_its_time(bench: Bench) -> None:
    table = Watched(bench.database.jobs)

    async with bench.running(table):
        await bench.submit(bench.job("later", hours=1), bench.job("much later", hours=2))
        await table.sweeps(2)
        assert [] == bench.began
        bench.world.advance(timedelta(hours=1))
        await bench.wait_until(lambda: ["later"] == bench.done)

    assert ["much later"] == bench.waiting_keys()


async def test_job_that_was_submitted_before_the_start_is_done(bench: Bench) -> None:
    await bench.submit(bench.job("early"))

    async with bench.running():
        await bench.wait_until(lambda: ["early"] == bench.done)


async def test_job_of_another_process_is_found(bench: Bench) -> None:
    with closing(bench.open()) as other:
        async with bench.running():
            await bench.submit(bench.job("theirs"), database=other)
            await bench.wait_until(lambda: ["theirs"] == bench.done)

    assert [] == bench.waiting_keys()


async def test_full_lane_holds_up_no_other(bench: Bench) -> None:
    slow = [f"slow {number}" for number in range(LANE_WIDTH + 3)]
    release = bench.hold(*slow)

    async with bench.running():
        await bench.submit(*(bench.job(key, lane="slow") for key in slow))
        await bench.wait_until(lambda: len(bench.began) == LANE_WIDTH)
        await bench.submit(bench.job("quick", lane="other"))
        await bench.wait_until(lambda: ["quick"] == bench.done)
        assert LANE_WIDTH == bench.under_way["slow"]
        release.set()
        await bench.wait_until(lambda: len(bench.done) == len(slow) + 1)

    assert LANE_WIDTH == bench.most_under_way["slow"]
    assert [] == bench.waiting_keys()


async def test_urgent_job_goes_before_those_that_wait_in_its_lane(bench: Bench) -> None:
    first = [f"first {number}" for number in range(LANE_WIDTH)]
    release = bench.hold(*first)

    async with bench.running():
        await bench.submit(*(bench.job(key) for key in first))
        await bench.wait_until(lambda: len(bench.began) == LANE_WIDTH)
        for priority in (Priority.LOW, Priority.NORMAL, Priority.HIGH):
            await bench.submit(bench.job(priority.value, priority=priority))
        release.set()
        await bench.wait_until(lambda: len(bench.done) == LANE_WIDTH + 3)

    assert ["high", "normal", "low"] == bench.began[LANE_WIDTH:]


async def test_job_whose_handler_breaks_is_done_again_and_blocks_nobody(bench: Bench) -> None:
    bench.breaks["fragile"] = 1

    async with bench.running():
        await bench.submit(bench.job("fragile"))
        await bench.wait_until(lambda: ["fragile"] == bench.began)
        await bench.submit(bench.job("sound"))
        await bench.wait_until(lambda: ["sound", "fragile"] == bench.done)

    assert ["fragile", "sound", "fragile"] == bench.began
    assert [] == bench.waiting_keys()


async def test_job_is_done_once_however_often_it_is_submitted(bench: Bench) -> None:
    release = bench.hold("same")

    async with bench.running():
        await bench.submit(bench.job("same"), bench.job("same"))
        await bench.wait_until(lambda: ["same"] == bench.began)
        release.set()
        await bench.wait_until(lambda: ["same"] == bench.done)

    assert ["same"] == bench.began


async def test_stop_finishes_what_is_under_way_and_starts_nothing_more(bench: Bench) -> None:
    keys = [f"job {number}" for number in range(LANE_WIDTH + 2)]
    release = bench.hold(*keys)

    async with bench.running() as stopping:
        await bench.submit(*(bench.job(key) for key in keys))
        await bench.wait_until(lambda: len(bench.began) == LANE_WIDTH)
        stopping.set()
        await bench.submit(bench.job("too late", lane="other"))
        asyncio.get_running_loop().call_soon(release.set)

    assert set(bench.began) == set(bench.done)
    assert sorted({*keys, "too late"} - set(bench.done)) == bench.waiting_keys()
    assert LANE_WIDTH == len(bench.done)


async def test_stop_cuts_off_what_does_not_end_in_time_and_the_next_start_does_it_again(bench: Bench) -> None:
    bench.hold("endless")
    release = bench.hold("quick")

    async with bench.running(grace=0.05) as stopping:
        await bench.submit(bench.job("endless"), bench.job("quick"))
        await bench.wait_until(lambda: 2 == len(bench.began))
        stopping.set()
        release.set()
    assert (["quick"], 0) == (bench.done, bench.under_way["lane"])

    bench.held.clear()
    async with bench.running():
        await bench.wait_until(lambda: ["quick", "endless"] == bench.done)

    assert [] == bench.waiting_keys()


async def test_jobs_that_a_dead_process_had_claimed_are_done_after_the_next_start(bench: Bench) -> None:
    with closing(bench.open()) as dead:
        await bench.submit(bench.job("orphan"))
        assert 1 == len(dead.jobs.claim(bench.world.now(), limit=10))

    async with bench.running():
        await bench.wait_until(lambda: ["orphan"] == bench.done)

    assert [] == bench.waiting_keys()


async def test_engine_outlives_a_database_that_fails_for_a_while(bench: Bench) -> None:
    table = Watched(bench.database.jobs)
    table.claims_fail, table.finishes_fail = True, 2

    async with bench.running(table):
        await bench.submit(bench.job("a", hours=1))
        await table.sweeps(2)
        bench.world.advance(timedelta(hours=1))
        table.claims_fail = False
        await bench.wait_until(lambda: ["a"] == bench.done)
        await table.sweeps(3)

    assert (["a"], 0, []) == (bench.began, table.finishes_fail, bench.waiting_keys())


async def test_periodic_work_is_repeated_even_when_it_fails(bench: Bench) -> None:
    calls: list[int] = []
    loop, enough = asyncio.get_running_loop(), asyncio.Event()

    def sweep() -> None:
        calls.append(1)
        if len(calls) == 3:
            loop.call_soon_threadsafe(enough.set)
        raise RuntimeError("broken on purpose")

    async with bench.running(periodic=[(0.01, sweep)]), asyncio.timeout(PATIENCE):
        await enough.wait()

    assert len(calls) >= 3


async def test_jobs_say_how_wide_their_lane_is(bench: Bench) -> None:
    narrow, wide = [f"narrow {number}" for number in range(3)], [f"wide {number}" for number in range(9)]
    release = bench.hold(*narrow, *wide)

    async with bench.running():
        await bench.submit(*(bench.job(key, lane="narrow", width=1) for key in narrow))
        await bench.submit(*(bench.job(key, lane="wide", width=7) for key in wide))
        await bench.wait_until(lambda: len(bench.began) == 8)
        release.set()
        await bench.wait_until(lambda: len(bench.done) == 12)

    assert {"narrow": 1, "wide": 7} == bench.most_under_way


async def test_the_job_that_came_last_says_how_wide_its_lane_is(bench: Bench) -> None:
    table = Watched(bench.database.jobs)
    release = bench.hold("a", "b", "c", "d")

    async with bench.running(table):
        await bench.submit(bench.job("a", width=1), bench.job("b", width=1))
        await bench.wait_until(lambda: ["a"] == bench.began)
        await bench.submit(bench.job("c", width=3))
        await bench.wait_until(lambda: 3 == bench.under_way["lane"])
        await bench.submit(bench.job("d", width=1))
        await table.sweeps(2)
        assert 3 == bench.under_way["lane"]
        release.set()
        await bench.wait_until(lambda: 4 == len(bench.done))

    assert [] == bench.waiting_keys()
