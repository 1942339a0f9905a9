"""Rows of the traffic (messages, attachments, receipts, jobs) to values and back.

Rule: a value and its row are written and read here and in `directory` alone, in the words of `tables`, whatever the
database; the SQL around them only moves whole rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from acuse.as2 import MDNMode, SignedForm
from acuse.as2.identifiers import bare_message_id
from acuse.domain.access import Mode
from acuse.domain.message import Attachment, Direction, Message, Priority, Receipt, ReceiptState, Transmission, Wire
from acuse.domain.simulation import Behaviour
from acuse.ports import Job, JobKind
from acuse.storage import tables
from acuse.storage.columns import (
    certificates_used,
    exchange,
    headers,
    json_text,
    mapping,
    micros,
    moment,
    numbers,
    optional_id,
    optional_json,
    optional_micros,
    optional_moment,
    problem,
)

Values = Mapping[str, object]
"""What is written, by column."""

Row = Sequence[Any]
"""What is read, in the order of the table's columns."""

_MESSAGE = tuple(tables.message.c.keys())
_RECEIPT = tuple(tables.receipt.c.keys())


def by_name(names: Sequence[str], row: Row) -> Mapping[str, Any]:
    return dict(zip(names, row, strict=True))


def message_row(message: Message) -> Values:
    return {
        "id": message.id.bytes,
        "handle": message.handle,
        "account_id": message.account_id.bytes,
        "tenant_id": message.tenant_id.bytes,
        "station_id": message.station_id.bytes,
        "partner_id": message.partner_id.bytes,
        "direction": message.direction,
        "wire_id": message.wire_id,
        "wire_key": bare_message_id(message.wire_id),
        "subject": message.subject,
        "content_type": message.content_type,
        "size": message.size,
        "is_signed": message.is_signed,
        "is_encrypted": message.is_encrypted,
        "is_compressed": message.is_compressed,
        "mdn": message.mdn,
        "transmission": message.transmission,
        "receipt": message.receipt,
        "receipt_is_late": message.receipt_is_late,
        "priority": message.priority,
        "attempts": message.attempts,
        "attempt_token": None if message.attempt_token is None else message.attempt_token.bytes,
        "created_at": micros(message.created_at),
        "updated_at": micros(message.updated_at),
        "scheduled_at": optional_micros(message.scheduled_at),
        "first_attempt_at": optional_micros(message.first_attempt_at),
        "last_attempt_at": optional_micros(message.last_attempt_at),
        "next_attempt_at": optional_micros(message.next_attempt_at),
        "sent_at": optional_micros(message.sent_at),
        "delivered_at": optional_micros(message.delivered_at),
        "receipt_due_at": optional_micros(message.receipt_due_at),
        "problem": optional_json(message.problem),
        "custom_headers": json_text(message.custom_headers),
        "metadata": json_text(message.metadata),
        "wire_headers": None if message.wire is None else json_text(message.wire.headers),
        "wire_blob_id": None if message.wire is None else message.wire.blob_id.bytes,
        "raw_sha256": message.raw_sha256,
        "exchange": optional_json(message.exchange),
        "certificates": json_text(message.certificates),
        "form": message.form,
        "repeats": message.repeats,
        "mode": message.mode,
        "resend_of": message.resend_of,
        "resent_as": json_text(message.resent_as) if message.resent_as else None,
        "simulate": message.simulate,
        "asked_again": message.asked_again,
    }


def read_message(row: Row) -> Message:
    column = by_name(_MESSAGE, row)
    return Message(
        id=UUID(bytes=column["id"]),
        handle=column["handle"],
        account_id=UUID(bytes=column["account_id"]),
        tenant_id=UUID(bytes=column["tenant_id"]),
        station_id=UUID(bytes=column["station_id"]),
        partner_id=UUID(bytes=column["partner_id"]),
        direction=Direction(column["direction"]),
        wire_id=column["wire_id"],
        subject=column["subject"],
        content_type=column["content_type"],
        size=column["size"],
        is_signed=bool(column["is_signed"]),
        is_encrypted=bool(column["is_encrypted"]),
        is_compressed=bool(column["is_compressed"]),
        mdn=MDNMode(column["mdn"]),
        transmission=Transmission(column["transmission"]),
        receipt=ReceiptState(column["receipt"]),
        receipt_is_late=bool(column["receipt_is_late"]),
        priority=Priority(column["priority"]),
        attempts=column["attempts"],
        attempt_token=optional_id(column["attempt_token"]),
        created_at=moment(column["created_at"]),
        updated_at=moment(column["updated_at"]),
        scheduled_at=optional_moment(column["scheduled_at"]),
        first_attempt_at=optional_moment(column["first_attempt_at"]),
        last_attempt_at=optional_moment(column["last_attempt_at"]),
        next_attempt_at=optional_moment(column["next_attempt_at"]),
        sent_at=optional_moment(column["sent_at"]),
        delivered_at=optional_moment(column["delivered_at"]),
        receipt_due_at=optional_moment(column["receipt_due_at"]),
        problem=problem(column["problem"]),
        custom_headers=headers(column["custom_headers"]),
        metadata=mapping(column["metadata"]),
        wire=_wire(column),
        raw_sha256=column["raw_sha256"],
        exchange=exchange(column["exchange"]),
        certificates=certificates_used(column["certificates"]),
        form=SignedForm(column["form"]) if column["form"] else None,
        repeats=column["repeats"],
        mode=Mode(column["mode"]),
        resend_of=column["resend_of"],
        resent_as=numbers(column["resent_as"]) if column["resent_as"] else (),
        simulate=Behaviour(column["simulate"]) if column["simulate"] else None,
        asked_again=column["asked_again"],
    )


def _wire(column: Mapping[str, Any]) -> Wire | None:
    if column["wire_blob_id"] is None:
        return None
    return Wire(headers=headers(column["wire_headers"]), blob_id=UUID(bytes=column["wire_blob_id"]))


def attachment_row(message_id: UUID, attachment: Attachment) -> Values:
    return {
        "message_key": message_id.bytes,
        "position": attachment.position,
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "blob_id": attachment.blob_id.bytes,
    }


def read_attachment(row: Row) -> Attachment:
    _, position, filename, content_type, size, sha256, blob_id = row
    return Attachment(
        position=position,
        filename=filename,
        content_type=content_type,
        size=size,
        sha256=sha256,
        blob_id=UUID(bytes=blob_id),
    )


def receipt_row(receipt: Receipt) -> Values:
    return {
        "id": receipt.id.bytes,
        "message_key": receipt.message_id.bytes,
        "direction": receipt.direction,
        "wire_headers": json_text(receipt.wire.headers),
        "wire_blob_id": receipt.wire.blob_id.bytes,
        "disposition": receipt.disposition,
        "received_content_mic": receipt.received_content_mic,
        "original_message_id": receipt.original_message_id,
        "reporting_ua": receipt.reporting_ua,
        "final_recipient": receipt.final_recipient,
        "text": receipt.text,
        "is_signed": receipt.is_signed,
        "is_verified": receipt.is_verified,
        "reply_url": receipt.reply_url,
        "created_at": micros(receipt.created_at),
    }


def read_receipt(row: Row) -> Receipt:
    column = by_name(_RECEIPT, row)
    return Receipt(
        id=UUID(bytes=column["id"]),
        message_id=UUID(bytes=column["message_key"]),
        direction=Direction(column["direction"]),
        wire=Wire(headers=headers(column["wire_headers"]), blob_id=UUID(bytes=column["wire_blob_id"])),
        disposition=column["disposition"],
        received_content_mic=column["received_content_mic"],
        original_message_id=column["original_message_id"],
        reporting_ua=column["reporting_ua"],
        final_recipient=column["final_recipient"],
        text=column["text"],
        is_signed=bool(column["is_signed"]),
        is_verified=bool(column["is_verified"]),
        reply_url=column["reply_url"],
        created_at=moment(column["created_at"]),
    )


def job_row(job: Job) -> Values:
    """Without the claim."""
    return {
        "key": job.key,
        "kind": job.kind,
        "subject_id": job.subject_id.bytes,
        "lane": job.lane,
        "priority": job.priority,
        "due_at": micros(job.due_at),
        "lane_width": job.lane_width,
    }


def read_job(row: Row) -> Job:
    key, kind, subject_id, lane, priority, due_at, lane_width = row
    return Job(
        key=key,
        kind=JobKind(kind),
        subject_id=UUID(bytes=subject_id),
        lane=lane,
        priority=Priority(priority),
        due_at=moment(due_at),
        lane_width=lane_width,
    )
