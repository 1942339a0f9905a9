"""Taking in a new message: open it, write the receipt, keep every byte, and record it all in one unit.

Two requests with the same Message-ID may get here at once. The unit lets one of them win; the other throws its work
away and answers with what the winner stored.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from acuse import as2
from acuse.as2 import Arrival, Envelope, MDNMode, ReceiptRequest, SignedForm
from acuse.cms import fingerprint
from acuse.domain.access import Mode
from acuse.domain.event import EventKind
from acuse.domain.keyring import CertificatesUsed, fingerprint_of
from acuse.domain.message import (
    Attachment,
    Direction,
    Message,
    Problem,
    Receipt,
    ReceiptState,
    Transmission,
    Wire,
)
from acuse.domain.partner import Partner
from acuse.domain.timeline import StepName, Timeline, TimelineStep
from acuse.ports import Blob, Handle, Ports, Relation, Stage, Unit
from acuse.services.announce import announce
from acuse.services.choose_certificates import expired_among
from acuse.services.explain_message import advice_on_arrival
from acuse.services.give_receipt import give_receipt
from acuse.services.judge_certificates import Judged, note_first_use
from acuse.services.open_message import open_message
from acuse.services.repeat_receipt import receipt_job
from acuse.services.tell_timeline import arrival_steps, receipt_step


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """The stored message with our receipt; not `is_new` when another request had stored it first."""

    message: Message
    receipt: Receipt | None
    is_new: bool
    receipt_body: bytes | None = None
    """The stored bytes of the receipt, where it was this request that stored them."""
    expired: tuple[str, ...] = ()
    """Certificates that served although they had expired, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """All that is to be written, but for the public number."""

    message: Message
    attachments: tuple[Attachment, ...]
    receipt: Receipt | None
    receipt_body: bytes | None
    blobs: tuple[Blob, ...]
    relation: Relation
    judged: Judged
    known_form: SignedForm
    steps: Timeline


def take_in_message(ports: Ports, relation: Relation, envelope: Envelope, body: Stage) -> TakenIn | None:
    """Receive a message of a known relation. `body` is kept. Raises StorageFailed, and then nothing was taken.

    None: it is no message but a receipt behind encryption or compression, and nothing was taken.
    """
    stages: list[Stage] = []

    def stage() -> Stage:
        stages.append(ports.blobs.stage())
        return stages[-1]

    blobs: list[Blob] = []
    taken = None
    try:
        judged = open_message(ports, relation, envelope, body.source(), stage)
        if judged.arrival.is_receipt:
            return None
        draft = _draft(ports, relation, envelope, judged, body, blobs)
        taken = ports.units.run(lambda unit: _record(unit, ports, relation.partner, draft))
        return taken
    finally:
        for each in stages:
            each.discard()
        if taken is None or not taken.is_new:
            for blob in blobs:
                ports.blobs.discard(blob)


def _draft(
    ports: Ports, relation: Relation, envelope: Envelope, judged: Judged, body: Stage, blobs: list[Blob]
) -> _Draft:
    """Keep all bytes (noting each blob in `blobs` at once, so that a failure can undo it) and make the rows."""
    now, arrival = ports.world.now(), judged.arrival
    attachments = []
    for position, received in enumerate(arrival.attachments, start=1):
        blobs.append(blob := received.stage.keep())
        attachments.append(
            Attachment(
                position=position,
                filename=received.filename,
                content_type=received.content_type,
                size=blob.size,
                sha256=blob.sha256,
                blob_id=blob.id,
            )
        )
    blobs.append(raw := body.keep())
    message = _message(ports, relation, envelope, arrival, raw, now=now)
    if message.problem and (advice := advice_on_arrival(ports, relation, envelope, body.source(), arrival)):
        message = replace(message, problem=message.problem.with_details(advice=advice))
    used = CertificatesUsed(signer=judged.signer_fingerprint, recipient=fingerprint_of(judged.recipient))
    stored = ports.world.now()
    steps = arrival_steps(judged, used, size=body.size, at=now)
    size = body.size + sum(attachment.size for attachment in attachments)
    steps.append(TimelineStep.took(stored - now, at=stored, name=StepName.STORE, size=size))
    receipt, receipt_body = None, None
    if envelope.receipt_request:
        receipt, written = _receipt(ports, relation, envelope, arrival, message, blobs, now=now)
        receipt_body = written.body
        used = replace(used, receipt_signer=None if written.signer is None else fingerprint(written.signer))
        steps.append(receipt_step(receipt, used, size=len(receipt_body), began=stored, at=ports.world.now()))
    return _Draft(
        message=replace(message, size=sum(attachment.size for attachment in attachments), certificates=used),
        attachments=tuple(attachments),
        receipt=receipt,
        receipt_body=receipt_body,
        blobs=tuple(blobs),
        relation=relation,
        judged=judged,
        known_form=relation.partner.form,
        steps=tuple(steps),
    )


def _message(
    ports: Ports, relation: Relation, envelope: Envelope, arrival: Arrival[Stage], raw: Blob, *, now: datetime
) -> Message:
    problem = None
    if not arrival.is_accepted:
        code = arrival.disposition.detail.upper().replace("-", "_").replace(" ", "_")
        details = {"disposition": str(arrival.disposition)}
        problem = Problem(code=code, message=arrival.cause, details=details)
    return Message(
        id=ports.world.new_id(),
        handle=0,
        account_id=relation.station.account_id,
        tenant_id=relation.station.tenant_id,
        station_id=relation.station.id,
        partner_id=relation.partner.id,
        mode=relation.mode,
        direction=Direction.INBOUND,
        wire_id=envelope.message_id,
        subject=envelope.subject,
        content_type=arrival.content_type or envelope.headers.get("Content-Type") or "",
        size=0,
        is_signed=arrival.signature is not None,
        is_encrypted=arrival.is_encrypted,
        is_compressed=arrival.is_compressed,
        mdn=_mdn_mode(envelope.receipt_request),
        transmission=Transmission.RECEIVED if arrival.is_accepted else Transmission.FAILED,
        receipt=_receipt_state(envelope.receipt_request, arrival),
        created_at=now,
        updated_at=now,
        problem=problem,
        wire=Wire(headers=tuple(envelope.headers), blob_id=raw.id),
        raw_sha256=raw.sha256,
        form=arrival.form,
    )


def _mdn_mode(request: ReceiptRequest | None) -> MDNMode:
    if request is None:
        return MDNMode.NONE
    return MDNMode.ASYNC if request.url else MDNMode.SYNC


def _receipt_state(request: ReceiptRequest | None, arrival: Arrival[Stage]) -> ReceiptState:
    if request is None:
        return ReceiptState.NOT_REQUESTED
    if request.url:
        return ReceiptState.PENDING
    return ReceiptState.POSITIVE if arrival.is_accepted else ReceiptState.NEGATIVE


def _receipt(
    ports: Ports,
    relation: Relation,
    envelope: Envelope,
    arrival: Arrival[Stage],
    message: Message,
    blobs: list[Blob],
    *,
    now: datetime,
) -> tuple[Receipt, as2.WrittenReceipt]:
    digest = arrival.signature.digest if arrival.signature else None
    written = give_receipt(
        ports,
        envelope,
        relation,
        disposition=arrival.disposition,
        reason=arrival.reason,
        mic=arrival.mic,
        digest=digest,
    )
    stage = ports.blobs.stage()
    stage.write(written.body)
    blobs.append(blob := stage.keep())
    receipt = Receipt(
        id=ports.world.new_id(),
        message_id=message.id,
        direction=Direction.OUTBOUND,
        wire=Wire(headers=written.headers, blob_id=blob.id),
        disposition=str(arrival.disposition),
        received_content_mic=str(arrival.mic) if arrival.mic else None,
        original_message_id=envelope.message_id,
        reporting_ua=ports.reporting_ua,
        final_recipient=envelope.as2_to,
        text=arrival.reason,
        is_signed=written.is_signed,
        is_verified=written.is_signed,
        reply_url=envelope.receipt_request.url if envelope.receipt_request else None,
        created_at=now,
    )
    return receipt, written


def _record(unit: Unit, ports: Ports, partner: Partner, draft: _Draft) -> TakenIn:
    message = draft.message
    earlier = unit.messages.find_inbound(
        station_id=message.station_id, partner_id=message.partner_id, wire_id=message.wire_id
    )
    if earlier:
        receipt = unit.messages.get_receipt(earlier.id, Direction.OUTBOUND)
        return TakenIn(message=earlier, receipt=receipt, is_new=False)
    message = replace(message, handle=unit.next_handle(message.account_id, Handle.MESSAGE))
    for blob in draft.blobs:
        unit.blobs.add(blob)
    unit.messages.add(message, draft.attachments)
    unit.messages.tell(message.id, draft.steps)
    used = (draft.judged.signer, draft.judged.recipient)
    if draft.judged.arrival.is_accepted:
        note_first_use(unit, ports, draft.relation, used, now=message.created_at)
        is_new_form = message.form not in (None, SignedForm.AS_RECEIVED, draft.known_form)
        if is_new_form and message.form and message.mode is Mode.LIVE:
            unit.directory.remember_form(message.partner_id, message.form)
    if draft.receipt:
        unit.messages.add_receipt(draft.receipt)
    if draft.receipt and draft.receipt.reply_url:
        unit.jobs.submit(receipt_job(message, partner, name="first", ports=ports))
    kind = EventKind.MESSAGE_RECEIVED if message.problem is None else EventKind.MESSAGE_REFUSED
    receipt_id = draft.receipt.id if draft.receipt else None
    announce(unit, ports, kind, message, now=message.created_at, receipt_id=receipt_id)
    expired = expired_among(used, now=message.created_at)
    return TakenIn(
        message=message, receipt=draft.receipt, is_new=True, receipt_body=draft.receipt_body, expired=expired
    )
