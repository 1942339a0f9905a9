"""What is posted to webhooks in this API's words, the fields under the old names and the new ones."""

import msgspec

from acuse.domain.message import Direction
from acuse.domain.webhook import WebhookEndpoint, WebhookTest
from acuse.ports import EventView, MessageView
from acuse.web.dialects.mft.translate import attachment_path, failures, milliseconds


def event_body(view: EventView) -> bytes:
    """The body of a delivery. Only messages are told of in this API."""
    subject = view.subject
    assert isinstance(subject, MessageView), "no other event has a name here"
    occurred_at = milliseconds(view.event.occurred_at)
    return msgspec.json.encode(event_object(subject, name=view.told_as, occurred_at=occurred_at))


def webhook_test_body(endpoint: WebhookEndpoint, test: WebhookTest) -> bytes:
    """What is posted to try an endpoint: none of the events, so that no program takes it for one."""
    return msgspec.json.encode({"eventType": "TEST", "receivedAt": milliseconds(test.asked_at), "to": endpoint.url})


def event_object(view: MessageView, *, name: str, occurred_at: int) -> dict[str, object]:
    """The fields of an event; `occurred_at` in milliseconds."""
    message, station, partner = view.message, view.station, view.partner
    is_incoming = message.direction is Direction.INBOUND
    shown: dict[str, object] = {
        "eventType": name,
        "to": station.as2_id if is_incoming else partner.as2_id,
        "messageAS2ID": message.wire_id,
        "messageIdentifier": message.wire_id,
        "messageSubject": message.subject,
        "subject": message.subject,
        "stationAS2ID": station.as2_id,
        "stationIdentifier": station.as2_id,
        "stationName": station.name,
        "partnerAS2ID": partner.as2_id,
        "partnerIdentifier": partner.as2_id,
        "partnerName": partner.name,
        "receivedAt": occurred_at,
        "attachments": [attachment_path(message, entry) for entry in view.attachments],
        "tenantId": message.tenant_id.hex,
    }
    if name == "MESSAGE.SEND.FAILED":
        problem = message.problem
        shown |= {
            "failureReason": problem and _reason(problem.message, problem.details.get("status")),
            "failures": failures(message),
            "lastAttemptTime": message.last_attempt_at and milliseconds(message.last_attempt_at),
        }
    return {name: value for name, value in shown.items() if value is not None}


def _reason(told: str, status: object) -> str:
    return told if status is None else f"Received HTTP status code of {status}"
