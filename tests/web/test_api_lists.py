"""`GET /v1/messages` with every filter, one message, and its payload."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acuse.as2 import MDNMode
from acuse.domain.message import Message, Problem, ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.services.cancel_message import CANCELLED
from tests.web.client import Client
from tests.web.conftest import World
from tests.web.test_api_send import problems, wish
from tests.web.test_as2in import OPEN, as2_headers

NOON = datetime(2030, 1, 15, 12, tzinfo=UTC)
# What each of the messages is, by its number; all but the last are outbound.
SHAPES: list[dict[str, Any]] = [
    {"transmission": Transmission.TRANSMITTED, "receipt": ReceiptState.POSITIVE, "subject": "Order 100% done"},
    {"transmission": Transmission.TRANSMITTED, "receipt": ReceiptState.POSITIVE, "receipt_is_late": True},
    {"transmission": Transmission.TRANSMITTED, "receipt": ReceiptState.TIMEOUT},
    {"transmission": Transmission.TRANSMITTED, "receipt": ReceiptState.PENDING, "is_signed": False},
    {"transmission": Transmission.FAILED, "problem": Problem(code="PARTNER_UNREACHABLE", message="Gone.")},
    {"transmission": Transmission.CANCELLED, "problem": CANCELLED, "content_type": "application/xml; charset=utf-8"},
    {"transmission": Transmission.RETRY_WAIT, "receipt": ReceiptState.NOT_REQUESTED, "is_encrypted": False},
]


@pytest.fixture(scope="module")
def listed(shared_world: World, shared_client: Client) -> World:
    """A gateway with a message of each shape, an hour apart, and one that came in."""
    second = shared_world.new_partner("SECOND", Terms())
    for number, shape in enumerate(SHAPES):
        partner = f"prt_{second.handle:06d}" if number == 6 else "prt_000001"
        sent = shared_client.api("POST", "/v1/messages", wish(partner_id=partner)).json["data"]["id"]
        assert f"msg_{number + 1:06d}" == sent
        _place(shared_world, shared_world.message(sent), NOON + timedelta(hours=number), shape)
    shared_world.new_partner("OPEN", OPEN)
    answer = shared_client.request("POST", "/as2", b"ORDERS", as2_headers(Subject="Incoming", message_id="<in@open>"))
    assert 200 == answer.status
    return shared_world


def _place(world: World, message: Message, created_at: datetime, shape: dict[str, Any]) -> None:
    world.save(replace(message, **shape))
    # A saved message keeps its time for ever, so the clock is set back behind the gateway's back.
    with closing(sqlite3.connect(world.gateway.home.database, timeout=30)) as database, database:
        moment = int(created_at.timestamp() * 1_000_000)
        database.execute("UPDATE message SET created_at = ? WHERE handle = ?", (moment, message.handle))


def found(client: Client, query: str) -> list[int]:
    answer = client.api("GET", f"/v1/messages?{query}")
    assert 200 == answer.status, answer.body
    return sorted(int(entry["id"].removeprefix("msg_")) for entry in answer.json["data"])


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("status=delivered", [1]),
        ("status=failed", [2, 3, 5, 6]),
        ("status=sent", [4]),
        ("status=processing", [7]),
        ("status=queued", []),
        ("status=received", [8]),
        ("mdn_status=received", [1, 2, 8]),
        ("mdn_status=timeout", [3]),
        ("mdn_status=none", [7]),
        ("mdn_status=pending", [4, 5, 6]),
        ("status=failed&mdn_status=received", [2]),
        ("direction=inbound", [8]),
        ("direction=outbound&status=delivered", [1]),
        ("partner_id=prt_000002", [7]),
        ("has_errors=true", [5, 6]),
        ("has_errors=0", [1, 2, 3, 4, 7, 8]),
        ("signed=false", [4, 8]),
        ("encrypted=false", [7, 8]),
        ("encrypted=1&signed=1", [1, 2, 3, 5, 6]),
        ("content_type=application/xml", [6]),
        ("search=100%25", [1]),
        ("search=oRDER", [1]),
        ("search=_", [1, 2, 3, 4, 5, 6, 7]),
        ("search=in%40open", [8]),
        ("from_date=2030-01-15T14:00:00Z&to_date=2030-01-15T16:00:00Z", [3, 4]),
        ("from_date=2030-01-15T16:00:00%2B01:00&to_date=2030-01-15T16:00:00", [4]),
        ("status=&search=&page=", [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_a_filter_shows_what_it_says(listed: World, shared_client: Client, query: str, numbers: list[int]) -> None:
    assert numbers == found(shared_client, query)


def test_the_newest_come_first(listed: World, shared_client: Client) -> None:
    shown = shared_client.api("GET", "/v1/messages?direction=outbound").json["data"]

    assert [f"msg_{number:06d}" for number in range(7, 0, -1)] == [entry["id"] for entry in shown]


@pytest.mark.parametrize(
    ("query", "count", "pagination"),
    [
        ("", 8, (1, 1, 20, 8, False)),
        ("per_page=3", 3, (1, 3, 3, 8, True)),
        ("per_page=3&page=3", 2, (3, 3, 3, 8, False)),
        ("per_page=4&page=2", 4, (2, 2, 4, 8, False)),
        ("per_page=100&page=9", 0, (9, 1, 100, 8, False)),
        ("status=queued", 0, (1, 1, 20, 0, False)),
    ],
)
def test_a_page_tells_where_it_stands(
    listed: World, shared_client: Client, query: str, count: int, pagination: tuple[object, ...]
) -> None:
    shown = shared_client.api("GET", f"/v1/messages?{query}").json

    names = ("current_page", "last_page", "per_page", "total", "has_more")
    assert count == len(shown["data"])
    assert pagination == tuple(shown["pagination"][name] for name in names)
    assert (True, pagination[-1]) == (
        shown["pagination"]["total_is_exact"],
        shown["pagination"]["next_cursor"] is not None,
    )


def test_a_cursor_leads_through_everything_once_also_while_messages_arrive(
    listed: World, shared_client: Client
) -> None:
    query, seen = "per_page=3&direction=outbound", []
    while True:
        shown = shared_client.api("GET", f"/v1/messages?{query}").json
        seen += [entry["id"] for entry in shown["data"]]
        if not shown["pagination"]["has_more"]:
            break
        query = f"per_page=3&direction=outbound&cursor={shown['pagination']['next_cursor']}"
    assert [f"msg_{number:06d}" for number in range(7, 0, -1)] == seen


def test_only_the_fields_asked_for_are_shown(listed: World, shared_client: Client) -> None:
    shown = shared_client.api("GET", "/v1/messages?fields=status,%20subject,nothing&per_page=1").json["data"]
    assert [{"id", "status", "subject"}] == [set(entry) for entry in shown]
    one = shared_client.api("GET", f"/v1/messages/{shown[0]['id']}?fields=mdn_data").json["data"]
    assert {"id", "mdn_data"} == set(one)


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("limit=2", "per_page=2"),
        ("partnerId=prt_000001", "partner_id=prt_000001"),
        ("created_after=2030-01-01", "from_date=2030-01-01"),
        ("dateTo=2000-01-01", "to_date=2000-01-01"),
        ("offset=3&limit=3", "page=2&per_page=3"),
    ],
)
def test_other_names_of_a_filter_mean_the_same(listed: World, shared_client: Client, query: str, same: str) -> None:
    assert found(shared_client, same) == found(shared_client, query)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("cursor=nonsense", "cursor"),
        ("cursor=MTIzNA", "cursor"),
        ("page=101&per_page=100", "page"),
        ("page=10001", "page"),
        ("offset=10001", "offset"),
        ("limit=3&per_page=4", "per_page"),
        ("mdn_status=ok", "mdn_status"),
        ("direction=out", "direction"),
        ("from_date=yesterday", "from_date"),
        ("to_date=2030-13-01", "to_date"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1.5", "page"),
        ("page=99999999999999999999", "page"),
        ("page=%D9%A1", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("per_page=x", "per_page"),
        ("has_errors=maybe", "has_errors"),
        ("signed=2", "signed"),
        ("encrypted=yes", "encrypted"),
        (f"search={'x' * 256}", "search"),
    ],
)
def test_a_wrong_filter_is_refused_by_its_name(shared_client: Client, query: str, field: str) -> None:
    assert [field] == list(problems(shared_client.api("GET", f"/v1/messages?{query}")))


@pytest.mark.parametrize("partner", ["prt_000999", "x"])
def test_a_filter_for_an_unknown_partner_is_not_an_empty_list(shared_client: Client, partner: str) -> None:
    answer = shared_client.api("GET", f"/v1/messages?partner_id={partner}")

    assert (404, "PARTNER_NOT_FOUND") == (answer.status, answer.json["error"]["code"])


# ── One message ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_received_message_is_shown_with_our_receipt(listed: World, shared_client: Client) -> None:
    shown = shared_client.api("GET", "/v1/messages/msg_000008").json["data"]

    assert {
        "message_id": "in@open",
        "status": "received",
        "direction": "inbound",
        "from_as2_id": "OPEN",
        "to_as2_id": "ACME",
        "subject": "Incoming",
        "bytes": 6,
        "mdn_status": "received",
    }.items() <= shown.items()
    assert "http://127.0.0.1:9/as2" == shown["partner"]["url"]
    assert "processed" in shown["mdn_data"]["disposition"]
    assert "in@open" == shown["mdn_data"]["original_message_id"]
    assert "," not in shown["mdn_data"]["received_content_mic"]


def test_what_went_wrong_is_shown_with_its_kind(listed: World, shared_client: Client) -> None:
    shown = [shared_client.api("GET", f"/v1/messages/msg_00000{number}").json["data"]["error"] for number in (1, 5, 6)]

    assert shown[0] is None
    assert {
        "type": "transmission_error",
        "code": "PARTNER_UNREACHABLE",
        "message": "Gone.",
        "details": {},
    } == shown[1]
    assert "CANCELLED" == shown[2]["code"]


def test_lists_leave_out_what_only_the_detail_has(listed: World, shared_client: Client) -> None:
    detail = shared_client.api("GET", "/v1/messages/msg_000008").json["data"]
    entry = shared_client.api("GET", "/v1/messages?direction=inbound").json["data"][0]

    only_there = {"form", "repeats", "resent_as", "simulate", "mdn_data", "certificates", "attachments"}
    assert only_there == detail.keys() - entry.keys()
    assert {"url"} == detail["partner"].keys() - entry["partner"].keys()


@pytest.mark.parametrize("path", ["msg_000999", "msg_1", "prt_000001", "1", "msg_" + "9" * 40, "%2e%2e", "%00"])
@pytest.mark.parametrize("tail", ["", "/payload"])
def test_an_unknown_message_is_not_found(shared_client: Client, path: str, tail: str) -> None:
    answer = shared_client.api("GET", f"/v1/messages/{path}{tail}")

    assert (404, "MESSAGE_NOT_FOUND") == (answer.status, answer.json["error"]["code"])


# ── The payload ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_payload_comes_with_its_type_size_and_name(shared_client: Client) -> None:
    fields = {"payload": {"content": "ñ", "filename": 'ñ "1".edi'}, "compress": True, "encrypt": False}
    number = shared_client.api("POST", "/v1/messages", wish(**fields)).json["data"]["id"]

    answer = shared_client.api("GET", f"/v1/messages/{number}/payload")

    assert "ñ".encode() == answer.body
    assert {
        "content-type": "application/edi-x12",
        "content-length": "2",
        "content-disposition": 'attachment; filename="n \\"1\\".edi"; filename*=UTF-8\'\'%C3%B1%20%221%22.edi',
        "x-payload-compressed": "true",
        "x-payload-encrypted": "false",
    }.items() <= answer.headers.items()


def test_the_payload_without_a_name_is_called_after_the_message(shared_client: Client) -> None:
    number = shared_client.api("POST", "/v1/messages", wish()).json["data"]["id"]

    answer = shared_client.api("GET", f"/v1/messages/{number}/payload")

    assert f'attachment; filename="{number}"' == answer.headers["content-disposition"]


def test_head_tells_about_the_payload_without_it(shared_client: Client) -> None:
    number = shared_client.api("POST", "/v1/messages", wish(payload={"content": "x" * 100_000})).json["data"]["id"]

    answer = shared_client.api("HEAD", f"/v1/messages/{number}/payload")

    assert (200, "100000", b"") == (answer.status, answer.headers["content-length"], answer.body)


def test_a_message_that_was_refused_has_no_payload(world: World, client: Client) -> None:
    terms = Terms(sign=None, encrypt=None, demand_signed=True, demand_encrypted=False, mdn=MDNMode.NONE)
    world.new_partner("OPEN", terms)
    client.request("POST", "/as2", b"unsigned", as2_headers())

    answer = client.api("GET", "/v1/messages/msg_000001/payload")

    assert (404, "PAYLOAD_NOT_FOUND") == (answer.status, answer.json["error"]["code"])


def test_a_payload_whose_bytes_are_gone_is_not_answered_as_if_it_were_empty(world: World, client: Client) -> None:
    client.api("POST", "/v1/messages", wish(payload={"content": "x" * 100_000}))
    for path in world.gateway.home.blobs.rglob("*"):
        if path.is_file():
            path.unlink()

    answer = client.api("GET", "/v1/messages/msg_000001/payload")

    assert (503, "STORAGE_FAILED") == (answer.status, answer.json["error"]["code"])


def test_the_timeline_tells_each_step_with_bytes_and_duration(listed: World, shared_client: Client) -> None:
    number = len(SHAPES) + 1

    shown = shared_client.api("GET", f"/v1/messages/msg_{number:06d}/timeline").json["data"]
    sent = shared_client.api("GET", "/v1/messages/msg_000001/timeline").json["data"]

    assert f"msg_{number:06d}" == shown["id"]
    assert ["http", "mic", "store"] == [step["step"] for step in shown["steps"]][:3]
    assert {"at", "step", "bytes", "algorithm", "certificate", "duration_us", "outcome"} == set(shown["steps"][0])
    assert (len(b"ORDERS"), "sha-256") == (shown["steps"][0]["bytes"], shown["steps"][1]["algorithm"])
    assert shown["steps"][2]["duration_us"] >= 0
    assert "accepted" == sent["steps"][0]["step"]


def test_the_timeline_of_an_unknown_message_is_not_found(shared_client: Client) -> None:
    assert 404 == shared_client.api("GET", "/v1/messages/msg_999999/timeline").status
