"""The rest of `/messages`: lists, what is in them, and marking them.

Rule: what one call marks, every program of the tenant sees; a message that was deleted is only hidden from here.
"""

import csv
import io
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from acuse.domain.mark import MarkChange
from acuse.domain.message import Attachment, Direction
from acuse.errors import InvalidInput
from acuse.mime import Source, read_all
from acuse.ports import MessageFilter, MessageView, Page
from acuse.services.mark_message import mark_messages
from acuse.web.dialects.as2expert.calls import Call
from acuse.web.dialects.as2expert.errors import FieldMissing, FileMissing
from acuse.web.dialects.as2expert.translate import (
    INBOX,
    SENT,
    file_object,
    folder_of,
    message_detail,
    message_object,
)
from acuse.web.shared.payload import payload_of

USUAL_NUMBER, MOST = 50, 500
_OWN_FOLDERS = {INBOX: Direction.INBOUND, SENT: Direction.OUTBOUND}
_ICONS = {INBOX: "inbox", SENT: "send"}
_BEGINNINGS_OF_FORMULAS = ("=", "+", "-", "@", "\t")


def list_messages(call: Call) -> Mapping[str, object]:
    """The newest messages of both directions, of a station or a folder if one is named."""
    limit = call.given.within("limit", default=USUAL_NUMBER, least=1, most=MOST)
    offset = call.given.within("offset", default=0, least=0, most=10**9)
    page = _page(call, limit=limit, offset=offset)
    return {"data": _listed(call, page.rows), "total": page.total}


def show_message(call: Call) -> Mapping[str, object]:
    """One message, by its number."""
    view = _named(call)
    return {"data": message_detail(view, call.ports.views.marks.of([view.message.id]).get(view.message.id))}


def list_folders(call: Call) -> Mapping[str, object]:
    """The folders of each station: what came, what was sent, and those into which something was moved."""
    wanted = call.given.whole("station", "estacion", "station_id")
    stations = call.ports.views.stations(call.space) if wanted is None else (call.station(wanted),)
    counts = call.ports.views.marks.folders(call.space)
    found = []
    for station in stations:
        here = [count for count in counts if count.station_id == station.id]
        names = [INBOX, SENT, *sorted({count.folder for count in here if count.folder})]
        for name in names:
            inside = [
                count for count in here if count.folder == name or (not count.folder and _is_own(name, count.direction))
            ]
            found.append(
                {
                    "id": name,
                    "name": name,
                    "nombre": name,
                    "parent_id": None,
                    "count": sum(count.messages for count in inside),
                    "unread": sum(count.unread for count in inside),
                    "icono": _ICONS.get(name, "folder"),
                    "especial": name in _OWN_FOLDERS,
                    "station_id": station.handle,
                    "station_name": station.name,
                }
            )
    return {"data": found, "total": len(found)}


def mark_read(call: Call) -> Mapping[str, object]:
    """Note that it was read."""
    return _marked(call, MarkChange(is_read=True), "Message marked as read")


def mark_unread(call: Call) -> Mapping[str, object]:
    """Note that it was not."""
    return _marked(call, MarkChange(is_read=False), "Message marked as unread")


def move(call: Call) -> Mapping[str, object]:
    """Put it into a folder, which is made by that; or back to where its direction puts it."""
    view, name = _named(call), call.given.required_text("folder", "carpeta")
    own = _OWN_FOLDERS.get(name)
    if own not in (None, view.message.direction):
        raise InvalidInput(fields={"folder": f"{name} takes messages of the other direction"})
    return _marked(call, MarkChange(folder="" if own else name), "Message moved")


def delete(call: Call) -> Mapping[str, object]:
    """Hide it from this API."""
    view = _named(call)
    mark_messages(call.ports, [view.message.id], MarkChange(is_deleted=True))
    return {"msg": "Message deleted", "data": {"id": view.message.handle}}


def list_changes(call: Call) -> Mapping[str, object]:
    """What happened to messages since a cursor, each message once, and the cursor to go on with."""
    after = call.given.within("since", default=0, least=0, most=2**63 - 1)
    limit = call.given.within("limit", default=USUAL_NUMBER, least=1, most=MOST)
    events = call.ports.views.webhooks.events(call.space, after=after, limit=limit)
    ids = {entry.event.subject_id: None for entry in events if entry.event.kind.value.startswith("message.")}
    views = [call.ports.views.message_by_id(message_id) for message_id in ids]
    marks = call.ports.views.marks.of([view.message.id for view in views])
    shown = [view for view in views if not (view.message.id in marks and marks[view.message.id].is_deleted)]
    cursor = events[-1].position if events else after
    return {"data": _listed(call, tuple(shown)), "total": len(shown), "cursor": cursor, "more": len(events) == limit}


def list_files(call: Call) -> Mapping[str, object]:
    """The files of a message."""
    files = [file_object(entry) for entry in _named(call).attachments]
    return {"data": files, "total": len(files)}


def download_file(call: Call) -> Mapping[str, object]:
    """One file, in base64."""
    view, number = _named(call), call.given.number("file_id", "fichero_id")
    for entry in view.attachments:
        if entry.position == number:
            return {"data": {**file_object(entry), **_content(call, _source(call, entry))}}
    raise FileMissing(file_id=number)


def download(call: Call) -> Mapping[str, object]:
    """The content of a message in base64: its file, or its files as one multipart (RFC 6362)."""
    view = _named(call)
    if not view.attachments:
        raise FileMissing(id=view.message.handle)
    payload = payload_of(call.ports.blobs, view.attachments)
    content = _content(call, payload.source)
    return {"data": {"id": view.message.handle, "content_type": payload.content_type, **content}}


def export(call: Call) -> Mapping[str, object]:
    """A list as a CSV file, in base64. What a spreadsheet would take for a formula is written as text."""
    page = _page(call, limit=call.given.within("limit", default=MOST, least=1, most=MOST), offset=0)
    listed = _listed(call, page.rows)
    text = io.StringIO()
    names = ("id", "message_id", "asunto", "entrante", "fecha", "mdn", "socio_nombre", "station_name", "folder")
    lines = csv.writer(text)
    lines.writerow(names)
    lines.writerows([_as_text(entry[name]) for name in names] for entry in listed)
    content = b64encode(text.getvalue().encode()).decode()
    told = {"filename": "messages.csv", "content_type": "text/csv; charset=utf-8"}
    return {"data": {**told, "content_b64": content, "contenido_base64": content, "total": len(listed)}}


def _page(call: Call, *, limit: int, offset: int) -> Page:
    given = call.given
    station, partner = given.whole("station", "estacion", "station_id"), given.whole("partner", "socio", "partner_id")
    folder, is_unread = given.text("folder", "carpeta"), given.flag("unread")
    wanted = MessageFilter(
        is_deleted=False,
        is_read=None if is_unread is None else not is_unread,
        station_id=None if station is None else call.station(station).id,
        partner_id=None if partner is None else call.partner(partner).id,
        direction=_OWN_FOLDERS.get(folder or ""),
        folder="" if folder in _OWN_FOLDERS else folder,
    )
    return call.ports.views.messages(call.space, wanted, limit=limit, offset=offset)


def _listed(call: Call, rows: tuple[MessageView, ...]) -> list[dict[str, Any]]:
    marks = call.ports.views.marks.of([row.message.id for row in rows])
    return [message_object(row, marks.get(row.message.id)) for row in rows]


def _named(call: Call) -> MessageView:
    """The message that `id` names. It is a number: this API refuses Message-IDs here. Raises MessageNotFound."""
    if call.given.value("id") is None:
        raise FieldMissing("id")
    return call.message(call.given.number("id"))


def _marked(call: Call, change: MarkChange, told: str) -> Mapping[str, object]:
    view = _named(call)
    (mark,) = mark_messages(call.ports, [view.message.id], change)
    folder = folder_of(view.message, mark)
    return {"msg": told, "data": {"id": view.message.handle, "read": mark.is_read, "folder": folder}}


def _is_own(name: str, direction: Direction) -> bool:
    return _OWN_FOLDERS.get(name) is direction


def _source(call: Call, entry: Attachment) -> Source:
    return call.ports.blobs.source(entry.blob_id)


def _content(call: Call, source: Source) -> dict[str, object]:
    call.require_short(source.size)
    content = b64encode(read_all(source.open(), limit=source.size)).decode()
    return {"content_b64": content, "contenido_base64": content}


def _as_text(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BEGINNINGS_OF_FORMULAS) else text
