"""From what a client wrote to a message that is promised: the same for JSON, forms and batches."""

from collections.abc import Mapping

from acuse.domain.station import Station
from acuse.errors import PayloadTooLarge, StationNotFound
from acuse.ports import MessageView, Unit
from acuse.services.accept_message import OutgoingFile, SendMessage, accept_message
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.handles import parse_id, public_id
from acuse.web.api.json_upload import JSONUpload, NotBase64
from acuse.web.api.message_fields import Encoding, Wish, read_payload, read_wish
from acuse.web.api.objects import message_object
from acuse.web.api.read import find_partner
from acuse.web.asgi import Reply, header
from acuse.web.shared.content_types import check_content_type
from acuse.web.shared.fields import FieldReader

SIMULATE = b"x-acuse-simulate"
"""The header field that asks something of the simulated partner."""


def accept_upload(call: Call, upload: JSONUpload) -> MessageView:
    """Promise a message that came in JSON. Its stage is used up. Raises InvalidInput and what `accept_wish` raises."""
    stage = upload.stage
    try:
        fields = FieldReader(with_simulation(call, upload.given))
        size = stage.size if stage else 0
        filename, encoding = read_payload(fields, content_type=upload.given.get("content_type"), size=size)
        if stage is not None and encoding is Encoding.BASE64:
            try:
                stage = upload.decoded(call.ports.blobs.stage)
            except NotBase64:
                fields.refuse("payload.content", "Is not valid base64.")
            if stage.size == 0:
                fields.refuse("payload.content", "Must not be empty.")
        wish = read_wish(fields, now=call.ports.world.now())
        assert stage is not None
        file = OutgoingFile(filename=filename, content_type=wish.content_type, stage=stage)
        return accept_wish(call, wish, (file,))
    except BaseException:
        if stage is not None:
            stage.discard()
        raise


def accept_wish(call: Call, wish: Wish, files: tuple[OutgoingFile, ...]) -> MessageView:
    """Promise a message, and keep the answer where the request has an Idempotency-Key.

    Raises InvalidContentType, PayloadTooLarge for more than the plan allows, and what `accept_message` raises.
    """
    size = sum(file.stage.size for file in files)
    if size > call.max_payload:
        raise PayloadTooLarge(size_bytes=size, max_size_bytes=call.max_payload)

    def keep(unit: Unit, view: MessageView) -> None:
        call.keep(unit, queued(view))

    for file in files:
        check_content_type(file.content_type, call.options.content_types)
    partner = find_partner(call, wish.partner_id)
    command = SendMessage(
        space=call.caller.space,
        partner_id=partner.id,
        files=files,
        station_id=None if wish.station_id is None else _find_station(call, wish.station_id).id,
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
    return accept_message(call.ports, command, alongside=keep)


def with_simulation(call: Call, given: Mapping[str, object]) -> Mapping[str, object]:
    """The fields, with what the header asks of the simulated partner where they do not say it."""
    asked = header(call.scope, SIMULATE)
    return given if asked is None or given.get("simulate") is not None else {**given, "simulate": asked}


def queued(view: MessageView) -> Reply:
    """The answer for a message that was promised."""
    return json_reply(202, {"message": "Message queued for delivery", "data": message_object(view, detail=False)})


def _find_station(call: Call, text: str) -> Station:
    handle = parse_id("stn", text)
    for station in call.ports.views.stations(call.caller.space):
        if station.handle == handle:
            return station
    raise StationNotFound(station_id=text if handle is None else public_id("stn", handle))
