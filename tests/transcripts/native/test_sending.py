"""Sending, as documented: the sample's request and others, their answers, and what arrives at the partner."""

import base64
import copy
import json
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.transcripts.native.conftest import Market
from tests.transcripts.native.document import ACCEPTED, SEND, assert_like

LONG = "UNA:+.? '\nUNB+UNOC:3+Señor+ÄÖÜ'\n" + "LIN+1++4000862141404:SRS'\n" * 9000
"""A quarter of a megabyte, in more than ASCII."""

OTHER: dict[str, Any] = {
    "partner_id": "other",
    "subject": "Rechnung Nr. 77 – März",
    "payload": {"content": LONG, "filename": "Rechnung 77 März.edifact", "encoding": "utf-8"},
    "content_type": "application/edifact",
    "headers": {"X-Shipment": "77 of 78"},
    "priority": "low",
    "compress": False,
    "encrypt": False,
    "sign": False,
    "mdn_mode": "sync",
}
SAMPLES = {"as in the document": dict(SEND), "other values": OTHER}


@pytest.fixture(params=SAMPLES, ids=str)
def body(request: pytest.FixtureRequest, market: Market) -> dict[str, Any]:
    """A request whose partner is there."""
    body = copy.deepcopy(SAMPLES[request.param])
    if body["partner_id"] == "other":
        body["partner_id"] = market.other
    return body


def smallest(market: Market, **fields: object) -> dict[str, Any]:
    """The required fields and no others, but for `fields`."""
    return {"partner_id": market.acme, "payload": {"content": "X"}, "content_type": "text/plain", **fields}


@pytest.mark.documented("Sending", "`POST /v1/messages` in JSON: 202, its message and every field of `data`")
@pytest.mark.documented(
    "Conventions", "Base path `/v1`, `Authorization: Bearer pk_live_…`, `{message, data}` on writes"
)
@pytest.mark.documented("Conventions", "Ids: `prt_`, `msg_` and at least six digits; `message_id` as `MSG_date_time_X`")
def test_message_in_json_is_queued_and_arrives(market: Market, body: dict[str, Any]) -> None:
    reply = market.ours.api("POST", "/v1/messages", body=body)

    accepted = reply.json["data"]
    assert market.ours.api_key.startswith("pk_live_")
    assert 202 == reply.status, reply.body
    assert_like(ACCEPTED, reply.json)
    assert ACCEPTED["message"] == reply.json["message"]
    assert ("queued", "outbound") == (accepted["status"], accepted["direction"])
    assert (body["subject"], body["content_type"]) == (accepted["subject"], accepted["content_type"])
    content = body["payload"]["content"].encode()
    assert len(content) == accepted["bytes"]
    assert body["compress"] == accepted["compressed"]
    arrived = market.arrived(accepted)
    assert (body["subject"], body["content_type"]) == (arrived["subject"], arrived["content_type"])
    assert body["payload"]["filename"] == arrived["attachments"][0]["filename"]
    assert content == market.theirs.payload(arrived["id"]).body
    assert body["compress"] == arrived["compressed"]


@pytest.mark.documented("Sending", "`headers`: further fields of the AS2 message")
def test_headers_of_the_request_reach_the_partner(market: Market, body: dict[str, Any]) -> None:
    accepted = market.ours.send(body)

    arrived = market.arrived(accepted)
    raw = market.theirs.api("GET", f"/v1/messages/{arrived['id']}/raw").body
    head = raw.partition(b"\r\n\r\n")[0].decode().lower()
    for name, value in body["headers"].items():
        assert f"{name}: {value}".lower() in head


@pytest.mark.documented(
    "Sending", "`partner_id`, `payload.content` and `content_type` are required; the rest has defaults"
)
def test_three_fields_are_enough(market: Market) -> None:
    accepted = market.ours.send(smallest(market))

    shown = market.ours.message(accepted["id"])
    assert (None, "normal", "async") == (shown["subject"], shown["priority"], shown["mdn_mode"])
    assert (True, True, False) == (shown["signed"], shown["encrypted"], shown["compressed"])
    assert b"X" == market.payload_there(accepted)


@pytest.mark.parametrize("missing", ["partner_id", "payload.content", "content_type"])
@pytest.mark.documented("Sending", "A required field that is missing is refused by name")
def test_required_field_that_is_missing_is_named(market: Market, missing: str) -> None:
    body = smallest(market)
    if missing == "payload.content":
        body["payload"] = {}
    else:
        del body[missing]

    reply = market.ours.api("POST", "/v1/messages", body=body)

    assert (422, "VALIDATION_FAILED") == (reply.status, reply.json["error"]["code"])
    assert [missing] == list(reply.json["errors"])


@pytest.mark.parametrize("length", [1, 255])
@pytest.mark.documented("Sending", "`subject` and `payload.filename`: 1 to 255 characters")
def test_subject_and_filename_of_the_lengths_at_the_ends_travel(market: Market, length: int) -> None:
    body = smallest(market, subject="é" * length, payload={"content": "X", "filename": "n" * length})

    arrived = market.arrived(market.ours.send(body))

    assert ("é" * length, "n" * length) == (arrived["subject"], arrived["attachments"][0]["filename"])


@pytest.mark.parametrize("field", ["subject", "payload.filename"])
@pytest.mark.documented("Sending", "`subject` and `payload.filename`: 1 to 255 characters")
def test_subject_or_filename_of_256_characters_is_refused(market: Market, field: str) -> None:
    body = smallest(market)
    inner, name = (body["payload"], "filename") if field == "payload.filename" else (body, "subject")
    inner[name] = "n" * 256

    reply = market.ours.api("POST", "/v1/messages", body=body)

    assert (422, [field]) == (reply.status, list(reply.json["errors"]))


@pytest.mark.parametrize(
    ("content_type", "filename"),
    [
        ("application/edi-x12", "a.edi"),
        ("application/edi-x12", "a.x12"),
        ("application/edifact", "a.edi"),
        ("application/xml", "a.xml"),
        ("application/json", "a.json"),
        ("text/plain", "a.txt"),
        ("text/csv", "a.csv"),
    ],
)
@pytest.mark.documented("Payload", "Text types are sent as UTF-8, the default of `payload.encoding`")
def test_text_types_are_sent_as_utf_8(market: Market, content_type: str, filename: str) -> None:
    text = "ä€\U0001f4e6\n"
    body = smallest(market, content_type=content_type, payload={"content": text, "filename": filename})

    accepted = market.ours.send(body)

    assert text.encode() == market.payload_there(accepted)
    assert content_type == market.arrived(accepted)["content_type"]


BINARY = [("application/pdf", ".pdf"), ("application/zip", ".zip"), ("image/png", ".png"), ("image/jpeg", ".jpg")]


@pytest.mark.parametrize(("content_type", "extension"), BINARY)
@pytest.mark.documented("Payload", "PDF, ZIP, PNG and JPEG need `payload.encoding: base64`")
def test_binary_types_are_sent_in_base64(market: Market, content_type: str, extension: str) -> None:
    content = bytes(range(256)) * 3
    payload = {"content": base64.b64encode(content).decode(), "encoding": "base64", "filename": f"file{extension}"}

    accepted = market.ours.send(smallest(market, content_type=content_type, payload=payload))

    assert content == market.payload_there(accepted)
    refused = market.ours.api("POST", "/v1/messages", body=smallest(market, content_type=content_type))
    assert (422, ["payload.encoding"]) == (refused.status, list(refused.json["errors"]))


@pytest.mark.parametrize("chosen", [True, False])
@pytest.mark.parametrize(("field", "shown"), [("compress", "compressed"), ("encrypt", "encrypted"), ("sign", "signed")])
@pytest.mark.documented("Sending", "`compress`, `encrypt`, `sign` override what is agreed with the partner")
def test_wrapping_of_one_message_is_chosen(market: Market, field: str, shown: str, *, chosen: bool) -> None:
    others = {"compress": False, "encrypt": False, "sign": False} | {field: chosen}

    accepted = market.ours.send(smallest(market, **others))

    assert chosen == accepted[shown] == market.ours.message(accepted["id"])[shown]
    assert chosen == market.arrived(accepted)[shown]


@pytest.mark.parametrize("priority", ["low", "normal", "high"])
@pytest.mark.documented("Sending", "`priority`: `low`, `normal`, `high`")
def test_priority_is_kept(market: Market, priority: str) -> None:
    accepted = market.ours.send(smallest(market, priority=priority))

    assert priority == market.ours.message(accepted["id"])["priority"]


@pytest.mark.parametrize("mode", ["sync", "async", "none"])
@pytest.mark.documented("Sending", "`mdn_mode`: `sync`, `async`, `none`")
def test_receipt_is_asked_for_in_the_mode_of_the_request(market: Market, mode: str) -> None:
    accepted = market.ours.send(smallest(market, mdn_mode=mode))

    arrived = market.arrived(accepted)
    raw = market.theirs.api("GET", f"/v1/messages/{arrived['id']}/raw").body
    head = raw.partition(b"\r\n\r\n")[0].decode().lower()
    assert mode == accepted["mdn_mode"]
    assert (mode != "none") == ("disposition-notification-to:" in head)
    assert (mode == "async") == ("receipt-delivery-option:" in head)


@pytest.mark.documented("Sending", "`scheduled_at`: a message in the future stays `queued`")
def test_scheduled_message_waits(market: Market) -> None:
    when = (datetime.now(UTC) + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")

    accepted = market.ours.send(smallest(market, scheduled_at=when))

    shown = market.ours.message(accepted["id"])
    assert ("queued", when, 0) == (shown["status"], shown["scheduled_at"], shown["attempts"])
    past = market.ours.api("POST", "/v1/messages", body=smallest(market, scheduled_at="2001-01-01T00:00:00Z"))
    assert (422, ["scheduled_at"]) == (past.status, list(past.json["errors"]))


@pytest.mark.parametrize("key", [str(uuid.UUID(int=7)), "msg_unique_001"])
@pytest.mark.documented("Conventions", "`Idempotency-Key`: the same request gets the same answer, and goes out once")
def test_request_with_the_same_idempotency_key_makes_one_message(market: Market, key: str) -> None:
    body = smallest(market, subject=f"once {key}")

    replies = [market.ours.api("POST", "/v1/messages", body=body, headers={"Idempotency-Key": key}) for _ in range(2)]

    assert [202, 202] == [reply.status for reply in replies]
    assert replies[0].body == replies[1].body
    assert 1 == len(market.ours.messages(search=f"once%20{key}"))
    other = market.ours.api("POST", "/v1/messages", body=smallest(market), headers={"Idempotency-Key": key})
    assert 409 == other.status


@pytest.mark.parametrize("field", ["payload", "file"])
@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({"subject": "Invoice #INV-2024-001", "content_type": "application/edi-x12", "priority": "normal"}, b"ISA~"),
        ({"subject": "Avis 4/9", "content_type": "text/csv", "priority": "high"}, bytes(range(256)) * 4096),
    ],
    ids=["as in the document", "other values"],
)
@pytest.mark.documented("Sending", "`POST /v1/messages` as a form by curl, the file in `payload` or `file`")
def test_form_that_curl_posts_is_queued_and_arrives(
    market: Market, tmp_path: Path, field: str, fields: dict[str, str], content: bytes
) -> None:
    invoice = tmp_path / "invoice.edi"
    invoice.write_bytes(content)
    line = ["curl", "-sS", "-X", "POST", f"{market.ours.url}/v1/messages"]
    line += ["-H", f"Authorization: Bearer {market.ours.api_key}", "-F", f"partner_id={market.acme}"]
    line += ["-F", f"subject={fields['subject']}", "-F", f"{field}=@{invoice}"]
    line += ["-F", f"content_type={fields['content_type']}", "-F", f"priority={fields['priority']}"]

    done = subprocess.run(line, capture_output=True, check=True, timeout=60)

    answer = json.loads(done.stdout)
    assert_like({**ACCEPTED, "data": {**ACCEPTED["data"], "compressed": False}}, answer)
    assert (fields["subject"], fields["content_type"]) == (answer["data"]["subject"], answer["data"]["content_type"])
    arrived = market.arrived(answer["data"])
    assert "invoice.edi" == arrived["attachments"][0]["filename"]
    assert content == market.theirs.payload(arrived["id"]).body
