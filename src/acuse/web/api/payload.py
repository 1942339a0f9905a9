"""`GET /v1/messages/{id}/payload`: the bytes as they were given or received, streamed."""

from starlette.types import Send

from acuse.domain.message import Attachment, Message
from acuse.errors import NotBuilt, NotFound
from acuse.mime import CHUNK, Source, attachment_disposition
from acuse.ports import MessageView
from acuse.web.api.calls import Call
from acuse.web.api.read import find_message
from acuse.web.lanes import Lanes


class PayloadMissing(NotFound):
    """This message has no payload, because what arrived could not be opened. Its error says why."""

    code = "PAYLOAD_NOT_FOUND"


async def download_payload(call: Call) -> None:
    """The one file of a message. Several files as one multipart are not built yet."""

    def work() -> tuple[MessageView, Attachment, Source]:
        view = find_message(call)
        attachment = _only_attachment(view)
        return view, attachment, call.ports.blobs.source(attachment.blob_id)

    view, attachment, source = await call.lanes.run(work)
    headers = _headers(view.message, attachment, source.size)
    await call.send({"type": "http.response.start", "status": 200, "headers": headers})
    await _stream(call.send, call.lanes, source)


def _only_attachment(view: MessageView) -> Attachment:
    if not view.attachments:
        raise PayloadMissing(id=view.message.public_id)
    if len(view.attachments) > 1:
        raise NotBuilt("The payload of a message with several files cannot be downloaded yet.")
    return view.attachments[0]


def _headers(message: Message, attachment: Attachment, size: int) -> list[tuple[bytes, bytes]]:
    fields = {
        "content-type": _content_type(attachment),
        "content-length": str(size),
        "content-disposition": attachment_disposition(attachment.filename or message.public_id),
        "x-payload-compressed": str(message.is_compressed).lower(),
        "x-payload-encrypted": str(message.is_encrypted).lower(),
        # What a partner sent is never to be run by a browser.
        "x-content-type-options": "nosniff",
    }
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in fields.items()]


def _content_type(attachment: Attachment) -> str:
    """As the sender wrote it, unless that could not stand in a header field."""
    written = attachment.content_type
    return written if written.isascii() and written.isprintable() and written else "application/octet-stream"


async def _stream(send: Send, lanes: Lanes, source: Source) -> None:
    reader = await lanes.run(source.open)
    left = source.size
    while left > 0:
        piece = await lanes.run(lambda: reader.read(CHUNK))
        if not piece:
            break  # The answer stays shorter than its Content-Length, so that no client takes it for whole.
        left -= len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
    if source.size == 0:
        await send({"type": "http.response.body"})
