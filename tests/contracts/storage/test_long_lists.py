"""What `Views` promises about lists that have become long: totals, positions and words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.domain.message import Problem, ReceiptState, Transmission
from acuse.ports import ListPosition, MessageFilter
from acuse.storage import lists
from acuse.storage.sqlite.text_index import MOST_PROPOSED
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import NOON, World


def handles(storage: Storage, world: World, *, behind: ListPosition | None = None, **wanted: object) -> list[int]:
    asked = MessageFilter(**wanted)  # type: ignore[arg-type]
    page = storage.views.messages(world.space, asked, limit=100, offset=0, behind=behind)
    assert behind is not None or page.total == len(page.rows)
    return [view.message.handle for view in page.rows]


def test_totals_follow_every_change_of_a_message(storage: Storage, world: World) -> None:
    message = world.make_message(handle=1, transmission=Transmission.QUEUED, receipt=ReceiptState.PENDING)
    storage.write(message)
    queued = ((Transmission.QUEUED, ReceiptState.PENDING, False),)
    failed = ((Transmission.FAILED, ReceiptState.PENDING, False),)
    assert ([1], []) == (handles(storage, world, states=queued), handles(storage, world, states=failed))

    after = replace(message, transmission=Transmission.FAILED, problem=Problem(code="X", message="x"))
    storage.units.run(lambda unit: unit.messages.save(after))

    assert ([], [1]) == (handles(storage, world, states=queued), handles(storage, world, states=failed))
    assert ([1], []) == (handles(storage, world, has_problem=True), handles(storage, world, has_problem=False))
    assert [1] == handles(storage, world)


def test_a_change_that_is_rolled_back_does_not_count(storage: Storage, world: World) -> None:
    def decide(unit: object) -> None:
        unit.messages.add(world.make_message(handle=1), ())  # type: ignore[attr-defined]
        raise RuntimeError("broken on purpose")

    with pytest.raises(RuntimeError):
        storage.units.run(decide)
    assert [] == handles(storage, world)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [("text/plain", "TEXT/Plain"), ("Application/EDI-X12; charset=utf-8", "application/edi-x12"), ("a/b ;c=d", " a/b")],
)
def test_a_media_type_is_found_whatever_its_case_and_parameters(
    storage: Storage, world: World, stored: str, asked: str
) -> None:
    storage.write(world.make_message(handle=1, content_type=stored), world.make_message(handle=2, content_type="a/bc"))
    assert [1] == handles(storage, world, content_type=asked)


def test_a_position_goes_on_where_the_last_page_ended_also_within_an_instant(storage: Storage, world: World) -> None:
    times = (NOON, NOON, NOON, NOON - timedelta(seconds=1))
    storage.write(*(world.make_message(handle=n, created_at=at) for n, at in enumerate(times, start=1)))
    message = world.make_message(handle=9)
    states = ((message.transmission, message.receipt, False), (Transmission.FAILED, ReceiptState.TIMEOUT, True))

    for wanted in ({}, {"direction": message.direction}, {"states": states}):
        everything = handles(storage, world, **wanted)
        assert [3, 2, 1, 4] == everything
        assert everything[2:] == handles(
            storage, world, behind=ListPosition(created_at=NOON, handle=everything[1]), **wanted
        )


def test_words_are_found_before_and_after_the_sweep(storage: Storage, world: World) -> None:
    def found() -> list[list[int]]:
        texts = ("Invoice 77", "voice 7", "INVOICE", "77", '"quoted"', "a%b", "wire-2", "nothing like it", "7")
        return [handles(storage, world, search=text) for text in texts]

    storage.write(
        world.make_message(handle=1, subject="Invoice 77"),
        world.make_message(handle=2, subject='say "quoted" 77', wire_id="<wire-2@example>"),
        world.make_message(handle=3, subject="a%b"),
        world.make_message(handle=4, subject=None),
    )
    expected = [[1], [1], [1], [2, 1], [2], [3], [2], [], [2, 1]]
    assert expected == found()
    assert 4 == storage.index_messages()
    assert expected == found()
    assert 0 == storage.index_messages()
    storage.write(world.make_message(handle=5, subject="invoice 77"))
    assert [5, 1] == handles(storage, world, search="Invoice 77")


def test_words_that_stand_in_very_many_messages_are_found_all_the_same(storage: Storage, world: World) -> None:
    count = MOST_PROPOSED + 10
    storage.write(*(world.make_message(handle=n, subject="the same words") for n in range(1, count + 1)))
    storage.index_messages()
    page = storage.views.messages(world.space, MessageFilter(search="same words"), limit=3, offset=0)
    assert [count, count - 1, count - 2] == [view.message.handle for view in page.rows]
    assert (MOST_PROPOSED + 1, False) == (page.total, page.is_exact)


def test_a_total_that_was_not_counted_to_its_end_says_so(storage: Storage, world: World) -> None:
    count = lists.COUNTED + 2
    storage.write(*(world.make_message(handle=n) for n in range(1, count + 1)))
    since = MessageFilter(created_from=NOON - timedelta(days=1))

    page = storage.views.messages(world.space, since, limit=2, offset=0)
    everything = storage.views.messages(world.space, MessageFilter(), limit=2, offset=0)

    assert ((lists.COUNTED, False), (count, True)) == (
        (page.total, page.is_exact),
        (everything.total, everything.is_exact),
    )
