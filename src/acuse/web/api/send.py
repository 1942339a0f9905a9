"""`POST /v1/messages`: a message in JSON, or a form whose files stream into their stages.

Rule: the bytes are staged while they arrive and nothing is promised before they are durable.
"""

from collections.abc import Mapping
from functools import partial

import msgspec

from acuse.errors import InvalidContentType, PayloadTooLarge
from acuse.ports import MessageView
from acuse.services.accept_message import OutgoingFile
from acuse.web.api.accepting import accept_upload, accept_wish, queued, with_simulation
from acuse.web.api.calls import Call
from acuse.web.api.json_upload import longest_body, read_upload
from acuse.web.api.message_fields import Wish, read_wish
from acuse.web.asgi import Reply, body_pieces, header, note
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.form import FILE_FIELDS, Form, read_form
from acuse.web.spool import BodyTooLarge, Spool

FORM_OVERHEAD = 8 << 20
"""Bytes that a form may have besides its files."""
_FLAGS = ("compress", "encrypt", "sign")
_FLAG_WORDS = {"true": True, "1": True, "false": False, "0": False}
_OBJECTS = ("headers", "metadata")


async def send_message(call: Call) -> Reply:
    """Accept a message; the answer comes when it is durable."""
    content_type = header(call.scope, b"content-type") or ""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/json":
        return await _send_json(call)
    if media_type == "multipart/form-data":
        return await _send_form(call, content_type)
    raise InvalidContentType("Send application/json or multipart/form-data.", content_type=media_type)


async def _send_json(call: Call) -> Reply:
    limit = call.max_payload
    _check_announced(call, longest_body(limit))
    try:
        upload = await read_upload(
            body_pieces(call.scope, call.receive), limit=limit, new_spool=partial(_new_spool, call)
        )
    except BodyTooLarge:
        raise _too_large(call) from None
    size = upload.stage.size if upload.stage else 0
    view = await call.lanes.run(partial(accept_upload, call, upload), size=size)
    return _noted(call, view)


async def _send_form(call: Call, content_type: str) -> Reply:
    limit = min(call.options.max_body, call.max_payload + FORM_OVERHEAD)
    new_spool = partial(_new_spool, call, call.max_payload)
    _check_announced(call, limit)
    try:
        form = await read_form(body_pieces(call.scope, call.receive), content_type, limit=limit, new_spool=new_spool)
    except BodyTooLarge:
        raise _too_large(call) from None
    size = sum(file.stage.size for file in form.uploads)
    return _noted(call, await call.lanes.run(partial(_accept_form, call, form), size=size))


def _check_announced(call: Call, limit: int) -> None:
    announced = header(call.scope, b"content-length")
    if announced is not None and int(announced) > limit:
        raise _too_large(call)


def _too_large(call: Call) -> PayloadTooLarge:
    """For a body that was not read to its end: its size is what its head announces, if it does."""
    announced = header(call.scope, b"content-length")
    if announced is None:
        return PayloadTooLarge(max_size_bytes=call.max_payload)
    return PayloadTooLarge(size_bytes=int(announced), max_size_bytes=call.max_payload)


def _accept_form(call: Call, form: Form) -> MessageView:
    try:
        fields = FieldReader(with_simulation(call, _typed(form.fields)))
        _check_uploads(form, fields)
        wish = read_wish(fields, now=call.ports.world.now())
        return accept_wish(call, wish, _files(form, wish))
    except BaseException:
        form.discard()
        raise


def _noted(call: Call, view: MessageView) -> Reply:
    note(call.scope, message=view.message.public_id)
    return queued(view)


def _new_spool(call: Call, limit: int) -> Spool:
    return Spool(call.ports.blobs.stage(), limit=limit, lanes=call.lanes)


def _typed(form: Mapping[str, str]) -> dict[str, object]:
    """The fields of a form as JSON would have had them. What cannot be read stays text, and is refused as such."""
    typed: dict[str, object] = {name: value or None for name, value in form.items()}
    for name in _FLAGS:
        typed[name] = _FLAG_WORDS.get(form.get(name, "").lower(), typed.get(name))
    for name in _OBJECTS:
        try:
            typed[name] = msgspec.json.decode(form[name]) if form.get(name) else None
        except msgspec.DecodeError:
            continue
    return typed


def _check_uploads(form: Form, fields: FieldReader) -> None:
    if not form.uploads:
        fields.refuse(FILE_FIELDS[0], "One file at least is required, in the field 'file' or 'payload'.")
    for upload in form.uploads:
        if upload.stage.size == 0:
            fields.refuse(FILE_FIELDS[0], "Must not be empty.")
        if upload.filename is not None and not (len(upload.filename) <= 255 and upload.filename.isprintable()):
            fields.refuse(FILE_FIELDS[0], "Its name must have 1 to 255 characters and no control characters.")


def _files(form: Form, wish: Wish) -> tuple[OutgoingFile, ...]:
    """One file has the message's content type; of several each has its own, where the form gives one."""
    is_alone = len(form.uploads) == 1
    return tuple(
        OutgoingFile(
            filename=upload.filename,
            content_type=wish.content_type if is_alone else upload.content_type or wish.content_type,
            stage=upload.stage,
        )
        for upload in form.uploads
    )
