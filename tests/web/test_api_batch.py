"""`/v1/messages/batch` and `/v1/messages/validate`, in the API's own words and in those of the service's client."""

import json
from base64 import b64encode

import pytest

from acuse.domain.access import Mode, Scope
from tests.documents.test_documents import EDIFACT, X12
from tests.web.client import Client
from tests.web.conftest import World
from tests.web.test_api_send import problems, wish


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def payload(client: Client, public_id: str) -> bytes:
    return client.api("GET", f"/v1/messages/{public_id}/payload").body


def test_each_message_of_a_batch_is_accepted_or_refused_by_itself(shared_world: World, shared_client: Client) -> None:
    before = shared_world.message_count
    entries = [
        wish(subject="One"),
        wish(partner_id="prt_999999"),
        wish(payload={"content": "QUJD", "encoding": "base64"}, subject="Two"),
        wish(sign="x", priority="y"),
        wish(headers={"Host": "x"}),
    ]

    answer = shared_client.api("POST", "/v1/messages/batch", {"messages": entries})

    assert (202, 5, "2 of 5 messages queued for delivery") == (
        answer.status,
        answer.json["total"],
        answer.json["message"],
    )
    assert ["One", "Two"] == [entry["subject"] for entry in answer.json["successful"]]
    assert b"ABC" == payload(shared_client, answer.json["successful"][1]["id"])
    assert [(1, "PARTNER_NOT_FOUND"), (3, "VALIDATION_FAILED"), (4, "INVALID_AS2_HEADERS")] == [
        (entry["index"], entry["error"]["code"]) for entry in answer.json["failed"]
    ]
    assert {"sign", "priority"} == answer.json["failed"][1]["errors"].keys()
    assert before + 2 == shared_world.message_count
    assert [] == shared_world.staged_files


def test_the_client_s_own_form_is_understood(shared_client: Client) -> None:
    entry = {
        "partnerId": "prt_000001",
        "content": encoded(X12),
        "subject": "",
        "contentType": "application/edi-x12",
        "scheduledAt": "2100-01-01T00:00:00+00:00",
        "priority": "high",
        "metadata": {"a": 1},
    }
    bare = {"partnerId": "prt_000001", "content": "text", "encoding": "utf-8", "filename": "a.txt"}

    first, second = shared_client.api("POST", "/v1/messages/batch", {"messages": [entry, bare]}).json["successful"]

    assert (X12.encode(), b"text") == (payload(shared_client, first["id"]), payload(shared_client, second["id"]))
    assert ("application/edi-x12", None, "2100-01-01T00:00:00.000000Z", "high", {"a": 1}) == tuple(
        first[name] for name in ("content_type", "subject", "scheduled_at", "priority", "metadata")
    )
    assert "application/octet-stream" == second["content_type"]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"partnerId": "prt_000001", "content": "no base64!"}, "payload.content"),
        ({"partnerId": "prt_000001"}, "payload.content"),
        ({"partnerId": "prt_000001", "partner_id": "prt_000001", "content": "QQ=="}, "partner_id"),
        ({"partnerId": 7, "content": "QQ=="}, "partner_id"),
        ({"partnerId": "prt_000001", "content": ["QQ=="]}, "payload.content"),
        ({"partnerId": "prt_000001", "content": "QQ==", "contentType": 7}, "content_type"),
        ({}, "payload.content"),
    ],
)
def test_what_is_wrong_with_an_entry_is_told_by_its_field(
    shared_world: World, shared_client: Client, entry: dict[str, object], field: str
) -> None:
    before = shared_world.message_count

    (failed,) = shared_client.api("POST", "/v1/messages/batch", {"messages": [entry]}).json["failed"]

    assert field in failed["errors"]
    assert before == shared_world.message_count


@pytest.mark.parametrize("messages", [None, [], {}, "x", [1], [[]], [{}] * 101])
def test_what_is_no_list_of_messages_is_refused_whole(
    shared_world: World, shared_client: Client, messages: object
) -> None:
    before = shared_world.message_count

    answer = shared_client.api("POST", "/v1/messages/batch", {"messages": messages})

    assert all(name.startswith("messages") for name in problems(answer))
    assert before == shared_world.message_count


def test_a_batch_beyond_the_limit_is_told_of_multipart(shared_client: Client) -> None:
    answer = shared_client.api("POST", "/v1/messages/batch", {"messages": [wish(payload={"content": "x" * 200_000})]})

    assert (413, "PAYLOAD_TOO_LARGE") == (answer.status, answer.json["error"]["code"])
    assert "multipart/form-data" in answer.json["message"]


def test_a_batch_sends_nothing_live_for_test_keys_readers_or_with_a_guard(
    shared_world: World, shared_client: Client
) -> None:
    before, entries = shared_world.message_count, {"messages": [wish()]}
    reader, tester = shared_world.new_key(Scope.READ), shared_world.new_key(*Scope, mode=Mode.TEST)

    answers = [
        shared_client.api("POST", "/v1/messages/batch", entries, Authorization=f"Bearer {reader}"),
        shared_client.api("POST", "/v1/messages/batch", entries, Authorization=f"Bearer {tester}"),
        shared_client.api("POST", "/v1/messages/batch", entries, Idempotency_Key="1"),
    ]

    assert [403, 202, 501] == [answer.status for answer in answers]
    assert before == shared_world.message_count


# ── Validate ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "name", "is_valid"),
    [
        ({"content": encoded(X12), "contentType": "application/edi-x12"}, "x12", True),
        ({"content": X12, "content_type": "application/edi-x12"}, "x12", True),
        ({"content": X12}, "x12", True),
        ({"content": encoded(X12), "encoding": "base64"}, "x12", True),
        ({"content": X12, "contentType": "application/edi-x12", "encoding": "utf-8"}, "x12", True),
        ({"content": EDIFACT, "validationType": "edifact"}, "edifact", True),
        ({"content": EDIFACT, "validation_type": "syntax"}, "edifact", True),
        ({"content": EDIFACT, "content_type": "application/edi-x12"}, "x12", False),
        ({"content": "a,b\n1\n", "validation_type": "CSV"}, "csv", False),
        ({"content": "{", "content_type": "application/json"}, "json", False),
        ({"content": "hello"}, None, False),
    ],
)
def test_a_document_is_judged_before_it_is_sent(
    shared_world: World, shared_client: Client, given: dict[str, object], name: str | None, is_valid: bool
) -> None:
    before = shared_world.message_count

    answer = shared_client.api("POST", "/v1/messages/validate", given)

    assert (200, {"valid", "format", "issues", "details"}) == (answer.status, set(answer.json))
    assert (is_valid, name) == (answer.json["valid"], answer.json["format"])
    assert is_valid is not bool(answer.json["issues"])
    assert before == shared_world.message_count


def test_an_issue_names_its_place(shared_client: Client) -> None:
    answer = shared_client.api("POST", "/v1/messages/validate", {"content": X12.replace("SE*3", "SE*4")})

    assert [{"code": "COUNT", "message": "SE counts '4' where there are 3.", "segment": 5}] == answer.json["issues"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "content"),
        ({"content": ""}, "content"),
        ({"content": 7}, "content"),
        ({"content": "ISA*", "contentType": "application/edi-x12"}, "content"),
        ({"content": "x", "encoding": "latin-1"}, "encoding"),
        ({"content": "x", "content_type": 7}, "content_type"),
        ({"content": "eA==", "contentType": ["x"]}, "contentType"),
        ({"content": "eHg=", "content_type": "text/csv", "contentType": "text/csv"}, "contentType"),
        ({"content": "x", "validation_type": "x12", "validationType": "x12"}, "validationType"),
        ({"content": "x", "validation_type": "schema"}, "validation_type"),
        ({"content": "x", "validationType": 1}, "validationType"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_its_field(
    shared_client: Client, given: dict[str, object], field: str
) -> None:
    assert [field] == list(problems(shared_client.api("POST", "/v1/messages/validate", given)))


def test_json_that_is_none_is_refused(shared_client: Client) -> None:
    for path in ("batch", "validate"):
        for body in (b"", b"{", b"[]", json.dumps("x").encode()):
            assert ["body"] == list(problems(shared_client.api("POST", f"/v1/messages/{path}", body)))
