"""Webhooks, as documented: the five events of messages, their bodies, and `X-Signature`."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.peers.listener import Listener, Posted, listening
from tests.peers.samples import AWKWARD, send_body
from tests.peers.waiting import wait_until
from tests.transcripts.native.conftest import Market
from tests.transcripts.native.document import ACCEPTED, EVENT, assert_like


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """Somebody who is told."""

    listener: Listener
    secret: str

    def heard(self, event: str, message_id: str) -> Posted:
        """The delivery of this event of this message."""

        def found() -> Posted | None:
            told = [(json.loads(posted.body), posted) for posted in self.listener.posted]
            return next((p for body, p in told if (body["event"], body["data"].get("id")) == (event, message_id)), None)

        return wait_until(found, timeout=30, what=f"{event} of {message_id}")


@pytest.fixture(scope="module")
def ear(market: Market) -> Iterator[Ear]:
    with listening() as listener:
        made = market.ours.cli("webhook", "add", "--url", listener.url, "--json").json
        yield Ear(listener=listener, secret=made["secret"])


@pytest.mark.parametrize("partner", ["acme", "other"])
@pytest.mark.documented("Webhooks", "`message.queued`, `message.sent` and `message.delivered`, in this order")
@pytest.mark.documented("Webhooks", "`{event, data, timestamp, api_version}` with the message and its `mdn_data`")
def test_life_of_a_message_is_told(market: Market, ear: Ear, partner: str) -> None:
    sent = market.ours.send(send_body(market.partner(partner), AWKWARD, subject=f"to {partner}"))

    bodies = {
        name: json.loads(ear.heard(f"message.{name}", sent["id"]).body) for name in ("delivered", "sent", "queued")
    }

    assert_like(EVENT, bodies["delivered"])
    for name, body in bodies.items():
        assert_like({**EVENT, "data": ACCEPTED["data"]}, body)
        assert ("v1", f"message.{name}", name) == (body["api_version"], body["event"], body["data"]["status"])
        assert (sent["message_id"], f"to {partner}") == (body["data"]["message_id"], body["data"]["subject"])
    assert bodies["queued"]["timestamp"] <= bodies["sent"]["timestamp"] <= bodies["delivered"]["timestamp"]
    shown = market.ours.message(sent["id"])
    assert shown["mdn_data"] == bodies["delivered"]["data"]["mdn_data"]
    assert shown["delivered_at"] == bodies["delivered"]["data"]["delivered_at"]


@pytest.mark.documented("Webhooks", "`message.failed`, with the error")
def test_failure_is_told_with_its_error(market: Market, ear: Ear) -> None:
    partner = market.ours.add_partner(
        *("--retry-for", "1", "--retry-first", "0.2"),
        as2_id="GONE",
        url="http://127.0.0.1:9/",
        certificate=market.theirs.certificate,
    )
    sent = market.ours.send(send_body(partner["id"], b"F"))

    body = json.loads(ear.heard("message.failed", sent["id"]).body)

    assert ("failed", "PARTNER_UNREACHABLE") == (body["data"]["status"], body["data"]["error"]["code"])
    assert market.ours.message(sent["id"])["error"] == body["data"]["error"]


@pytest.mark.documented("Webhooks", "`message.received`, with the sender")
def test_arrival_is_told_with_its_sender(market: Market, ear: Ear) -> None:
    back = market.theirs.api("GET", "/v1/partners").json["data"][0]["id"]
    sent = market.theirs.wait_for_end(market.theirs.send(send_body(back, b"A"))["id"])
    [row] = market.ours.inbound(sent["message_id"])

    body = json.loads(ear.heard("message.received", row["id"]).body)

    assert ("received", "ACME-CORP-AS2") == (body["data"]["status"], body["data"]["from_as2_id"])
    assert ("ACME-CORP-AS2", "Acme Corporation") == tuple(body["data"]["partner"][n] for n in ("as2_id", "name"))


@pytest.mark.documented("Webhooks", "`X-Signature: sha256=…`, the HMAC-SHA256 of the body with the secret as text")
def test_every_delivery_is_signed_over_its_body(market: Market, ear: Ear) -> None:
    sent = market.ours.send(send_body(market.acme, b"S"))

    posted = ear.heard("message.queued", sent["id"])

    expected = hmac.new(ear.secret.encode(), posted.body, hashlib.sha256).hexdigest()
    assert f"sha256={expected}" == posted.header("X-Signature")
    assert "application/json" == posted.header("Content-Type")
