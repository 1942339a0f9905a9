"""Payload, attachments, raw bytes and receipts: whole, in ranges, in gzip, and named safely."""

import gzip
import hashlib
import re
from base64 import b64decode, b64encode
from dataclasses import replace
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.as2 import MDNMode
from acuse.domain.access import Scope
from acuse.domain.message import Direction
from acuse.mime import Base64, Joined, Literal, Source, read_all
from acuse.services.begin_attempt import begin_attempt
from acuse.web.shared.download import open_at
from acuse.web.shared.ranges import RangeNotSatisfiable, parse_range
from tests.web.client import Client, Response
from tests.web.conftest import World
from tests.web.test_api_send import wish
from tests.web.test_as2in import OPEN, as2_headers

LARGE = b"".join(b"%07d\n" % number for number in range(100_000))
SMALL = b"ISA*00*~\n" * 3


def sent(client: Client, content: bytes, **fields: object) -> str:
    """A message with this payload."""
    payload = {"content": b64encode(content).decode(), "encoding": "base64", "filename": "a.edi"}
    public_id: str = client.api("POST", "/v1/messages", wish(payload=payload, **fields)).json["data"]["id"]
    return public_id


def sent_files(client: Client, *files: bytes) -> str:
    """A message with several files."""
    parts = [b'--B\r\nContent-Disposition: form-data; name="partner_id"\r\n\r\nprt_000001']
    parts.append(b'--B\r\nContent-Disposition: form-data; name="content_type"\r\n\r\ntext/plain')
    for number, file in enumerate(files, start=1):
        head = b'--B\r\nContent-Disposition: form-data; name="file"; filename="%d.txt"' % number
        parts.append(head + b"\r\nContent-Type: text/x-%d\r\n\r\n" % number + file)
    body = b"\r\n".join([*parts, b"--B--\r\n"])
    answer = client.api("POST", "/v1/messages", body, Content_Type="multipart/form-data; boundary=B")
    public_id: str = answer.json["data"]["id"]
    return public_id


@pytest.fixture(scope="module")
def public_id(shared_client: Client) -> str:
    upload = b'--B\r\nContent-Disposition: form-data; name="partner_id"\r\n\r\nprt_000001\r\n--B\r\n'
    upload += b'Content-Disposition: form-data; name="content_type"\r\n\r\napplication/edi-x12\r\n--B\r\n'
    upload += b'Content-Disposition: form-data; name="file"; filename="a.edi"\r\n\r\n' + LARGE + b"\r\n--B--\r\n"
    answer = shared_client.api("POST", "/v1/messages", upload, Content_Type="multipart/form-data; boundary=B")
    given: str = answer.json["data"]["id"]
    return given


def payload(client: Client, public_id: str, **headers: str) -> Response:
    return client.api("GET", f"/v1/messages/{public_id}/payload", **headers)


# ── Ranges ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=0-", range(10)),
        ("bytes=4-6", range(4, 7)),
        ("bytes=4-99999999999999999999", range(4, 10)),
        ("BYTES = 9-9", range(9, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-10", range(10)),
        ("bytes=-11", range(10)),
        ("bytes=0-1,3-4", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=5-4", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("items=0-1", None),
        ("", None),
    ],
)
def test_a_range_is_read_and_cut_or_passed_over(text: str, wanted: range | None) -> None:
    assert wanted == parse_range(text, size=10)


@pytest.mark.parametrize(
    ("text", "size"), [("bytes=10-", 10), ("bytes=10-11", 10), ("bytes=-0", 10), ("bytes=0-0", 0), ("bytes=-1", 0)]
)
def test_a_range_of_which_nothing_is_there_is_refused(text: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(text, size=size)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=262140-262150", 262_140, 262_151), ("bytes=-5", 799_995, 800_000)],
)
def test_a_range_of_a_payload_is_a_206(shared_client: Client, public_id: str, asked: str, start: int, end: int) -> None:
    answer = payload(shared_client, public_id, Range=asked, Accept_Encoding="gzip")

    assert (206, LARGE[start:end]) == (answer.status, answer.body)
    assert f"bytes {start}-{end - 1}/{len(LARGE)}" == answer.headers["content-range"]
    assert str(end - start) == answer.headers["content-length"]
    assert "content-encoding" not in answer.headers


def test_a_range_behind_the_end_is_a_416_that_tells_the_size(shared_client: Client, public_id: str) -> None:
    answer = payload(shared_client, public_id, Range="bytes=800000-")

    assert (416, "RANGE_NOT_SATISFIABLE") == (answer.status, answer.json["error"]["code"])
    assert "bytes */800000" == answer.headers["content-range"]


@pytest.mark.parametrize("condition", ['"another"', "Wed, 21 Oct 2026 07:28:00 GMT", 'W/"{sha}"', ""])
def test_with_another_if_range_the_answer_is_whole(shared_client: Client, public_id: str, condition: str) -> None:
    sha = hashlib.sha256(LARGE).hexdigest()

    answer = payload(shared_client, public_id, Range="bytes=0-9", If_Range=condition.format(sha=sha))

    assert (200, LARGE) == (answer.status, answer.body)


def test_with_our_etag_as_if_range_the_answer_is_the_range(shared_client: Client, public_id: str) -> None:
    etag = payload(shared_client, public_id).headers["etag"]

    assert f'"{hashlib.sha256(LARGE).hexdigest()}"' == etag
    assert LARGE[:10] == payload(shared_client, public_id, Range="bytes=0-9", If_Range=etag).body


def test_several_ranges_are_answered_whole(shared_client: Client, public_id: str) -> None:
    answer = payload(shared_client, public_id, Range="bytes=0-1,4-5")

    assert (200, "bytes", len(LARGE)) == (answer.status, answer.headers["accept-ranges"], len(answer.body))


@given(
    parts=st.lists(st.binary(max_size=20).map(Literal)),
    start=st.integers(min_value=0, max_value=300),
    is_encoded=st.booleans(),
)
def test_a_source_is_opened_at_any_offset(parts: list[Literal], start: int, is_encoded: bool) -> None:
    joined = Joined(tuple(parts))
    source: Source = Base64(joined) if is_encoded else Joined((joined, Literal(b"end")))
    whole = read_all(source.open(), limit=10_000)

    assert whole[start:] == read_all(open_at(source, start), limit=10_000)


# ── What is there already, and gzip ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_what_the_client_has_already_is_a_304(shared_client: Client, public_id: str, form: str) -> None:
    etag = payload(shared_client, public_id).headers["etag"]

    answer = payload(shared_client, public_id, If_None_Match=form.format(etag))

    assert (304, b"", etag) == (answer.status, answer.body, answer.headers["etag"])


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "*", "x-gzip", "GZIP; q=0.001"])
def test_gzip_is_sent_to_who_takes_it(shared_client: Client, public_id: str, accepted: str) -> None:
    answer = payload(shared_client, public_id, Accept_Encoding=accepted)

    assert ("gzip", "Accept-Encoding") == (answer.headers["content-encoding"], answer.headers["vary"])
    assert LARGE == gzip.decompress(answer.body)
    assert len(LARGE) > 2 * len(answer.body)
    assert payload(shared_client, public_id).headers["etag"] != answer.headers["etag"]
    assert 304 == payload(shared_client, public_id, If_None_Match=answer.headers["etag"]).status


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip;q=0, *", "*;q=0", "gzip;q=x", "gzipp"])
def test_gzip_is_not_sent_to_who_does_not(shared_client: Client, public_id: str, accepted: str) -> None:
    answer = payload(shared_client, public_id, Accept_Encoding=accepted)

    assert LARGE == answer.body
    assert "Accept-Encoding" == answer.headers["vary"]


def test_what_is_small_or_compressed_already_is_sent_as_it_is(shared_client: Client) -> None:
    zipped = sent(shared_client, bytes(50_000), content_type="application/zip")

    for public_id in (sent(shared_client, SMALL), zipped):
        assert "content-encoding" not in payload(shared_client, public_id, Accept_Encoding="gzip").headers


def test_head_says_what_get_would_without_the_bytes(shared_client: Client, public_id: str) -> None:
    path = f"/v1/messages/{public_id}/payload"
    for headers in ({}, {"Accept_Encoding": "gzip"}):
        got, head = (shared_client.api(method, path, **headers) for method in ("GET", "HEAD"))
        changing = {"date", "content-length", "transfer-encoding"}

        assert (200, b"") == (head.status, head.body)
        assert {name: value for name, value in got.headers.items() if name not in changing} == {
            name: value for name, value in head.headers.items() if name not in changing
        }
    assert str(len(LARGE)) == shared_client.api("HEAD", path).headers["content-length"]


def test_base64_is_given_on_demand(shared_client: Client, public_id: str) -> None:
    answer = shared_client.api("GET", f"/v1/messages/{public_id}/payload?encoding=base64")

    assert LARGE == b64decode(answer.body)
    assert "text/plain; charset=us-ascii" == answer.headers["content-type"]
    for encoding in ("binary", "utf-8", ""):
        assert LARGE == shared_client.api("GET", f"/v1/messages/{public_id}/payload?encoding={encoding}").body


def test_an_unknown_encoding_is_refused_by_its_name(shared_client: Client, public_id: str) -> None:
    answer = shared_client.api("GET", f"/v1/messages/{public_id}/payload?encoding=rot13")

    assert (422, ["encoding"]) == (answer.status, list(answer.json["errors"]))


# ── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_several_files_come_as_one_multipart_with_its_own_type(shared_client: Client) -> None:
    files = (b"one\r\n", bytes(range(256)) * 400, b"--B-")
    public_id = sent_files(shared_client, *files)

    answer = payload(shared_client, public_id)

    read = message_from_bytes(f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode() + answer.body)
    parts = list(read.walk())[1:]
    assert "multipart/related" == read.get_content_type()
    assert ["text/x-1", "text/x-2", "text/x-3"] == [part.get_content_type() for part in parts]
    assert ["1.txt", "2.txt", "3.txt"] == [part.get_filename() for part in parts]
    assert all(file in answer.body for file in files)
    assert answer.body == payload(shared_client, public_id).body
    middle = payload(shared_client, public_id, Range="bytes=150-99999")
    assert answer.body[150:100_000] == middle.body


def test_single_files_are_listed_and_given(shared_client: Client) -> None:
    public_id = sent_files(shared_client, b"one", b"two")

    listed = shared_client.api("GET", f"/v1/messages/{public_id}/attachments").json["data"]
    second = shared_client.api("GET", f"/v1/messages/{public_id}/attachments/2")

    assert [(1, "1.txt", "text/x-1", 3), (2, "2.txt", "text/x-2", 3)] == [
        tuple(entry[name] for name in ("position", "filename", "content_type", "bytes")) for entry in listed
    ]
    assert (b"two", "text/x-2") == (second.body, second.headers["content-type"])
    assert f'"{listed[1]["sha256"]}"' == second.headers["etag"]


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "01", "1e0", "9" * 5000])
def test_a_file_that_is_not_there_is_not_found(shared_client: Client, number: str) -> None:
    public_id = sent_files(shared_client, b"one", b"two")

    answer = shared_client.api("GET", f"/v1/messages/{public_id}/attachments/{number}")

    assert (404, "ATTACHMENT_NOT_FOUND") == (answer.status, answer.json["error"]["code"])


@given(name=st.text(min_size=1, max_size=40), content_type=st.text(max_size=40))
def test_no_name_or_type_of_a_partner_breaks_the_head(
    shared_world: World, shared_client: Client, public_id: str, name: str, content_type: str
) -> None:
    view = shared_world.ports.views.message(shared_world.space, int(public_id.partition("_")[2]))
    entry = replace(
        view.attachments[0],
        filename=name.encode("utf-8", "replace").decode(),
        content_type=content_type.encode("utf-8", "replace").decode(),
    )
    message = replace(view.message, id=shared_world.ports.world.new_id(), handle=shared_world.message_count + 500)
    shared_world.ports.units.run(lambda unit: unit.messages.add(replace(message, wire_id=str(message.id)), [entry]))

    answer = payload(shared_client, message.public_id, Range="bytes=0-9")

    assert (206, LARGE[:10]) == (answer.status, answer.body)
    assert re.fullmatch(
        r'attachment; filename="(?:[^"\\]|\\.)*"(?:; filename\*=UTF-8\'\'[^ ;"]*)?',
        answer.headers["content-disposition"],
    )


# ── The wire ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def received(world: World, client: Client, body: bytes = b"ORDERS", **headers: str) -> str:
    """A message that came in."""
    world.new_partner("OPEN", OPEN)
    assert 200 == client.request("POST", "/as2", body, as2_headers(**headers)).status
    public_id: str = client.api("GET", "/v1/messages?direction=inbound").json["data"][0]["id"]
    return public_id


def test_raw_is_the_request_as_it_came(world: World, client: Client) -> None:
    body = b"UNB+" + bytes(range(256)) * 600
    public_id = received(world, client, body, Subject="Pedido", X_Own="1")

    answer = client.api("GET", f"/v1/messages/{public_id}/raw")

    head, _, rest = answer.body.partition(b"\r\n\r\n")
    assert (200, body) == (answer.status, rest)
    assert {b"subject: pedido", b"as2-to: acme"} <= {line.lower() for line in head.split(b"\r\n")}
    assert f'attachment; filename="{public_id}.as2"' == answer.headers["content-disposition"]
    assert rest[-7:] == client.api("GET", f"/v1/messages/{public_id}/raw", Range="bytes=-7").body


def test_raw_is_the_request_as_it_is_sent(world: World, client: Client) -> None:
    public_id = sent(client, SMALL)
    missing = client.api("GET", f"/v1/messages/{public_id}/raw")
    attempt = begin_attempt(world.ports, world.message(public_id).id)
    assert attempt

    answer = client.api("GET", f"/v1/messages/{public_id}/raw")

    head = b"".join(f"{name}: {value}\r\n".encode() for name, value in attempt.headers)
    assert (404, "RAW_NOT_FOUND") == (missing.status, missing.json["error"]["code"])
    assert head + b"\r\n" + read_all(attempt.body.open(), limit=1 << 20) == answer.body


def test_a_receipt_is_given_as_it_left_or_as_what_it_says(world: World, client: Client) -> None:
    public_id = received(world, client, Disposition_Notification_To="x")
    path = f"/v1/messages/{public_id}/mdn"

    raw, told = client.api("GET", path), client.api("GET", path, Accept="application/json")

    assert raw.headers["content-type"].startswith("multipart/report")
    assert b"Disposition: automatic-action/MDN-sent-automatically; processed" in raw.body
    assert ("Accept, Accept-Encoding", "Accept") == (raw.headers["vary"], told.headers["vary"])
    data = told.json["data"]
    assert (public_id, Direction.OUTBOUND, False) == (data["id"], data["direction"], data["signed"])
    assert client.api("GET", f"/v1/messages/{public_id}").json["data"]["mdn_data"].items() <= data.items()


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("*/*", False),
        ("multipart/report", False),
        ("application/json;q=0", False),
        ("text/html, application/json", True),
    ],
)
def test_a_receipt_is_json_only_where_json_is_named(world: World, client: Client, accept: str, is_json: bool) -> None:
    public_id = received(world, client, Disposition_Notification_To="x")

    answer = client.api("GET", f"/v1/messages/{public_id}/mdn", Accept=accept)

    assert is_json is (answer.headers["content-type"] == "application/json")


def test_a_receipt_that_is_not_there_is_not_found(shared_client: Client) -> None:
    public_id = sent(shared_client, SMALL, mdn_mode=MDNMode.ASYNC)

    answer = shared_client.api("GET", f"/v1/messages/{public_id}/mdn")

    assert (404, "MDN_NOT_FOUND") == (answer.status, answer.json["error"]["code"])
    assert "pending" == answer.json["error"]["details"]["mdn_status"]


@pytest.mark.parametrize("tail", ["raw", "mdn", "attachments", "attachments/1", "payload"])
def test_nothing_of_another_tenant_is_given(world: World, client: Client, tail: str) -> None:
    public_id = sent(client, SMALL)
    stranger = world.new_key(*Scope, tenant=world.new_tenant("Other"))

    answer = client.api("GET", f"/v1/messages/{public_id}/{tail}", Authorization=f"Bearer {stranger}")

    assert (404, "MESSAGE_NOT_FOUND") == (answer.status, answer.json["error"]["code"])


def test_a_payload_whose_file_was_cut_is_not_given(world: World, client: Client) -> None:
    public_id = sent(client, LARGE)
    (path,) = [path for path in world.gateway.home.blobs.rglob("*") if path.is_file()]
    path.write_bytes(LARGE[:-1])

    answer = client.api("GET", f"/v1/messages/{public_id}/payload")

    assert (503, "STORAGE_FAILED") == (answer.status, answer.json["error"]["code"])
