"""Events as this API posts them to webhooks. The documented service does not say what its body is; this one is ours."""

from collections.abc import Mapping

import msgspec

from acuse.domain.message import Direction
from acuse.domain.webhook import WebhookEndpoint, WebhookTest
from acuse.ports import EventView, MessageView
from acuse.web.dialects.as2expert.translate import bare, mdn_word

SPANISH: Mapping[str, str] = {
    "message.received": "mensaje.recibido",
    "message.sent": "mensaje.enviado",
    "mdn.received": "mdn.recibido",
    "send.error": "envio.error",
}
"""The name that events also have, by the one under which they are chosen."""
TRIED = "message.received"
"""The event that a test pretends."""


def event_body(view: EventView) -> bytes:
    """What is posted."""
    subject = view.subject
    assert isinstance(subject, MessageView)
    message = subject.message
    return _body(
        view.told_as,
        event_id=view.event.public_id,
        timestamp=int(view.event.occurred_at.timestamp()),
        partner_id=subject.partner.handle,
        station_id=subject.station.handle,
        data={
            "id": message.handle,
            "message_as2_id": bare(message.wire_id),
            "subject": message.subject,
            "direction": "in" if message.direction is Direction.INBOUND else "out",
            "mdn": mdn_word(message),
        },
    )


def webhook_test_body(endpoint: WebhookEndpoint, test: WebhookTest) -> bytes:
    """What is posted to try an endpoint: the shape of an event that tells of no message."""
    return _body(
        TRIED,
        event_id=test.public_id,
        timestamp=int(test.asked_at.timestamp()),
        partner_id=None,
        station_id=None,
        data={"test": True, "webhook_url": endpoint.url},
    )


def _body(
    name: str,
    *,
    event_id: str,
    timestamp: int,
    partner_id: int | None,
    station_id: int | None,
    data: Mapping[str, object],
) -> bytes:
    return msgspec.json.encode(
        {
            "id": event_id,
            "event": name,
            "event_name": SPANISH[name],
            "timestamp": timestamp,
            "partner_id": partner_id,
            "station_id": station_id,
            "data": data,
        }
    )
