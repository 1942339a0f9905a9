"""Accepting a message to send: everything is durable before the caller hears yes.

The bytes were staged while they arrived. Here they are kept, and one unit writes the message, its attachments, the
event and the job that sends it. What can be known to be impossible now, such as a missing certificate, is refused now.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from acuse.as2 import Compression, MDNMode
from acuse.domain.access import Mode
from acuse.domain.account import Space
from acuse.domain.event import EventKind
from acuse.domain.message import Attachment, Direction, Message, Priority, ReceiptState, Transmission
from acuse.domain.partner import Partner
from acuse.domain.simulation import Behaviour
from acuse.domain.station import message_id_domain
from acuse.errors import (
    InvalidContentType,
    InvalidInput,
    PartnerInactive,
    StationNotFound,
)
from acuse.ports import Blob, Handle, Job, JobKind, MessageView, Ports, Relation, Stage, Unit
from acuse.services.announce import announce
from acuse.services.choose_certificates import choose_certificates
from acuse.services.relate import relation_in

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}(\s*;[ -~]*)?")


Alongside = Callable[[Unit, MessageView], None]
"""What else is written in the unit that writes a new message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingFile:
    """One file to send, its bytes already staged."""

    filename: str | None
    content_type: str
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    """The wish to send files to a partner. A None means: as agreed with the partner."""

    space: Space
    partner_id: UUID
    files: tuple[OutgoingFile, ...]
    station_id: UUID | None = None
    """None: the tenant's first station."""
    subject: str | None = None
    priority: Priority = Priority.NORMAL
    compress: bool | None = None
    encrypt: bool | None = None
    sign: bool | None = None
    mdn: MDNMode | None = None
    scheduled_at: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    simulate: Behaviour | None = None
    """In test mode: what the simulated partner is to do."""


def do_nothing(_: Unit, __: MessageView) -> None:
    """Write nothing beside a message."""


def accept_message(ports: Ports, command: SendMessage, *, alongside: Alongside = do_nothing) -> MessageView:
    """Keep the files and promise to send them. The stages are used up, also when this raises. `alongside` may write
    more in the same unit.

    Raises InvalidInput, InvalidContentType, StationNotFound, PartnerNotFound, PartnerInactive, SigningFailed,
    EncryptionFailed, CertificateExpired, StorageFailed.
    """
    blobs: list[Blob] = []
    try:
        mode, station_id = command.space.mode, station_of(ports, command.space, command.station_id)
        relation = relation_in(ports, mode, station_id=station_id, partner_id=command.partner_id)
        _check(command)
        message = _message(ports, command, relation)
        choose_certificates(message, relation, now=message.created_at)
        blobs.extend(file.stage.keep() for file in command.files)
        attachments = tuple(
            Attachment(
                position=position,
                filename=file.filename,
                content_type=file.content_type,
                size=blob.size,
                sha256=blob.sha256,
                blob_id=blob.id,
            )
            for position, (file, blob) in enumerate(zip(command.files, blobs, strict=True), start=1)
        )

        def decide(unit: Unit) -> MessageView:
            stored = record_message(unit, ports, relation.partner, message, attachments, blobs)
            view = MessageView(
                message=stored, station=relation.station, partner=relation.partner, attachments=attachments
            )
            alongside(unit, view)
            return view

        return ports.units.run(decide)
    except BaseException:
        for file in command.files:
            file.stage.discard()
        for blob in blobs:
            ports.blobs.discard(blob)
        raise


def station_of(ports: Ports, space: Space, wanted: UUID | None) -> UUID:
    """The station that is wanted, or the tenant's first. Raises StationNotFound."""
    stations = ports.views.stations(space)
    if wanted is None and stations:
        return stations[0].id
    if wanted in {station.id for station in stations}:
        return wanted
    raise StationNotFound


def _check(command: SendMessage) -> None:
    if not command.files:
        raise InvalidInput(fields={"payload": "at least one file is needed"})
    if any(file.stage.size == 0 for file in command.files):
        raise InvalidInput(fields={"payload.content": "must not be empty"})
    for file in command.files:
        if not _MEDIA_TYPE.fullmatch(file.content_type):
            raise InvalidContentType(content_type=file.content_type)
        if file.filename is not None and not 1 <= len(file.filename) <= 255:
            raise InvalidInput(fields={"payload.filename": "1 to 255 characters"})
    subject = command.subject
    if subject is not None and (not 1 <= len(subject) <= 255 or not subject.isprintable()):
        raise InvalidInput(fields={"subject": "1 to 255 characters on one line"})


def _check_simulation(command: SendMessage, mdn: MDNMode) -> None:
    if command.simulate is None:
        return
    if command.space.mode is Mode.LIVE:
        raise InvalidInput(fields={"simulate": "needs a key of test mode: partners of live messages are real"})
    if command.simulate is Behaviour.LATE_RECEIPT and mdn is not MDNMode.ASYNC:
        raise InvalidInput(fields={"simulate": "'late-receipt' needs mdn_mode 'async'"})


def _message(ports: Ports, command: SendMessage, relation: Relation) -> Message:
    now = ports.world.now()
    partner, terms = relation.partner, relation.partner.terms
    if not partner.active:
        raise PartnerInactive(partner_id=f"prt_{partner.handle:06d}")
    mdn = terms.mdn if command.mdn is None else command.mdn
    _check_simulation(command, mdn)
    is_compressed = terms.compression is not Compression.NONE if command.compress is None else command.compress
    return Message(
        id=ports.world.new_id(),
        handle=0,
        account_id=command.space.account_id,
        tenant_id=command.space.tenant_id,
        station_id=relation.station.id,
        partner_id=partner.id,
        mode=command.space.mode,
        direction=Direction.OUTBOUND,
        wire_id=new_message_id(ports, relation, now),
        subject=command.subject,
        content_type=command.files[0].content_type if len(command.files) == 1 else "multipart/related",
        size=sum(file.stage.size for file in command.files),
        is_signed=terms.sign is not None if command.sign is None else command.sign,
        is_encrypted=terms.encrypt is not None if command.encrypt is None else command.encrypt,
        is_compressed=is_compressed,
        mdn=mdn,
        transmission=Transmission.SCHEDULED if command.scheduled_at else Transmission.QUEUED,
        receipt=ReceiptState.NOT_REQUESTED if mdn is MDNMode.NONE else ReceiptState.PENDING,
        priority=command.priority,
        created_at=now,
        updated_at=now,
        scheduled_at=command.scheduled_at,
        custom_headers=command.headers,
        metadata=command.metadata,
        simulate=command.simulate,
    )


def new_message_id(ports: Ports, relation: Relation, now: datetime) -> str:
    """A Message-ID. RFC 5322 section 3.6.4: unique for ever, so the random part does not depend on the clock."""
    domain = message_id_domain(relation.station.receive_url)
    return f"<MSG_{now:%Y%m%d_%H%M%S}_{ports.world.new_token()}@{domain}>"


def record_message(
    unit: Unit, ports: Ports, partner: Partner, draft: Message, attachments: tuple[Attachment, ...], blobs: list[Blob]
) -> Message:
    """Write a message with its event and its job; the draft still lacks its handle."""
    message = replace(draft, handle=unit.next_handle(draft.account_id, Handle.MESSAGE))
    for blob in blobs:
        unit.blobs.add(blob)
    unit.messages.add(message, attachments)
    announce(unit, ports, EventKind.MESSAGE_QUEUED, message, now=message.created_at)
    unit.jobs.submit(sending_job(message, partner, due_at=message.scheduled_at or message.created_at))
    return message


def sending_job(message: Message, partner: Partner, *, due_at: datetime) -> Job:
    """The job of the next attempt. Its key counts the attempts, so that it may wait while the last one ends."""
    return Job(
        kind=JobKind.SEND_MESSAGE,
        subject_id=message.id,
        key=f"send:{message.id}:{message.attempts}",
        lane=message.lane,
        lane_width=partner.terms.http.concurrency,
        due_at=due_at,
        priority=message.priority,
    )
