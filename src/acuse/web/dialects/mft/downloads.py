"""Attachments and MDNs: first links to them that are good for ten minutes, then their bytes.

Whoever has a link needs no token, as with the object store that stands behind this API elsewhere.
"""

from dataclasses import dataclass
from uuid import UUID

from starlette.types import Scope, Send

from acuse.domain.message import Attachment, Direction
from acuse.errors import MessageNotFound, NotFound
from acuse.mime import Headers
from acuse.ports import MessageView, Ports
from acuse.web.asgi import Reply, note
from acuse.web.dialects.mft.calls import Call, Handler, in_path
from acuse.web.dialects.mft.errors import AttachmentsMissing, NothingHere, ReceiptMissing, json_reply
from acuse.web.dialects.mft.messages import find_message
from acuse.web.dialects.mft.translate import file_name
from acuse.web.lanes import Lanes
from acuse.web.shared.download import Download, Stored, send_download, version_of
from acuse.web.shared.signed_links import SignedLinks

ROOT = "download"
_MDN = "mdn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request by somebody who has a link."""

    ports: Ports
    lanes: Lanes
    links: SignedLinks
    scope: Scope
    send: Send


def list_attachments(direction: Direction) -> Handler:
    """The handler that links to each file. In the inbox it answers for a sent id too: so it was announced."""

    async def link_attachments(call: Call) -> Reply:
        def work() -> Reply:
            view = _find(call, direction, is_either=direction is Direction.INBOUND, otherwise=AttachmentsMissing)
            if not view.attachments:
                raise AttachmentsMissing
            entries = [
                {"name": file_name(entry), "url": _link(call, view, str(entry.position), file_name(entry))}
                for entry in view.attachments
            ]
            return json_reply(200, {"total": len(entries), "attachments": entries})

        return await call.lanes.run(work)

    return link_attachments


def show_mdn(direction: Direction) -> Handler:
    """The handler that gives a link to the MDN as it was on the wire."""

    async def link_mdn(call: Call) -> Reply:
        def work() -> Reply:
            view = _find(call, direction, is_either=False, otherwise=ReceiptMissing)
            if view.receipt is None:
                raise ReceiptMissing
            return json_reply(200, {"url": _link(call, view, _MDN, "mdn.raw")})

        return await call.lanes.run(work)

    return link_mdn


async def follow(visit: Visit) -> None:
    """Send what a link leads to. Raises LinkRefused and NothingHere."""
    path, query = visit.scope["raw_path"].decode("latin-1"), visit.scope["query_string"].decode("latin-1")
    visit.links.check(path, query, now=visit.ports.world.now())
    await send_download(visit, await visit.lanes.run(lambda: _download(visit, path)))


def _find(call: Call, direction: Direction, *, is_either: bool, otherwise: type[NotFound]) -> MessageView:
    directions = (direction, *(() if not is_either else (Direction.OUTBOUND,)))
    for wanted in directions:
        try:
            return find_message(call, wanted, call.names[0])[0]
        except MessageNotFound:
            continue
    raise otherwise


def _link(call: Call, view: MessageView, what: str, name: str) -> str:
    parts = (view.message.tenant_id.hex, view.message.id.hex, what, in_path(name))
    return call.absolute(call.links.write(f"/{ROOT}/{'/'.join(parts)}", now=call.ports.world.now()))


def _download(visit: Visit, path: str) -> Download:
    _, _, tenant, message_id, what, _ = path.split("/")
    view = visit.ports.views.message_by_id(UUID(hex=message_id))
    if view.message.tenant_id != UUID(hex=tenant):
        raise NothingHere
    note(visit.scope, message=view.message.public_id)
    if what == _MDN:
        return _mdn(visit.ports, view)
    return _file(visit.ports, next(entry for entry in view.attachments if str(entry.position) == what))


def _file(ports: Ports, attachment: Attachment) -> Download:
    return Download(
        source=Stored.of(ports.blobs, attachment.blob_id),
        content_type=attachment.content_type,
        filename=file_name(attachment),
        version=attachment.sha256,
    )


def _mdn(ports: Ports, view: MessageView) -> Download:
    if view.receipt is None:
        raise ReceiptMissing
    wire = view.receipt.wire
    return Download(
        source=Stored.of(ports.blobs, wire.blob_id),
        content_type=Headers(wire.headers).get("Content-Type") or "",
        filename="mdn.raw",
        version=version_of(wire.blob_id),
    )
