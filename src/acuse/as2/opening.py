"""One pass over what arrived, layer by layer, until the partner's files lie on the stage (RFC 4130 section 7.3.1, RFC
5402).

Rule: what is hashed is what was transmitted, and only where that is not what was signed, the forms of it that products
sign instead (`forms`); no part is ever written anew to be checked.
Rule: a verdict about a signature, or about what lies inside a signed part, waits until everything around it was read to
its end and proved right. Whoever takes a captured ciphertext, adds blocks to it and asks again and again, must not
learn from the answers what those blocks decrypt to. So inside an encryption each broken form is the same
`DecryptionFailed`, unless a verified signature shows that the partner itself made it.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic

from cryptography import x509

from acuse.as2 import disposition as words
from acuse.as2.agreement import Agreement
from acuse.as2.envelope import Envelope
from acuse.as2.errors import ContentRefused, StructureBroken
from acuse.as2.forms import FormedHashes, SignedForm, as_signed
from acuse.as2.metering import Clock, Metered, no_clock
from acuse.as2.mic import Mic, MicScope, scope_of
from acuse.as2.received_files import ReceivedAttachment, S, take_files
from acuse.as2.signed_part import SIGNATURE_LIMIT, HeldSignature, Pass, announced_digests, verify_part
from acuse.as2.wrapping import PKCS7_MIME, WRAPPED, is_compressed, is_report, without_outer_encoding
from acuse.cms import (
    Authorities,
    CmsError,
    DecryptionFailed,
    KeyPair,
    SignatureError,
    Verified,
    decompress,
    decrypt,
)
from acuse.errors import CoreError
from acuse.mime import (
    Entity,
    Hashing,
    Headers,
    Literal,
    MediaType,
    MimeError,
    Reader,
    Source,
    decode_transfer,
    drain,
    open_entity,
    read_all,
    read_parts,
)

DEPTH_LIMIT = 8
"""Layers inside layers: the deepest that RFC 5402 allows has four."""
_PLAIN_HEADERS = re.compile(rb"[\t\r\n -~]*\r?\n\r?\n")
_BROKEN = (MimeError, CmsError, StructureBroken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a message may unfold into."""

    expanded_size: int = 4 * 1024**3
    """Bytes of all attachments together, after decompression."""
    attachments: int = 1000


DEFAULT_LIMITS = Limits()


@dataclass(slots=True)
class Layers:
    """What was found so far, from the outside in."""

    depth: int = 0
    is_encrypted: bool = False
    is_compressed: bool = False
    is_signed: bool = False
    """There is a signature, whatever it is worth."""
    opened_with: KeyPair | None = None
    signature: Verified | None = None
    form: SignedForm | None = None
    """Over which form of the content the signature holds."""
    mic: Mic | None = None
    content_type: str = ""
    meters: list[Metered] = field(default_factory=list)
    """What each layer gave, from the outside in."""
    failure: CoreError | None = None
    """What is wrong with a signature or inside of a signed part: told when everything else proved right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Generic[S]):
    """One pass over one message."""

    envelope: Envelope
    keys: Sequence[KeyPair]
    certificates: Sequence[x509.Certificate]
    authorities: Authorities
    stage: Callable[[], S]
    limits: Limits
    agreement: Agreement
    current: Pass = field(default_factory=Pass)
    clock: Clock = no_clock
    layers: Layers = field(default_factory=Layers)
    attachments: list[ReceivedAttachment[S]] = field(default_factory=list)

    def read(self, body: Source) -> None:
        """Read everything. Raises MimeError, CmsError, StructureBroken or ContentRefused for what is wrong with the
        message, AnotherPassNeeded.
        """
        headers = self.envelope.headers
        self._open(headers, b"", without_outer_encoding(self.envelope.content_type, headers, body))
        if self.layers.failure:
            raise self.layers.failure

    def _open(self, headers: Headers, raw_headers: bytes, body: Reader) -> None:
        """One layer, or the payload. `raw_headers` as transmitted; empty where they are HTTP's."""
        self.layers.depth += 1
        if self.layers.depth > DEPTH_LIMIT:
            raise StructureBroken(f"The message has more than {DEPTH_LIMIT} layers.")
        content_type = MediaType.parse(headers.get("Content-Type") or "text/plain")
        if content_type.value == "multipart/signed":
            self._open_signed(content_type, body)
        elif content_type.value in PKCS7_MIME:
            content = body if not raw_headers else decode_transfer(body, headers.get("Content-Transfer-Encoding"))
            self._open_pkcs7(content_type, content)
        else:
            self._take_payload(content_type, headers, raw_headers, body)

    def _open_pkcs7(self, content_type: MediaType, content: Reader) -> None:
        smime_type = (content_type.get("smime-type") or "").lower()
        if is_compressed(content_type):
            self._open_compressed(content)
        elif smime_type in ("", "enveloped-data", "authenveloped-data"):
            self._open_encrypted(content)
        else:
            raise StructureBroken(f"The message is {smime_type}, which AS2 does not use.")

    def _open_compressed(self, content: Reader) -> None:
        self.layers.is_compressed = True
        entity = open_entity(self._metered("decompress", decompress(content, limit=self.limits.expanded_size), "zlib"))
        self._open(entity.headers, entity.raw_headers, entity.body)
        drain(entity.body)  # the end of the layer proves its checksum

    def _open_encrypted(self, content: Reader) -> None:
        """Whatever is broken inside looks like a wrong key, from here outwards."""
        self.layers.is_encrypted = True
        try:
            decrypted = decrypt(content, self.keys, allow=self.agreement.allow)
            entity = open_entity(self._metered("decrypt", decrypted, decrypted.cipher.value))
            if self.agreement.demand_signed and not self.layers.is_signed:
                _refuse_unsigned(entity)
            self._open(entity.headers, entity.raw_headers, entity.body)
            drain(entity.body)  # the end of the layer proves its padding
            self.layers.opened_with = decrypted.key_pair
        except DecryptionFailed:
            raise
        except _BROKEN as error:
            raise DecryptionFailed(error.message) from error

    def _open_signed(self, content_type: MediaType, body: Reader) -> None:
        """RFC 1847 section 2.1: the signed entity, then the signature over it, and nothing else."""
        self.layers.is_signed = True
        hashes = FormedHashes(digests=self.current.digests | announced_digests(content_type), forms=self.current.forms)
        parts = read_parts(body, content_type.get("boundary") or "", allow_epilogue=False)
        entity = as_signed(_required(next(parts, None)), self.current.read_as)
        signed = self._metered("verify", Hashing(entity, (hashes,)))
        broken_inside = self._open_inside(signed)
        drain(signed)
        signature_part = read_all(_required(next(parts, None)), limit=SIGNATURE_LIMIT)
        if next(parts, None) is not None:
            raise StructureBroken("The signed message has more than two parts.")
        began = self.clock()
        try:
            held = self._verify(signature_part, hashes)
            signed.algorithm = held.verified.digest.value
        except (SignatureError, ContentRefused) as error:
            self.layers.failure = error
            return
        finally:
            signed.besides = self.clock() - began
        if broken_inside:
            self.layers.failure = broken_inside
        is_first_reading = self.current.read_as is SignedForm.AS_RECEIVED
        self.layers.signature = held.verified
        self.layers.form = held.form if is_first_reading else self.current.read_as
        self.layers.mic = Mic.of(held.hashed[held.verified.digest], held.verified.digest)

    def _open_inside(self, signed: Reader) -> CoreError | None:
        """What is signed. What is broken in it counts only if the signature shows that the partner made it so."""
        try:
            entity = open_entity(signed)
            self._open(entity.headers, entity.raw_headers, entity.body)
        except _BROKEN as error:
            return error
        return None

    def _verify(self, signature_part: bytes, hashes: FormedHashes) -> HeldSignature:
        entity = open_entity(Literal(signature_part).open())
        if self.agreement.demand_signed and self.layers.is_encrypted:
            _require_plain(entity)
        return verify_part(
            entity,
            hashes,
            self.certificates,
            authorities=self.authorities,
            allow=self.agreement.allow,
            current=self.current,
        )

    def _take_payload(self, content_type: MediaType, headers: Headers, raw_headers: bytes, body: Reader) -> None:
        layers = self.layers
        layers.content_type = headers.get("Content-Type") or "text/plain"
        is_wrapped = layers.is_encrypted or layers.is_compressed
        scope = scope_of(is_signed=layers.is_signed, is_wrapped=is_wrapped)
        request = self.envelope.receipt_request
        digest = self.agreement.mic_digest(request.digests if request else ())
        hashes = () if scope is MicScope.SIGNED_ENTITY else (hashlib.new(digest.value),)
        for computed in hashes:
            computed.update(raw_headers if scope is MicScope.INNERMOST_ENTITY else b"")
        content = Hashing(body, hashes)
        # RFC 6362 section 3: the parts are the files, the multipart is the payload.
        files = take_files(content_type, headers, content, stage=self.stage, most=self.limits.attachments)
        self.attachments.extend(files)
        if not headers.get("Content-Type"):
            layers.content_type = files[0].content_type
        drain(content)
        for computed in hashes:
            layers.mic = Mic.of(computed.digest(), digest)

    def _metered(self, name: str, reader: Reader, algorithm: str | None = None) -> Metered:
        self.layers.meters.append(meter := Metered(name, reader, self.clock, algorithm))
        return meter


def _refuse_unsigned(entity: Entity) -> None:
    """Refuse an encrypted message that is not signed, by its headers alone: what follows them, and above all the
    padding, must not decide between two answers.
    """
    _require_plain(entity)
    content_type = entity.headers.get("Content-Type") or ""
    if MediaType.parse(content_type).value not in WRAPPED and not is_report(content_type):
        raise ContentRefused(words.INSUFFICIENT_MESSAGE_SECURITY, "The message is not signed, as was agreed.")


def _require_plain(entity: Entity) -> None:
    """Headers inside an encryption and outside of the signed part: random bytes among them must not pass unnoticed."""
    if not _PLAIN_HEADERS.fullmatch(entity.raw_headers):
        raise StructureBroken("The headers behind the encryption are not plain text.")


def _required(part: Reader | None) -> Reader:
    if part is None:
        raise StructureBroken("The signed message does not have two parts.")
    return part
