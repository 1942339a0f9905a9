"""Receipts that we write: message disposition notifications (RFC 4130 section 7.4, RFC 8098).

Rule: every part has an explicit Content-Type and encoding, each line ends with CRLF and nothing is folded, because
several products read no other form.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from acuse.as2.disposition import Disposition
from acuse.as2.envelope import Envelope
from acuse.as2.identifiers import quote_identifier
from acuse.as2.mic import Mic
from acuse.as2.outbound import OutgoingEntity, signed_entity
from acuse.as2.profile import Profile, as2_headers
from acuse.as2.quirks import STANDARD, Quirks
from acuse.cms import Allowed, AnyDigest, KeyPair, SignatureScheme, sign, signing_digest
from acuse.mime import (
    Headers,
    Joined,
    read_all,
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
    signer: x509.Certificate | None = None
    """Whose signature it is."""


def write_receipt(
    envelope: Envelope,
    *,
    disposition: Disposition,
    mic: Mic | None,
    text: str,
    signer: KeyPair | None,
    digest: AnyDigest,
    message_id: str,
    boundary: str,
    reporting_ua: str,
    profile: Profile = Profile.AS2_1_1,
    quirks: Quirks = STANDARD,
    scheme: SignatureScheme = SignatureScheme.PKCS1V15,
    allow: Allowed = (),
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
        digest = signing_digest(signer, digest)
        hashed = hashlib.new(digest.value, read_all(report.whole.open(), limit=RECEIPT_LIMIT)).digest()
        signature = sign(
            hashed,
            signer,
            digest,
            signing_time=now,
            scheme=scheme,
            allow=allow,
            with_certificate=not quirks.omit_certificate,
        )
        report = signed_entity(report, signature, digest, f"{boundary}S", quirks)
    headers = (
        *as2_headers(envelope.as2_to, envelope.as2_from, message_id, profile=profile, now=now),
        *report.headers,
    )
    body = read_all(report.body.open(), limit=2 * RECEIPT_LIMIT)
    certificate = None if signer is None else signer.certificate
    return WrittenReceipt(headers=headers, body=body, is_signed=signer is not None, signer=certificate)


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
