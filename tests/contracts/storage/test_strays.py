"""Receipts for nothing we sent: kept in a bounded number, and shown to nobody else."""

from dataclasses import replace

import pytest

from acuse.domain.account import Space
from acuse.domain.stray import KEPT_STRAYS, StrayReceipt
from acuse.errors import ReceiptNotFound
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import NOON, World


def make_stray(world: World, *, handle: int = 1, is_verified: bool = False) -> StrayReceipt:
    return StrayReceipt(
        id=world.new_id(),
        handle=handle,
        account_id=world.account.id,
        tenant_id=world.tenant.id,
        partner_id=None,
        from_as2_id="NOBODY",
        to_as2_id="ACME",
        reason="It is for nothing.",
        original_message_id="<1@x>",
        disposition=None,
        is_signed=True,
        is_verified=is_verified,
        headers=(("as2-from", "NOBODY"),),
        body=b"\x00raw",
        size=4,
        created_at=NOON,
    )


def add(storage: Storage, *receipts: StrayReceipt) -> None:
    for receipt in receipts:
        storage.units.run(lambda unit, receipt=receipt: unit.strays.add(receipt))  # type: ignore[misc]


def test_stray_receipt_comes_back_as_it_was(storage: Storage, world: World) -> None:
    stray = replace(make_stray(world), partner_id=world.new_id(), disposition="processed")
    add(storage, stray)

    assert stray == storage.views.strays.get(world.space, 1)
    assert (stray,) == storage.views.strays.newest(world.space, limit=5)


def test_newest_come_first_up_to_the_limit(storage: Storage, world: World) -> None:
    add(storage, *(make_stray(world, handle=handle) for handle in (1, 2, 3)))

    assert [3, 2] == [stray.handle for stray in storage.views.strays.newest(world.space, limit=2)]


def test_stray_receipt_of_another_space_is_not_found(storage: Storage, world: World) -> None:
    add(storage, make_stray(world))

    for space in (
        Space(account_id=world.account.id, tenant_id=world.new_id()),
        Space(account_id=world.new_id(), tenant_id=world.tenant.id),
    ):
        assert () == storage.views.strays.newest(space, limit=5)
        with pytest.raises(ReceiptNotFound):
            storage.views.strays.get(space, 1)


def test_oldest_are_forgotten_but_never_verified_ones_for_others(storage: Storage, world: World) -> None:
    verified = make_stray(world, handle=1, is_verified=True)
    add(storage, verified, *(make_stray(world, handle=handle) for handle in range(2, KEPT_STRAYS + 4)))

    kept = [stray.handle for stray in storage.views.strays.newest(world.space, limit=1000)]

    assert [*range(KEPT_STRAYS + 3, 3, -1), 1] == kept


def test_station_is_found_by_its_name_alone(storage: Storage, world: World) -> None:
    assert world.station == storage.views.station_named(world.station.as2_id)
    assert storage.views.station_named(world.station.as2_id.swapcase()) is None
