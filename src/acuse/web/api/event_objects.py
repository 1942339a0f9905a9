"""The objects of events and webhooks, as webhooks receive them, the API answers and the command line prints them.

Rule: a secret, or a header field that may hold one, is shown only to whoever just set it.
"""

import msgspec

from acuse.domain.event import CertificateNotice
from acuse.domain.webhook import DeliveryState, WebhookEndpoint, WebhookTest
from acuse.ports import DeliveryView, EventView, MessageView, NoticeView, PartnerView
from acuse.web.api.handles import public_id
from acuse.web.api.notice_objects import notice_object
from acuse.web.api.objects import certificate_object, iso, message_object
from acuse.web.api.partner_objects import HIDDEN, partner_object

API_VERSION = "v1"
_SUBJECTS = {"message": "msg", "certificate": "cert", "notice": "ntc", "partner": "prt"}
TEST_KIND = "webhook.test"


def event_object(view: EventView) -> dict[str, object]:
    """An event with its subject. The name of its kind stands twice, because clients look in either place."""
    event = view.event
    return {
        "id": event.public_id,
        "type": event.kind.value,
        "event": event.kind.value,
        "data": _subject(view),
        "timestamp": iso(event.occurred_at),
        "api_version": API_VERSION,
    }


def _subject(view: EventView) -> dict[str, object]:
    subject, state = view.subject, view.event.state
    if isinstance(subject, MessageView):
        return message_object(subject, detail=True)
    if isinstance(subject, NoticeView):
        return notice_object(subject)
    if isinstance(subject, PartnerView):
        return partner_object(subject, now=view.event.occurred_at)
    shown = certificate_object(subject, now=view.event.occurred_at)
    return {**shown, "days": state.days} if isinstance(state, CertificateNotice) else shown


def event_body(view: EventView) -> bytes:
    """What is posted to a webhook."""
    return msgspec.json.encode(event_object(view))


def webhook_test_body(endpoint: WebhookEndpoint, test: WebhookTest) -> bytes:
    """What is posted to try an endpoint: the shape of every event, with the endpoint as its data."""
    return msgspec.json.encode(
        {
            "id": test.public_id,
            "type": TEST_KIND,
            "event": TEST_KIND,
            "data": {"id": endpoint.public_id, "url": endpoint.url, "events": list(endpoint.events)},
            "timestamp": iso(test.asked_at),
            "api_version": API_VERSION,
        }
    )


def webhook_test_object(test: WebhookTest) -> dict[str, object]:
    """What came of trying an endpoint."""
    return {
        "event_id": test.public_id,
        "success": test.is_success,
        "status_code": test.status,
        "error": test.error,
        "duration": round(test.duration.total_seconds(), 3),
        "asked_at": iso(test.asked_at),
        "ended_at": iso(test.ended_at),
    }


def endpoint_object(endpoint: WebhookEndpoint, *, with_secret: bool = False) -> dict[str, object]:
    """A webhook endpoint."""
    shown: dict[str, object] = {
        "id": endpoint.public_id,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "description": endpoint.description,
        "active": endpoint.active,
        "timeout": endpoint.timeout.total_seconds(),
        "headers": {name: value if with_secret else HIDDEN for name, value in endpoint.headers},
        "retry_first": endpoint.retry.first.total_seconds(),
        "retry_longest": endpoint.retry.longest.total_seconds(),
        "retry_for": endpoint.retry.give_up_after.total_seconds(),
        "retry_attempts": endpoint.retry.most_retries,
        "retry_interval": endpoint.retry.first.total_seconds(),
        "mode": endpoint.mode.value,
        "format": endpoint.dialect.value,
        "replaced_secret_until": iso(endpoint.replaced_until),
        "last_test": None if endpoint.last_test is None else webhook_test_object(endpoint.last_test),
        "created_at": iso(endpoint.created_at),
        "updated_at": iso(endpoint.updated_at),
    }
    return {**shown, "secret": endpoint.secret} if with_secret else shown


def delivery_object(view: DeliveryView) -> dict[str, object]:
    """One line of an endpoint's log."""
    delivery = view.delivery
    is_delivered = delivery.state is DeliveryState.DELIVERED
    return {
        "id": delivery.public_id,
        "event_id": f"evt_{view.event_id.hex}",
        "event": view.kind.value,
        **_subject_ids(view),
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "status_code": delivery.status,
        "error": delivery.error,
        "response_excerpt": delivery.excerpt,
        "duration": None if delivery.duration is None else round(delivery.duration.total_seconds(), 3),
        "created_at": iso(delivery.created_at),
        "last_attempt_at": iso(delivery.last_attempt_at),
        "next_attempt_at": iso(delivery.next_attempt_at),
        "delivered_at": iso(delivery.settled_at) if is_delivered else None,
    }


def _subject_ids(view: DeliveryView) -> dict[str, object]:
    subject = view.kind.value.partition(".")[0]
    ids = {f"{kind}_id": None for kind in _SUBJECTS}
    return {**ids, f"{subject}_id": public_id(_SUBJECTS[subject], view.subject_handle)}
