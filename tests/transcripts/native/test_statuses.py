"""The documented statuses and the ways between them, as the list, the detail and the feed of events tell them."""

from itertools import pairwise
from typing import Any

import pytest

from tests.peers.listener import Answer, listening
from tests.peers.samples import send_body
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply
from tests.transcripts.native.conftest import Market
from tests.transcripts.native.document import ERROR, assert_like

NEXT = {
    "queued": {"processing", "failed"},
    "processing": {"sent", "failed"},
    "sent": {"delivered", "failed"},
    "delivered": set[str](),
    "failed": set[str](),
    "received": set[str](),
}
"""The documented table of statuses."""


def told(market: Market, message_id: str) -> list[str]:
    """The statuses that the feed tells of a message, in their order."""
    reply = market.ours.api("GET", "/v1/events?after=0&per_page=100")
    rows = [row["data"] for row in reply.json["data"] if row["data"]["id"] == message_id]
    return [row["status"] for row in rows]


def ended(market: Market, message: dict[str, Any], status: str) -> dict[str, Any]:
    return wait_until(
        lambda: shown if (shown := market.ours.message(message["id"]))["status"] == status else None,
        timeout=30,
        what=f"{message['id']} {status}",
    )


def assert_documented(statuses: list[str]) -> None:
    assert "queued" == statuses[0]
    for before, after in pairwise(statuses):
        assert after in NEXT[before], statuses


@pytest.mark.parametrize("partner", ["acme", "other"])
@pytest.mark.documented("Statuses", "queued → processing → sent → delivered, with `mdn_status: received`")
def test_confirmed_message_goes_the_documented_way(market: Market, partner: str) -> None:
    sent = market.ours.send(send_body(market.partner(partner), b"D"))

    shown = ended(market, sent, "delivered")

    statuses = told(market, sent["id"])
    assert_documented(statuses)
    assert ["queued", "processing", "sent", "delivered"] == statuses
    assert "received" == shown["mdn_status"]
    assert "received" == market.arrived(sent)["status"]


@pytest.mark.documented("Statuses", "`mdn_mode: none` ends in `sent` with `mdn_status: none`")
def test_message_without_a_receipt_ends_as_sent(market: Market) -> None:
    sent = market.ours.send(send_body(market.acme, b"N", mdn_mode="none"))

    assert "none" == ended(market, sent, "sent")["mdn_status"]
    assert_documented(told(market, sent["id"]))


@pytest.mark.documented(
    "Statuses", "`mdn_status: pending` while a receipt is awaited; `timeout` and `MDN_TIMEOUT` when none came"
)
def test_receipt_that_never_comes_is_pending_and_then_a_timeout(market: Market) -> None:
    with listening() as mute:
        partner = market.ours.add_partner(
            *("--mdn", "async", "--receipt-within", "2"),
            as2_id="MUTE",
            url=mute.url,
            certificate=market.theirs.certificate,
        )
        sent = market.ours.send(send_body(partner["id"], b"M"))
        awaiting = ended(market, sent, "sent")
        shown = ended(market, sent, "failed")

    assert "pending" == awaiting["mdn_status"]
    assert ("timeout", "MDN_TIMEOUT") == (shown["mdn_status"], shown["error"]["code"])
    assert "transmission_error" == shown["error"]["type"]
    assert_documented(told(market, sent["id"]))


@pytest.mark.documented("Statuses", "A negative receipt ends in `failed`")
def test_refused_message_ends_as_failed(market: Market) -> None:
    partner = market.ours.add_partner(
        as2_id="NOBODY", url=market.theirs.receive_url, certificate=market.theirs.certificate
    )
    sent = market.ours.send(send_body(partner["id"], b"R"))

    shown = ended(market, sent, "failed")

    assert shown["error"]["code"]
    assert_documented(told(market, sent["id"]))


@pytest.mark.parametrize(
    ("reply", "mdn"), [(Reply(status=200, body=b"no receipt"), "sync"), (Reply(status=403), "async")]
)
@pytest.mark.documented("Statuses", "A transmission that fails ends in `failed` with an error")
def test_answer_that_is_no_success_ends_as_failed(market: Market, reply: Reply, mdn: str) -> None:
    with listening(lambda _: Answer(reply=reply)) as odd:
        partner = market.ours.add_partner(
            *("--mdn", mdn, "--retry-for", "1", "--retry-first", "0.2"),
            as2_id=f"ODD-{reply.status}",
            url=odd.url,
            certificate=market.theirs.certificate,
        )
        sent = market.ours.send(send_body(partner["id"], b"F"))
        shown = ended(market, sent, "failed")

    assert shown["error"]["message"]
    assert_documented(told(market, sent["id"]))
    found = market.ours.messages(has_errors="true", status="failed")
    assert sent["id"] in [row["id"] for row in found]


@pytest.mark.documented("Errors", "`PARTNER_UNREACHABLE` with its details, in the message's `error`")
def test_partner_that_cannot_be_reached_is_told_with_its_details(market: Market) -> None:
    partner = market.ours.add_partner(
        *("--retry-for", "1", "--retry-first", "0.2", "--timeout", "7"),
        as2_id="AWAY",
        url="http://127.0.0.1:9/as2",
        certificate=market.theirs.certificate,
    )
    sent = market.ours.send(send_body(partner["id"], b"U"))

    error = ended(market, sent, "failed")["error"]

    details = error["details"]
    assert_like(ERROR["error"], error)
    assert ("transmission_error", "PARTNER_UNREACHABLE") == (error["type"], error["code"])
    assert (partner["id"], "http://127.0.0.1:9/as2", 7) == (
        details["partner_id"],
        details["endpoint_url"],
        details["timeout_seconds"],
    )


@pytest.mark.documented("Statuses", "`received`: an inbound message, final")
def test_inbound_message_is_received(market: Market) -> None:
    back = market.theirs.api("GET", "/v1/partners").json["data"][0]["id"]
    sent = market.theirs.wait_for_end(market.theirs.send(send_body(back, b"B", subject="Back 4711"))["id"])

    [row] = market.ours.inbound(sent["message_id"])

    assert ("received", "inbound", "Back 4711") == (row["status"], row["direction"], row["subject"])
    assert ("ACME-CORP-AS2", "YOUR-AS2-ID") == (row["from_as2_id"], row["to_as2_id"])
    assert b"B" == market.ours.payload(row["id"]).body
    assert ["received"] == told(market, row["id"])
