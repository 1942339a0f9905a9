"""What the storage promises about webhooks, deliveries and events."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from acuse.domain.access import Mode
from acuse.domain.account import Space
from acuse.domain.dialect import Dialect
from acuse.domain.event import EventKind, MessageState
from acuse.domain.message import Message, Problem, ReceiptState, Transmission
from acuse.domain.retry import RetryPolicy
from acuse.domain.webhook import Delivery, DeliveryState, Subscription, WebhookEndpoint
from acuse.errors import WebhookEndpointNotFound
from acuse.ports import Unit
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import NOON, World


def make_endpoint(world: World, **changes: object) -> WebhookEndpoint:
    endpoint = WebhookEndpoint(
        id=world.new_id(),
        handle=1,
        account_id=world.account.id,
        tenant_id=world.tenant.id,
        url="https://erp.acme.test/hook",
        url_is_vouched=False,
        secret="whsec_c2VjcmV0",
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(endpoint, **changes)  # type: ignore[arg-type]


def add(storage: Storage, *endpoints: WebhookEndpoint) -> None:
    def decide(unit: Unit) -> None:
        for endpoint in endpoints:
            unit.webhooks.add(endpoint)

    storage.units.run(decide)


def publish(storage: Storage, world: World, message: Message, **changes: object) -> int:
    return storage.units.run(lambda unit: unit.publish(world.make_event(message, **changes)))


def make_delivery(
    world: World, endpoint: WebhookEndpoint, message: Message, position: int, told_as: str = "message.sent"
) -> Delivery:
    return Delivery(
        id=world.new_id(),
        endpoint_id=endpoint.id,
        position=position,
        subject_id=message.id,
        told_as=told_as,
        created_at=NOON,
    )


def add_deliveries(storage: Storage, *deliveries: Delivery) -> None:
    def decide(unit: Unit) -> None:
        for delivery in deliveries:
            unit.webhooks.add_delivery(delivery)

    storage.units.run(decide)


@pytest.fixture
def endpoint(storage: Storage, world: World) -> WebhookEndpoint:
    endpoint = make_endpoint(world)
    add(storage, endpoint)
    return endpoint


@pytest.fixture
def message(storage: Storage, world: World) -> Message:
    message = world.make_message()
    storage.write(message)
    return message


def test_an_endpoint_comes_back_as_it_was_written(storage: Storage, world: World) -> None:
    plain = make_endpoint(world)
    full = make_endpoint(
        world,
        handle=2,
        url_is_vouched=True,
        events=("message.sent", "message.failed"),
        description="the ERP",
        active=False,
        timeout=timedelta(seconds=2.5),
        headers=(("Authorization", "Bearer x"), ("X-A", "é")),
        retry=RetryPolicy(first=timedelta(seconds=0.1), give_up_after=timedelta(days=2)),
        updated_at=NOON + timedelta(microseconds=7),
    )

    add(storage, full, plain)

    assert (plain, full) == storage.views.webhooks.endpoints(world.space)
    assert full == storage.views.webhooks.endpoint(world.space, 2)
    assert full == storage.units.run(lambda unit: unit.webhooks.get(full.id))


def test_an_endpoint_is_changed_by_saving_it(storage: Storage, world: World, endpoint: WebhookEndpoint) -> None:
    changed = replace(endpoint, url="https://other.test/", secret="whsec_b3RoZXI=", active=False, events=("*",))

    storage.units.run(lambda unit: unit.webhooks.save(changed))

    assert changed == storage.views.webhooks.endpoint(world.space, 1)


def test_an_endpoint_of_another_space_is_not_found(storage: Storage, world: World, endpoint: WebhookEndpoint) -> None:
    elsewhere = Space(account_id=world.account.id, tenant_id=world.new_id())
    with_another_account = Space(account_id=world.new_id(), tenant_id=world.tenant.id)

    for space in (elsewhere, with_another_account):
        assert () == storage.views.webhooks.endpoints(space)
        with pytest.raises(WebhookEndpointNotFound):
            storage.views.webhooks.endpoint(space, 1)


def test_subscriptions_are_those_of_the_active_endpoints_of_the_tenant(storage: Storage, world: World) -> None:
    other_tenant = world.make_tenant(handle=2)
    storage.write(other_tenant)
    all_kinds = make_endpoint(world)
    of_partner = make_endpoint(
        world, handle=2, events=("send.error",), dialect=Dialect.AS2EXPERT, scope_id=world.partner.id
    )
    inactive = make_endpoint(world, handle=4, active=False)
    foreign = make_endpoint(world, handle=5, tenant_id=other_tenant.id)
    of_test_mode = make_endpoint(world, handle=6, mode=Mode.TEST)
    add(storage, all_kinds, of_partner, inactive, foreign, of_test_mode)

    def ask(tenant_id: UUID, mode: Mode = Mode.LIVE) -> tuple[Subscription, ...]:
        return storage.units.run(lambda unit: unit.webhooks.subscriptions(tenant_id, mode))

    everything, told_of_partner = ask(world.tenant.id)
    assert Subscription(endpoint_id=all_kinds.id, events=("*",)) == everything
    assert (of_partner.id, of_partner.events) == (told_of_partner.endpoint_id, told_of_partner.events)
    assert (Dialect.AS2EXPERT, world.partner.id) == (told_of_partner.dialect, told_of_partner.scope_id)
    assert [of_test_mode.id] == [entry.endpoint_id for entry in ask(world.tenant.id, Mode.TEST)]
    assert [foreign.id] == [entry.endpoint_id for entry in ask(other_tenant.id)]
    assert () == ask(world.new_id())


def test_subscriptions_are_those_of_this_moment_of_the_unit(storage: Storage, world: World) -> None:
    first, second = make_endpoint(world), make_endpoint(world, handle=2)

    def decide(unit: Unit) -> list[tuple[UUID, ...]]:
        def ask() -> tuple[UUID, ...]:
            return tuple(entry.endpoint_id for entry in unit.webhooks.subscriptions(world.tenant.id, Mode.LIVE))

        found = [ask()]
        unit.webhooks.add(first)
        unit.webhooks.add(second)
        found.append(ask())
        unit.webhooks.save(replace(first, active=False))
        found.append(ask())
        unit.webhooks.remove(second.id)
        return [*found, ask()]

    assert [(), (first.id, second.id), (second.id,), ()] == storage.units.run(decide)


def test_one_event_is_delivered_under_each_of_its_names_in_their_order(storage: Storage, world: World) -> None:
    endpoint, message = make_endpoint(world, dialect=Dialect.AS2EXPERT), world.make_message()
    storage.units.run(lambda unit: unit.messages.add(message, []))
    add(storage, endpoint)
    position = publish(storage, world, message)
    error = make_delivery(world, endpoint, message, position, "send.error")
    receipt = make_delivery(world, endpoint, message, position, "mdn.received")
    add_deliveries(storage, error, receipt)

    assert receipt == storage.units.run(lambda unit: unit.webhooks.first_pending(endpoint.id, message.id))
    shown = storage.views.webhooks.deliveries(endpoint.id, limit=10, offset=0).rows
    assert [error, receipt] == [view.delivery for view in shown]
    assert endpoint == storage.views.webhooks.endpoint(world.space, 1)


def test_live_and_test_endpoints_do_not_show_each_other(storage: Storage, world: World) -> None:
    live, test = make_endpoint(world), make_endpoint(world, handle=2, mode=Mode.TEST)
    add(storage, live, test)
    in_test = replace(world.space, mode=Mode.TEST)

    assert (live,) == storage.views.webhooks.endpoints(world.space)
    assert (test,) == storage.views.webhooks.endpoints(in_test)
    assert test == storage.views.webhooks.endpoint(in_test, 2)
    with pytest.raises(WebhookEndpointNotFound):
        storage.views.webhooks.endpoint(world.space, 2)


def test_live_and_test_events_do_not_show_each_other(storage: Storage, world: World, message: Message) -> None:
    live, test = world.make_event(message), replace(world.make_event(message), mode=Mode.TEST)
    storage.write(live, test)
    in_test = replace(world.space, mode=Mode.TEST)

    assert [live] == [each.event for each in storage.views.webhooks.events(world.space, after=0, limit=9)]
    assert [test] == [each.event for each in storage.views.webhooks.events(in_test, after=0, limit=9)]


def test_a_removed_endpoint_takes_its_deliveries_along(
    storage: Storage, world: World, endpoint: WebhookEndpoint, message: Message
) -> None:
    delivery = make_delivery(world, endpoint, message, publish(storage, world, message))
    add_deliveries(storage, delivery)

    storage.units.run(lambda unit: unit.webhooks.remove(endpoint.id))

    assert storage.units.run(lambda unit: unit.webhooks.get_delivery(delivery.id)) is None
    assert () == storage.views.webhooks.endpoints(world.space)
    with pytest.raises(WebhookEndpointNotFound):
        storage.units.run(lambda unit: unit.webhooks.get(endpoint.id))
    with pytest.raises(WebhookEndpointNotFound):
        storage.units.run(lambda unit: unit.webhooks.save(endpoint))
    assert 1 == len(storage.views.webhooks.events(world.space, after=0, limit=9))


def test_a_delivery_comes_back_as_it_was_saved(
    storage: Storage, world: World, endpoint: WebhookEndpoint, message: Message
) -> None:
    fresh = make_delivery(world, endpoint, message, publish(storage, world, message))
    full = replace(
        fresh,
        state=DeliveryState.GIVEN_UP,
        attempts=3,
        attempt_token=world.new_id(),
        first_attempt_at=NOON + timedelta(seconds=1),
        last_attempt_at=NOON + timedelta(seconds=2),
        next_attempt_at=NOON + timedelta(seconds=3),
        settled_at=NOON + timedelta(seconds=4),
        status=503,
        error="answered HTTP 503",
    )
    add_deliveries(storage, fresh)

    def decide(unit: Unit) -> tuple[Delivery | None, Delivery | None]:
        before = unit.webhooks.get_delivery(fresh.id)
        unit.webhooks.save_delivery(full)
        return before, unit.webhooks.get_delivery(fresh.id)

    assert (fresh, full) == storage.units.run(decide)


def test_the_first_pending_delivery_is_that_of_the_earliest_event_that_is_not_settled(
    storage: Storage, world: World, endpoint: WebhookEndpoint, message: Message
) -> None:
    other = world.make_message(handle=2)
    storage.write(other)
    positions = [publish(storage, world, each) for each in (message, other, message, message)]
    first, foreign, second, third = (
        make_delivery(world, endpoint, each, position)
        for each, position in zip((message, other, message, message), positions, strict=True)
    )
    add_deliveries(storage, third, second, first, foreign)

    def ask(unit: Unit) -> Delivery | None:
        return unit.webhooks.first_pending(endpoint.id, message.id)

    assert first == storage.units.run(ask)
    storage.units.run(lambda unit: unit.webhooks.save_delivery(replace(first, state=DeliveryState.DELIVERED)))
    assert second == storage.units.run(ask)
    storage.units.run(lambda unit: unit.webhooks.save_delivery(replace(second, state=DeliveryState.GIVEN_UP)))
    assert third == storage.units.run(ask)


def test_the_log_of_an_endpoint_is_newest_first_and_can_be_filtered(
    storage: Storage, world: World, endpoint: WebhookEndpoint, message: Message
) -> None:
    other = make_endpoint(world, handle=2)
    add(storage, other)
    kinds = [EventKind.MESSAGE_QUEUED, EventKind.MESSAGE_SENT, EventKind.MESSAGE_DELIVERED]
    deliveries = [
        make_delivery(world, endpoint, message, publish(storage, world, message, kind=kind)) for kind in kinds
    ]
    deliveries[1] = replace(deliveries[1], state=DeliveryState.GIVEN_UP)
    add_deliveries(storage, *deliveries, make_delivery(world, other, message, deliveries[0].position))

    whole = storage.views.webhooks.deliveries(endpoint.id, limit=2, offset=1)
    given_up = storage.views.webhooks.deliveries(endpoint.id, state=DeliveryState.GIVEN_UP, limit=9, offset=0)

    assert (3, [deliveries[1], deliveries[0]]) == (whole.total, [view.delivery for view in whole.rows])
    assert [(kinds[1], message.handle), (kinds[0], message.handle)] == [
        (view.kind, view.subject_handle) for view in whole.rows
    ]
    assert (1, [deliveries[1]]) == (given_up.total, [view.delivery for view in given_up.rows])


def test_an_event_comes_back_with_the_state_of_its_message(storage: Storage, world: World, message: Message) -> None:
    state = MessageState(
        transmission=Transmission.FAILED,
        receipt=ReceiptState.TIMEOUT,
        receipt_is_late=True,
        attempts=4,
        updated_at=NOON + timedelta(microseconds=1),
        last_attempt_at=NOON + timedelta(microseconds=2),
        next_attempt_at=NOON + timedelta(microseconds=3),
        sent_at=NOON + timedelta(microseconds=4),
        delivered_at=NOON + timedelta(microseconds=5),
        problem=Problem(code="X", message="Y", details={"tries": [1, None]}),
        receipt_id=world.new_id(),
    )
    event = world.make_event(message, kind=EventKind.MESSAGE_FAILED, state=state)

    position = storage.units.run(lambda unit: unit.publish(event))

    assert event == storage.views.webhooks.event(position).event


def test_events_of_another_space_are_not_shown(storage: Storage, world: World, message: Message) -> None:
    publish(storage, world, message)
    elsewhere = Space(account_id=world.account.id, tenant_id=world.new_id())
    with_another_account = Space(account_id=world.new_id(), tenant_id=world.tenant.id)

    assert () == storage.views.webhooks.events(elsewhere, after=0, limit=9)
    assert () == storage.views.webhooks.events(with_another_account, after=0, limit=9)


def test_a_reader_that_follows_the_positions_misses_nothing_of_sixteen_writers(
    storage: Storage, world: World, message: Message
) -> None:
    seen: list[int] = []

    def write(_: int) -> list[int]:
        return [publish(storage, world, message) for _ in range(25)]

    def follow() -> None:
        found = storage.views.webhooks.events(world.space, after=seen[-1] if seen else 0, limit=7)
        seen.extend(published.position for published in found)

    with ThreadPoolExecutor(16) as pool:
        writers = [pool.submit(write, number) for number in range(16)]
        while not all(writer.done() for writer in writers):
            follow()
        while len(seen) < 400:
            follow()

    written = sorted(position for writer in writers for position in writer.result())
    assert written == seen
