"""`GET /v1/messages/{id}/raw` and `/mdn`: a message and its receipt exactly as they were on the wire.

What `/raw` gives is read by `acuse explain` as it is: header fields, a blank line, the body.
"""

import re

from acuse.domain.message import Receipt, Wire
from acuse.errors import NotFound
from acuse.mime import Headers, Joined
from acuse.ports import MessageView
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.objects import iso, mdn_data
from acuse.web.api.read import find_message
from acuse.web.api.status import mdn_status_of
from acuse.web.asgi import Reply, header
from acuse.web.shared.download import Download, Stored, send_download, version_of

_JSON = re.compile(r"application/(?:json|\*)\s*(?:;\s*q=(?:1(?:\.0*)?|0?\.[0-9]*[1-9][0-9]*))?", re.IGNORECASE)


class RawMissing(NotFound):
    """This message has not been built yet, so nothing of it was on the wire."""

    code = "RAW_NOT_FOUND"


class ReceiptMissing(NotFound):
    """There is no receipt for this message. Its mdn_status says why."""

    code = "MDN_NOT_FOUND"


async def download_raw(call: Call) -> None:
    """The request as it was sent or received: header fields, a blank line and the body."""

    def work() -> Download:
        view = find_message(call)
        if view.message.wire is None:
            raise RawMissing(id=view.message.public_id)
        return _raw(call, view.message.public_id, view.message.wire)

    await send_download(call, await call.lanes.run(work))


async def show_receipt(call: Call) -> Reply | None:
    """The receipt as it came or left; for who asks for JSON, what stands in it."""
    view = await call.lanes.run(lambda: find_message(call))
    if view.receipt is None:
        status = mdn_status_of(view.message.transmission, view.message.receipt)
        raise ReceiptMissing(id=view.message.public_id, mdn_status=status.value)
    if _wants_json(call):
        reply = json_reply(200, {"data": _receipt_object(view, view.receipt)})
        return Reply(status=200, body=reply.body, headers=(*reply.headers, ("Vary", "Accept")))
    receipt = view.receipt

    def work() -> Download:
        return Download(
            source=Stored.of(call.ports.blobs, receipt.wire.blob_id),
            content_type=_content_type(receipt.wire),
            filename=f"{view.message.public_id}.mdn",
            version=version_of(receipt.wire.blob_id),
            vary=("Accept", "Accept-Encoding"),
        )

    await send_download(call, await call.lanes.run(work))
    return None


def _raw(call: Call, name: str, wire: Wire) -> Download:
    # Written as they were stored: what a partner sent need not be a header field by our own rules.
    head = "".join(f"{name}: {value}\r\n" for name, value in wire.headers) + "\r\n"
    return Download(
        source=Joined.of(head.encode("utf-8", "surrogateescape"), Stored.of(call.ports.blobs, wire.blob_id)),
        content_type="application/octet-stream",
        filename=f"{name}.as2",
        version=version_of(head, wire.blob_id),
    )


def _content_type(wire: Wire) -> str:
    return Headers(wire.headers).get("Content-Type") or ""


def _wants_json(call: Call) -> bool:
    """Whether JSON is named, and nothing that the receipt itself is."""
    accepted = [entry.strip() for entry in (header(call.scope, b"accept") or "").split(",")]
    return any(_JSON.fullmatch(entry) for entry in accepted)


def _receipt_object(view: MessageView, receipt: Receipt) -> dict[str, object]:
    return {
        "id": view.message.public_id,
        "direction": receipt.direction.value,
        **mdn_data(receipt),
        "signed": receipt.is_signed,
        "verified": receipt.is_verified,
        "text": receipt.text,
        "content_type": _content_type(receipt.wire),
        "headers": [{"name": name, "value": value} for name, value in receipt.wire.headers],
        "created_at": iso(receipt.created_at),
    }
