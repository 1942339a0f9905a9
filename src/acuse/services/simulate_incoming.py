"""Having the simulated partner send a message to one of our stations, by way of the real receiving service."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from acuse import as2
from acuse.as2 import Agreement, MDNMode
from acuse.cms import KeyPair, self_signed
from acuse.domain.access import Mode
from acuse.domain.account import Space
from acuse.domain.keyring import Use, outgoing_certificate
from acuse.domain.simulation import IncomingBehaviour
from acuse.errors import EncryptionFailed
from acuse.mime import copy
from acuse.ports import MessageView, Ports, Relation
from acuse.services.accept_message import OutgoingFile, station_of
from acuse.services.receive_message import Answer, receive
from acuse.services.relate import relation_in, seen_by_partner


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMessage:
    """What the simulated partner is to send. A None means: as agreed with the partner whose place it takes."""

    space: Space
    partner_id: UUID
    file: OutgoingFile
    station_id: UUID | None = None
    """None: the tenant's first station."""
    subject: str | None = None
    mdn: MDNMode | None = None
    behaviour: IncomingBehaviour = IncomingBehaviour.AS_AGREED


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedArrival:
    """What became of it."""

    answer: Answer
    """What the partner got over HTTP; of a repeated message, the second time."""
    view: MessageView | None
    """The message as it is stored; None where it was refused before that."""


def simulate_incoming(ports: Ports, wish: SimulatedMessage) -> SimulatedArrival:
    """Build the message, post it and tell what came of it. The file's stage is used up.

    Raises StationNotFound, PartnerNotFound, EncryptionFailed, StorageFailed.
    """
    try:
        station_id = station_of(ports, wish.space, wish.station_id)
        relation = relation_in(ports, Mode.TEST, station_id=station_id, partner_id=wish.partner_id)
        prepared = _prepare(ports, wish, relation)
        answer = _post(ports, prepared, relation)
        if wish.behaviour is IncomingBehaviour.REPEATED:
            answer = _post(ports, prepared, relation)
    finally:
        wish.file.stage.discard()
    view = ports.views.inbound(
        station_id=relation.station.id, partner_id=relation.partner.id, wire_id=prepared.exchange.message_id
    )
    return SimulatedArrival(answer=answer, view=view)


def _post(ports: Ports, prepared: as2.PreparedMessage, relation: Relation) -> Answer:
    stage = ports.blobs.stage()
    copy(prepared.body.open(), stage.write)
    return receive(ports, prepared.headers, stage, simulated=relation)


def _prepare(ports: Ports, wish: SimulatedMessage, relation: Relation) -> as2.PreparedMessage:
    now, agreement = ports.world.now(), _agreement(wish, relation)
    recipient = outgoing_certificate(relation.station_certificates, Use.ENCRYPTION, now=now)
    if wish.behaviour is IncomingBehaviour.WRONG_RECIPIENT:
        recipient = relation.partner_certificates[0]
    if agreement.encrypt and recipient is None:
        raise EncryptionFailed("The station has no certificate that a partner could encrypt to. Add one.")
    return as2.prepare(
        [
            as2.OutgoingAttachment(
                filename=wish.file.filename, content_type=wish.file.content_type, source=wish.file.stage.source()
            )
        ],
        agreement,
        message_id=f"<SIM_{now:%Y%m%d_%H%M%S}_{ports.world.new_token()}@simulated.partner>",
        boundary=ports.world.new_token(),
        signer=_signer(ports, wish, relation),
        recipients=[recipient.x509_certificate] if recipient else [],
        scratch=ports.blobs.scratch,
        subject=wish.subject,
        now=now,
    )


def _agreement(wish: SimulatedMessage, relation: Relation) -> Agreement:
    theirs = seen_by_partner(relation)
    agreement = theirs.partner.agreement_with(theirs.station)
    return replace(
        agreement,
        sign=None if wish.behaviour is IncomingBehaviour.UNSIGNED else agreement.sign,
        encrypt=None if wish.behaviour is IncomingBehaviour.UNENCRYPTED else agreement.encrypt,
        mdn=wish.mdn or agreement.mdn,
    )


def _signer(ports: Ports, wish: SimulatedMessage, relation: Relation) -> KeyPair | None:
    if wish.behaviour is IncomingBehaviour.UNKNOWN_SIGNER:
        now = ports.world.now()
        return self_signed("Somebody else", not_before=now, not_after=now + timedelta(days=1))
    return relation.partner_certificates[0].key_pair
