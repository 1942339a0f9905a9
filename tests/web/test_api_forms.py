"""`POST /v1/messages` as multipart/form-data: files stream, fields are bounded, and nothing of a bad form is kept."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from acuse.as2 import MDNMode
from acuse.domain.message import Priority
from tests.peers.waiting import wait_until
from tests.web.client import Client, Response
from tests.web.conftest import StartServer, World
from tests.web.test_api_send import problems

BOUNDARY = "----form-7f3a"
LARGE = 3 * 1024 * 1024
REQUIRED = {"partner_id": "prt_000001", "content_type": "application/edi-x12"}


def part(name: str, value: bytes, *, filename: str | None = None, more: Iterable[str] = ()) -> bytes:
    named = "" if filename is None else f'; filename="{filename}"'
    lines = [f"--{BOUNDARY}", f'Content-Disposition: form-data; name="{name}"{named}', *more, "", ""]
    return "\r\n".join(lines).encode() + value + b"\r\n"


def form(*parts: bytes, **fields: str) -> bytes:
    given = [part(name, value.encode()) for name, value in {**REQUIRED, **fields}.items() if value != "(none)"]
    return b"".join([*given, *parts, f"--{BOUNDARY}--\r\n".encode()])


def send(client: Client, body: bytes) -> Response:
    return client.api("POST", "/v1/messages", body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}")


@pytest.mark.parametrize("field", ["file", "payload"])
@pytest.mark.parametrize("size", [1, 64 * 1024 + 1, LARGE])
def test_a_file_is_stored_byte_for_byte(shared_client: Client, field: str, size: int) -> None:
    content = (b"\r\n--" + BOUNDARY[:-1].encode() + bytes(range(256))) * (size // 256 + 1)

    answer = send(shared_client, form(part(field, content[:size], filename="pedido nº 7.edi")))

    assert 202 == answer.status
    url = f"/v1/messages/{answer.json['data']['id']}"
    assert content[:size] == shared_client.api("GET", f"{url}/payload").body
    (attachment,) = shared_client.api("GET", url).json["data"]["attachments"]
    assert ("pedido nº 7.edi", "application/edi-x12", size) == (
        attachment["filename"],
        attachment["content_type"],
        attachment["bytes"],
    )


def test_every_field_of_json_may_stand_in_a_form(shared_world: World, shared_client: Client) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)

    answer = send(
        shared_client,
        form(
            part("file", b"x", filename="a.edi"),
            subject="Invoice ñ",
            priority="low",
            compress="1",
            encrypt="false",
            sign="0",
            mdn_mode="none",
            scheduled_at=later.isoformat(),
            headers=json.dumps({"X-A": "b"}),
            metadata=json.dumps({"a": [1]}),
        ),
    )

    stored = shared_world.message(answer.json["data"]["id"])
    assert ("Invoice ñ", Priority.LOW, True, False, False, MDNMode.NONE, later, (("X-A", "b"),), {"a": [1]}) == (
        stored.subject,
        stored.priority,
        stored.is_compressed,
        stored.is_encrypted,
        stored.is_signed,
        stored.mdn,
        stored.scheduled_at,
        stored.custom_headers,
        stored.metadata,
    )


def test_an_empty_field_counts_as_left_out(shared_world: World, shared_client: Client) -> None:
    answer = send(shared_client, form(part("file", b"x", filename="a"), subject="", sign="", metadata="", priority=""))

    stored = shared_world.message(answer.json["data"]["id"])
    assert (None, True, Priority.NORMAL) == (stored.subject, stored.is_signed, stored.priority)


def test_several_files_are_several_attachments_each_with_its_own_type(shared_client: Client) -> None:
    answer = send(
        shared_client,
        form(
            part("file", b"one", filename="1.xml", more=["Content-Type: application/xml"]),
            part("payload", b"two", filename="2.pdf", more=["Content-Type: application/pdf"]),
            part("file", b"three", filename="3"),
        ),
    )

    shown = shared_client.api("GET", f"/v1/messages/{answer.json['data']['id']}").json["data"]
    assert [("1.xml", "application/xml", 3), ("2.pdf", "application/pdf", 3), ("3", "application/edi-x12", 5)] == [
        (entry["filename"], entry["content_type"], entry["bytes"]) for entry in shown["attachments"]
    ]
    assert 11 == shown["bytes"]


def test_a_file_part_without_a_file_name_is_a_file_without_a_name(shared_client: Client) -> None:
    answer = send(shared_client, form(part("payload", b"text")))

    (attachment,) = shared_client.api("GET", f"/v1/messages/{answer.json['data']['id']}").json["data"]["attachments"]
    assert (None, 4) == (attachment["filename"], attachment["bytes"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (form(), "file"),
        (form(part("file", b"", filename="a")), "file"),
        (form(part("file", b"x", filename="x" * 256)), "file"),
        (form(part("upload", b"x", filename="a")), "upload"),
        (form(part("file", b"x", filename="a"), partner_id="(none)"), "partner_id"),
        (form(part("file", b"x", filename="a"), content_type="(none)"), "content_type"),
        (form(part("file", b"x", filename="a"), sign="maybe"), "sign"),
        (form(part("file", b"x", filename="a"), priority="urgent"), "priority"),
        (form(part("file", b"x", filename="a"), headers="X-A: b"), "headers"),
        (form(part("file", b"x", filename="a"), metadata="[1]"), "metadata"),
        (form(part("file", b"x", filename="a"), scheduled_at="2020-01-01"), "scheduled_at"),
        (form(part("file", b"x", filename="a"), subject="x" * 256), "subject"),
        (form(part("file", b"x", filename="a"), subject="x" * 70_000), "subject"),
        (form(*[part(f"f{number}", b"x") for number in range(101)]), "body"),
        (form(part("file", b"x", filename="a"))[:-10], "body"),
        (form(part("file", b"x" * 100_000, filename="a"))[:50_000], "body"),
        (form(part("file", b"eA==", filename="a", more=["Content-Transfer-Encoding: base64"])), "body"),
        (form(part("subject", b"\xff"), part("file", b"x", filename="a")), "body"),
        (f"--{BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(), "body"),
        (b"not a form", "body"),
        (b"", "body"),
    ],
)
def test_a_bad_form_is_refused_by_the_name_of_its_field_and_nothing_is_stored(
    shared_world: World, shared_client: Client, body: bytes, field: str
) -> None:
    before = shared_world.message_count

    answer = send(shared_client, body)

    assert [field] == list(problems(answer))
    assert before == shared_world.message_count
    assert [] == shared_world.staged_files


def test_a_form_without_a_boundary_is_refused(shared_client: Client) -> None:
    answer = shared_client.api("POST", "/v1/messages", form(), Content_Type="multipart/form-data")

    assert ["body"] == list(problems(answer))


@pytest.mark.parametrize("content_type", ["nonsense", "a b/c"])
def test_a_file_with_a_type_that_is_none_is_refused_with_several_files(
    shared_world: World, shared_client: Client, content_type: str
) -> None:
    odd = part("file", b"x" * LARGE, filename="1", more=[f"Content-Type: {content_type}"])

    answer = send(shared_client, form(odd, part("file", b"2", filename="2")))

    assert (400, "INVALID_CONTENT_TYPE") == (answer.status, answer.json["error"]["code"])
    assert [] == shared_world.staged_files


def test_an_unknown_partner_leaves_no_file_behind(shared_world: World, shared_client: Client) -> None:
    answer = send(shared_client, form(part("file", b"x" * LARGE, filename="a"), partner_id="prt_000999"))

    assert (404, "PARTNER_NOT_FOUND") == (answer.status, answer.json["error"]["code"])
    assert [] == shared_world.staged_files


def test_a_form_beyond_the_limit_is_refused_while_it_arrives(world: World, start: StartServer) -> None:
    answer = send(start(max_body=1_000_000), form(part("file", b"x" * LARGE, filename="a")))

    assert (413, "PAYLOAD_TOO_LARGE") == (answer.status, answer.json["error"]["code"])
    assert 1_000_000 == answer.json["error"]["details"]["max_size_bytes"]
    assert [] == world.staged_files
    assert 0 == world.message_count


def test_a_form_that_breaks_off_leaves_nothing_behind(world: World, client: Client) -> None:
    body = form(part("file", b"x" * LARGE, filename="a"))
    head = (
        f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.key}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with client.connect() as connection:
        connection.sendall(head.encode() + body[: LARGE // 2])
        wait_until(lambda: world.staged_files, what="half a file in its stage")

    wait_until(lambda: not world.staged_files, what="an empty stage")
    assert 0 == world.message_count


def test_a_full_disk_is_503_and_nothing_is_stored(world: World, client: Client) -> None:
    world.gateway.home.staging.rmdir()

    answer = send(client, form(part("file", b"x" * LARGE, filename="a")))

    assert (503, "STORAGE_FAILED", "5") == (answer.status, answer.json["error"]["code"], answer.headers["retry-after"])
    assert 0 == world.message_count
