"""Building what is sent: attachments in, headers and a readable body out (RFC 4130 section 4, RFC 5402, RFC 6362).

Rule: a payload's bytes are never altered. Every part is `binary`, lengths are known before the first byte leaves, and
the body is a source that yields the same bytes each time it is opened. Two passes: one measures and hashes, the other
sends.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from cryptography import x509

from acuse.as2.agreement import Agreement, Compression, MDNMode
from acuse.as2.exchange import Exchange
from acuse.as2.identifiers import quote_identifier
from acuse.as2.mic import Mic, MicScope, scope_of
from acuse.cms import Digest, KeyPair, SignerUnusable, compress, encrypt, sign
from acuse.mime import Hashing, Headers, Joined, Scratch, Source, attachment_disposition, base64_lines, drain

PRODUCT = "acuse"
AS2_VERSION = "1.1"
AS2_VERSION_WITH_FEATURES = "1.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingAttachment:
    """One file to send."""

    filename: str | None
    content_type: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedMessage:
    """A message ready to be posted, and what must be remembered of it."""

    headers: tuple[tuple[str, str], ...]
    """Without Content-Length: the body's size says it."""
    body: Source
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class OutgoingEntity:
    """A MIME entity under construction."""

    headers: Headers
    body: Source

    @property
    def whole(self) -> Source:
        return Joined.of(self.headers.encode(), self.body)


def prepare(
    attachments: Sequence[OutgoingAttachment],
    agreement: Agreement,
    *,
    message_id: str,
    boundary: str,
    signer: KeyPair | None,
    recipients: Sequence[x509.Certificate],
    scratch: Callable[[], Scratch],
    subject: str | None = None,
    custom_headers: Sequence[tuple[str, str]] = (),
    now: datetime,
) -> PreparedMessage:
    """Wrap the attachments as agreed: compress, sign, encrypt, in the agreement's order.

    `message_id` has its brackets. `boundary` is made of letters and digits and occurs in no attachment: give it 100
    random bits. Raises SignerUnusable or RecipientUnusable when a key is missing or does not fit.
    """
    payload = entity = _payload(attachments, boundary)
    compression = agreement.compression
    if compression is Compression.BEFORE_SIGN:
        entity = _compressed(entity, scratch)
    digest = agreement.sign or Digest.SHA256
    mics = _mics(entity if agreement.sign else payload, agreement, digest)
    if agreement.sign:
        entity = _signed(entity, mics[digest], digest, signer, f"{boundary}S", now=now)
    if compression is Compression.AFTER_SIGN:
        entity = _compressed(entity, scratch)
    if agreement.encrypt:
        entity = OutgoingEntity(
            _pkcs7("enveloped-data", "smime.p7m"), encrypt(entity.whole, recipients, agreement.encrypt)
        )
    exchange = Exchange(
        message_id=message_id,
        our_id=agreement.our_id,
        their_id=agreement.their_id,
        mics={each: Mic.of(hashed, each).value for each, hashed in mics.items()},
        digest=digest,
        mdn=agreement.mdn,
        mdn_signed=agreement.mdn_signed,
    )
    has_several = len(attachments) > 1
    headers = [
        *as2_headers(agreement.our_id, agreement.their_id, message_id, has_features=has_several, now=now),
        *(((("Subject", _header_text(subject)),)) if subject else ()),
        *_receipt_request(agreement, digest),
        *((name, value) for name, value in entity.headers if name != "Content-Transfer-Encoding"),
        *custom_headers,
    ]
    return PreparedMessage(headers=tuple(headers), body=entity.body, exchange=exchange)


def as2_headers(
    our_id: str, their_id: str, message_id: str, *, has_features: bool = False, now: datetime
) -> list[tuple[str, str]]:
    """The headers that open everything we send, receipts included (RFC 4130 section 6, RFC 6017)."""
    headers = [
        ("AS2-Version", AS2_VERSION_WITH_FEATURES if has_features else AS2_VERSION),
        ("AS2-From", quote_identifier(our_id)),
        ("AS2-To", quote_identifier(their_id)),
        ("Message-ID", message_id),
        ("Date", format_datetime(now)),
        ("MIME-Version", "1.0"),
    ]
    return [*headers, ("EDIINT-Features", "multiple-attachments")] if has_features else headers


def _header_text(text: str) -> str:
    """Text for an unstructured header: as it is in ASCII, otherwise encoded words on one line (RFC 2047)."""
    return text if text.isascii() else Header(text, "utf-8").encode(maxlinelen=0)


def _receipt_request(agreement: Agreement, digest: Digest) -> list[tuple[str, str]]:
    """RFC 4130 section 7.3. Exactly one algorithm is listed: receivers differ in which one of several they take."""
    if agreement.mdn is MDNMode.NONE:
        return []
    headers = [("Disposition-Notification-To", quote_identifier(agreement.our_id))]
    if agreement.mdn_signed:
        options = f"signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {digest.micalg}"
        headers.append(("Disposition-Notification-Options", options))
    if agreement.mdn is MDNMode.ASYNC and agreement.receipt_url:
        headers.append(("Receipt-Delivery-Option", agreement.receipt_url))
    return headers


def _payload(attachments: Sequence[OutgoingAttachment], boundary: str) -> OutgoingEntity:
    parts = [_part(attachment) for attachment in attachments]
    if len(parts) == 1:
        return parts[0]
    # RFC 6362 section 3: multipart/related, whose type is the root's, which stands first.
    delimiter = f"--{boundary}R".encode("ascii")
    pieces: list[bytes | Source] = []
    for number, part in enumerate(parts, start=1):
        headers = Headers((*part.headers, ("Content-ID", f"<{number}.{boundary}@{PRODUCT}>")))
        pieces += [delimiter + b"\r\n" + headers.encode(), part.body, b"\r\n"]
    root = attachments[0].content_type.partition(";")[0].strip()
    content_type = f'multipart/related; boundary="{boundary}R"; type="{root}"'
    return OutgoingEntity(Headers((("Content-Type", content_type),)), Joined.of(*pieces, delimiter + b"--\r\n"))


def _part(attachment: OutgoingAttachment) -> OutgoingEntity:
    headers = [("Content-Type", attachment.content_type), ("Content-Transfer-Encoding", "binary")]
    if attachment.filename:
        headers.append(("Content-Disposition", attachment_disposition(attachment.filename)))
    return OutgoingEntity(Headers(tuple(headers)), attachment.source)


def _compressed(entity: OutgoingEntity, scratch: Callable[[], Scratch]) -> OutgoingEntity:
    return OutgoingEntity(_pkcs7("compressed-data", "smime.p7z"), compress(entity.whole, scratch()))


def _pkcs7(smime_type: str, filename: str) -> Headers:
    return Headers(
        (
            ("Content-Type", f'application/pkcs7-mime; smime-type={smime_type}; name="{filename}"'),
            ("Content-Transfer-Encoding", "binary"),
            ("Content-Disposition", f'attachment; filename="{filename}"'),
        )
    )


def _mics(entity: OutgoingEntity, agreement: Agreement, digest: Digest) -> dict[Digest, bytes]:
    """One pass over what the MIC covers. SHA-256 comes along, since receivers fall back to it."""
    is_wrapped = agreement.encrypt is not None or agreement.compression is not Compression.NONE
    scope = scope_of(is_signed=agreement.sign is not None, is_wrapped=is_wrapped)
    covered = entity.body if scope is MicScope.BODY else entity.whole
    hashes = {each: hashlib.new(each.value) for each in {digest, Digest.SHA256}}
    drain(Hashing(covered.open(), tuple(hashes.values())))
    return {each: computed.digest() for each, computed in hashes.items()}


def _signed(
    entity: OutgoingEntity, hashed: bytes, digest: Digest, signer: KeyPair | None, boundary: str, *, now: datetime
) -> OutgoingEntity:
    """multipart/signed (RFC 1847 section 2.1, RFC 8551 section 3.5.3)."""
    if signer is None:
        raise SignerUnusable(
            "The agreement asks for a signature, and the station has no active certificate to sign with."
        )
    return signed_entity(entity, sign(hashed, signer, digest, signing_time=now), digest, boundary)


def signed_entity(entity: OutgoingEntity, signature: bytes, digest: Digest, boundary: str) -> OutgoingEntity:
    """An entity and its detached signature as one multipart/signed."""
    content_type = (
        f'multipart/signed; protocol="application/pkcs7-signature"; micalg={digest.micalg}; boundary="{boundary}"'
    )
    signature_headers = Headers(
        (
            ("Content-Type", 'application/pkcs7-signature; name="smime.p7s"'),
            ("Content-Transfer-Encoding", "base64"),
            ("Content-Disposition", 'attachment; filename="smime.p7s"'),
        )
    )
    delimiter = f"--{boundary}".encode("ascii")
    after = b"\r\n" + delimiter + b"\r\n" + signature_headers.encode() + base64_lines(signature)
    body = Joined.of(delimiter + b"\r\n", entity.whole, after + delimiter + b"--\r\n")
    return OutgoingEntity(Headers((("Content-Type", content_type),)), body)
