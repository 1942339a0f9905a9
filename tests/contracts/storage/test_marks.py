"""What the storage promises about the marks of messages, and the lists and folders that follow from them."""

from dataclasses import replace

import pytest

from acuse.domain.access import Mode
from acuse.domain.account import Space
from acuse.domain.mark import MessageMark
from acuse.domain.message import Direction, Message
from acuse.ports import FolderCount, MessageFilter
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import NOON, World


def put(storage: Storage, world: World, number: int, **marks: object) -> Message:
    """A message with these marks; with none, nothing is noted about it."""
    message = world.make_message(id=world.new_id(), handle=number)
    storage.units.run(lambda unit: unit.messages.add(message, []))
    if marks:
        mark = replace(MessageMark(message_id=message.id, changed_at=NOON), **marks)  # type: ignore[arg-type]
        storage.units.run(lambda unit: unit.marks.save(mark))
    return message


def test_marks_come_back_as_they_were_and_are_written_over(storage: Storage, world: World) -> None:
    message = put(storage, world, 1)
    mark = MessageMark(message_id=message.id, is_read=True, changed_at=NOON)
    later = replace(mark, is_read=False, is_deleted=True, folder="Ärzte")

    assert storage.units.run(lambda unit: unit.marks.get(message.id)) is None
    for written in (mark, later):
        storage.units.run(lambda unit, written=written: unit.marks.save(written))  # type: ignore[misc]
        assert written == storage.units.run(lambda unit: unit.marks.get(message.id))
        assert {message.id: written} == storage.views.marks.of([message.id, world.new_id()])
    assert {} == storage.views.marks.of([])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (MessageFilter(), {1, 2, 3, 4}),
        (MessageFilter(is_read=True), {2}),
        (MessageFilter(is_read=False), {1, 3, 4}),
        (MessageFilter(is_deleted=True), {3}),
        (MessageFilter(is_deleted=False), {1, 2, 4}),
        (MessageFilter(folder="done"), {4}),
        (MessageFilter(folder=""), {1, 2, 3}),
        (MessageFilter(folder="gone"), set()),
        (MessageFilter(is_read=False, is_deleted=False, folder=""), {1}),
    ],
)
def test_lists_show_what_is_marked_so(storage: Storage, world: World, wanted: MessageFilter, found: set[int]) -> None:
    put(storage, world, 1)
    put(storage, world, 2, is_read=True)
    put(storage, world, 3, is_deleted=True)
    put(storage, world, 4, folder="done")

    page = storage.views.messages(world.space, wanted, limit=10, offset=0)

    assert found == {row.message.handle for row in page.rows}
    assert len(found) == page.total


def test_messages_of_one_station_are_listed(storage: Storage, world: World) -> None:
    put(storage, world, 1)

    totals = [
        storage.views.messages(world.space, MessageFilter(station_id=station_id), limit=1, offset=0).total
        for station_id in (world.station.id, world.new_id())
    ]

    assert [1, 0] == totals


def test_folders_count_what_lies_in_them_and_what_is_unread(storage: Storage, world: World) -> None:
    put(storage, world, 1)
    put(storage, world, 2, is_read=True)
    put(storage, world, 3, is_deleted=True)
    put(storage, world, 4, folder="done")

    counts = storage.views.marks.folders(world.space)

    here = {"station_id": world.station.id, "direction": Direction.OUTBOUND}
    assert (
        FolderCount(**here, folder=None, messages=2, unread=1),  # type: ignore[arg-type]
        FolderCount(**here, folder="done", messages=1, unread=1),  # type: ignore[arg-type]
    ) == counts


def test_folders_of_another_space_are_not_counted(storage: Storage, world: World) -> None:
    put(storage, world, 1)

    assert () == storage.views.marks.folders(replace(world.space, mode=Mode.TEST))
    assert () == storage.views.marks.folders(Space(account_id=world.new_id(), tenant_id=world.tenant.id))
