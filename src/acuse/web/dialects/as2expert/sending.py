"""`/messages/send`: a message is accepted, and the answer tells what came of the first attempt to send it.

Rule: the message is durable before anything is waited for. When the wait ends, whatever the reason, nothing of it is
undone: past the limit the answer is that of a success, because the message is queued.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from acuse.domain.message import ReceiptState, Transmission
from acuse.domain.partner import Partner
from acuse.domain.station import Station
from acuse.errors import PayloadTooLarge
from acuse.ports import MessageView, Stage
from acuse.services.accept_message import OutgoingFile, SendMessage, accept_message
from acuse.web.dialects.as2expert.calls import Call
from acuse.web.dialects.as2expert.errors import FirstAttemptFailed, StationMismatch
from acuse.web.dialects.as2expert.translate import SendWish, in_these_words, read_send, sent_object
from acuse.web.shared.content_types import check_content_type

_LOOK_SECONDS = 0.02
_LONGEST_LOOK = 0.25
_UNDER_WAY = (Transmission.QUEUED, Transmission.PROCESSING)
_REFUSED = (ReceiptState.NEGATIVE, ReceiptState.INVALID)


async def send_message(call: Call) -> Mapping[str, object]:
    """Raises FieldMissing, InvalidInput, StationMismatch, FirstAttemptFailed and what `accept_message` raises."""
    accepted = await call.lanes.run(lambda: _accept(call, read_send(call.given)))
    data = sent_object(accepted)
    view = await _first_outcome(call, accepted)
    if view is not None:
        _require_success(view, data)
    return {"msg": "Message sent", "data": data}


def station_for(call: Call, partner: Partner, wanted: int | None) -> Station:
    """The station that a message to the partner leaves from. Raises StationNotFound and StationMismatch."""
    if wanted is not None:
        station = call.station(wanted)
        if partner.station_id not in (None, station.id):
            raise StationMismatch(station=wanted, partner=partner.handle)
        return station
    return home_of(call, partner)


def home_of(call: Call, partner: Partner) -> Station:
    """The station that a partner belongs to: its own, else the one that sends what names none."""
    stations = call.ports.views.stations(call.space)
    return next((station for station in stations if station.id == partner.station_id), stations[0])


def _accept(call: Call, wish: SendWish) -> MessageView:
    partner = call.partner(wish.partner)
    station = station_for(call, partner, wish.station)
    size = sum(len(file.content) for file in wish.files)
    if size > call.max_payload:
        raise PayloadTooLarge(size_bytes=size, max_size_bytes=call.max_payload)
    for file in wish.files:
        check_content_type(file.content_type, call.options.content_types)
    command = SendMessage(
        space=call.space,
        partner_id=partner.id,
        station_id=station.id,
        files=_staged(call, wish),
        subject=wish.subject,
        compress=wish.compress,
        encrypt=wish.encrypt,
        sign=wish.sign,
    )
    with in_these_words(filename="file_name"):
        return accept_message(call.ports, command)


def _staged(call: Call, wish: SendWish) -> tuple[OutgoingFile, ...]:
    stages: list[Stage] = []
    try:
        for file in wish.files:
            stages.append(call.ports.blobs.stage())
            stages[-1].write(file.content)
    except BaseException:
        for stage in stages:
            stage.discard()
        raise
    return tuple(
        OutgoingFile(filename=file.filename, content_type=file.content_type, stage=stage)
        for file, stage in zip(wish.files, stages, strict=True)
    )


async def _first_outcome(call: Call, accepted: MessageView) -> MessageView | None:
    """The message after its first attempt; None when that takes longer than the operator lets a client wait."""
    pause = _LOOK_SECONDS
    with suppress(TimeoutError):
        async with asyncio.timeout(call.options.as2expert_wait):
            while True:
                view = await call.lanes.run(lambda: call.ports.views.message_by_id(accepted.message.id))
                if view.message.transmission not in _UNDER_WAY:
                    return view
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_LOOK)
    return None


def _require_success(view: MessageView, data: Mapping[str, object]) -> None:
    """Raises FirstAttemptFailed, unless the partner took the message and did not refuse it."""
    message = view.message
    if message.transmission is Transmission.TRANSMITTED and message.receipt not in _REFUSED:
        return
    reason = message.problem.message if message.problem else message.transmission.value
    raise FirstAttemptFailed(reason, is_tried_again=message.transmission is Transmission.RETRY_WAIT, data=data)
