"""Webhooks of a partner: configured, told in these words, signed with the time, and logged."""

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any

import pytest

from tests.dialects.as2expert.conftest import Expert
from tests.peers.listener import Answer, Listener, Posted, listening
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply

SECRET = "ein Geheimnis, €"


def new_partner(expert: Expert, url: str, as2_id: str, **more: object) -> int:
    body = {"station": expert.station, "as2_id": as2_id, "name": as2_id, "email": "a@b.example", "endpoint_url": url}
    number: int = expert.data("/partners/create", {**body, "mdn": 0, "encryption": 0, "signature": 0, **more})["id"]
    return number


def configure(expert: Expert, listener: Listener, partner: int, **more: object) -> dict[str, Any]:
    made: dict[str, Any] = expert.data(
        "/webhooks/configure",
        {"partner_id": partner, "webhook_url": listener.url, "webhook_secret": SECRET, **more},
    )
    return made


def send(expert: Expert, partner: int) -> Reply:
    return expert.call(
        "/messages/send",
        {"partner": partner, "subject": "Hook", "file_name": "a.txt", "file_content": b64encode(b"a").decode()},
    )


def told(listener: Listener, number: int) -> list[dict[str, Any]]:
    """So many posts, each of which is proved by its signature."""
    wait_until(lambda: len(listener.posted) >= number, what=f"{number} posts")
    for post in listener.posted:
        assert_signed(post)
    return [json.loads(post.body) for post in listener.posted]


def assert_signed(post: Posted, secret: str = SECRET) -> None:
    timestamp = post.header("X-AS2Expert-Timestamp") or ""
    content = timestamp.encode() + b"." + post.body
    expected = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    assert f"sha256={expected}" == post.header("X-AS2Expert-Signature")


def test_a_message_that_is_taken_is_told_under_both_names(expert: Expert, listener: Listener) -> None:
    configure(expert, listener, expert.partner)

    data = send(expert, expert.partner).json["data"]

    sent, receipt = told(listener, 2)
    assert ("message.sent", "mensaje.enviado") == (sent["event"], sent["event_name"])
    assert ("mdn.received", "mdn.recibido") == (receipt["event"], receipt["event_name"])
    assert (expert.partner, expert.station) == (sent["partner_id"], sent["station_id"])
    assert {
        "id": data["id"],
        "message_as2_id": data["message_as2_id"],
        "subject": "Hook",
        "direction": "out",
        "mdn": "ok",
    } == receipt["data"]
    lines = wait_until(
        lambda: [
            row
            for row in expert.data("/webhooks/logs", {"partner_id": expert.partner})
            if row["message_id"] == data["id"] and row["status"] == "delivered"
        ][1:],
        what="two deliveries in the log",
    )
    assert "message.sent" == lines[0]["event"]


def test_a_message_that_comes_is_told(expert: Expert, listener: Listener) -> None:
    configure(expert, listener, expert.partner, webhook_events=["message.received"])

    expert.globex.send(
        {"partner_id": "prt_000001", "content_type": "text/plain", "subject": "In", "payload": {"content": "in"}}
    )

    (body,) = told(listener, 1)
    assert ("message.received", "in", "In") == (body["event"], body["data"]["direction"], body["data"]["subject"])


def test_an_error_is_told_and_no_other_partner_is(expert: Expert, listener: Listener) -> None:
    with listening(lambda _: Answer(reply=Reply(status=403))) as gate:
        partner = new_partner(expert, gate.url, "HOOK-ERROR")
        with listening() as other:
            configure(expert, other, new_partner(expert, gate.url, "HOOK-OTHER"))
            configure(expert, listener, partner)
            assert 400 == send(expert, partner).status

            (body,) = told(listener, 1)

            assert ("send.error", "error") == (body["event"], body["data"]["mdn"])
            assert [] == other.posted


def test_a_refusing_receipt_is_told_as_receipt_and_as_error(expert: Expert, listener: Listener) -> None:
    """The partner does not know us: its gateway answers without a receipt it can trust, so the sender is refused."""
    partner = new_partner(expert, expert.globex.receive_url, "HOOK-REFUSED", mdn=1)
    configure(expert, listener, partner, webhook_eventos=["send.error"])

    assert 400 == send(expert, partner).status

    (body,) = told(listener, 1)
    assert "send.error" == body["event"]


def test_what_is_configured_is_shown_without_its_secret(expert: Expert, listener: Listener) -> None:
    partner = new_partner(expert, "http://127.0.0.1:9/", "HOOK-SHOWN")

    made = configure(expert, listener, partner, webhook_eventos=["send.error", "message.sent"], webhook_activo=False)

    assert {
        "partner_id": partner,
        "socio_id": partner,
        "webhook_url": listener.url,
        "webhook_enabled": False,
        "webhook_activo": False,
        "webhook_events": ["message.sent", "send.error"],
        "webhook_eventos": ["message.sent", "send.error"],
    } == made
    assert made == expert.data("/webhooks/get", {"partner_id": partner})
    assert (400, "Webhook no activo") == expert.error("/webhooks/test", {"partner_id": partner})
    changed = expert.data("/webhooks/configure", {"socio_id": partner, "webhook_enabled": True})
    assert ({**made, "webhook_enabled": True, "webhook_activo": True}) == changed


def test_a_webhook_without_a_secret_gets_one_that_is_shown_once(expert: Expert, listener: Listener) -> None:
    partner = new_partner(expert, "http://127.0.0.1:9/", "HOOK-SECRET")

    made = expert.data("/webhooks/configure", {"partner_id": partner, "webhook_url": listener.url})

    expert.data("/webhooks/test", {"partner_id": partner})
    assert_signed(listener.posted[0], made["webhook_secret"])
    assert "webhook_secret" not in expert.data("/webhooks/get", {"partner_id": partner})


@pytest.mark.parametrize(("status", "word"), [(200, "ok"), (204, "ok"), (500, "error")])
def test_a_test_tells_what_the_webhook_answered(expert: Expert, status: int, word: str) -> None:
    with listening(lambda _: Answer(reply=Reply(status=status))) as listener:
        partner = new_partner(expert, "http://127.0.0.1:9/", f"HOOK-TEST-{status}")
        configure(expert, listener, partner)

        tried = expert.data("/webhooks/test", {"partner_id": partner})

    assert (word, status) == (tried["status"], tried["http_code"])
    assert ("message.received", "mensaje.recibido") == (tried["requested_event_name"], tried["event_name"])
    (post,) = listener.posted
    assert_signed(post)
    assert json.loads(post.body)["data"]["test"]


@pytest.mark.parametrize(
    ("path", "body", "status", "msg"),
    [
        ("configure", {}, 400, "Campo requerido: partner_id"),
        ("configure", {"partner_id": "{known}"}, 400, "Campo requerido: webhook_url"),
        ("configure", {"partner_id": 999, "webhook_url": "https://a.example/"}, 404, "Partner not found"),
        ("configure", {"partner_id": "{known}", "webhook_url": "ftp://a"}, 400, "Invalid field webhook_url"),
        ("configure", {"partner_id": "{known}", "webhook_url": "https://a.example/", "webhook_events": ["all"]}, 400,
         "Invalid field webhook_events"),
        ("configure", {"partner_id": "{known}", "webhook_url": "https://a.example/", "webhook_secret": 7}, 400,
         "Invalid field webhook_secret"),
        ("get", {}, 400, "Campo requerido: partner_id"),
        ("get", {"partner_id": 999}, 404, "Partner not found"),
        ("get", {"partner_id": "{known}"}, 404, "Webhook not found"),
        ("test", {"partner_id": "{known}"}, 404, "Webhook not found"),
        ("logs", {"partner_id": "{known}"}, 404, "Webhook not found"),
        ("logs", {"partner_id": "{known}", "limit": 501}, 400, "Invalid field limit"),
    ],
)  # fmt: skip
def test_a_bad_request_is_refused(expert: Expert, path: str, body: dict[str, object], status: int, msg: str) -> None:
    known = expert.nobody
    given = {name: known if value == "{known}" else value for name, value in body.items()}

    found = expert.error(f"/webhooks/{path}", given)

    assert (status, True) == (found[0], found[1].startswith(msg)), found
    assert (404, "Webhook not found") == expert.error("/webhooks/get", {"partner_id": known})
