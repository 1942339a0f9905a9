"""Beginning an attempt to send: the message is built once, stored, and from then on the same bytes go out each time.

RFC 4130 section 5.5 allows a Message-ID again only with exactly the same content. So what is posted is what was
stored, and it was stored before the first byte left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from acuse import as2
from acuse.cms import Cipher, CmsError, Digest, RecipientUnusable
from acuse.domain.event import EventKind
from acuse.domain.keyring import CertificatesUsed, fingerprint_of
from acuse.domain.message import Message, Problem, Step, Transmission, Wire
from acuse.domain.timeline import StepName, TimelineStep
from acuse.errors import EncryptionFailed, MessageNotFound, ServiceError, SigningFailed
from acuse.mime import Source, copy
from acuse.ports import Blob, MessageView, Ports, Relation, Unit
from acuse.services.announce import announce
from acuse.services.choose_certificates import Chosen, choose_certificates, expired_among
from acuse.services.relate import relation_for
from acuse.services.tell_timeline import layer_steps

_CAN_START = (Transmission.SCHEDULED, Transmission.QUEUED, Transmission.RETRY_WAIT, Transmission.PROCESSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What has to be posted now. The message's `attempt_token` lets only this attempt write its outcome."""

    message: Message
    relation: Relation
    headers: Sequence[tuple[str, str]]
    body: Source
    expired: tuple[str, ...] = ()
    """Certificates that served although they had expired, for the log."""


def begin_attempt(ports: Ports, message_id: UUID) -> Attempt | None:
    """Build the message if this is the first attempt, and mark it as under way. None: there is nothing to send
    any more.
    """
    try:
        view = ports.views.message_by_id(message_id)
    except MessageNotFound:
        return None
    message, now = view.message, ports.world.now()
    if message.transmission not in _CAN_START:
        return None
    relation = relation_for(ports, message)
    blob, body, chosen = None, None, Chosen()
    steps: Sequence[TimelineStep] = ()
    if message.wire is None:
        try:
            chosen = choose_certificates(message, relation, now=now)
            message, blob, body, steps = _build(ports, view, relation, chosen, now=now)
        except (CmsError, ServiceError) as error:
            _give_up(ports, message, error, now=now)
            return None
    started = None
    try:
        started = ports.units.run(lambda unit: _start(unit, ports, message, blob, steps, now=now))
    finally:
        if blob and (started is None or started.wire is None or started.wire.blob_id != blob.id):
            ports.blobs.discard(blob)
    if started is None or started.wire is None:
        return None
    if body is None or blob is None or started.wire.blob_id != blob.id:
        body = ports.blobs.source(started.wire.blob_id)
    expired = expired_among((chosen.signer, chosen.recipient), now=now)
    return Attempt(message=started, relation=relation, headers=started.wire.headers, body=body, expired=expired)


def agreement_of(message: Message, relation: Relation) -> as2.Agreement:
    """The partner's terms, with what was wished for this one message."""
    agreement = relation.partner.agreement_with(relation.station)
    compression = agreement.compression
    if not message.is_compressed:
        compression = as2.Compression.NONE
    elif compression is as2.Compression.NONE:
        compression = as2.Compression.BEFORE_SIGN
    return replace(
        agreement,
        sign=(agreement.sign or Digest.SHA256) if message.is_signed else None,
        encrypt=(agreement.encrypt or Cipher.AES128_CBC) if message.is_encrypted else None,
        compression=compression,
        mdn=message.mdn,
    )


def _build(
    ports: Ports, view: MessageView, relation: Relation, chosen: Chosen, *, now: datetime
) -> tuple[Message, Blob, Source, Sequence[TimelineStep]]:
    message = view.message
    signer, recipient = chosen.signer, chosen.recipient
    prepared = as2.prepare(
        [
            as2.OutgoingAttachment(
                filename=attachment.filename,
                content_type=attachment.content_type,
                source=ports.blobs.source(attachment.blob_id),
            )
            for attachment in view.attachments
        ],
        agreement_of(message, relation),
        message_id=message.wire_id,
        boundary=ports.world.new_token(),
        signer=signer.key_pair if signer else None,
        recipients=[recipient.x509_certificate] if recipient else [],
        scratch=ports.blobs.scratch,
        subject=message.subject,
        custom_headers=message.custom_headers,
        now=now,
        clock=ports.world.now,
    )
    began = ports.world.now()
    stage = ports.blobs.stage()
    copy(prepared.body.open(), stage.write)
    body, blob = stage.source(), stage.keep()
    wire = Wire(headers=prepared.headers, blob_id=blob.id)
    used = CertificatesUsed(signer=fingerprint_of(signer), recipient=fingerprint_of(recipient))
    built = replace(message, wire=wire, raw_sha256=blob.sha256, exchange=prepared.exchange, certificates=used)
    done = ports.world.now()
    steps = layer_steps(prepared.steps, {"sign": used.signer, "encrypt": used.recipient}, at=began)
    steps.append(TimelineStep.took(done - began, at=done, name=StepName.STORE, size=blob.size))
    return built, blob, body, steps


def _start(
    unit: Unit, ports: Ports, built: Message, blob: Blob | None, steps: Sequence[TimelineStep], *, now: datetime
) -> Message | None:
    message = unit.messages.get(built.id)
    if message.transmission not in _CAN_START:
        return None
    if blob and message.wire is None:
        unit.blobs.add(blob)
        unit.messages.tell(message.id, steps)
        message = replace(
            message,
            wire=built.wire,
            raw_sha256=built.raw_sha256,
            exchange=built.exchange,
            certificates=built.certificates,
        )
    started = message.step(
        Step.START,
        now=now,
        attempts=message.attempts + 1,
        attempt_token=ports.world.new_id(),
        first_attempt_at=message.first_attempt_at or now,
        last_attempt_at=now,
        next_attempt_at=None,
    )
    unit.messages.save(started)
    if started.attempts == 1:
        announce(unit, ports, EventKind.MESSAGE_PROCESSING, started, now=now)
    return started


def _give_up(ports: Ports, message: Message, error: CmsError | ServiceError, *, now: datetime) -> None:
    """Not even the first byte can leave: no retry will change that, only the operator."""
    failure = EncryptionFailed if isinstance(error, RecipientUnusable) else SigningFailed
    code = error.code if isinstance(error, ServiceError) else failure.code
    problem = Problem(code=code, message=error.message)

    def decide(unit: Unit) -> None:
        current = unit.messages.get(message.id)
        failed = current.step(Step.GIVE_UP, now=now, problem=problem)
        unit.messages.save(failed)
        announce(unit, ports, EventKind.MESSAGE_FAILED, failed, now=now)

    ports.units.run(decide)
