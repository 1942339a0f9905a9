"""What `Units` and the small parts of a `Unit` promise."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from acuse.domain.message import Direction, Message
from acuse.errors import AlreadyExists, MessageNotFound
from acuse.ports import Handle, MessageFilter, Unit
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import World


class Disturbed(Exception):
    """A decision changed its mind."""


def test_a_unit_returns_what_the_decision_returned(storage: Storage) -> None:
    assert storage.units.run(lambda _: "decided") == "decided"


def test_a_unit_that_raises_leaves_nothing(storage: Storage, world: World) -> None:
    message, blob = world.make_message(), world.make_blob()

    def decide(unit: Unit) -> None:
        unit.blobs.add(blob)
        unit.messages.add(message, [world.make_attachment(blob)])
        unit.jobs.submit(world.make_job())
        unit.publish(world.make_event(message))
        raise Disturbed

    with pytest.raises(Disturbed):
        storage.units.run(decide)

    with pytest.raises(MessageNotFound):
        storage.views.message_by_id(message.id)
    assert storage.jobs.claim(storage.clock.now(), limit=10) == ()
    storage.write(blob)  # as if it had never been there


def test_a_decision_sees_what_it_wrote(storage: Storage, world: World) -> None:
    message = world.make_message()

    def decide(unit: Unit) -> Message:
        unit.messages.add(message, [])
        return unit.messages.get(message.id)

    assert storage.units.run(decide) == message


def test_the_same_error_reaches_the_caller_that_caused_it(storage: Storage) -> None:
    error = Disturbed("mine")

    def decide(_: Unit) -> None:
        raise error

    with pytest.raises(Disturbed) as caught:
        storage.units.run(decide)

    assert caught.value is error


def test_one_failing_decision_among_many_does_not_harm_the_others(storage: Storage, world: World) -> None:
    about_to_run = threading.Semaphore(0)

    def hold(_: Unit) -> None:
        for _each in range(20):
            about_to_run.acquire(timeout=10)

    def decide(number: int) -> int:
        def work(unit: Unit) -> int:
            unit.messages.add(world.make_message(handle=number + 1), [])
            if number % 5 == 0:
                raise Disturbed(number)
            return number

        about_to_run.release()
        return storage.units.run(work)

    with ThreadPoolExecutor(21) as pool:
        holding = pool.submit(storage.units.run, hold)
        futures = [pool.submit(decide, number) for number in range(20)]
        outcomes = [future.exception() or future.result() for future in futures]
        holding.result()

    failed = [outcome.args[0] for outcome in outcomes if isinstance(outcome, Disturbed)]
    assert failed == [0, 5, 10, 15]
    written = storage.views.messages(world.space, MessageFilter(), limit=50, offset=0)
    assert sorted(view.message.handle - 1 for view in written.rows) == [n for n in range(20) if n % 5]


def test_a_broken_reference_fails_only_the_decision_that_made_it(storage: Storage, world: World) -> None:
    nobody_kept = world.make_blob()

    with pytest.raises(Exception, match="FOREIGN KEY"):
        storage.write((world.make_message(), [world.make_attachment(nobody_kept)]))

    storage.write(world.make_message(handle=2))
    assert storage.views.messages(world.space, MessageFilter(), limit=9, offset=0).total == 1


def test_many_threads_write_everything_and_never_share_a_handle(storage: Storage, world: World) -> None:
    def decide(unit: Unit) -> int:
        number = unit.next_handle(world.account.id, Handle.MESSAGE)
        unit.messages.add(world.make_message(handle=number), [])
        return number

    def work(_: int) -> list[int]:
        return [storage.units.run(decide) for _ in range(50)]

    with ThreadPoolExecutor(16) as pool:
        handles = [handle for batch in pool.map(work, range(16)) for handle in batch]

    assert sorted(handles) == list(range(1, 801))
    assert storage.views.messages(world.space, MessageFilter(), limit=1, offset=0).total == 800


def test_handles_count_from_one_for_each_account_and_kind(storage: Storage, world: World) -> None:
    other_account = world.new_id()

    def decide(unit: Unit) -> list[int]:
        return [
            unit.next_handle(world.account.id, Handle.MESSAGE),
            unit.next_handle(world.account.id, Handle.MESSAGE),
            unit.next_handle(world.account.id, Handle.PARTNER),
            unit.next_handle(other_account, Handle.MESSAGE),
        ]

    assert storage.units.run(decide) == [1, 2, 1, 1]


def test_a_unit_may_not_wait_for_another_unit(storage: Storage) -> None:
    with pytest.raises(RuntimeError, match="may not wait"):
        storage.units.run(lambda _: storage.units.run(lambda _: None))


def test_an_inbound_wire_id_is_stored_once_for_a_relation(storage: Storage, world: World) -> None:
    first = world.make_message(handle=1, direction=Direction.INBOUND, wire_id="<a@globex>")
    again = world.make_message(handle=2, direction=Direction.INBOUND, wire_id=" a@globex ")
    storage.write(first)

    with pytest.raises(AlreadyExists):
        storage.write(again)
