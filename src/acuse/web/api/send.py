"""`POST /v1/messages`: a message in JSON, or a form whose files stream into their stages.

Rule: the bytes are staged while they arrive and nothing is promised before they are durable.
"""

from collections.abc import Mapping
from functools import partial

import msgspec

from acuse.domain.partner import Partner
from acuse.errors import InvalidContentType, PayloadTooLarge
from acuse.ports import MessageView
from acuse.services.accept_message import OutgoingFile, SendMessage, accept_message
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.fields import FieldReader
from acuse.web.api.form import FILE_FIELDS, Form, read_form
from acuse.web.api.json_upload import JSONUpload, NotBase64, read_upload
from acuse.web.api.message_fields import Encoding, Wish, read_payload, read_wish
from acuse.web.api.objects import message_object
from acuse.web.api.read import find_partner
from acuse.web.asgi import Reply, body_pieces, header, note
from acuse.web.spool import BodyTooLarge, Spool

SIMULATE = b"x-acuse-simulate"
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
    limit = call.options.max_body
    try:
        upload = await read_upload(
            body_pieces(call.scope, call.receive), limit=limit, new_spool=partial(_new_spool, call)
        )
    except BodyTooLarge:
        raise PayloadTooLarge(max_size_bytes=limit) from None
    size = upload.stage.size if upload.stage else 0
    return await call.lanes.run(partial(_accept_upload, call, upload), size=size)


def _accept_upload(call: Call, upload: JSONUpload) -> Reply:
    stage = upload.stage
    try:
        fields = FieldReader(with_simulation(call, upload.given))
        filename, encoding = read_payload(
            fields, content_type=upload.given.get("content_type"), size=stage.size if stage else 0
        )
        if stage is not None and encoding is Encoding.BASE64:
            try:
                stage = upload.decoded(call.ports.blobs.stage)
            except NotBase64:
                fields.refuse("payload.content", "Is not valid base64.")
            if stage.size == 0:
                fields.refuse("payload.content", "Must not be empty.")
        wish = read_wish(fields, now=call.ports.world.now())
        assert stage is not None
        if stage.size > call.options.max_body:
            raise PayloadTooLarge(max_size_bytes=call.options.max_body)
        file = OutgoingFile(filename=filename, content_type=wish.content_type, stage=stage)
        return _accept(call, wish, find_partner(call, wish.partner_id), (file,))
    except BaseException:
        if stage is not None:
            stage.discard()
        raise


async def _send_form(call: Call, content_type: str) -> Reply:
    limit = call.options.max_body
    new_spool = partial(_new_spool, call, limit)
    try:
        form = await read_form(body_pieces(call.scope, call.receive), content_type, limit=limit, new_spool=new_spool)
    except BodyTooLarge:
        raise PayloadTooLarge(max_size_bytes=limit) from None
    return await call.lanes.run(partial(_accept_form, call, form), size=sum(file.stage.size for file in form.uploads))


def _accept_form(call: Call, form: Form) -> Reply:
    try:
        fields = FieldReader(with_simulation(call, _typed(form.fields)))
        _check_uploads(form, fields)
        wish = read_wish(fields, now=call.ports.world.now())
        return _accept(call, wish, find_partner(call, wish.partner_id), _files(form, wish))
    except BaseException:
        form.discard()
        raise


def _accept(call: Call, wish: Wish, partner: Partner, files: tuple[OutgoingFile, ...]) -> Reply:
    command = SendMessage(
        space=call.caller.space,
        partner_id=partner.id,
        files=files,
        subject=wish.subject,
        priority=wish.priority,
        compress=wish.compress,
        encrypt=wish.encrypt,
        sign=wish.sign,
        mdn=wish.mdn,
        scheduled_at=wish.scheduled_at,
        headers=wish.headers,
        metadata=wish.metadata,
        simulate=wish.simulate,
    )
    view = accept_message(call.ports, command, alongside=lambda unit, view: call.keep(unit, _queued(view)))
    note(call.scope, message=view.message.public_id)
    return _queued(view)


def _queued(view: MessageView) -> Reply:
    return json_reply(202, {"message": "Message queued for delivery", "data": message_object(view, detail=False)})


def with_simulation(call: Call, given: Mapping[str, object]) -> Mapping[str, object]:
    """The fields, with what the header asks of the simulated partner where they do not say it."""
    asked = header(call.scope, SIMULATE)
    return given if asked is None or given.get("simulate") is not None else {**given, "simulate": asked}


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
