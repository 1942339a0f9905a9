"""What `Messages` promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.domain.message import Direction, ReceiptState, Transmission
from acuse.errors import MessageNotFound
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import NOON, World


def test_a_message_with_every_field_comes_back_as_it_was(storage: Storage, world: World) -> None:
    blob = world.make_blob()
    message = world.make_full_message(blob.id)

    storage.write(blob, message)

    assert storage.units.run(lambda unit: unit.messages.get(message.id)) == message


def test_a_message_with_the_least_comes_back_as_it_was(storage: Storage, world: World) -> None:
    message = world.make_message()

    storage.write(message)

    assert storage.units.run(lambda unit: unit.messages.get(message.id)) == message


def test_save_writes_every_field_but_those_that_a_message_is_known_by(storage: Storage, world: World) -> None:
    blob = world.make_blob()
    message = world.make_message()
    full = world.make_full_message(blob.id, id=message.id, handle=9, direction=Direction.INBOUND, wire_id="other")
    storage.write(blob, message)

    storage.units.run(lambda unit: unit.messages.save(full))

    kept = {name: getattr(message, name) for name in ("handle", "direction", "wire_id", "created_at")}
    assert storage.units.run(lambda unit: unit.messages.get(message.id)) == replace(full, **kept)


def test_an_unknown_message_is_not_found_and_cannot_be_saved(storage: Storage, world: World) -> None:
    with pytest.raises(MessageNotFound):
        storage.units.run(lambda unit: unit.messages.get(world.new_id()))
    with pytest.raises(MessageNotFound):
        storage.units.run(lambda unit: unit.messages.save(world.make_message()))


def test_attachments_come_back_in_their_order(storage: Storage, world: World) -> None:
    message, blobs = world.make_message(), [world.make_blob(), world.make_blob(b"")]
    first = world.make_attachment(blobs[0])
    second = world.make_attachment(blobs[1], position=2, filename=None)

    # The rows of the bytes may come last: only the commit asks for them.
    storage.write((message, [second, first]), *blobs)

    assert storage.units.run(lambda unit: unit.messages.attachments(message.id)) == (first, second)
    assert storage.units.run(lambda unit: unit.messages.attachments(world.new_id())) == ()


@pytest.mark.parametrize("asked", ["<a@b>", "a@b", "  <a@b> ", "< a@b >"])
@pytest.mark.parametrize("stored", ["<a@b>", "a@b"])
def test_wire_ids_are_compared_without_brackets_and_blanks(
    storage: Storage, world: World, asked: str, stored: str
) -> None:
    inbound = world.make_message(handle=1, direction=Direction.INBOUND, wire_id=stored)
    outbound = world.make_message(handle=2, wire_id=stored)
    storage.write(inbound, outbound)

    relation = {"station_id": world.station.id, "partner_id": world.partner.id}
    assert storage.units.run(lambda unit: unit.messages.find_inbound(**relation, wire_id=asked)) == inbound
    assert storage.units.run(lambda unit: unit.messages.find_outbound(**relation, wire_id=asked)) == outbound


@pytest.mark.parametrize("wire_id", ["<A@b>", "<a@c>", "<<a@b>>"])
def test_another_wire_id_finds_nothing(storage: Storage, world: World, wire_id: str) -> None:
    messages = [
        world.make_message(handle=1, wire_id="<a@b>"),
        world.make_message(handle=2, wire_id="<a@b>", direction=Direction.INBOUND),
    ]
    storage.write(*messages)

    relation = {"station_id": world.station.id, "partner_id": world.partner.id}
    assert storage.units.run(lambda unit: unit.messages.find_inbound(**relation, wire_id=wire_id)) is None
    assert storage.units.run(lambda unit: unit.messages.find_outbound(**relation, wire_id=wire_id)) is None


def test_a_wire_id_means_a_message_of_its_own_relation(storage: Storage, world: World) -> None:
    other = world.make_partner(handle=2, as2_id="Initech")
    message = world.make_message(direction=Direction.INBOUND, wire_id="<a@b>")
    same_id = world.make_message(handle=2, direction=Direction.INBOUND, wire_id="<a@b>", partner_id=other.id)
    storage.write(other, message, same_id)

    found = storage.units.run(
        lambda unit: unit.messages.find_inbound(station_id=world.station.id, partner_id=other.id, wire_id="<a@b>")
    )

    assert found == same_id


def test_messages_without_a_message_id_do_not_repeat_each_other(storage: Storage, world: World) -> None:
    messages = [world.make_message(handle=number, direction=Direction.INBOUND, wire_id="") for number in (1, 2)]

    storage.write(*messages)

    found = storage.units.run(
        lambda unit: unit.messages.find_inbound(station_id=world.station.id, partner_id=world.partner.id, wire_id="")
    )
    assert found is None


def test_the_newest_of_several_outbound_messages_with_one_wire_id_is_found(storage: Storage, world: World) -> None:
    old, new = (world.make_message(handle=number, wire_id="<a@b>") for number in (1, 2))
    storage.write(new, old)

    found = storage.units.run(
        lambda unit: unit.messages.find_outbound(
            station_id=world.station.id, partner_id=world.partner.id, wire_id="<a@b>"
        )
    )

    assert found == new


def test_the_first_receipt_of_a_direction_is_given(storage: Storage, world: World) -> None:
    message, blob = world.make_message(), world.make_blob()
    first = world.make_receipt(message, blob)
    second = world.make_receipt(message, blob, created_at=NOON + timedelta(seconds=1))
    ours = world.make_receipt(
        message,
        blob,
        direction=Direction.OUTBOUND,
        received_content_mic=None,
        original_message_id=None,
        reporting_ua=None,
        final_recipient=None,
        reply_url=None,
        is_signed=False,
        is_verified=False,
    )
    storage.write(blob, message, second, first, ours)

    def receipt(direction: Direction) -> object:
        return storage.units.run(lambda unit: unit.messages.get_receipt(message.id, direction))

    assert receipt(Direction.INBOUND) == first
    assert receipt(Direction.OUTBOUND) == ours


def test_a_message_without_a_receipt_has_none(storage: Storage, world: World) -> None:
    assert storage.units.run(lambda unit: unit.messages.get_receipt(world.new_id(), Direction.INBOUND)) is None


def test_a_saved_message_shows_its_new_state_in_a_list(storage: Storage, world: World) -> None:
    message = world.make_message()
    storage.write(message)
    failed = replace(message, transmission=Transmission.FAILED, receipt=ReceiptState.TIMEOUT)

    storage.units.run(lambda unit: unit.messages.save(failed))

    assert storage.views.message_by_id(message.id).message == failed
