"""`POST /v1/messages/validate`: whether a document is well formed, before it is sent. Nothing is stored.

The form of the request is that of the documented service's client, whose content is always base64; with `content_type`
in snake_case it is the text itself, as everywhere else. `encoding` decides where it is given.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import asdict

from acuse.documents import FORMATS, Issue, Report, check_document, format_of
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.message_fields import Encoding
from acuse.web.asgi import Reply
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json

_ANY = ("auto", "syntax", "structure")
"""Words for: by the content type or the beginning."""


async def validate_message(call: Call) -> Reply:
    """What is wrong with the content, if anything."""
    body = await read_json(call)

    def work() -> Reply:
        content, name = _read(parse_object(body))
        report = _unknown() if name is None else check_document(content, name)
        issues = [_issue_object(issue) for issue in report.issues]
        shown = {"valid": report.is_valid, "format": name, "issues": issues, "details": dict(report.details)}
        return json_reply(200, shown)

    return await call.lanes.run(work, size=len(body))


def _read(given: Mapping[str, object]) -> tuple[bytes, str | None]:
    """The content, and the format that it is to have."""
    fields = FieldReader(given)
    named = "content_type" if "content_type" in given else "contentType"
    content_type = fields.text(named)
    kind_name = "validation_type" if "validation_type" in given else "validationType"
    kind = fields.text(kind_name)
    if kind is not None and kind.lower() not in (*_ANY, *FORMATS):
        fields.refuse(kind_name, f"Must be one of {', '.join((*_ANY, *FORMATS))}.")
    for other in ("contentType", "validationType"):
        if other not in (named, kind_name) and fields.value(other) is not None:
            fields.refuse(other, "Is given twice, in snake_case too.")
    encoding = fields.choice("encoding", Encoding)
    is_base64 = encoding is Encoding.BASE64 or (encoding is None and "contentType" in given)
    text = fields.value("content", required=True)
    content = b""
    if text is not None and (not isinstance(text, str) or not text):
        fields.refuse("content", "Must be a string that is not empty.")
    elif isinstance(text, str):
        content = _decoded(fields, text) if is_base64 else text.encode("utf-8")
    fields.finish()
    if kind is not None and kind.lower() in FORMATS:
        return content, kind.lower()
    return content, format_of(content, content_type)


def _decoded(fields: FieldReader, text: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except (Base64Error, ValueError):
        fields.refuse("content", 'Is not valid base64. Say "encoding": "utf-8" if it is the text itself.')
        return b""


def _unknown() -> Report:
    report = Report()
    report.add("UNKNOWN_FORMAT", f"The format is none of those that can be checked: {', '.join(FORMATS)}.")
    return report


def _issue_object(issue: Issue) -> dict[str, object]:
    return {name: value for name, value in asdict(issue).items() if value is not None}
