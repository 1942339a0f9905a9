"""What webhooks are told in this API's words."""

import json
from typing import Any

from acuse.domain.message import Direction
from acuse.errors import PartnerUnreachable
from acuse.ports import HTTPReply
from acuse.services.deliver_event import begin_event_delivery
from acuse.web.rendering import event_body
from tests.web.dialects.mft.desk import Desk
from tests.web.dialects.mft.transcript import transcript


def subscribe(desk: Desk) -> str:
    """An endpoint for everything, made by the native API; its id."""
    desk.native("/v1/webhook-endpoints")
    wanted = {"url": "http://127.0.0.1:9/hook", "format": "mft"}
    key = {"Authorization": f"Bearer {desk.native_key}"}
    made = desk.client.request("POST", "/v1/webhook-endpoints", json.dumps(wanted).encode(), key)
    assert (201, "mft") == (made.status, made.json["data"]["format"]), made.body
    endpoint_id: str = made.json["data"]["id"]
    return endpoint_id


def bodies(desk: Desk, endpoint_id: str) -> list[dict[str, Any]]:
    """What is posted, oldest first."""
    views = desk.acme.ports.views.webhooks
    endpoint = views.endpoint(desk.acme.space, int(endpoint_id.removeprefix("wh_")))
    rows = reversed(views.deliveries(endpoint.id, limit=100, offset=0).rows)
    attempts = [begin_event_delivery(desk.acme.ports, row.delivery.id, event_body) for row in rows]
    return [json.loads(attempt.body) for attempt in attempts if attempt is not None]


@transcript("webhooks", "MESSAGE.RECEIVED.SUCCESS", "old and new names of a webhook's fields")
def test_a_received_message_is_told_under_both_names(desk: Desk) -> None:
    endpoint = subscribe(desk)

    wire_id = desk.receive(subject="Invoice 3")

    [body] = bodies(desk, endpoint)
    message = desk.view(wire_id, Direction.INBOUND).message
    assert {
        "eventType": "MESSAGE.RECEIVED.SUCCESS",
        "to": "ACME",
        "messageAS2ID": wire_id,
        "messageIdentifier": wire_id,
        "messageSubject": "Invoice 3",
        "subject": "Invoice 3",
        "stationAS2ID": "ACME",
        "stationIdentifier": "ACME",
        "stationName": "ACME",
        "partnerAS2ID": "GLOBEX",
        "partnerIdentifier": "GLOBEX",
        "partnerName": "GLOBEX",
        "receivedAt": int(desk.world.now().timestamp() * 1000),
        "attachments": [f"{message.public_id}/1/1.edi"],
        "tenantId": message.tenant_id.hex,
    } == body


@transcript("MESSAGE.SEND.SUCCESS", "MESSAGE.SEND.FAILED")
def test_what_was_sent_and_what_failed_is_told(desk: Desk) -> None:
    endpoint = subscribe(desk)
    sent, refused, unreachable = desk.sent(), desk.sent(), desk.sent()

    desk.deliver(sent)
    desk.fail(refused, HTTPReply(status=422, headers=(), body=b""))
    desk.fail(unreachable, PartnerUnreachable("The URL is plain http.", is_final=True))

    ok, failed, other = bodies(desk, endpoint)
    assert ("MESSAGE.SEND.SUCCESS", sent, "GLOBEX") == (ok["eventType"], ok["messageIdentifier"], ok["to"])
    assert ("MESSAGE.SEND.FAILED", refused, 1) == (failed["eventType"], failed["messageIdentifier"], failed["failures"])
    assert "422" in failed["failureReason"]
    assert int(desk.world.now().timestamp() * 1000) == failed["lastAttemptTime"]
    assert (unreachable, "The URL is plain http.") == (other["messageIdentifier"], other["failureReason"])
    assert "failureReason" not in ok
