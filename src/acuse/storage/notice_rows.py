"""Rows of certified e-mail to values and back; the rule is that of `rows`.

What a recipient has to know or to show is sealed on its way into a row and opened on its way out of it, nowhere else.
"""

from dataclasses import replace
from uuid import UUID

import msgspec

from acuse.domain.credit import LedgerEntry
from acuse.domain.message import Attachment
from acuse.domain.notice import Notice, Sending
from acuse.domain.sender import Assurance, Sender
from acuse.domain.visit import Visit
from acuse.mail import DKIMKey
from acuse.ports import IncomingReport, Link, LinkPurpose
from acuse.storage import notice_tables
from acuse.storage.columns import json_text, micros, moment, optional_micros, optional_moment
from acuse.storage.rows import Row, Values, by_name
from acuse.storage.vault import Vault

_SENDER = tuple(notice_tables.sender.c.keys())
_NOTICE = tuple(notice_tables.notice.c.keys())
_LINK = tuple(notice_tables.link.c.keys())
_REPORT = tuple(notice_tables.incoming_report.c.keys())
_DKIM = tuple(notice_tables.dkim_key.c.keys())
_read_notice = msgspec.json.Decoder(Notice)
_read_visit = msgspec.json.Decoder(Visit)
_read_sending = msgspec.json.Decoder(Sending)


def sender_row(sender: Sender) -> Values:
    return {
        "id": sender.id.bytes,
        "handle": sender.handle,
        "account_id": sender.account_id.bytes,
        "tenant_id": sender.tenant_id.bytes,
        "address": sender.address,
        "name": sender.name,
        "assurance": sender.assurance,
        "validated_at": optional_micros(sender.validated_at),
        "created_at": micros(sender.created_at),
        "removed_at": None,
    }


def read_sender(row: Row) -> Sender:
    column = by_name(_SENDER, row)
    return Sender(
        id=UUID(bytes=column["id"]),
        handle=column["handle"],
        account_id=UUID(bytes=column["account_id"]),
        tenant_id=UUID(bytes=column["tenant_id"]),
        address=column["address"],
        name=column["name"],
        assurance=None if column["assurance"] is None else Assurance(column["assurance"]),
        validated_at=optional_moment(column["validated_at"]),
        created_at=moment(column["created_at"]),
    )


def sending_row(sending: Sending) -> Values:
    return {
        "id": sending.id.bytes,
        "account_id": sending.account_id.bytes,
        "sender_id": sending.sender_id.bytes,
        "text_blob_id": sending.text_blob_id.bytes,
        "data": json_text(sending),
    }


def read_sending(data: str) -> Sending:
    return _read_sending.decode(data)


def attachment_row(sending_id: UUID, attachment: Attachment) -> Values:
    return {
        "sending_id": sending_id.bytes,
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


def notice_row(notice: Notice, reference: str | None, vault: Vault) -> Values:
    """The `reference` of its sending stands beside it, to be searched."""
    secret = notice.recipient.secret
    open_part = replace(notice, recipient=replace(notice.recipient, secret=None))
    return {
        "id": notice.id.bytes,
        "handle": notice.handle,
        "sending_id": notice.sending_id.bytes,
        "account_id": notice.account_id.bytes,
        "tenant_id": notice.tenant_id.bytes,
        "mode": notice.mode,
        "address": notice.recipient.address,
        "reference": reference,
        "passage": notice.passage,
        "reading": notice.reading,
        "created_at": micros(notice.created_at),
        "settles_at": optional_micros(notice.settles_at),
        "expires_at": optional_micros(notice.expires_at),
        "message_blob_id": None if notice.message_blob_id is None else notice.message_blob_id.bytes,
        "sealed_secret": None if secret is None else vault.seal_text(_secret_of(notice.id), secret),
        "data": json_text(open_part),
    }


def read_notice(row: Row, vault: Vault) -> Notice:
    column = by_name(_NOTICE, row)
    notice = _read_notice.decode(column["data"])
    if column["sealed_secret"] is None:
        return notice
    secret = vault.open_text(_secret_of(notice.id), column["sealed_secret"])
    return replace(notice, recipient=replace(notice.recipient, secret=secret))


def link_row(link: Link) -> Values:
    return {
        "digest": link.digest,
        "purpose": link.purpose,
        "subject_id": link.subject_id.bytes,
        "created_at": micros(link.created_at),
        "expires_at": optional_micros(link.expires_at),
    }


def read_link(row: Row) -> Link:
    column = by_name(_LINK, row)
    return Link(
        digest=column["digest"],
        purpose=LinkPurpose(column["purpose"]),
        subject_id=UUID(bytes=column["subject_id"]),
        created_at=moment(column["created_at"]),
        expires_at=optional_moment(column["expires_at"]),
    )


def visit_row(visit: Visit, vault: Vault) -> Values:
    return {
        "notice_id": visit.notice_id.bytes,
        "sealed": vault.seal_text(_visit_of(visit.notice_id), json_text(visit)),
    }


def read_visit(notice_id: UUID, row: Row | None, vault: Vault) -> Visit:
    """An empty one where there is no row."""
    return (
        Visit(notice_id=notice_id) if row is None else _read_visit.decode(vault.open_text(_visit_of(notice_id), row[0]))
    )


def ledger_row(entry: LedgerEntry) -> Values:
    return {
        "id": entry.id.bytes,
        "account_id": entry.account_id.bytes,
        "kind": entry.kind,
        "amount": entry.amount,
        "notice_id": None if entry.notice_id is None else entry.notice_id.bytes,
        "created_at": micros(entry.created_at),
    }


def report_row(report: IncomingReport) -> Values:
    return {
        "notice_id": report.notice_id.bytes,
        "sha256": report.sha256,
        "blob_id": report.blob_id.bytes,
        "received_at": micros(report.received_at),
    }


def read_report(row: Row) -> IncomingReport:
    column = by_name(_REPORT, row)
    return IncomingReport(
        notice_id=UUID(bytes=column["notice_id"]),
        sha256=column["sha256"],
        blob_id=UUID(bytes=column["blob_id"]),
        received_at=moment(column["received_at"]),
    )


def dkim_row(key: DKIMKey, vault: Vault) -> Values:
    sealed = vault.seal_text(_dkim_of(key.domain), key.private_key.decode("ascii"))
    return {"domain": key.domain, "selector": key.selector, "sealed_key": sealed}


def read_dkim(row: Row, vault: Vault) -> DKIMKey:
    column = by_name(_DKIM, row)
    private_key = vault.open_text(_dkim_of(column["domain"]), column["sealed_key"])
    return DKIMKey(domain=column["domain"], selector=column["selector"], private_key=private_key.encode("ascii"))


def _dkim_of(domain: str) -> str:
    return f"dkim:{domain}"


def _visit_of(notice_id: UUID) -> str:
    return f"visit:{notice_id}"


def _secret_of(notice_id: UUID) -> str:
    return f"notice-secret:{notice_id}"
