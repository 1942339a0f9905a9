"""Opening what arrives: layer by layer, in one pass, until the partner's files lie on the stage (RFC 4130 section
7.3.1, RFC 5402).

Rule: what is hashed is what was transmitted; no part is ever written anew to be checked. Nothing is trusted while it
streams: the attachments leave `receive` only when the last byte was read and every signature and length proved right.
A message that fails still gets an `Arrival`, because a refusal has to be answered too.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from cryptography import x509

from acuse.as2 import disposition as words
from acuse.as2.agreement import Agreement
from acuse.as2.disposition import Disposition
from acuse.as2.envelope import Envelope
from acuse.as2.errors import ContentRefused, StructureBroken
from acuse.as2.mic import Mic, MicScope, scope_of
from acuse.cms import (
    CmsError,
    DecompressionFailed,
    DecryptionFailed,
    Digest,
    DigestMismatch,
    KeyPair,
    SignatureError,
    Verified,
    decompress,
    decrypt,
    read_signature,
)
from acuse.errors import CoreError
from acuse.mime import (
    Hashing,
    Headers,
    MediaType,
    MimeError,
    Reader,
    Scratch,
    Source,
    copy,
    decode_transfer,
    drain,
    filename_of,
    open_entity,
    read_all,
    read_parts,
)

SIGNATURE_LIMIT = 1024 * 1024
DEPTH_LIMIT = 8
"""Layers inside layers: the deepest that RFC 5402 allows has four."""
_PKCS7_MIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SEVERAL_FILES = frozenset({"multipart/related", "multipart/mixed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a message may unfold into."""

    expanded_size: int = 4 * 1024**3
    """Bytes of all attachments together, after decompression."""
    attachments: int = 1000


S = TypeVar("S", bound=Scratch)


@dataclass(frozen=True, slots=True)
class ReceivedAttachment(Generic[S]):
    """One file that arrived, on the stage that the caller gave."""

    filename: str | None
    content_type: str
    stage: S


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival(Generic[S]):
    """What became of a message that arrived."""

    disposition: Disposition
    reason: str
    """One sentence for people."""
    attachments: tuple[ReceivedAttachment[S], ...] = ()
    """Empty when the message is refused."""
    content_type: str = ""
    """Of the payload: the attachment's, or that of the multipart that holds several."""
    mic: Mic | None = None
    signature: Verified | None = None
    is_encrypted: bool = False
    is_compressed: bool = False

    @property
    def is_accepted(self) -> bool:
        return self.disposition.is_positive


def receive(
    envelope: Envelope,
    body: Source,
    agreement: Agreement,
    *,
    keys: Sequence[KeyPair],
    certificates: Sequence[x509.Certificate],
    stage: Callable[[], S],
    limits: Limits = Limits(),
) -> Arrival[S]:
    """Open a message from the partner of this agreement.

    `keys` may decrypt, `certificates` may have signed. `stage` is called for a fresh place for each attachment; those
    that the arrival does not name are the caller's to discard. Never raises for what the partner sent: the arrival
    says it.
    """
    opening = _Opening(keys=keys, certificates=certificates, stage=stage, limits=limits, envelope=envelope)
    try:
        try:
            opening.read(body)
        except _OtherDigestNeeded as needed:
            opening = replace(opening, digests=needed.digests, layers=_Layers(), attachments=[])
            opening.read(body)
        opening.check_security(agreement)
    except ContentRefused as refused:
        return opening.arrival(refused.disposition, refused.message)
    except (MimeError, CmsError, StructureBroken) as error:
        return opening.arrival(_disposition_for(error, opening.layers), error.message)
    return opening.arrival(words.PROCESSED, "The message was received and is intact.")


def _disposition_for(error: CoreError, layers: "_Layers") -> Disposition:
    """The modifier that an error deserves (RFC 4130 section 7.5.3).

    Behind an encryption whose content no signature has vouched for, every broken form is told as decryption-failed:
    whoever can tell a bad padding from a bad structure can decrypt a captured message by asking often enough.
    """
    match error:
        case DigestMismatch():
            return words.INTEGRITY_CHECK_FAILED
        case SignatureError():
            return words.AUTHENTICATION_FAILED
        case DecryptionFailed():
            return words.DECRYPTION_FAILED
        case _ if layers.is_encrypted and not layers.is_authentic:
            return words.DECRYPTION_FAILED
        case DecompressionFailed():
            return words.DECOMPRESSION_FAILED
        case _:
            return words.UNEXPECTED_PROCESSING_ERROR


class _OtherDigestNeeded(Exception):
    """The signature uses a digest that its micalg parameter did not announce: the content has to be read once more."""

    def __init__(self, digests: frozenset[Digest]) -> None:
        self.digests = digests


@dataclass(slots=True)
class _Layers:
    """What was found so far, from the outside in."""

    depth: int = 0
    is_encrypted: bool = False
    is_compressed: bool = False
    is_authentic: bool = False
    is_signed: bool = False
    signature: Verified | None = None
    mic: Mic | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening(Generic[S]):
    """One pass over one message."""

    envelope: Envelope
    keys: Sequence[KeyPair]
    certificates: Sequence[x509.Certificate]
    stage: Callable[[], S]
    limits: Limits
    digests: frozenset[Digest] = frozenset()
    """Digests to compute over signed content besides the announced one."""
    layers: _Layers = field(default_factory=_Layers)
    attachments: list[ReceivedAttachment[S]] = field(default_factory=list)

    def arrival(self, disposition: Disposition, reason: str) -> Arrival[S]:
        layers, is_accepted = self.layers, disposition.is_positive
        return Arrival(
            disposition=disposition,
            reason=reason,
            attachments=tuple(self.attachments) if is_accepted else (),
            content_type=layers.content_type,
            mic=layers.mic if is_accepted else None,
            signature=layers.signature,
            is_encrypted=layers.is_encrypted,
            is_compressed=layers.is_compressed,
        )

    def check_security(self, agreement: Agreement) -> None:
        """Refuse what is weaker than agreed (RFC 4130 section 7.5.3)."""
        missing = [
            name
            for name, is_missing in (
                ("signed", agreement.demand_signed and self.layers.signature is None),
                ("encrypted", agreement.demand_encrypted and not self.layers.is_encrypted),
            )
            if is_missing
        ]
        if missing:
            raise ContentRefused(
                words.INSUFFICIENT_MESSAGE_SECURITY, f"The message is not {' and not '.join(missing)}, as was agreed."
            )

    def read(self, body: Source) -> None:
        headers = self.envelope.headers
        self._open(headers, b"", _without_outer_encoding(headers, body))

    def _open(self, headers: Headers, raw_headers: bytes, body: Reader) -> None:
        """One layer, or the payload. `raw_headers` as transmitted; empty where they are HTTP's."""
        layers = self.layers
        layers.depth += 1
        if layers.depth > DEPTH_LIMIT:
            raise StructureBroken(f"The message has more than {DEPTH_LIMIT} layers.")
        content_type = MediaType.parse(headers.get("Content-Type") or "text/plain")
        if content_type.value == "multipart/signed":
            self._open_signed(content_type, body)
        elif content_type.value in _PKCS7_MIME:
            content = body if not raw_headers else decode_transfer(body, headers.get("Content-Transfer-Encoding"))
            self._open_pkcs7(content_type, content)
        else:
            self._take_payload(content_type, headers, raw_headers, body)

    def _open_pkcs7(self, content_type: MediaType, content: Reader) -> None:
        smime_type = (content_type.get("smime-type") or "").lower()
        is_compressed = smime_type == "compressed-data" or (content_type.get("name") or "").lower().endswith(".p7z")
        if smime_type not in ("", "enveloped-data", "compressed-data"):
            raise StructureBroken(f"The message is {smime_type}, which AS2 does not use.")
        if is_compressed:
            self.layers.is_compressed = True
            inner = decompress(content, limit=self.limits.expanded_size)
        else:
            self.layers.is_encrypted = True
            inner = decrypt(content, self.keys)
        entity = open_entity(inner)
        self._open(entity.headers, entity.raw_headers, entity.body)
        drain(entity.body)  # the end of the layer proves its padding or its checksum

    def _open_signed(self, content_type: MediaType, body: Reader) -> None:
        """RFC 1847 section 2.1: the signed entity, then the signature over it."""
        self.layers.is_signed = True
        hashes = {digest: hashlib.new(digest.value) for digest in self.digests | _announced(content_type)}
        parts = read_parts(body, content_type.get("boundary") or "")
        broken_inside = None
        signed = Hashing(_required(next(parts, None)), tuple(hashes.values()))
        entity = open_entity(signed)
        try:
            self._open(entity.headers, entity.raw_headers, entity.body)
        except DecryptionFailed:
            raise
        except (MimeError, CmsError, StructureBroken) as error:
            broken_inside = error  # told only once the signature shows that the partner itself made it so
        drain(signed)
        signature = read_signature(_signature_bytes(_required(next(parts, None))))
        if next(parts, None) is not None:
            raise StructureBroken("The signed message has more than two parts.")
        if not signature.digests <= hashes.keys():
            raise _OtherDigestNeeded(frozenset(hashes) | signature.digests)
        hashed = {digest: computed.digest() for digest, computed in hashes.items()}
        verified = signature.verify(hashed, self.certificates)
        self.layers.is_authentic = True
        if broken_inside:
            raise broken_inside
        self.layers.signature = verified
        self.layers.mic = Mic.of(hashed[verified.digest], verified.digest)

    def _take_payload(self, content_type: MediaType, headers: Headers, raw_headers: bytes, body: Reader) -> None:
        layers = self.layers
        layers.content_type = headers.get("Content-Type") or "text/plain"
        is_wrapped = layers.is_encrypted or layers.is_compressed
        scope = scope_of(is_signed=layers.is_signed, is_wrapped=is_wrapped)
        request = self.envelope.receipt_request
        digest = (request and request.digest) or Digest.SHA256
        hashes = () if scope is MicScope.SIGNED_ENTITY else (hashlib.new(digest.value),)
        for computed in hashes:
            computed.update(raw_headers if scope is MicScope.INNERMOST_ENTITY else b"")
        content = Hashing(body, hashes)
        if content_type.value in _SEVERAL_FILES and content_type.get("boundary"):
            # RFC 6362 section 3: the parts are the files, the multipart is the payload.
            for part in read_parts(content, content_type.get("boundary") or "", max_parts=self.limits.attachments):
                entity = open_entity(part)
                self._keep(entity.headers, entity.body)
        else:
            self._keep(headers, content, is_decoded=not raw_headers)
        drain(content)
        for computed in hashes:
            layers.mic = Mic.of(computed.digest(), digest)

    def _keep(self, headers: Headers, body: Reader, *, is_decoded: bool = False) -> None:
        stage = self.stage()
        encoding = None if is_decoded else headers.get("Content-Transfer-Encoding")
        copy(decode_transfer(body, encoding), stage.write)
        content_type = headers.get("Content-Type") or "text/plain"
        self.attachments.append(ReceivedAttachment(filename_of(headers), content_type, stage))


def _announced(content_type: MediaType) -> frozenset[Digest]:
    """The digests that micalg names; SHA-256 where it names none that we know."""
    names = (content_type.get("micalg") or "").split(",")
    return frozenset(digest for name in names if (digest := Digest.from_micalg(name))) or frozenset({Digest.SHA256})


def _required(part: Reader | None) -> Reader:
    if part is None:
        raise StructureBroken("The signed message does not have two parts.")
    return part


def _signature_bytes(part: Reader) -> bytes:
    entity = open_entity(part)
    decoded = decode_transfer(entity.body, entity.headers.get("Content-Transfer-Encoding"))
    return read_all(decoded, limit=SIGNATURE_LIMIT)


def _without_outer_encoding(headers: Headers, body: Source) -> Reader:
    """Some products send the whole HTTP body in base64 and say so in a header, others say so and send it as it is.

    A DER structure and a multipart both begin with a byte that base64 text of theirs cannot begin with.
    """
    encoding = (headers.get("Content-Transfer-Encoding") or "").strip().lower()
    is_encoded = encoding == "base64" and body.open().read(1) not in (b"0", b"-")
    return decode_transfer(body.open(), encoding) if is_encoded else body.open()
