"""`POST /message/submit`: the body is the file, or a form whose files stream into their stages.

Rule: the bytes are staged while they arrive, and nothing is promised before they are durable.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from acuse.domain.partner import Partner
from acuse.domain.station import Station
from acuse.errors import InvalidInput, PayloadTooLarge, ServiceError
from acuse.mime.filename import decode_words
from acuse.ports import MessageView, Stage
from acuse.services.accept_message import OutgoingFile, SendMessage, accept_message
from acuse.web.asgi import Reply, body_pieces, header, note
from acuse.web.dialects.mft.calls import Call, in_path
from acuse.web.dialects.mft.errors import json_reply
from acuse.web.dialects.mft.translate import (
    DEFAULT_NAME,
    DEFAULT_SUBJECT,
    DEFAULT_TYPE,
    content_type_of,
    submitted,
)
from acuse.web.shared.content_types import check_content_type
from acuse.web.shared.form import Form, read_form
from acuse.web.spool import BodyTooLarge, Spool

_FORM_OVERHEAD = 8 << 20
"""Bytes that a form may have besides its files."""
_FIELDS: Mapping[str, str] = {
    "subject": "Subject",
    "payload": "body",
    "payload.content": "body",
    "payload.filename": "Attachment-Name",
}
"""This API's names of what the service calls otherwise."""


class Unknown(ServiceError):
    """Unable to find what the header names."""


async def submit_message(call: Call) -> Reply:
    """Take a message; the answer comes when it is durable."""
    announced = header(call.scope, b"content-length")
    content_type = text_header(call, b"content-type") or DEFAULT_TYPE
    is_form = content_type.partition(";")[0].strip().lower() == "multipart/form-data"
    limit = min(call.options.max_body, call.max_payload + _FORM_OVERHEAD) if is_form else call.max_payload
    if announced is not None and int(announced) > limit:
        raise _too_large(call)
    station, partner = await call.lanes.run(lambda: _ends(call))
    try:
        files = await (_read_form(call, content_type, limit) if is_form else _read_file(call, content_type))
    except BodyTooLarge:
        raise _too_large(call) from None
    size = sum(file.stage.size for file in files)
    view = await call.lanes.run(partial(_accept, call, station, partner, files), size=size)
    note(call.scope, message=view.message.public_id)
    link = call.absolute(f"/message/outbox/{in_path(view.message.wire_id)}")
    return json_reply(202, submitted(view.message), ("Link", link))


def text_header(call: Call, name: bytes) -> str | None:
    """A header field as text: UTF-8, or encoded words, as programs write what is not ASCII."""
    value = header(call.scope, name)
    if value is None or not value.strip():
        return None
    with suppress(UnicodeDecodeError):
        value = value.encode("latin-1").decode("utf-8")
    return decode_words(value.strip())


async def _read_file(call: Call, content_type: str) -> tuple[OutgoingFile, ...]:
    spool = _new_spool(call)
    try:
        async for piece in body_pieces(call.scope, call.receive):
            await spool.write(piece)
        stage = await spool.finish()
    except BaseException:
        await spool.discard()
        raise
    name = text_header(call, b"attachment-name") or DEFAULT_NAME
    return (OutgoingFile(filename=name, content_type=content_type, stage=stage),)


async def _read_form(call: Call, content_type: str, limit: int) -> tuple[OutgoingFile, ...]:
    pieces = body_pieces(call.scope, call.receive)
    form: Form = await read_form(
        pieces, content_type, limit=limit, new_spool=partial(_new_spool, call), file_fields=None
    )
    return tuple(_file(upload.filename or DEFAULT_NAME, upload.content_type, upload.stage) for upload in form.uploads)


def _file(name: str, content_type: str | None, stage: Stage) -> OutgoingFile:
    return OutgoingFile(filename=name, content_type=content_type or content_type_of(name), stage=stage)


def _accept(call: Call, station: Station, partner: Partner, files: tuple[OutgoingFile, ...]) -> MessageView:
    try:
        if sum(file.stage.size for file in files) > call.max_payload:
            raise _too_large(call)
        for file in files:
            check_content_type(file.content_type, call.options.content_types)
        command = SendMessage(
            space=call.space,
            partner_id=partner.id,
            station_id=station.id,
            files=files,
            subject=text_header(call, b"subject") or partner.terms.subject or DEFAULT_SUBJECT,
        )
        return accept_message(call.ports, command)
    except InvalidInput as error:
        raise InvalidInput(fields={_FIELDS.get(name, name): why for name, why in error.fields.items()}) from error
    finally:
        # Does nothing to what was kept.
        for file in files:
            file.stage.discard()


def _ends(call: Call) -> tuple[Station, Partner]:
    """The station and the partner that the header names; raises InvalidInput and Unknown."""
    named = {name: text_header(call, name.lower().encode()) for name in ("AS2-From", "AS2-To")}
    if missing := [name for name, value in named.items() if value is None]:
        raise InvalidInput(fields=dict.fromkeys(missing, "This header is required."))
    sender, receiver = named["AS2-From"], named["AS2-To"]
    views = call.ports.views
    station = next((entry for entry in views.stations(call.space) if entry.as2_id == sender), None)
    if station is None:
        raise Unknown(f"Unable to find station with AS2 identifier: {sender}")
    partner = next((entry for entry in views.partners(call.space) if entry.as2_id == receiver), None)
    if partner is None:
        raise Unknown(f"Unable to find partner with AS2 identifier: {receiver}")
    return station, partner


def _new_spool(call: Call) -> Spool:
    return Spool(call.ports.blobs.stage(), limit=call.max_payload, lanes=call.lanes)


def _too_large(call: Call) -> PayloadTooLarge:
    return PayloadTooLarge(f"The message may have {call.max_payload} bytes.", max_size_bytes=call.max_payload)
