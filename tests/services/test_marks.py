"""Noting about messages what programs want to find again."""

import pytest

from acuse.domain.mark import MarkChange
from acuse.errors import InvalidInput, MessageNotFound
from acuse.services.mark_message import mark_messages
from tests.services.conftest import Neighbours


def test_a_change_leaves_the_other_marks_as_they_were(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    message = acme.accept()

    mark_messages(acme.ports, [message.id], MarkChange(is_read=True))
    mark_messages(acme.ports, [message.id], MarkChange(folder="done"))
    (filed,) = mark_messages(acme.ports, [message.id], MarkChange(is_deleted=True))
    (taken_out,) = mark_messages(acme.ports, [message.id], MarkChange(folder=""))

    assert (True, True, "done") == (filed.is_read, filed.is_deleted, filed.folder)
    assert (True, True, None) == (taken_out.is_read, taken_out.is_deleted, taken_out.folder)
    assert message == acme.message(message)


def test_marking_several_is_for_all_or_for_none(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    message = acme.accept()

    with pytest.raises(MessageNotFound):
        mark_messages(acme.ports, [message.id, acme.ports.world.new_id()], MarkChange(is_read=True))

    assert {} == acme.ports.views.marks.of([message.id])


@pytest.mark.parametrize("name", ["a" * 256, "two\nlines"])
def test_a_folder_has_a_name_of_one_line(neighbours: Neighbours, name: str) -> None:
    acme, _ = neighbours.meet()
    message = acme.accept()

    with pytest.raises(InvalidInput):
        mark_messages(acme.ports, [message.id], MarkChange(folder=name))

    assert {} == acme.ports.views.marks.of([message.id])
