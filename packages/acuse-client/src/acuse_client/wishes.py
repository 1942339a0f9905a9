"""From what a program wants sent to the fields of a form: streaming, and the same bytes each time it is sent."""

import json
import mimetypes
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from acuse_client.retrying import IDEMPOTENCY_KEY, Call

Content = bytes | str | Path | BinaryIO
"""Bytes, text (sent in UTF-8), the path of a file, or an open file that can be rewound."""


def sending(
    stack: ExitStack,
    partner_id: str,
    contents: Content | Sequence[Content],
    fields: Mapping[str, object],
    *,
    content_type: str | None,
    filename: str | None,
    idempotency_key: str | None,
) -> Call:
    """POST /v1/messages as a form. Files that are opened for it are closed with `stack`. Raises OSError."""
    many = contents if isinstance(contents, Sequence) and not isinstance(contents, bytes | str) else [contents]
    files = [_file(stack, each, content_type, filename) for each in many]
    form = {"partner_id": partner_id, "content_type": content_type or files[0][1][2]}
    form |= {name: _field(value) for name, value in fields.items() if value is not None}
    key = {IDEMPOTENCY_KEY: idempotency_key or str(uuid.uuid4())}
    return Call(method="POST", path="/v1/messages", form=form, files=files, headers=key)


def _file(
    stack: ExitStack, content: Content, content_type: str | None, filename: str | None
) -> tuple[str, tuple[str, bytes | BinaryIO, str]]:
    name = filename or _name_of(content)
    kind = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if isinstance(content, Path):
        return "file", (name, stack.enter_context(content.open("rb")), kind)
    return "file", (name, content.encode() if isinstance(content, str) else content, kind)


def _name_of(content: Content) -> str:
    path = content if isinstance(content, Path) else getattr(content, "name", None)
    return Path(path).name if isinstance(path, str | Path) else "payload"


def _field(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat()
        case str():
            return value
        case _:
            return json.dumps(value)


def query_of(filters: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Parameters of a list; what is None is left out, times are written in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in filters
        if value is not None
    }
