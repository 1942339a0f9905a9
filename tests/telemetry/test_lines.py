"""What a line of the log looks like, and what it can never hold."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest

from acuse.telemetry import configure_logging

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


@pytest.fixture(autouse=True)
def _root_as_before() -> Iterator[None]:
    root = logging.getLogger()
    names = ("", "uvicorn", "asyncio", "aiohttp", "python_multipart")
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def told(event: str, fields: dict[str, object], *, as_json: bool = False) -> str:
    stream = io.StringIO()
    configure_logging(level="info", as_json=as_json, stream=stream)
    logging.getLogger("acuse.test").info(event, extra={"fields": fields})
    return stream.getvalue()


def test_a_line_has_time_level_event_and_fields_in_order() -> None:
    line = told("request", {"id": "1", "status": 202, "ms": 1.5, "done": True})

    assert re.fullmatch(rf"{TIME} info request id=1 status=202 ms=1.5 done=true\n", line)


def test_a_json_line_has_the_same_with_their_types() -> None:
    line: dict[str, Any] = json.loads(told("request", {"id": "1", "status": 202, "done": True}, as_json=True))

    assert re.fullmatch(TIME, line.pop("time"))
    assert {"level": "info", "event": "request", "id": "1", "status": 202, "done": True} == line


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("value", ["a\n2030 info request id=9", "a\r\nb", 'a" b=c', "\x1b[31m", "\u2028x", ""])
def test_a_value_from_outside_stays_one_value_on_one_line(value: str, as_json: bool) -> None:
    text = told("request", {"path": value, "id": "1"}, as_json=as_json)

    assert 1 == len(text.splitlines())
    assert text.rstrip("\n").isprintable()
    assert text.endswith("id=1\n") or json.loads(text)["path"] == value


def test_a_quoted_value_can_be_read_back() -> None:
    line = told("request", {"path": 'a" b=c\n'})

    assert 'a" b=c\n' == json.loads(line.split("path=", 1)[1])


def test_the_event_itself_cannot_break_the_line() -> None:
    assert 1 == len(told("a\nb", {}).splitlines())


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("name", ["authorization", "Authorization", "api_key", "master_key", "password", "private_key"])
def test_a_field_that_is_called_a_secret_is_not_shown(name: str, as_json: bool) -> None:
    assert "opensesame" not in told("request", {name: "opensesame"}, as_json=as_json)


def test_a_field_without_a_value_is_left_out() -> None:
    assert "subject" not in told("request", {"subject": None})


def test_a_long_value_is_cut() -> None:
    assert len(told("request", {"message_id": "x" * 100_000})) < 1200


@pytest.mark.parametrize("as_json", [False, True])
def test_a_traceback_is_told_with_its_line(as_json: bool) -> None:
    stream = io.StringIO()
    configure_logging(level="info", as_json=as_json, stream=stream)

    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("acuse.test").exception("call failed", extra={"fields": {"id": "7"}})

    first = stream.getvalue().splitlines()[0]
    assert "call failed" in first
    assert "7" in first
    assert "ValueError: broken" in stream.getvalue()


def test_what_is_less_important_than_the_level_is_not_told() -> None:
    stream = io.StringIO()
    configure_logging(level="warning", as_json=False, stream=stream)

    logging.getLogger("acuse.test").info("request")
    logging.getLogger("uvicorn.error").info("Started")

    assert "" == stream.getvalue()
