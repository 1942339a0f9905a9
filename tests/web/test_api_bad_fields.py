"""Each field of a message, wrong in each way: a 4xx that names it, and nothing stored.

Which fields there are is read from the reference page, so that none can be documented without being in here.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.web.client import Client, Response
from tests.web.conftest import StartServer, World
from tests.web.test_api_send import wish

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
NOT_TEXT: tuple[object, ...] = (0, 1.5, True, [], {}, ["x"])
NOT_LINE: tuple[object, ...] = ("", "x" * 256, "a\nb", "a\0b", "\u2028", "\x7f")
NOT_FLAG: tuple[object, ...] = (0, 1, "true", "", "yes", [], {})
NOT_OBJECT: tuple[object, ...] = (0, True, "x", "", [], [{}])
NOT_CHOICE: tuple[object, ...] = ("", "HIGH ", "nothing", " ", "a\nb")
WRONG: Mapping[str, tuple[object, ...]] = {
    "partner_id": (None, *NOT_TEXT, *NOT_LINE),
    "station_id": (*NOT_TEXT, *NOT_LINE),
    "content_type": (None, *NOT_TEXT, *NOT_LINE),
    "payload.content": (None, *NOT_TEXT, ""),
    "payload.encoding": (*NOT_TEXT, *NOT_CHOICE, "UTF-8", "gzip"),
    "payload.filename": (*NOT_TEXT, *NOT_LINE),
    "subject": (*NOT_TEXT, *NOT_LINE),
    "priority": (*NOT_TEXT, *NOT_CHOICE, "High"),
    "compress": NOT_FLAG,
    "encrypt": NOT_FLAG,
    "sign": NOT_FLAG,
    "mdn_mode": (*NOT_TEXT, *NOT_CHOICE, "SYNC"),
    "scheduled_at": (
        *NOT_TEXT,
        "",
        "now",
        "2020-01-01T00:00:00Z",
        "2030-13-01T00:00:00Z",
        "2030-01-01T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ),
    "scheduledAt": ("now", "2020-01-01T00:00:00Z", 7),
    "headers": (*NOT_OBJECT,),
    "metadata": (*NOT_OBJECT, {"x": "y" * 20_000}),
    "simulate": (*NOT_TEXT, *NOT_CHOICE),
}
ELSEWHERE = {"file", "payload"}
"""Fields of forms alone."""
IN_FORMS_GOOD = {"", "true"}
"""An empty field counts as left out, and a form has no other booleans than words."""
CASES = [(field, value) for field, values in WRONG.items() for value in values]


def with_field(field: str, value: object) -> dict[str, object]:
    """A good message but for one field."""
    name, _, inner = field.partition(".")
    if not inner:
        return {**wish(), name: value}
    payload = {"content": "ISA*", inner: value}
    return {**wish(), "payload": payload}


def problem_fields(answer: Response) -> set[str]:
    assert 422 == answer.status, answer.body
    return set(answer.json["errors"])


def test_every_documented_field_is_in_here() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## Sending")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in text.partition("### ")[0].splitlines() if line.startswith("| `")]
    documented = {name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)}

    assert documented - ELSEWHERE == WRONG.keys()


@pytest.mark.parametrize(("field", "value"), CASES)
def test_a_wrong_field_in_json_is_named_and_nothing_is_stored(
    shared_world: World, shared_client: Client, field: str, value: object
) -> None:
    before = shared_world.message_count

    answer = shared_client.api("POST", "/v1/messages", with_field(field, value))

    assert {field} == problem_fields(answer)
    assert (before, []) == (shared_world.message_count, shared_world.staged_files)


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_field_in_a_batch_is_named_and_nothing_is_stored(
    shared_world: World, shared_client: Client, field: str
) -> None:
    before = shared_world.message_count
    messages = [with_field(field, value) for value in WRONG[field]]

    failed = shared_client.api("POST", "/v1/messages/batch", {"messages": messages}).json["failed"]

    assert [{field}] * len(messages) == [set(entry["errors"]) for entry in failed]
    assert (before, []) == (shared_world.message_count, shared_world.staged_files)


def as_form(field: str, text: str) -> bytes:
    fields = {"partner_id": "prt_000001", "content_type": "text/plain", field: text}
    parts = [
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    file = '--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--B--\r\n'
    return ("".join(parts) + file).encode()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *(
            (field, value)
            for field, value in CASES
            if isinstance(value, str) and value not in IN_FORMS_GOOD and "." not in field
        ),
        *((field, text) for field in ("headers", "metadata") for text in ("0", "true", '"x"', "[]", "[{}]")),
        ("headers", "{"),
        ("metadata", "{"),
        ("sign", "ja"),
        ("partner_id", ""),
        ("content_type", ""),
    ],
)
def test_a_wrong_field_in_a_form_is_named_and_nothing_is_stored(
    shared_world: World, shared_client: Client, field: str, text: str
) -> None:
    before = shared_world.message_count

    answer = shared_client.api(
        "POST", "/v1/messages", as_form(field, text), Content_Type="multipart/form-data; boundary=B"
    )

    assert {field} == problem_fields(answer)
    assert (before, []) == (shared_world.message_count, shared_world.staged_files)


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"AS2-From": "x"}, "AS2-From"),
        ({"message-id": "x"}, "message-id"),
        ({"X A": "x"}, "X A"),
        ({"": "x"}, ""),
        ({"X-A": "a\r\nX-B: b"}, "X-A"),
        ({"X-A": "ñ"}, "X-A"),
        ({"X-A": 1}, "X-A"),
        ({"X-A": None}, "X-A"),
        ({"X-A": "1", "x-a": "2"}, "x-a"),
    ],
)
def test_a_wrong_header_is_named_and_nothing_is_stored(
    shared_world: World, shared_client: Client, headers: dict[str, object], named: str
) -> None:
    before = shared_world.message_count

    answer = shared_client.api("POST", "/v1/messages", wish(headers=headers))

    assert (400, "INVALID_AS2_HEADERS") == (answer.status, answer.json["error"]["code"])
    assert named == answer.json["error"]["details"]["header"]
    assert (before, []) == (shared_world.message_count, shared_world.staged_files)


@pytest.mark.parametrize(
    "content_type", ["x", "text", "/plain", "text/", "text/plain/x", "te xt/plain", "text/plain x"]
)
def test_what_is_no_media_type_is_refused_and_nothing_is_stored(
    shared_world: World, shared_client: Client, content_type: str
) -> None:
    before = shared_world.message_count

    answer = shared_client.api("POST", "/v1/messages", wish(content_type=content_type))

    assert (400, "INVALID_CONTENT_TYPE") == (answer.status, answer.json["error"]["code"])
    assert content_type == answer.json["error"]["details"]["content_type"]
    assert (before, []) == (shared_world.message_count, shared_world.staged_files)


# ── What the operator lets through ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content_type", "is_taken"),
    [
        ("application/edi-x12", True),
        ("Application/EDI-X12; charset=utf-8", True),
        ("text/csv", True),
        ("application/edifact", False),
        ("application/pdf", False),
        ("textual/csv", False),
    ],
)
def test_only_content_types_of_the_operator_s_list_are_taken(
    world: World, start: StartServer, content_type: str, is_taken: bool
) -> None:
    client = start(content_types=("application/edi-x12", "text/*"))
    payload = {"encoding": "base64", "content": b64encode(b"x").decode()}

    answer = client.api("POST", "/v1/messages", wish(content_type=content_type, payload=payload))

    assert (202 if is_taken else 400) == answer.status
    assert int(is_taken) == world.message_count
    if not is_taken:
        assert "INVALID_CONTENT_TYPE" == answer.json["error"]["code"]
        assert ["application/edi-x12", "text/*"] == answer.json["error"]["details"]["accepted"]
