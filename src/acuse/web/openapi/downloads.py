"""Downloads: files, requests and receipts, byte for byte."""

from acuse.web.api.payload import AttachmentMissing, PayloadMissing
from acuse.web.api.wire import RawMissing, ReceiptMissing
from acuse.web.openapi.operation import JSON, Answer, Operation, Operations, Parameter, Subject, data, query
from acuse.web.openapi.schema import choice, each, public, ref, shape, text
from acuse.web.shared.ranges import RangeNotSatisfiable

_BYTES = {"*/*": {"type": "string", "format": "binary", "description": "The bytes"}}
_FIELDS = ("Content-Disposition", "ETag", "Accept-Ranges")
_LAYERS = ("X-Payload-Compressed", "X-Payload-Encrypted")
_CONDITIONS = tuple(
    Parameter(name=name, about=about, schema=text(), place="header")
    for name, about in (
        ("Range", "`bytes=0-499`, `bytes=500-` or `bytes=-500`"),
        ("If-Range", "The range only of this content; else the whole"),
        ("If-None-Match", "304 where the ETag is still this one"),
    )
)


def _bytes(*, headers: tuple[str, ...] = _FIELDS) -> dict[int, Answer]:
    return {
        200: Answer(about="The bytes", kinds=_BYTES, headers=headers),
        206: Answer(about="A range of them", kinds=_BYTES, headers=(*headers, "Content-Range")),
        304: Answer(about="They are still the same", headers=("ETag",)),
    }


_OPERATIONS: Operations = {
    ("GET", "/v1/messages/{id}/payload"): Operation(
        id="downloadPayload",
        summary="What was sent or received",
        about="Several files come as one `multipart/related`. Ranges, gzip and HEAD are heeded.",
        parameters=(
            query("encoding", choice(["binary", "utf-8", "base64"]), "`base64` gives base64 text in lines"),
            *_CONDITIONS,
        ),
        answers=_bytes(headers=(*_FIELDS, *_LAYERS)),
        errors=(PayloadMissing.code, RangeNotSatisfiable.code),
    ),
    ("GET", "/v1/messages/{id}/attachments"): Operation(
        id="listAttachments",
        summary="Its files",
        answers={200: data(each(ref("Attachment")))},
    ),
    ("GET", "/v1/messages/{id}/attachments/{number}"): Operation(
        id="downloadAttachment",
        summary="One of its files",
        parameters=_CONDITIONS,
        answers=_bytes(headers=(*_FIELDS, *_LAYERS)),
        errors=(RangeNotSatisfiable.code,),
    ),
    ("GET", "/v1/messages/{id}/raw"): Operation(
        id="downloadRaw",
        summary="The request on the wire",
        about="Header fields, a blank line and the body.",
        parameters=_CONDITIONS,
        answers=_bytes(),
        errors=(RawMissing.code, RangeNotSatisfiable.code),
    ),
    ("GET", "/v1/messages/{id}/mdn"): Operation(
        id="downloadReceipt",
        summary="The receipt",
        about="As it came or left; with `Accept: application/json`, what stands in it.",
        parameters=_CONDITIONS,
        answers={
            **_bytes(),
            200: Answer(
                about="The receipt",
                kinds={**_BYTES, JSON: shape(data=ref("ReceiptDetail"))},
                headers=_FIELDS,
            ),
        },
        errors=(ReceiptMissing.code, RangeNotSatisfiable.code),
    ),
}

SUBJECT = Subject(
    name="Downloads",
    about="The files of a message, the request on the wire, and the receipt, as they were.",
    operations=_OPERATIONS,
    path_ids={
        "/v1/messages/{id}": (public("msg"), "MESSAGE_NOT_FOUND"),
        "/v1/messages/{id}/attachments/{number}": (
            {"type": "integer", "minimum": 1, "description": "The position of the file, from 1"},
            AttachmentMissing.code,
        ),
    },
)
