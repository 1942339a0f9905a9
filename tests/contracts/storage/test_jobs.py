"""What `Jobs` and `JobTable` promise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.domain.message import Priority
from acuse.ports import Job, Unit
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import NOON, World

SOON = NOON + timedelta(seconds=5)


class Runner:
    """Somebody who starts jobs at once."""

    def __init__(self, storage: Storage) -> None:
        self.taken: list[Job] = []
        self.storage = storage
        storage.jobs.listen(self.take)

    def take(self, jobs: Sequence[Job]) -> None:
        self.taken += jobs


def waiting(storage: Storage) -> tuple[Job, ...]:
    return storage.jobs.claim(NOON + timedelta(days=999), limit=99)


def test_a_job_that_is_due_is_claimed_once(storage: Storage, world: World) -> None:
    job = world.make_job()
    storage.write(job)

    assert storage.jobs.claim(NOON, limit=10) == (job,)
    assert storage.jobs.claim(NOON, limit=10) == ()


def test_a_job_that_is_not_due_waits(storage: Storage, world: World) -> None:
    job = world.make_job(due_at=SOON)
    storage.write(job)

    assert storage.jobs.claim(SOON - timedelta(microseconds=1), limit=10) == ()
    assert storage.jobs.claim(SOON, limit=10) == (job,)


def test_jobs_are_claimed_by_priority_and_then_by_time(storage: Storage, world: World) -> None:
    order = [
        world.make_job(key="1", priority=Priority.HIGH, due_at=NOON),
        world.make_job(key="2", priority=Priority.NORMAL, due_at=NOON - timedelta(hours=2)),
        world.make_job(key="3", priority=Priority.NORMAL, due_at=NOON - timedelta(hours=1)),
        world.make_job(key="4", priority=Priority.LOW, due_at=NOON - timedelta(hours=9)),
    ]
    storage.write(order[2], order[3], order[0], order[1])

    assert storage.jobs.claim(NOON, limit=3) == tuple(order[:3])
    assert storage.jobs.claim(NOON, limit=3) == tuple(order[3:])


def test_jobs_of_lanes_that_are_left_out_wait(storage: Storage, world: World) -> None:
    jobs = [world.make_job(key=lane, lane=lane) for lane in ("a", "b", "c")]
    storage.write(*jobs)

    assert storage.jobs.claim(NOON, limit=9, except_lanes={"a", "c"}) == (jobs[1],)
    assert storage.jobs.claim(NOON, limit=9, except_lanes={"a", "c"}) == ()
    assert {job.key for job in storage.jobs.claim(NOON, limit=9)} == {"a", "c"}


def test_submitting_a_waiting_key_again_changes_nothing(storage: Storage, world: World) -> None:
    job = world.make_job(due_at=SOON)
    storage.write(job)

    storage.write(world.make_job(due_at=NOON))

    assert waiting(storage) == (job,)


def test_a_waiting_job_can_be_cancelled(storage: Storage, world: World) -> None:
    storage.write(world.make_job(key="a"), world.make_job(key="b"))

    storage.units.run(lambda unit: unit.jobs.cancel("a"))
    storage.units.run(lambda unit: unit.jobs.cancel("unknown"))

    assert [job.key for job in waiting(storage)] == ["b"]


def test_a_job_under_way_is_not_cancelled(storage: Storage, world: World) -> None:
    storage.write(world.make_job())
    claimed = storage.jobs.claim(NOON, limit=1)

    storage.units.run(lambda unit: unit.jobs.cancel(claimed[0].key))

    storage.jobs.release()
    assert waiting(storage) == claimed


def test_a_finished_job_is_gone(storage: Storage, world: World) -> None:
    storage.write(world.make_job(key="a"), world.make_job(key="b"))

    storage.jobs.finish(storage.jobs.claim(NOON, limit=2))

    storage.jobs.release()
    assert waiting(storage) == ()


def test_release_makes_what_was_claimed_claimable(storage: Storage, world: World) -> None:
    storage.write(world.make_job())
    claimed = storage.jobs.claim(NOON, limit=1)

    storage.jobs.release()

    assert storage.jobs.claim(NOON, limit=1) == claimed


@pytest.mark.parametrize("due_at", [NOON, SOON], ids=["at the same time", "later"])
def test_work_that_is_wanted_again_while_under_way_survives_the_end_of_the_first(
    storage: Storage, world: World, due_at: object
) -> None:
    first = world.make_job()
    again = replace(first, due_at=due_at, subject_id=world.new_id())  # type: ignore[arg-type]
    storage.write(first)
    claimed = storage.jobs.claim(NOON, limit=1)
    storage.write(again)

    storage.jobs.finish(claimed)

    (left,) = waiting(storage)
    assert (left.key, left.subject_id) == (first.key, again.subject_id)


def test_a_listener_gets_what_is_due_when_it_is_submitted(storage: Storage, world: World) -> None:
    runner = Runner(storage)
    due, later = world.make_job(key="due"), world.make_job(key="later", due_at=SOON)

    storage.write(due, later)

    assert runner.taken == [due]
    assert storage.jobs.claim(SOON, limit=10) == (later,)


def test_what_a_listener_took_and_did_not_finish_is_claimable_after_a_crash(storage: Storage, world: World) -> None:
    runner = Runner(storage)
    storage.write(world.make_job(key="a"), world.make_job(key="b"))
    storage.jobs.finish(runner.taken[:1])

    storage.jobs.release()

    assert waiting(storage) == tuple(runner.taken[1:])


def test_a_listener_hears_nothing_of_a_unit_that_failed(storage: Storage, world: World) -> None:
    runner = Runner(storage)

    def decide(unit: Unit) -> None:
        unit.jobs.submit(world.make_job())
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the decision's own
        storage.units.run(decide)

    assert runner.taken == []


def test_a_job_that_is_submitted_and_cancelled_in_one_unit_is_never_started(storage: Storage, world: World) -> None:
    runner = Runner(storage)

    def decide(unit: Unit) -> None:
        unit.jobs.submit(world.make_job())
        unit.jobs.cancel("send:1")

    storage.units.run(decide)

    storage.jobs.release()
    assert runner.taken == []
    assert waiting(storage) == ()


def test_a_job_that_is_submitted_twice_in_one_unit_is_started_once(storage: Storage, world: World) -> None:
    runner = Runner(storage)
    job = world.make_job()

    storage.write(job, world.make_job())

    assert runner.taken == [job]


def test_jobs_are_durable_and_visible_before_the_listener_hears_of_them(storage: Storage, world: World) -> None:
    message = world.make_message()
    seen: list[object] = []
    storage.jobs.listen(lambda jobs: seen.extend(storage.views.message_by_id(job.subject_id).message for job in jobs))

    storage.write(message, world.make_job(subject_id=message.id))

    assert seen == [message]


def test_a_listener_that_fails_harms_nobody_and_its_jobs_wait(storage: Storage, world: World) -> None:
    def refuse(_: Sequence[Job]) -> None:
        raise RuntimeError("the loop is closed")

    storage.jobs.listen(refuse)
    job = world.make_job()

    storage.write(job)

    assert storage.jobs.claim(NOON, limit=1) == (job,)


def test_a_retry_that_is_due_at_once_is_started_again(storage: Storage, world: World) -> None:
    runner = Runner(storage)
    storage.write(world.make_job())
    storage.write(world.make_job())

    assert [job.key for job in runner.taken] == ["send:1", "send:1"]

    storage.jobs.finish(runner.taken[:1])
    storage.jobs.release()
    assert waiting(storage) == tuple(runner.taken[1:])
