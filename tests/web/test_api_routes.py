"""The table of routes: what is built, what says that it is not, and what does not exist; and its reference page."""

import re
from pathlib import Path

import pytest

from acuse.domain.custom_headers import RESERVED
from acuse.errors import AcuseError, error_codes
from acuse.web.api.application import BUILT
from acuse.web.api.errors import ERRORS, error_reply, error_type, http_status
from acuse.web.api.unbuilt import UNBUILT
from tests.web.client import Client

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
UNBUILT_CALLS = [(method, path) for path, methods in UNBUILT.items() for method in methods.split()]


@pytest.mark.parametrize(("method", "path"), UNBUILT_CALLS)
def test_a_documented_path_that_is_not_built_says_so(shared_client: Client, method: str, path: str) -> None:
    answer = shared_client.api(method, re.sub(r"\{\w+\}", "prt_000001", path))

    assert (501, "NOT_IMPLEMENTED") == (answer.status, answer.json["error"]["code"])


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/messages/", "/v1/messages/msg_000001/nothing"])
def test_an_unknown_path_is_not_found_with_the_envelope(shared_client: Client, path: str) -> None:
    answer = shared_client.api("GET", path)

    assert (404, "NOT_FOUND") == (answer.status, answer.json["error"]["code"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/messages", "GET, POST"),
        ("DELETE", "/v1/messages/msg_000001", "GET"),
        ("POST", "/v1/messages/msg_000001/payload", "GET"),
        ("PUT", "/v1/partners", "GET, POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(shared_client: Client, method: str, path: str, allowed: str) -> None:
    answer = shared_client.api(method, path)

    assert (405, "METHOD_NOT_ALLOWED") == (answer.status, answer.json["error"]["code"])
    assert allowed == answer.headers["allow"]


def test_every_error_has_a_status_of_its_kind() -> None:
    for error in error_codes():
        status = http_status(error.__new__(error))

        assert 400 <= status <= 503, error
        if error.code.endswith("NOT_FOUND"):
            assert (404, "resource_error") == (status, error_type(error.code))


def test_an_error_of_ours_tells_nothing_but_an_id() -> None:
    reply = error_reply(AcuseError("the password is opensesame", password="opensesame"), request_id="7")

    assert 500 == reply.status
    assert b"opensesame" not in reply.body
    assert b'"request_id":"7"' in reply.body


def test_the_reference_page_has_every_code_with_its_status_and_type() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = {
        code: (int(status), kind)
        for code, status, kind in re.findall(r"^\| `([A-Z_0-9]+)` \| (\d+) \| `(\w+)` \|", text, re.MULTILINE)
    }

    assert dict(ERRORS) == listed


def test_the_reference_page_names_every_reserved_header() -> None:
    (line,) = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "may not set what the gateway" in line]

    assert sorted(RESERVED) == re.findall(r"`([a-z0-9-]+)`", line.partition(":")[2])


def test_the_reference_page_lists_what_is_built_and_what_is_not() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(/v1/\S+)` \| ([A-Z, ]+) \|", text, re.MULTILINE))

    expected = {path: ", ".join(handlers) for path, handlers in BUILT.items()}
    expected |= {path: ", ".join(methods.split()) for path, methods in UNBUILT.items()}
    assert expected == listed


def test_the_reference_page_keeps_its_own_variables_apart_from_settings() -> None:
    """A variable that begins with ACUSE_ and is no setting stops every command once it is exported."""
    assert "$ACUSE_" not in PAGE.read_text(encoding="utf-8")
