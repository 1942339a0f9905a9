"""Webhooks and events on SQLite: `ports.Webhooks` inside a unit, `ports.WebhookViews` outside of it."""

import sqlite3
from datetime import timedelta
from uuid import UUID

from acuse.domain.access import Mode
from acuse.domain.account import Space
from acuse.domain.dialect import Dialect
from acuse.domain.event import EventKind
from acuse.domain.webhook import Delivery, DeliveryState, Subscription, WebhookEndpoint
from acuse.errors import NotFound, WebhookEndpointNotFound
from acuse.ports import DeliveryCount, DeliveryPage, DeliveryView, Published
from acuse.storage import tables
from acuse.storage.columns import names, optional_id, optional_moment
from acuse.storage.rows import Row
from acuse.storage.sqlite import webhook_statements as sql
from acuse.storage.sqlite.connections import Readers
from acuse.storage.vault import Vault
from acuse.storage.webhook_rows import delivery_row, endpoint_row, read_delivery, read_endpoint, read_event

_DELIVERY_END = len(tables.webhook_delivery.c)


class WebhookRows:
    """`ports.Webhooks` on the connection of a unit."""

    def __init__(self, driver: sqlite3.Connection, vault: Vault) -> None:
        self._driver = driver
        self._vault = vault
        self._subscriptions: dict[tuple[UUID, Mode], tuple[Subscription, ...]] = {}
        """As they are in this transaction: each event of each message asks for them."""

    def add(self, endpoint: WebhookEndpoint) -> None:
        self._subscriptions.clear()
        self._driver.execute(sql.ADD_ENDPOINT, endpoint_row(endpoint, self._vault))

    def get(self, endpoint_id: UUID) -> WebhookEndpoint:
        row = self._driver.execute(sql.GET_ENDPOINT, (endpoint_id.bytes,)).fetchone()
        if row is None:
            raise WebhookEndpointNotFound
        return read_endpoint(row, self._vault)

    def save(self, endpoint: WebhookEndpoint) -> None:
        self._subscriptions.clear()
        if self._driver.execute(sql.SAVE_ENDPOINT, endpoint_row(endpoint, self._vault)).rowcount != 1:
            raise WebhookEndpointNotFound

    def remove(self, endpoint_id: UUID) -> None:
        self._subscriptions.clear()
        self._driver.execute(sql.REMOVE_ENDPOINT, (endpoint_id.bytes,))

    def subscriptions(self, tenant_id: UUID, mode: Mode) -> tuple[Subscription, ...]:
        space = tenant_id, mode
        if space not in self._subscriptions:
            rows = self._driver.execute(sql.SUBSCRIPTIONS, (tenant_id.bytes, mode)).fetchall()
            self._subscriptions[space] = tuple(map(_subscription, rows))
        return self._subscriptions[space]

    def add_delivery(self, delivery: Delivery) -> None:
        self._driver.execute(sql.ADD_DELIVERY, delivery_row(delivery))

    def get_delivery(self, delivery_id: UUID) -> Delivery | None:
        return self._delivery(sql.GET_DELIVERY, delivery_id.bytes)

    def save_delivery(self, delivery: Delivery) -> None:
        self._driver.execute(sql.SAVE_DELIVERY, delivery_row(delivery))

    def first_pending(self, endpoint_id: UUID, subject_id: UUID) -> Delivery | None:
        return self._delivery(sql.FIRST_PENDING, endpoint_id.bytes, subject_id.bytes)

    def _delivery(self, statement: str, *parameters: bytes) -> Delivery | None:
        row = self._driver.execute(statement, parameters).fetchone()
        return None if row is None else read_delivery(row)


class SQLiteWebhookViews:
    """`ports.WebhookViews`. Reads from any thread."""

    def __init__(self, readers: Readers, vault: Vault) -> None:
        self._readers = readers
        self._vault = vault

    def endpoints(self, space: Space) -> tuple[WebhookEndpoint, ...]:
        rows = self._all(sql.ENDPOINTS, space.tenant_id.bytes, space.mode, space.account_id.bytes)
        return tuple(read_endpoint(row, self._vault) for row in rows)

    def endpoint(self, space: Space, handle: int) -> WebhookEndpoint:
        rows = self._all(sql.ENDPOINT, space.account_id.bytes, handle, space.tenant_id.bytes, space.mode)
        if not rows:
            raise WebhookEndpointNotFound
        return read_endpoint(rows[0], self._vault)

    def deliveries(
        self, endpoint_id: UUID, *, state: DeliveryState | None = None, limit: int, offset: int
    ) -> DeliveryPage:
        wanted = (endpoint_id.bytes, state, state)
        with self._readers.snapshot() as link:
            rows = link.driver.execute(sql.DELIVERIES, (*wanted, limit, offset)).fetchall()
            total: int = link.driver.execute(sql.COUNT_DELIVERIES, wanted).fetchone()[0]
        return DeliveryPage(rows=tuple(_view(row) for row in rows), total=total)

    def delivery_counts(self, space: Space) -> tuple[DeliveryCount, ...]:
        rows = self._all(sql.DELIVERY_COUNTS, space.tenant_id.bytes, space.mode, space.account_id.bytes)
        return tuple(_count(row) for row in rows)

    def given_up(self, endpoint_id: UUID, *, after: int, limit: int) -> tuple[UUID, ...]:
        rows = self._all(sql.GIVEN_UP_AFTER, endpoint_id.bytes, after, limit)
        return tuple(UUID(bytes=row[0]) for row in rows)

    def events(self, space: Space, *, after: int, limit: int) -> tuple[Published, ...]:
        rows = self._all(sql.EVENTS_AFTER, space.tenant_id.bytes, space.mode, after, space.account_id.bytes, limit)
        return tuple(read_event(row) for row in rows)

    def event(self, position: int) -> Published:
        rows = self._all(sql.EVENT, position)
        if not rows:
            raise NotFound(position=position)
        return read_event(rows[0])

    def _all(self, statement: str, *parameters: bytes | int | str) -> list[Row]:
        with self._readers.link() as link:
            return link.driver.execute(statement, parameters).fetchall()


def _subscription(row: Row) -> Subscription:
    key, events, dialect, scope_id = row
    return Subscription(
        endpoint_id=UUID(bytes=key), events=names(events), dialect=Dialect(dialect), scope_id=optional_id(scope_id)
    )


def _count(row: Row) -> DeliveryCount:
    endpoint_id, state, count, settled_at, duration = row
    return DeliveryCount(
        endpoint_id=UUID(bytes=endpoint_id),
        state=DeliveryState(state),
        count=count,
        last_settled_at=optional_moment(settled_at),
        mean_duration=None if duration is None else timedelta(microseconds=round(duration)),
    )


def _view(row: Row) -> DeliveryView:
    event_id, kind, subject_handle = row[_DELIVERY_END:]
    return DeliveryView(
        delivery=read_delivery(row[:_DELIVERY_END]),
        event_id=UUID(bytes=event_id),
        kind=EventKind(kind),
        subject_handle=subject_handle,
    )
