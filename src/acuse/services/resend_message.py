"""Sending a message again by hand: a new message with the same files and wishes, linked to the old one both ways.

RFC 4130 section 5.5: other bytes need another Message-ID. The new message is built afresh, with the certificates and
the terms of today, so it has one of its own; the stored files are shared, never copied.
"""

from dataclasses import replace
from uuid import UUID

from acuse.as2 import MDNMode
from acuse.domain.message import Direction, Message, ReceiptState, Transmission
from acuse.errors import NotResendable, PartnerInactive
from acuse.ports import MessageView, Ports, Relation, Unit
from acuse.services.accept_message import Alongside, do_nothing, new_message_id, record_message
from acuse.services.choose_certificates import choose_certificates
from acuse.services.relate import relation_for

_ENDED = (Transmission.TRANSMITTED, Transmission.FAILED, Transmission.CANCELLED)


def resend_message(ports: Ports, message_id: UUID, *, alongside: Alongside = do_nothing) -> MessageView:
    """Promise to send the files of a message again, and return the new message; `alongside` as in `accept_message`.

    Raises MessageNotFound, NotResendable, PartnerInactive, SigningFailed, EncryptionFailed, CertificateExpired,
    StorageFailed.
    """
    view = ports.views.message_by_id(message_id)
    _check(view.message)
    if not view.partner.active:
        raise PartnerInactive(partner_id=f"prt_{view.partner.handle:06d}")
    relation = relation_for(ports, view.message)
    draft = _again(ports, view.message, relation)
    choose_certificates(draft, relation, now=draft.created_at)

    def decide(unit: Unit) -> MessageView:
        original = unit.messages.get(message_id)
        _check(original)
        message = record_message(unit, ports, relation.partner, draft, view.attachments, [])
        linked = replace(original, resent_as=(*original.resent_as, message.handle), updated_at=draft.created_at)
        unit.messages.save(linked)
        made = replace(view, message=message, receipt=None)
        alongside(unit, made)
        return made

    return ports.units.run(decide)


def _check(message: Message) -> None:
    facts = {"id": message.public_id, "transmission": message.transmission.value}
    if message.direction is Direction.INBOUND:
        raise NotResendable("The message came from the partner. Only what was sent can be sent again.", **facts)
    if message.transmission not in _ENDED:
        raise NotResendable("The message is still on its way. Wait for its end, or cancel it first.", **facts)


def _again(ports: Ports, message: Message, relation: Relation) -> Message:
    now = ports.world.now()
    return Message(
        id=ports.world.new_id(),
        handle=0,
        account_id=message.account_id,
        tenant_id=message.tenant_id,
        station_id=message.station_id,
        partner_id=message.partner_id,
        mode=message.mode,
        direction=Direction.OUTBOUND,
        wire_id=new_message_id(ports, relation, now),
        subject=message.subject,
        content_type=message.content_type,
        size=message.size,
        is_signed=message.is_signed,
        is_encrypted=message.is_encrypted,
        is_compressed=message.is_compressed,
        mdn=message.mdn,
        transmission=Transmission.QUEUED,
        receipt=ReceiptState.NOT_REQUESTED if message.mdn is MDNMode.NONE else ReceiptState.PENDING,
        priority=message.priority,
        created_at=now,
        updated_at=now,
        custom_headers=message.custom_headers,
        metadata=message.metadata,
        resend_of=message.handle,
    )
