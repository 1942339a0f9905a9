"""Lists, details and payloads, as documented: every field, every filter, pages and header fields."""

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.peers.samples import AWKWARD, send_body
from tests.transcripts.native.conftest import Market
from tests.transcripts.native.document import DETAIL, LISTED, assert_like


@pytest.fixture(scope="module")
def traffic(market: Market) -> dict[str, dict[str, Any]]:
    """Messages of different kinds, by a name, each as it ended."""
    scheduled = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    wishes: dict[str, dict[str, Any]] = {
        "order": send_body(market.acme, AWKWARD, subject="Purchase Order #1", content_type="application/edi-x12"),
        "plain": send_body(market.other, b"P", subject="plain", encrypt=False, sign=False),
        "silent": send_body(market.acme, b"S", subject="silent", mdn_mode="none"),
        "waiting": send_body(market.acme, b"W", subject="waiting", scheduled_at=scheduled),
    }
    sent = {name: market.ours.send(wish) for name, wish in wishes.items()}
    ended = {name: market.ours.wait_for_end(sent[name]["id"]) for name in ("order", "plain")}
    answer = send_body(market.theirs.api("GET", "/v1/partners").json["data"][0]["id"], b"I", subject="inbound")
    came = market.theirs.wait_for_end(market.theirs.send(answer)["id"])
    for name in ("silent", "waiting"):
        ended[name] = sent[name]
    market.arrived(sent["silent"])
    return {**ended, "inbound": market.ours.inbound(came["message_id"])[0]}


def listed(market: Market, **filters: object) -> list[str]:
    reply = market.ours.api("GET", f"/v1/messages?{urlencode(filters)}")
    assert 200 == reply.status, reply.body
    return [row["id"] for row in reply.json["data"]]


@pytest.mark.documented("Reading", "`GET /v1/messages`: every field of a listed message, newest first")
@pytest.mark.documented("Conventions", "`{data, pagination}` for lists; times in UTC with six digits")
def test_list_shows_messages_with_every_field(market: Market, traffic: dict[str, dict[str, Any]]) -> None:
    reply = market.ours.api("GET", "/v1/messages")

    rows = {row["id"]: row for row in reply.json["data"]}
    assert 200 == reply.status
    assert_like(LISTED, rows[traffic["order"]["id"]])
    received = {**LISTED, "sent_at": None, "delivered_at": None, "attempts": 0}
    assert_like(received, rows[traffic["inbound"]["id"]] | {"sent_at": None, "delivered_at": None})
    created = [row["created_at"] for row in reply.json["data"]]
    assert sorted(created, reverse=True) == created
    assert {"data", "pagination"} == reply.json.keys()


FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({"partner_id": "other"}, {"plain"}),
    ({"status": "delivered"}, {"order", "plain"}),
    ({"status": "queued"}, {"waiting"}),
    ({"status": "received"}, {"inbound"}),
    ({"status": "failed"}, set()),
    ({"direction": "inbound"}, {"inbound"}),
    ({"direction": "outbound"}, {"order", "plain", "silent", "waiting"}),
    ({"content_type": "application/edi-x12"}, {"order"}),
    ({"search": "Purchase Order"}, {"order"}),
    ({"mdn_status": "received", "direction": "outbound"}, {"order", "plain"}),
    ({"mdn_status": "none", "direction": "outbound"}, {"silent"}),
    ({"encrypted": "false"}, {"plain"}),
    ({"signed": "true", "direction": "outbound"}, {"order", "silent", "waiting"}),
    ({"has_errors": "true"}, set()),
    ({"has_errors": "false", "search": "plain"}, {"plain"}),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS, ids=[urlencode(query) for query, _ in FILTERS])
@pytest.mark.documented("Reading", "Filters `partner_id`, `status`, `direction`, `content_type`, `search`")
@pytest.mark.documented("Reading", "Filters `has_errors`, `mdn_status`, `encrypted`, `signed`")
def test_filter_shows_what_it_names(
    market: Market, traffic: dict[str, dict[str, Any]], query: dict[str, str], expected: set[str]
) -> None:
    if query.get("partner_id") == "other":
        query = {"partner_id": market.other}

    found = listed(market, **query)

    assert {traffic[name]["id"] for name in expected} == set(found)


@pytest.mark.documented("Reading", "`search` looks into message ids too")
def test_message_is_found_by_its_message_id(market: Market, traffic: dict[str, dict[str, Any]]) -> None:
    wanted = traffic["silent"]

    assert [wanted["id"]] == listed(market, search=wanted["message_id"])


@pytest.mark.documented("Reading", "`from_date` and `to_date`")
def test_messages_of_a_span_of_time_are_shown(market: Market, traffic: dict[str, dict[str, Any]]) -> None:
    moment = traffic["silent"]["created_at"]

    since, before = listed(market, from_date=moment), listed(market, to_date=moment)

    assert traffic["silent"]["id"] in since
    assert traffic["order"]["id"] in before
    assert not set(since) & set(before)


@pytest.mark.documented("Reading", "The query of several filters at once")
def test_complex_query_of_the_document_is_understood(market: Market, traffic: dict[str, dict[str, Any]]) -> None:
    sample = "status=delivered&from_date=2024-01-01T00:00:00Z&to_date=2024-01-31T23:59:59Z&encrypted=true&per_page=50"

    reply = market.ours.api("GET", f"/v1/messages?partner_id={market.acme}&{sample}")

    assert (200, []) == (reply.status, reply.json["data"])
    assert 50 == reply.json["pagination"]["per_page"]
    until_now = sample.replace("2024-01-31", "2999-01-31")
    found = market.ours.api("GET", f"/v1/messages?partner_id={market.acme}&{until_now}").json["data"]
    assert [traffic["order"]["id"]] == [row["id"] for row in found]


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.documented("Reading", "`page` from 1 and `per_page` of 1 to 100, 20 by default")
def test_pages_together_are_the_whole_list(market: Market, traffic: dict[str, dict[str, Any]], size: int) -> None:
    whole = listed(market, per_page=100)
    pages = -(-len(whole) // size)

    walked = [id_ for page in range(1, pages + 1) for id_ in listed(market, page=page, per_page=size)]

    assert whole == walked
    told = market.ours.api("GET", f"/v1/messages?page=1&per_page={size}").json["pagination"]
    assert (1, pages, size, len(whole)) == tuple(
        told[name] for name in ("current_page", "last_page", "per_page", "total")
    )
    assert (pages > 1) == told["has_more"]
    assert 20 == market.ours.api("GET", "/v1/messages").json["pagination"]["per_page"]


@pytest.mark.parametrize(
    "query",
    ["page=0", "per_page=0", "per_page=101", "status=gone", "direction=sideways", "from_date=soon", "encrypted=maybe"],
)
@pytest.mark.documented("Reading", "A wrong filter or page is refused by name")
def test_wrong_parameter_is_named(market: Market, query: str) -> None:
    reply = market.ours.api("GET", f"/v1/messages?{query}")

    assert (422, [query.partition("=")[0]]) == (reply.status, list(reply.json["errors"]))


@pytest.mark.parametrize("name", ["order", "plain"])
@pytest.mark.documented("Reading", "`GET /v1/messages/{id}`: every field, the partner's URL and `mdn_data`")
@pytest.mark.documented(
    "Receipts", "`disposition`, `received_content_mic`, `reporting_ua`, `original_message_id`, `final_recipient`"
)
def test_detail_has_every_field_and_the_receipt(market: Market, traffic: dict[str, dict[str, Any]], name: str) -> None:
    reply = market.ours.api("GET", f"/v1/messages/{traffic[name]['id']}")

    shown = reply.json["data"]
    assert 200 == reply.status
    assert_like(DETAIL, reply.json)
    assert ("delivered", "received", 1) == (shown["status"], shown["mdn_status"], shown["attempts"])
    assert market.theirs.receive_url == shown["partner"]["url"]
    assert DETAIL["data"]["mdn_data"]["disposition"] == shown["mdn_data"]["disposition"]
    assert shown["message_id"] == shown["mdn_data"]["original_message_id"]
    assert shown["to_as2_id"] == shown["mdn_data"]["final_recipient"]


@pytest.mark.parametrize("unknown", ["msg_999999", "msg_", "MSG_1", "1"])
@pytest.mark.documented("Errors", "An unknown message is 404")
def test_unknown_message_is_not_found(market: Market, unknown: str) -> None:
    reply = market.ours.api("GET", f"/v1/messages/{unknown}")

    assert (404, "MESSAGE_NOT_FOUND") == (reply.status, reply.json["error"]["code"])


@pytest.mark.parametrize(
    ("name", "content", "encrypted"), [("order", AWKWARD, "true"), ("plain", b"P", "false"), ("inbound", b"I", "true")]
)
@pytest.mark.documented("Reading", "`GET /v1/messages/{id}/payload`: the bytes, with all documented header fields")
def test_payload_comes_byte_for_byte(
    market: Market, traffic: dict[str, dict[str, Any]], name: str, content: bytes, encrypted: str
) -> None:
    reply = market.ours.payload(traffic[name]["id"])

    assert content == reply.body
    assert traffic[name]["content_type"] == reply.header("Content-Type")
    assert str(len(content)) == reply.header("Content-Length")
    assert 'attachment; filename="order 7.edi"' == reply.header("Content-Disposition")
    assert "false" == reply.header("X-Payload-Compressed")
    assert encrypted == reply.header("X-Payload-Encrypted")


@pytest.mark.documented("Reading", "Answers are compressed with gzip for those who accept it")
def test_payload_is_compressed_for_who_accepts_it(market: Market) -> None:
    text = b"LIN+1++4000862141404:SRS'\n" * 500
    sent = market.ours.send(send_body(market.acme, text, content_type="application/edifact"))

    path = f"/v1/messages/{sent['id']}/payload"
    reply = market.ours.api("GET", path, headers={"Accept-Encoding": "gzip"})

    assert "gzip" == reply.header("Content-Encoding")
    assert text == gzip.decompress(reply.body)
    assert len(reply.body) < len(text)


@pytest.mark.parametrize("fields", ["id,status", "id,subject,bytes,created_at"])
@pytest.mark.documented("Reading", "Selected fields only, by `fields=`")
def test_selected_fields_are_all_that_is_shown(market: Market, traffic: dict[str, dict[str, Any]], fields: str) -> None:
    rows = market.ours.api("GET", f"/v1/messages?fields={fields}").json["data"]
    detail = market.ours.api("GET", f"/v1/messages/{traffic['plain']['id']}?fields={fields}").json["data"]

    assert all(set(fields.split(",")) == row.keys() for row in rows)
    assert {name: traffic["plain"][name] for name in fields.split(",")} == detail
