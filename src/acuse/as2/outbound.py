"""Building what is sent: attachments in, headers and a readable body out (RFC 4130 section 4, RFC 5402, RFC 6362).

Rule: a payload's bytes are never altered. Every part is `binary`, lengths are known before the first byte leaves, and
the body is a source that yields the same bytes each time it is opened. Two passes: one measures and hashes, the other
sends.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from acuse.as2.agreement import Agreement, Compression, usable_digests
from acuse.as2.exchange import Exchange
from acuse.as2.metering import Clock, Laps, LayerStep, no_clock
from acuse.as2.mic import Mic, MicScope, scope_of
from acuse.as2.profile import PRODUCT
from acuse.as2.quirks import Quirks
from acuse.as2.request import request_headers
from acuse.cms import (
    AnyCipher,
    AnyDigest,
    DecrepitDigest,
    Digest,
    KeyPair,
    SignerUnusable,
    compress,
    encrypt,
    sign,
    signing_digest,
)
from acuse.mime import Base64, Hashing, Headers, Joined, Scratch, Source, attachment_disposition, base64_lines, drain


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
    steps: tuple[LayerStep, ...] = ()
    """The layers that were built. Content is encrypted while the body is read, which none of them includes."""


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
    clock: Clock = no_clock,
) -> PreparedMessage:
    """Wrap the attachments as agreed: compress, sign, encrypt, in the agreement's order.

    `message_id` has its brackets. `boundary` is made of letters and digits and occurs in no attachment: give it 100
    random bits. Raises SignerUnusable or RecipientUnusable when a key is missing or does not fit.
    """
    payload = payload_entity(attachments, boundary, agreement.quirks)
    keys = _Keys(signer=signer, recipients=recipients)
    laps = Laps(clock)
    entity, mics = _wrapped(payload, agreement, keys, boundary=boundary, scratch=scratch, laps=laps, now=now)
    exchange = Exchange(
        message_id=message_id,
        our_id=agreement.our_id,
        their_id=agreement.their_id,
        mics={each: Mic.of(hashed, each).value for each, hashed in mics.items()},
        digest=_digest(agreement, signer),
        mdn=agreement.mdn,
        mdn_signed=agreement.mdn_signed,
        boundary=boundary,
    )
    headers = (
        *request_headers(agreement, exchange, has_several_files=len(attachments) > 1, subject=subject, now=now),
        *((name, value) for name, value in entity.headers if name != "Content-Transfer-Encoding"),
        *custom_headers,
    )
    return PreparedMessage(headers=headers, body=entity.body, exchange=exchange, steps=tuple(laps.steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    signer: KeyPair | None
    recipients: Sequence[x509.Certificate]


def _wrapped(
    payload: OutgoingEntity,
    agreement: Agreement,
    keys: _Keys,
    *,
    boundary: str,
    scratch: Callable[[], Scratch],
    laps: Laps,
    now: datetime,
) -> tuple[OutgoingEntity, dict[AnyDigest, bytes]]:
    """The payload inside its layers, and the digests of what its MIC covers."""
    entity = payload
    if agreement.compression is Compression.BEFORE_SIGN:
        entity = compressed_entity(entity, scratch)
        laps.end("compress", entity.body.size, "zlib")
    digest = _digest(agreement, keys.signer)
    mics = _mics(entity if agreement.sign else payload, agreement, digest)
    if agreement.sign:
        signature = _signature(mics[digest], digest, agreement, keys.signer, now=now)
        entity = signed_entity(entity, signature, digest, f"{boundary}S", agreement.quirks)
        laps.end("sign", entity.body.size, digest.value)
    if agreement.compression is Compression.AFTER_SIGN:
        entity = compressed_entity(entity, scratch)
        laps.end("compress", entity.body.size, "zlib")
    if agreement.encrypt:
        entity = _encrypted(entity, keys.recipients, agreement.encrypt, agreement)
        laps.end("encrypt", entity.body.size, agreement.encrypt.value)
    return entity, mics


def _digest(agreement: Agreement, signer: KeyPair | None) -> AnyDigest:
    """What is signed with, and what the receipt is asked to use."""
    if agreement.sign and signer:
        return signing_digest(signer, agreement.sign)
    return agreement.sign or Digest.SHA256


def payload_entity(attachments: Sequence[OutgoingAttachment], boundary: str, quirks: Quirks) -> OutgoingEntity:
    """What is wrapped: the file, or the files together."""
    parts = [_part(attachment, quirks) for attachment in attachments]
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


def _part(attachment: OutgoingAttachment, quirks: Quirks) -> OutgoingEntity:
    encoding, body = ("base64", Base64(attachment.source)) if quirks.base64_parts else ("binary", attachment.source)
    headers = [("Content-Type", attachment.content_type), ("Content-Transfer-Encoding", encoding)]
    if attachment.filename:
        disposition = attachment_disposition(attachment.filename, is_quoted=not quirks.bare_filenames)
        headers.append(("Content-Disposition", disposition))
    return OutgoingEntity(Headers(tuple(headers)), body)


def compressed_entity(entity: OutgoingEntity, scratch: Callable[[], Scratch]) -> OutgoingEntity:
    """The entity inside CompressedData."""
    return OutgoingEntity(_pkcs7("compressed-data", "smime.p7z"), compress(entity.whole, scratch()))


def _encrypted(
    entity: OutgoingEntity, recipients: Sequence[x509.Certificate], cipher: AnyCipher, agreement: Agreement
) -> OutgoingEntity:
    # RFC 8551 section 3.4: the name says which structure it is, RFC 5083 for authenticated ciphers.
    smime_type = "authEnveloped-data" if cipher.is_authenticated else "enveloped-data"
    transport, allow = agreement.key_transport, agreement.allow
    body = encrypt(entity.whole, recipients, cipher, key_transport=transport, allow=allow)
    return OutgoingEntity(_pkcs7(smime_type, "smime.p7m"), body)


def _pkcs7(smime_type: str, filename: str) -> Headers:
    return Headers(
        (
            ("Content-Type", f'application/pkcs7-mime; smime-type={smime_type}; name="{filename}"'),
            ("Content-Transfer-Encoding", "binary"),
            ("Content-Disposition", f'attachment; filename="{filename}"'),
        )
    )


def _mics(entity: OutgoingEntity, agreement: Agreement, digest: AnyDigest) -> dict[AnyDigest, bytes]:
    """One pass over what the MIC covers. SHA-256 comes along, since receivers fall back to it, and SHA-1 where it may
    be used: some receivers know nothing else for messages that are not signed.
    """
    wanted = {digest, Digest.SHA256, *usable_digests(list(DecrepitDigest), agreement.allow)}
    is_wrapped = agreement.encrypt is not None or agreement.compression is not Compression.NONE
    scope = scope_of(is_signed=agreement.sign is not None, is_wrapped=is_wrapped)
    covered = entity.body if scope is MicScope.BODY else entity.whole
    hashes = {each: hashlib.new(each.value) for each in wanted}
    drain(Hashing(covered.open(), tuple(hashes.values())))
    return {each: computed.digest() for each, computed in hashes.items()}


def _signature(
    hashed: bytes, digest: AnyDigest, agreement: Agreement, signer: KeyPair | None, *, now: datetime
) -> bytes:
    if signer is None:
        raise SignerUnusable(
            "The agreement asks for a signature, and the station has no active certificate to sign with."
        )
    scheme, allow = agreement.signature_scheme, agreement.allow
    is_held = not agreement.quirks.omit_certificate
    return sign(hashed, signer, digest, signing_time=now, scheme=scheme, allow=allow, with_certificate=is_held)


def signed_entity(
    entity: OutgoingEntity, signature: bytes, digest: AnyDigest, boundary: str, quirks: Quirks
) -> OutgoingEntity:
    """An entity and its detached signature as one multipart/signed (RFC 1847 section 2.1, RFC 8551 section 3.5.3)."""
    micalg = quirks.digest_name(digest)
    content_type = f'multipart/signed; protocol="application/pkcs7-signature"; micalg={micalg}; boundary="{boundary}"'
    is_binary = quirks.binary_signature
    signature_headers = Headers(
        (
            ("Content-Type", 'application/pkcs7-signature; name="smime.p7s"'),
            ("Content-Transfer-Encoding", "binary" if is_binary else "base64"),
            ("Content-Disposition", 'attachment; filename="smime.p7s"'),
        )
    )
    delimiter = f"--{boundary}".encode("ascii")
    encoded = signature + b"\r\n" if is_binary else base64_lines(signature)
    after = b"\r\n" + delimiter + b"\r\n" + signature_headers.encode() + encoded
    body = Joined.of(delimiter + b"\r\n", entity.whole, after + delimiter + b"--\r\n")
    return OutgoingEntity(Headers((("Content-Type", content_type),)), body)
