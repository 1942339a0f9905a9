"""Receipts: the message disposition notification that we write, and the one that we read (RFC 4130 section 7.4, RFC
8098).

Rule: a receipt that we write has an explicit Content-Type and encoding on every part, ends each line with CRLF and
folds nothing, because several products read no other form. A receipt that we read may be spelled in any way; what it
says is kept, and judging it is `settlement`'s job.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from acuse.as2.disposition import AUTOMATIC, Disposition
from acuse.as2.envelope import Envelope
from acuse.as2.errors import ReceiptUnreadable
from acuse.as2.identifiers import bare_message_id, quote_identifier, unquote_identifier
from acuse.as2.mic import Mic
from acuse.as2.outbound import OutgoingEntity, signed_entity
from acuse.as2.profile import Profile, as2_headers
from acuse.as2.quirks import STANDARD, Quirks
from acuse.cms import CmsError, Digest, KeyPair, read_signature, sign
from acuse.mime import (
    Entity,
    Headers,
    Joined,
    Literal,
    MediaType,
    MimeError,
    Source,
    decode_transfer,
    open_entity,
    read_all,
    read_parts,
)

RECEIPT_LIMIT = 1024 * 1024
"""Bytes of a receipt that are read: ours have 3 KB, the longest seen in the field 30 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReceipt:
    """A receipt of ours, ready to be stored and then sent."""

    headers: tuple[tuple[str, str], ...]
    """Without Content-Length."""
    body: bytes
    is_signed: bool


def write_receipt(
    envelope: Envelope,
    *,
    disposition: Disposition,
    mic: Mic | None,
    text: str,
    signer: KeyPair | None,
    digest: Digest,
    message_id: str,
    boundary: str,
    reporting_ua: str,
    profile: Profile = Profile.AS2_1_1,
    quirks: Quirks = STANDARD,
    now: datetime,
) -> WrittenReceipt:
    """The receipt for a message, signed if there is a `signer`.

    `text` is for people. `message_id` is the receipt's own, with brackets; `boundary` is letters and digits.
    """
    recipient = quote_identifier(envelope.as2_to)
    fields = [
        ("Reporting-UA", reporting_ua),
        ("Original-Recipient", f"rfc822; {recipient}"),
        ("Final-Recipient", f"rfc822; {recipient}"),
        *((("Original-Message-ID", envelope.message_id),) if envelope.message_id else ()),
        ("Disposition", str(disposition)),
        *((("Received-Content-MIC", _spelled(mic, quirks)),) if mic else ()),
    ]
    report = _report(text, Headers(tuple(fields)), f"{boundary}R")
    if signer:
        hashed = hashlib.new(digest.value, read_all(report.whole.open(), limit=RECEIPT_LIMIT)).digest()
        signature = sign(hashed, signer, digest, signing_time=now)
        report = signed_entity(report, signature, digest, f"{boundary}S", quirks)
    headers = (
        *as2_headers(envelope.as2_to, envelope.as2_from, message_id, profile=profile, now=now),
        *report.headers,
    )
    body = read_all(report.body.open(), limit=2 * RECEIPT_LIMIT)
    return WrittenReceipt(headers=headers, body=body, is_signed=signer is not None)


def _spelled(mic: Mic, quirks: Quirks) -> str:
    return f"{mic.value}, {quirks.digest_name(mic.digest)}" if mic.digest else str(mic)


def _report(text: str, fields: Headers, boundary: str) -> OutgoingEntity:
    delimiter = f"--{boundary}\r\n".encode("ascii")
    about = Headers((("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")))
    notification = Headers(
        (("Content-Type", "message/disposition-notification"), ("Content-Transfer-Encoding", "7bit"))
    )
    lines = "".join(f"{line}\r\n" for line in text.splitlines()).encode("utf-8", "replace")
    body = b"".join(
        (
            delimiter + about.encode() + lines + b"\r\n",
            delimiter + notification.encode() + fields.encode() + b"\r\n",
            delimiter[:-2] + b"--\r\n",
        )
    )
    content_type = f'multipart/report; report-type=disposition-notification; boundary="{boundary}"'
    return OutgoingEntity(Headers((("Content-Type", content_type),)), Joined.of(body))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReceipt:
    """What a partner's receipt says, and whether it is the partner's."""

    disposition: Disposition
    mic: Mic | None
    original_message_id: str
    """As written by the partner; empty where it is missing."""
    reporting_ua: str | None
    final_recipient: str | None
    """The AS2 identifier that it names, without the address type."""
    text: str
    """The part for people, with any Error, Failure and Warning fields."""
    is_signed: bool
    signature_problem: str | None
    """Why a signature that is there does not verify; None for a good one."""

    @property
    def is_verified(self) -> bool:
        return self.is_signed and self.signature_problem is None

    @property
    def original_bare_id(self) -> str:
        """The Message-ID that the receipt speaks of, without brackets."""
        return bare_message_id(self.original_message_id)


def read_receipt(headers: Headers, body: Source, certificates: Sequence[x509.Certificate]) -> ReadReceipt:
    """Read a receipt, signed or not. Raises ReceiptUnreadable when it is no receipt, or one without a disposition."""
    try:
        content_type = MediaType.parse(headers.get("Content-Type") or "")
        if content_type.value == "multipart/signed":
            return _read_signed(content_type, body, certificates)
        return _read_report(content_type, body, is_signed=False, signature_problem=None)
    except (MimeError, CmsError) as error:
        raise ReceiptUnreadable(f"The answer is not a receipt that can be read: {error.message}") from error


def _read_signed(content_type: MediaType, body: Source, certificates: Sequence[x509.Certificate]) -> ReadReceipt:
    pieces = [
        read_all(part, limit=RECEIPT_LIMIT) for part in read_parts(body.open(), content_type.get("boundary") or "")
    ]
    if len(pieces) != 2:
        raise ReceiptUnreadable("The receipt is multipart/signed without exactly one signature.")
    signed, signature = pieces
    problem = None
    try:
        found = read_signature(_decoded(open_entity(Literal(signature).open())))
        hashed = {digest: hashlib.new(digest.value, signed).digest() for digest in found.digests}
        found.verify(hashed, certificates)
    except (MimeError, CmsError) as error:
        problem = error.message
    entity = open_entity(Literal(signed).open())
    inner = MediaType.parse(entity.headers.get("Content-Type") or "")
    report = Literal(signed[len(entity.raw_headers) :])
    return _read_report(inner, report, is_signed=True, signature_problem=problem)


def _read_report(
    content_type: MediaType, body: Source, *, is_signed: bool, signature_problem: str | None
) -> ReadReceipt:
    if content_type.value != "multipart/report":
        raise ReceiptUnreadable(f"The answer is {content_type.value}, not a receipt.")
    text, fields = "", None
    for part in read_parts(body.open(), content_type.get("boundary") or ""):
        raw = read_all(part, limit=RECEIPT_LIMIT)
        try:
            entity = open_entity(Literal(raw).open())
        except MimeError:
            # IBM Sterling writes the text without any header block.
            text = text or raw.decode("utf-8", "replace").strip()
            continue
        kind = MediaType.parse(entity.headers.get("Content-Type") or "text/plain").value
        content = _decoded(entity)
        if kind == "message/disposition-notification":
            fields = Headers.parse(content.strip(b"\r\n"))
        elif kind.startswith("text/") and not text:
            text = content.decode("utf-8", "replace").strip()
    if fields is None or not fields.get("Disposition"):
        raise ReceiptUnreadable("The receipt has no disposition: it does not say what became of the message.")
    mic = fields.get("Received-Content-MIC")
    explained = [f"{name}: {value}" for name, value in fields if name.lower() in ("error", "failure", "warning")]
    return ReadReceipt(
        disposition=_with_error_fields(Disposition.parse(fields.get("Disposition") or ""), fields),
        mic=Mic.parse(mic) if mic else None,
        original_message_id=fields.get("Original-Message-ID") or "",
        reporting_ua=fields.get("Reporting-UA"),
        final_recipient=_recipient(fields.get("Final-Recipient")),
        text="\n".join([text, *explained]).strip(),
        is_signed=is_signed,
        signature_problem=signature_problem,
    )


def _decoded(entity: Entity) -> bytes:
    return read_all(decode_transfer(entity.body, entity.headers.get("Content-Transfer-Encoding")), limit=RECEIPT_LIMIT)


def _recipient(value: str | None) -> str | None:
    """`rfc822; identifier`, where the identifier may be quoted (RFC 8098 section 3.2.4)."""
    return unquote_identifier(value.partition(";")[2] or value) if value else None


def _with_error_fields(disposition: Disposition, fields: Headers) -> Disposition:
    """RFC 8098 style: the disposition says `processed/error` and the reason stands in an Error field."""
    if disposition.modifier is None or disposition.detail:
        return disposition
    detail = fields.get(disposition.modifier.capitalize()) or ""
    return Disposition(
        mode=disposition.mode or AUTOMATIC, type=disposition.type, modifier=disposition.modifier, detail=detail
    )
