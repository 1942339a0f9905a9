"""Rows of webhooks and events to values and back.

Rule: as in `rows`. A secret, and the header fields that go with it, are sealed on their way into a row and opened on
their way out of it, nowhere else.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from acuse.domain.access import Mode
from acuse.domain.dialect import Dialect
from acuse.domain.event import CertificateNotice, Event, EventKind, MessageState, NoticeState, PartnerState
from acuse.domain.webhook import Delivery, DeliveryState, WebhookEndpoint
from acuse.ports import Published
from acuse.storage import tables
from acuse.storage.columns import (
    certificate_notice,
    headers,
    json_text,
    message_state,
    micros,
    moment,
    names,
    notice_state,
    optional_id,
    optional_json,
    optional_micros,
    optional_moment,
    partner_state,
    retry_policy,
    webhook_test,
)
from acuse.storage.rows import Row, Values, by_name
from acuse.storage.vault import Vault

_ENDPOINT = tuple(tables.webhook_endpoint.c.keys())
_DELIVERY = tuple(tables.webhook_delivery.c.keys())
_STATES: Mapping[str, Callable[[str], MessageState | CertificateNotice | NoticeState | PartnerState]] = {
    "certificate": certificate_notice,
    "notice": notice_state,
    "partner": partner_state,
}
_MICROSECOND = timedelta(microseconds=1)


def endpoint_row(endpoint: WebhookEndpoint, vault: Vault) -> Values:
    return {
        "id": endpoint.id.bytes,
        "handle": endpoint.handle,
        "account_id": endpoint.account_id.bytes,
        "tenant_id": endpoint.tenant_id.bytes,
        "url": endpoint.url,
        "url_is_vouched": endpoint.url_is_vouched,
        "sealed_secret": vault.seal_text(_secret_of(endpoint.id), endpoint.secret),
        "events": json_text(endpoint.events),
        "description": endpoint.description,
        "active": endpoint.active,
        "timeout": endpoint.timeout // _MICROSECOND,
        "sealed_headers": vault.seal_text(_headers_of(endpoint.id), json_text(endpoint.headers)),
        "retry": json_text(endpoint.retry),
        "created_at": micros(endpoint.created_at),
        "updated_at": micros(endpoint.updated_at),
        "mode": endpoint.mode,
        "sealed_replaced_secret": _sealed_replaced(endpoint, vault),
        "replaced_until": optional_micros(endpoint.replaced_until),
        "last_test": optional_json(endpoint.last_test),
        "dialect": endpoint.dialect,
        "scope_id": None if endpoint.scope_id is None else endpoint.scope_id.bytes,
    }


def read_endpoint(row: Row, vault: Vault) -> WebhookEndpoint:
    column = by_name(_ENDPOINT, row)
    endpoint_id = UUID(bytes=column["id"])
    return WebhookEndpoint(
        id=endpoint_id,
        handle=column["handle"],
        account_id=UUID(bytes=column["account_id"]),
        tenant_id=UUID(bytes=column["tenant_id"]),
        url=column["url"],
        url_is_vouched=bool(column["url_is_vouched"]),
        secret=vault.open_text(_secret_of(endpoint_id), column["sealed_secret"]),
        events=names(column["events"]),
        description=column["description"],
        active=bool(column["active"]),
        timeout=column["timeout"] * _MICROSECOND,
        headers=headers(vault.open_text(_headers_of(endpoint_id), column["sealed_headers"])),
        retry=retry_policy(column["retry"]),
        created_at=moment(column["created_at"]),
        updated_at=moment(column["updated_at"]),
        mode=Mode(column["mode"]),
        replaced_secret=_replaced(endpoint_id, column["sealed_replaced_secret"], vault),
        replaced_until=optional_moment(column["replaced_until"]),
        last_test=webhook_test(column["last_test"]) if column["last_test"] else None,
        dialect=Dialect(column["dialect"]),
        scope_id=optional_id(column["scope_id"]),
    )


def delivery_row(delivery: Delivery) -> Values:
    return {
        "id": delivery.id.bytes,
        "endpoint_id": delivery.endpoint_id.bytes,
        "position": delivery.position,
        "subject_id": delivery.subject_id.bytes,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "attempt_token": None if delivery.attempt_token is None else delivery.attempt_token.bytes,
        "created_at": micros(delivery.created_at),
        "first_attempt_at": optional_micros(delivery.first_attempt_at),
        "last_attempt_at": optional_micros(delivery.last_attempt_at),
        "next_attempt_at": optional_micros(delivery.next_attempt_at),
        "settled_at": optional_micros(delivery.settled_at),
        "status": delivery.status,
        "error": delivery.error,
        "excerpt": delivery.excerpt,
        "duration": None if delivery.duration is None else delivery.duration // _MICROSECOND,
        "told_as": delivery.told_as,
    }


def read_delivery(row: Row) -> Delivery:
    column = by_name(_DELIVERY, row)
    return Delivery(
        id=UUID(bytes=column["id"]),
        endpoint_id=UUID(bytes=column["endpoint_id"]),
        position=column["position"],
        subject_id=UUID(bytes=column["subject_id"]),
        state=DeliveryState(column["state"]),
        attempts=column["attempts"],
        attempt_token=optional_id(column["attempt_token"]),
        created_at=moment(column["created_at"]),
        first_attempt_at=optional_moment(column["first_attempt_at"]),
        last_attempt_at=optional_moment(column["last_attempt_at"]),
        next_attempt_at=optional_moment(column["next_attempt_at"]),
        settled_at=optional_moment(column["settled_at"]),
        status=column["status"],
        error=column["error"],
        excerpt=column["excerpt"],
        duration=None if column["duration"] is None else column["duration"] * _MICROSECOND,
        told_as=column["told_as"],
    )


def event_row(event: Event) -> Values:
    """Without the position, which the database gives."""
    return {
        "id": event.id.bytes,
        "account_id": event.account_id.bytes,
        "tenant_id": event.tenant_id.bytes,
        "kind": event.kind,
        "subject_id": event.subject_id.bytes,
        "occurred_at": micros(event.occurred_at),
        "data": json_text(event.state),
        "mode": event.mode,
    }


def read_event(row: Row) -> Published:
    position, key, account_id, tenant_id, kind, subject_id, occurred_at, data, mode = row
    event = Event(
        id=UUID(bytes=key),
        account_id=UUID(bytes=account_id),
        tenant_id=UUID(bytes=tenant_id),
        mode=Mode(mode),
        kind=EventKind(kind),
        subject_id=UUID(bytes=subject_id),
        occurred_at=moment(occurred_at),
        state=_STATES.get(kind.partition(".")[0], message_state)(data),
    )
    return Published(position=position, event=event)


def _sealed_replaced(endpoint: WebhookEndpoint, vault: Vault) -> bytes | None:
    secret = endpoint.replaced_secret
    return None if secret is None else vault.seal_text(_replaced_secret_of(endpoint.id), secret)


def _replaced(endpoint_id: UUID, sealed: bytes | None, vault: Vault) -> str | None:
    return None if sealed is None else vault.open_text(_replaced_secret_of(endpoint_id), sealed)


def _replaced_secret_of(endpoint_id: UUID) -> str:
    return f"webhook-replaced-secret:{endpoint_id}"


def _secret_of(endpoint_id: UUID) -> str:
    return f"webhook-secret:{endpoint_id}"


def _headers_of(endpoint_id: UUID) -> str:
    return f"webhook-headers:{endpoint_id}"
