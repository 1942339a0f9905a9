"""`GET /v1/messages/{id}/payload` and `/attachments`: the files as they were given or received."""

from dataclasses import replace
from enum import StrEnum

from acuse.domain.message import Attachment, Message
from acuse.errors import NotFound
from acuse.mime import Base64
from acuse.ports import MessageView
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.objects import attachment_object
from acuse.web.api.read import find_message
from acuse.web.asgi import Reply
from acuse.web.shared.download import Download, Stored, send_download
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.payload import payload_of


class PayloadMissing(NotFound):
    """This message has no payload, because what arrived could not be opened. Its error says why."""

    code = "PAYLOAD_NOT_FOUND"


class AttachmentMissing(NotFound):
    """The message has no file with that number. Its list of attachments names those that it has."""

    code = "ATTACHMENT_NOT_FOUND"


class _Encoding(StrEnum):
    BINARY = "binary"
    UTF_8 = "utf-8"
    BASE64 = "base64"


async def download_payload(call: Call) -> None:
    """The file of a message, or its files as one multipart. `encoding=base64` gives the bytes as text."""
    query = FieldReader(call.query)
    encoding = query.choice("encoding", _Encoding)
    query.finish()

    def work() -> Download:
        view = find_message(call)
        if not view.attachments:
            raise PayloadMissing(id=view.message.public_id)
        if len(view.attachments) > 1:
            return _together(call, view)
        return _single(call, view.message, view.attachments[0])

    download = await call.lanes.run(work)
    await send_download(call, _in_base64(download) if encoding is _Encoding.BASE64 else download)


async def list_attachments(call: Call) -> Reply:
    """The files of a message, without their bytes."""
    view = await call.lanes.run(lambda: find_message(call))
    return json_reply(200, {"data": [attachment_object(entry) for entry in view.attachments]})


async def download_attachment(call: Call) -> None:
    """One file, by its position from 1."""

    def work() -> Download:
        view, number = find_message(call), call.path["number"]
        for entry in view.attachments:
            if str(entry.position) == number:
                return _single(call, view.message, entry)
        raise AttachmentMissing(id=view.message.public_id, number=number)

    await send_download(call, await call.lanes.run(work))


def _single(call: Call, message: Message, attachment: Attachment) -> Download:
    return Download(
        source=Stored.of(call.ports.blobs, attachment.blob_id),
        content_type=attachment.content_type,
        filename=attachment.filename or message.public_id,
        version=attachment.sha256,
        headers=_layers(message),
    )


def _together(call: Call, view: MessageView) -> Download:
    payload = payload_of(call.ports.blobs, view.attachments)
    return Download(
        source=payload.source,
        content_type=payload.content_type,
        filename=view.message.public_id,
        version=payload.version,
        headers=_layers(view.message),
    )


def _in_base64(download: Download) -> Download:
    return replace(
        download,
        source=Base64(download.source),
        content_type="text/plain; charset=us-ascii",
        version=f"{download.version}-base64",
    )


def _layers(message: Message) -> tuple[tuple[str, str], ...]:
    """How the bytes travelled; here they are always plain."""
    return (
        ("X-Payload-Compressed", str(message.is_compressed).lower()),
        ("X-Payload-Encrypted", str(message.is_encrypted).lower()),
    )
