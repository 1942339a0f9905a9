"""`POST /v1/messages` in JSON: what is taken, and every way in which a field can be wrong."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acuse.as2 import MDNMode
from acuse.domain.message import Direction, Priority, Transmission
from acuse.services.manage_stations import add_station
from tests.web.client import Client, Response
from tests.web.conftest import StartServer, World

EDI = "ISA*00*          *ZZ*ACME*ZZ*GLOBEX~\n"


def wish(**fields: object) -> dict[str, object]:
    """A message that is taken, with some fields changed; None takes a field away."""
    whole = {
        "partner_id": "prt_000001",
        "payload": {"content": EDI},
        "content_type": "application/edi-x12",
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}


def problems(answer: Response) -> dict[str, list[str]]:
    """The problems by field of a 422, whose envelope is checked on the way."""
    assert 422 == answer.status
    assert {"message", "errors", "error"} == answer.json.keys()
    error = answer.json["error"]
    assert ("validation_error", "VALIDATION_FAILED") == (error["type"], error["code"])
    assert answer.json["message"] == error["message"]
    found: dict[str, list[str]] = answer.json["errors"]
    return found


def test_a_message_is_taken_with_202_and_stored(shared_world: World, shared_client: Client) -> None:
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)

    answer = shared_client.api(
        "POST",
        "/v1/messages",
        {
            "partner_id": "prt_000001",
            "subject": "Order Nº 7",
            "payload": {"content": EDI, "filename": "pedido nº 7.edi", "encoding": "utf-8"},
            "content_type": "application/edi-x12; charset=utf-8",
            "headers": {"Document-Type": "PurchaseOrder", "X-Batch": " 7 "},
            "priority": "high",
            "compress": True,
            "encrypt": False,
            "sign": True,
            "mdn_mode": "async",
            "scheduled_at": later.isoformat(),
            "metadata": {"order": {"lines": [1, 2.5, None, True]}},
            "an_unknown_field": 1,
        },
    )

    assert 202 == answer.status
    assert "Message queued for delivery" == answer.json["message"]
    shown = answer.json["data"]
    stored = shared_world.message(shown["id"])
    assert stored.wire_id == f"<{shown['message_id']}>"
    assert {
        "partner": {"id": "prt_000001", "name": "Globex", "as2_id": "GLOBEX"},
        "status": "queued",
        "direction": "outbound",
        "from_as2_id": "ACME",
        "to_as2_id": "GLOBEX",
        "subject": "Order Nº 7",
        "content_type": "application/edi-x12; charset=utf-8",
        "bytes": len(EDI),
        "compressed": True,
        "encrypted": False,
        "signed": True,
        "mdn_mode": "async",
        "mdn_status": "pending",
        "priority": "high",
        "attempts": 0,
        "error": None,
        "metadata": {"order": {"lines": [1, 2.5, None, True]}},
        "scheduled_at": later.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        "created_at": stored.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }.items() <= shown.items()
    assert (Direction.OUTBOUND, Transmission.SCHEDULED, Priority.HIGH, MDNMode.ASYNC) == (
        stored.direction,
        stored.transmission,
        stored.priority,
        stored.mdn,
    )
    assert (("Document-Type", "PurchaseOrder"), ("X-Batch", "7")) == stored.custom_headers


def test_what_is_left_out_or_null_is_as_agreed_with_the_partner(shared_world: World, shared_client: Client) -> None:
    nulls = dict.fromkeys(("subject", "headers", "priority", "compress", "encrypt", "sign", "mdn_mode", "metadata"))

    answer = shared_client.api("POST", "/v1/messages", {**wish(), **nulls, "scheduled_at": None})

    stored = shared_world.message(answer.json["data"]["id"])
    assert (None, Priority.NORMAL, False, True, True, MDNMode.SYNC, (), {}) == (
        stored.subject,
        stored.priority,
        stored.is_compressed,
        stored.is_encrypted,
        stored.is_signed,
        stored.mdn,
        stored.custom_headers,
        stored.metadata,
    )


@pytest.mark.parametrize(
    ("payload", "stored"),
    [
        ({"content": "añb\r\nc\n\0"}, "añb\r\nc\n\0".encode()),
        ({"content": b64encode(b"\0\xff\n").decode(), "encoding": "base64"}, b"\0\xff\n"),
        ({"content": "AAEC\r\nAwQ=\n", "encoding": "base64"}, bytes(range(5))),
        ({"content": "QUJD", "encoding": "utf-8"}, b"QUJD"),
        ({"content": "QUJD", "encoding": None}, b"QUJD"),
        ({"content": "x" * 150_000}, b"x" * 150_000),
    ],
)
def test_the_payload_is_stored_byte_for_byte(shared_client: Client, payload: dict[str, str], stored: bytes) -> None:
    answer = shared_client.api("POST", "/v1/messages", wish(payload=payload, content_type="application/octet-stream"))

    payload_url = f"/v1/messages/{answer.json['data']['id']}/payload"
    assert (202, len(stored)) == (answer.status, answer.json["data"]["bytes"])
    assert stored == shared_client.api("GET", payload_url).body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"partner_id": None}, "partner_id"),
        ({"partner_id": 1}, "partner_id"),
        ({"partner_id": ""}, "partner_id"),
        ({"station_id": 1}, "station_id"),
        ({"station_id": ""}, "station_id"),
        ({"content_type": None}, "content_type"),
        ({"content_type": ["text/plain"]}, "content_type"),
        ({"payload": None}, "payload.content"),
        ({"payload": "text"}, "payload"),
        ({"payload": {}}, "payload.content"),
        ({"payload": {"content": ""}}, "payload.content"),
        ({"payload": {"content": 7}}, "payload.content"),
        ({"payload": {"content": "", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "\r\n", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "not base64!", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "QUI", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "QQ==QQ==", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "QU_-", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "QU I=", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "ñandú===", "encoding": "base64"}}, "payload.content"),
        ({"payload": {"content": "x", "encoding": "latin-1"}}, "payload.encoding"),
        ({"payload": {"content": "x", "encoding": True}}, "payload.encoding"),
        ({"payload": {"content": "x"}, "content_type": "application/pdf"}, "payload.encoding"),
        ({"payload": {"content": "x"}, "content_type": "Application/ZIP"}, "payload.encoding"),
        ({"payload": {"content": "x"}, "content_type": "image/png; a=b"}, "payload.encoding"),
        ({"payload": {"content": "x", "encoding": "utf-8"}, "content_type": "image/jpeg"}, "payload.encoding"),
        ({"payload": {"content": "x", "filename": ""}}, "payload.filename"),
        ({"payload": {"content": "x", "filename": "x" * 256}}, "payload.filename"),
        ({"payload": {"content": "x", "filename": "a\r\nb"}}, "payload.filename"),
        ({"payload": {"content": "x", "filename": {}}}, "payload.filename"),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 256}, "subject"),
        ({"subject": "a\nBcc: b"}, "subject"),
        ({"subject": 7}, "subject"),
        ({"priority": "urgent"}, "priority"),
        ({"priority": 1}, "priority"),
        ({"compress": "true"}, "compress"),
        ({"encrypt": 1}, "encrypt"),
        ({"sign": []}, "sign"),
        ({"mdn_mode": "later"}, "mdn_mode"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "scheduled_at"),
        ({"scheduled_at": "tomorrow"}, "scheduled_at"),
        ({"scheduled_at": 1893456000}, "scheduled_at"),
        ({"scheduled_at": "0001-01-01T00:00:00+23:59"}, "scheduled_at"),
        ({"headers": ["X-A"]}, "headers"),
        ({"metadata": "text"}, "metadata"),
        ({"metadata": {"x": "y" * 20_000}}, "metadata"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name_and_nothing_is_stored(
    shared_world: World, shared_client: Client, change: dict[str, Any], field: str
) -> None:
    before = shared_world.message_count

    answer = shared_client.api("POST", "/v1/messages", wish(**change))

    assert [field] == list(problems(answer))
    assert before == shared_world.message_count


def test_all_wrong_fields_are_named_at_once(shared_client: Client) -> None:
    answer = shared_client.api("POST", "/v1/messages", {"payload": {"filename": ""}, "priority": "x", "sign": "x"})

    assert {
        "payload.content",
        "payload.filename",
        "partner_id",
        "content_type",
        "priority",
        "sign",
    } == problems(answer).keys()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b'{"a":"\\ud800"}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(shared_client: Client, body: bytes) -> None:
    assert ["body"] == list(problems(shared_client.api("POST", "/v1/messages", body)))


@pytest.mark.parametrize(
    "partner_id", ["prt_000999", "prt_1", "prt_0000001", "msg_000001", "GLOBEX", "prt_" + "9" * 30]
)
def test_an_unknown_partner_is_not_found(shared_client: Client, partner_id: str) -> None:
    answer = shared_client.api("POST", "/v1/messages", wish(partner_id=partner_id))

    assert (404, "PARTNER_NOT_FOUND") == (answer.status, answer.json["error"]["code"])
    assert "resource_error" == answer.json["error"]["type"]


@pytest.mark.parametrize("content_type", ["edi", "a/b/c", "text/plain; x=ñ", "/", "text/ plain"])
def test_a_content_type_that_is_none_is_refused(shared_client: Client, content_type: str) -> None:
    answer = shared_client.api("POST", "/v1/messages", wish(content_type=content_type))

    assert (400, "INVALID_CONTENT_TYPE") == (answer.status, answer.json["error"]["code"])


@pytest.mark.parametrize(
    "headers",
    [
        {"AS2-From": "EVIL"},
        {"message-id": "<1@x>"},
        {"Content-Type": "text/plain"},
        {"Disposition-Notification-To": "x"},
        {"Receipt-Delivery-Option": "http://x"},
        {"Transfer-Encoding": "chunked"},
        {"Host": "x"},
        {"Subject": "x"},
        {"X-A": "a\r\nAS2-From: EVIL"},
        {"X-A": "a\nb"},
        {"X-A\r\nY": "a"},
        {"X A": "a"},
        {"": "a"},
        {"X-A": 7},
        {"X-A": None},
        {"X-A": "ñ"},
        {"X-A": "1", "x-a": "2"},
        {"X-A": "x" * 8200},
        {f"X-{number}": "x" * 100 for number in range(80)},
    ],
)
def test_a_custom_header_that_may_not_be_sent_is_refused(
    shared_world: World, shared_client: Client, headers: dict[str, object]
) -> None:
    before = shared_world.message_count

    answer = shared_client.api("POST", "/v1/messages", wish(headers=headers))

    assert (400, "INVALID_AS2_HEADERS") == (answer.status, answer.json["error"]["code"])
    assert before == shared_world.message_count


CHUNKED = (
    "POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "base64"])
@pytest.mark.parametrize("comes_first", ["encoding", "content"])
def test_a_content_of_any_size_streams_into_its_stage(start: StartServer, encoding: str, comes_first: str) -> None:
    client, content = start(max_json_body=1000), "ñ\r\n" * 100_000
    text = content if encoding == "utf-8" else b64encode(content.encode()).decode()
    payload = {"encoding": encoding, "content": text, "filename": "ñ.txt"}
    if comes_first == "content":
        payload = dict(reversed(payload.items()))

    taken = client.api("POST", "/v1/messages", wish(payload=payload))

    assert 202 == taken.status
    assert content.encode() == client.api("GET", f"/v1/messages/{taken.json['data']['id']}/payload").body


@pytest.mark.parametrize(
    "payload",
    [
        {"content": "x" * 100_001},
        {"encoding": "utf-8", "content": "x" * 100_001},
        {"encoding": "base64", "content": b64encode(bytes(100_001)).decode()},
        {"content": b64encode(bytes(100_001)).decode(), "encoding": "base64"},
        {"content": "x" * 900_000},
    ],
)
def test_a_content_beyond_the_limit_is_refused_and_nothing_stays(
    world: World, start: StartServer, payload: dict[str, str]
) -> None:
    answer = start(max_body=100_000).api("POST", "/v1/messages", wish(payload=payload))

    assert (413, "PAYLOAD_TOO_LARGE") == (answer.status, answer.json["error"]["code"])
    assert 100_000 == answer.json["error"]["details"]["max_size_bytes"]
    assert (0, []) == (world.message_count, world.staged_files)


def test_other_fields_beyond_their_limit_are_refused_while_they_arrive(shared_client: Client) -> None:
    head = CHUNKED.format(key=shared_client.key)

    answer = shared_client.raw(head.encode() + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 5 + b"0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413")


def test_base64_of_nothing_but_line_breaks_has_an_end(start: StartServer) -> None:
    client = start(max_body=1000)
    beginning = b'{"payload":{"encoding":"base64","content":"'
    chunks = b"%x\r\n" % len(beginning) + beginning + b"\r\n" + (b"10000\r\n" + b"\\r\\n" * 16384 + b"\r\n") * 6

    assert client.raw(CHUNKED.format(key=client.key).encode() + chunks).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/edi-x12"])
def test_a_body_of_another_type_is_refused(shared_client: Client, content_type: str) -> None:
    answer = shared_client.api("POST", "/v1/messages", wish(), Content_Type=content_type)

    assert (400, "INVALID_CONTENT_TYPE") == (answer.status, answer.json["error"]["code"])


def test_json_with_a_charset_is_json(shared_client: Client) -> None:
    answer = shared_client.api("POST", "/v1/messages", wish(), Content_Type="Application/JSON; charset=utf-8")

    assert 202 == answer.status


def test_a_stored_message_survives_what_the_client_does_next(world: World, client: Client) -> None:
    body = json.dumps(wish()).encode()
    with client.connect() as connection:
        connection.sendall(
            f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 202")

    assert 1 == world.message_count


def test_a_message_is_sent_by_the_station_that_is_named(world: World, client: Client) -> None:
    second = add_station(world.ports, space=world.space, name="Two", as2_id="TWO", url="https://two.example")

    default = client.api("POST", "/v1/messages", wish()).json["data"]
    chosen = client.api("POST", "/v1/messages", wish(station_id=f"stn_{second.handle:06d}")).json["data"]

    assert ("ACME", "TWO") == (default["from_as2_id"], chosen["from_as2_id"])


@pytest.mark.parametrize("station", ["stn_000002", "stn_2", "ACME", "prt_000001"])
def test_an_unknown_station_is_not_found(shared_world: World, shared_client: Client, station: str) -> None:
    before = shared_world.message_count

    answer = shared_client.api("POST", "/v1/messages", wish(station_id=station))

    assert (404, "STATION_NOT_FOUND") == (answer.status, answer.json["error"]["code"])
    assert station == answer.json["error"]["details"]["station_id"]
    assert before == shared_world.message_count


def test_a_time_in_the_spelling_of_the_service_s_client_is_kept_to(shared_client: Client) -> None:
    answer = shared_client.api("POST", "/v1/messages", wish(scheduledAt="2100-01-01T00:00:00+01:00"))

    assert "2099-12-31T23:00:00.000000Z" == answer.json["data"]["scheduled_at"]
