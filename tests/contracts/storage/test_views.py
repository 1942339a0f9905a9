"""What `Views` promises about messages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.domain.access import Mode
from acuse.domain.account import Space
from acuse.domain.message import Direction, Problem, ReceiptState, Transmission
from acuse.errors import MessageNotFound
from acuse.ports import MessageFilter, MessageView
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import NOON, World

List = Callable[..., list[int]]


@pytest.fixture
def listed(storage: Storage, world: World) -> List:
    """The handles that a filter lets through, in the order of the list."""

    def listed(*, limit: int = 100, offset: int = 0, **wanted: object) -> list[int]:
        asked = MessageFilter(**wanted)  # type: ignore[arg-type]
        page = storage.views.messages(world.space, asked, limit=limit, offset=offset)
        if limit == 100 and not offset:
            assert page.total == len(page.rows)
        return [view.message.handle for view in page.rows]

    return listed


@pytest.fixture
def add(storage: Storage, world: World) -> Callable[..., None]:
    """Stores a message for each set of changes, with handles from 1."""

    def add(*all_changes: dict[str, object]) -> None:
        messages = [world.make_message(**{"handle": n, **changes}) for n, changes in enumerate(all_changes, start=1)]
        storage.write(*messages)

    return add


Add = Callable[..., None]


def test_a_list_is_newest_first_and_knows_its_total(storage: Storage, world: World, add: Add) -> None:
    add({}, {}, {}, {}, {})

    page = storage.views.messages(world.space, MessageFilter(), limit=2, offset=1)

    assert [view.message.handle for view in page.rows] == [4, 3]
    assert page.total == 5


def test_messages_of_one_instant_are_listed_by_handle(add: Add, listed: List) -> None:
    add({"created_at": NOON}, {"created_at": NOON}, {"created_at": NOON - timedelta(seconds=1)})

    assert listed() == [2, 1, 3]


def test_a_row_of_a_list_has_its_station_and_partner(storage: Storage, world: World, add: Add) -> None:
    other = world.make_partner(handle=2, as2_id="Initech")
    storage.write(other)
    add({}, {"partner_id": other.id})

    page = storage.views.messages(world.space, MessageFilter(), limit=9, offset=0)

    assert [(view.station, view.partner) for view in page.rows] == [
        (world.station, other),
        (world.station, world.partner),
    ]


def test_a_list_shows_nothing_of_another_space(storage: Storage, world: World, add: Add) -> None:
    add({})
    elsewhere = Space(account_id=world.account.id, tenant_id=world.new_id())
    with_another_account = Space(account_id=world.new_id(), tenant_id=world.tenant.id)

    for space in (elsewhere, with_another_account):
        assert storage.views.messages(space, MessageFilter(), limit=9, offset=0).total == 0
        with pytest.raises(MessageNotFound):
            storage.views.message(space, 1)


def test_live_and_test_messages_do_not_show_each_other(storage: Storage, world: World, add: Add) -> None:
    add({}, {"mode": Mode.TEST})
    in_test = replace(world.space, mode=Mode.TEST)

    for space, handle, other in ((world.space, 1, 2), (in_test, 2, 1)):
        page = storage.views.messages(space, MessageFilter(), limit=9, offset=0)
        assert ([handle], 1) == ([view.message.handle for view in page.rows], page.total)
        assert space.mode is storage.views.message(space, handle).message.mode
        with pytest.raises(MessageNotFound):
            storage.views.message(space, other)


def test_the_partner_filter(storage: Storage, world: World, add: Add, listed: List) -> None:
    other = world.make_partner(handle=2, as2_id="Initech")
    storage.write(other)
    add({}, {"partner_id": other.id})

    assert listed(partner_id=other.id) == [2]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"direction": Direction.INBOUND}, [2]),
        ({"direction": Direction.OUTBOUND}, [6, 5, 4, 3, 1]),
        ({"is_signed": False}, [3]),
        ({"is_encrypted": False}, [4]),
        ({"is_signed": True, "is_encrypted": True, "direction": Direction.INBOUND}, [2]),
        ({"has_problem": True}, [5]),
        ({"has_problem": False}, [6, 4, 3, 2, 1]),
        ({"content_type": "Text/XML"}, [6]),
        ({"content_type": "text"}, []),
    ],
)
def test_a_filter_lets_through_what_it_names(
    add: Add, listed: List, wanted: dict[str, object], expected: list[int]
) -> None:
    add(
        {},
        {"direction": Direction.INBOUND},
        {"is_signed": False},
        {"is_encrypted": False},
        {"problem": Problem(code="X", message="Y")},
        {"content_type": "text/xml; charset=utf-8"},
    )

    assert listed(**wanted) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([(Transmission.TRANSMITTED, ReceiptState.PENDING, False)], [2]),
        ([(Transmission.TRANSMITTED, ReceiptState.POSITIVE, True)], [4]),
        (
            [
                (Transmission.TRANSMITTED, ReceiptState.POSITIVE, False),
                (Transmission.QUEUED, ReceiptState.PENDING, False),
            ],
            [3, 1],
        ),
        ([], []),
    ],
)
def test_the_state_filter_takes_any_of_its_states(
    add: Add,
    listed: List,
    wanted: list[tuple[Transmission, ReceiptState, bool]],
    expected: list[int],
) -> None:
    sent = {"transmission": Transmission.TRANSMITTED}
    add({}, sent, {**sent, "receipt": ReceiptState.POSITIVE})
    late = {**sent, "receipt": ReceiptState.POSITIVE, "receipt_is_late": True, "handle": 4}
    add(late)

    assert listed(states=tuple(wanted)) == expected


def test_the_time_filter_includes_its_start_and_not_its_end(add: Add, listed: List) -> None:
    add({}, {}, {}, {})
    second, fourth = NOON + timedelta(seconds=2), NOON + timedelta(seconds=4)

    assert listed(created_from=second) == [4, 3, 2]
    assert listed(created_to=fourth) == [3, 2, 1]
    assert listed(created_from=second, created_to=fourth) == [3, 2]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("ORDER", [2, 1]),
        ("señal Única", [3]),
        ("@acme.test", [4, 3, 2, 1]),
        ("100%", [2]),
        ("1_0", []),
        ("nothing of this", []),
    ],
)
def test_the_search_looks_into_subject_and_message_id(add: Add, listed: List, search: str, expected: list[int]) -> None:
    add({"subject": "Order 7"}, {"subject": "order 100% done"}, {"subject": "SEÑAL ÚNICA"}, {})

    assert listed(search=search) == expected


def test_filters_add_up(world: World, add: Add, listed: List) -> None:
    add({"subject": "Zug"}, {"subject": "Zug", "is_signed": False}, {"is_signed": False})

    assert listed(search="ZU", is_signed=False, partner_id=world.partner.id) == [2]


def test_a_message_is_shown_with_its_attachments_and_the_partners_receipt(storage: Storage, world: World) -> None:
    message, blob = world.make_message(), world.make_blob()
    attachment = world.make_attachment(blob)
    ours = world.make_receipt(message, blob, direction=Direction.OUTBOUND)
    theirs = world.make_receipt(message, blob)
    storage.write(
        blob,
        (message, [attachment]),
        ours,
        theirs,
    )
    expected = MessageView(
        message=message, station=world.station, partner=world.partner, attachments=(attachment,), receipt=theirs
    )

    assert storage.views.message(world.space, 1) == expected
    assert storage.views.message_by_id(message.id) == expected
    assert storage.views.receipt(ours.id) == ours
    assert storage.views.receipt(world.new_id()) is None


def test_a_receipt_that_verified_is_shown_before_an_earlier_one_that_did_not(storage: Storage, world: World) -> None:
    message, blob = world.make_message(), world.make_blob()
    broken = world.make_receipt(message, blob, is_verified=False)
    good = world.make_receipt(message, blob, created_at=NOON + timedelta(hours=1))
    storage.write(
        blob,
        message,
        broken,
        good,
    )

    assert storage.views.message_by_id(message.id).receipt == good


def test_an_inbound_message_is_found_with_our_receipt(storage: Storage, world: World) -> None:
    message, blob = world.make_message(direction=Direction.INBOUND, wire_id="<in@globex>"), world.make_blob()
    ours = world.make_receipt(message, blob, direction=Direction.OUTBOUND)
    outbound = world.make_message(handle=2, wire_id="<in@globex>")
    storage.write(
        blob,
        message,
        outbound,
        ours,
    )
    relation = {"station_id": world.station.id, "partner_id": world.partner.id}

    found = storage.views.inbound(**relation, wire_id="in@globex")

    assert found is not None
    assert (found.message, found.receipt) == (message, ours)
    assert storage.views.inbound(**relation, wire_id="other@globex") is None


def test_an_unknown_message_is_not_found(storage: Storage, world: World) -> None:
    with pytest.raises(MessageNotFound):
        storage.views.message(world.space, 1)
    with pytest.raises(MessageNotFound):
        storage.views.message_by_id(world.new_id())


def test_overdue_receipts_are_pending_and_were_due_before_now(storage: Storage, world: World, add: Add) -> None:
    add(
        {"receipt_due_at": NOON - timedelta(seconds=1)},
        {"receipt_due_at": NOON},
        {"receipt_due_at": NOON - timedelta(seconds=1), "receipt": ReceiptState.POSITIVE},
        {"receipt_due_at": None},
        {"receipt_due_at": NOON - timedelta(seconds=2)},
    )

    overdue = storage.views.overdue_receipts(NOON, limit=9)

    assert [storage.views.message_by_id(key).message.handle for key in overdue] == [5, 1]
    assert storage.views.overdue_receipts(NOON, limit=1) == overdue[:1]
