"""One canonical line for each request and each job.

Whoever has something to tell calls a standard logger with the name of what happened and the facts as extra fields:

    logger.info("request", extra={"fields": {"id": request_id, "status": 202}})

The line is `time level event key=value …` for people, or one JSON object for programs. Rule: ids always, secrets and
payloads never; a value that came from outside cannot begin a line of its own, nor look like another field.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

_SECRET_NAMES = ("authorization", "api_key", "master_key", "password", "secret", "private_key")
_LONGEST_VALUE = 1000
_PLAIN_WORD = re.compile(rf"[!#-<>-~]{{1,{_LONGEST_VALUE}}}")
"""ASCII without blank, quotation mark and equals sign: nearly every value."""


def configure_logging(*, level: str, as_json: bool, stream: TextIO | None = None) -> None:
    """Send every line at or above `level` to `stream` (standard error by default), and nothing anywhere else."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JSONLines() if as_json else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # The web server and its like tell about each start and connection what our own lines tell better.
    for noisy in ("uvicorn", "asyncio", "aiohttp", "python_multipart"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """The fields of a record without those that have no value; a secret's value is left out."""
    given = getattr(record, "fields", None)
    fields = given if isinstance(given, Mapping) else {}
    return {
        name: "***" if name.lower() in _SECRET_NAMES else value for name, value in fields.items() if value is not None
    }


class TextLines(logging.Formatter):
    """Lines for people. A traceback follows its line."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [_time(record), record.levelname.lower(), _plain(record.getMessage())]
        parts += [f"{name}={_quoted(value)}" for name, value in fields_of(record).items()]
        line = " ".join(parts)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JSONLines(logging.Formatter):
    """One JSON object on each line. A traceback is the field `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _quoted(value: object) -> str:
    """The value as it is where it is one word, otherwise as a JSON string, which escapes every control character."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if _PLAIN_WORD.fullmatch(text):
        return text
    text = _cut(text)
    is_word = text and text.isprintable() and not any(character in text for character in ' "=')
    return text if is_word else json.dumps(text, ensure_ascii=not text.isprintable())


def _plain(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)[1:-1]


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
