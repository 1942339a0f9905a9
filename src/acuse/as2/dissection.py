"""Taking a message apart for an explanation, from the outside in.

Rule: each layer is kept whole in a place of its own before it is looked into, so that it can be hashed in every form;
memory does not grow with the message. An error ends the layer that it is in and becomes a finding; what was found
around it stays.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic

from cryptography import x509

from acuse.as2.errors import StructureBroken
from acuse.as2.explanation import ExplainedAttachment, Explanation, Layer, LayerKind, S, Tools
from acuse.as2.mic_doctor import Candidate, Covered, form_words
from acuse.as2.opening import DEPTH_LIMIT
from acuse.as2.receipt_in import read_receipt
from acuse.as2.receipt_out import RECEIPT_LIMIT
from acuse.as2.signature_doctor import EVERYTHING, SignatureSeen, judge_signature
from acuse.as2.wrapping import PKCS7_MIME, SEVERAL_FILES, is_compressed, without_outer_encoding
from acuse.cms import (
    DecrepitCipher,
    DecrepitDigest,
    DecryptionFailed,
    SignerUnusable,
    check_signer_certificate,
    decompress,
    decrypt,
)
from acuse.cms.inspection import named_recipients
from acuse.errors import CoreError
from acuse.mime import (
    Headers,
    Joined,
    Literal,
    MediaType,
    Reader,
    Source,
    copy,
    decode_transfer,
    filename_of,
    open_entity,
    read_all,
    read_parts,
)

_MOST_FILES = 1000


@dataclass(slots=True, kw_only=True)
class Dissection(Generic[S]):
    """One message under the knife."""

    tools: Tools[S]
    explanation: Explanation[S]
    headers: Headers
    depth: int = 0
    signed: Source | None = None
    """The signed part, once it was found."""
    payload: Source | None = None
    is_wrapped: bool = False
    others: list[Candidate] = field(default_factory=list)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """What goes wrong inside becomes a finding."""
        try:
            yield
        except CoreError as error:
            text = f"{error.message} ({error.reason})" if isinstance(error, DecryptionFailed) else error.message
            self.explanation.findings.append(text)
            self.explanation.is_broken = True

    def begin(self, body: Source) -> None:
        """The outermost layer, whose headers are HTTP's."""
        content_type = self.headers.get("Content-Type")
        self._layer(LayerKind.HTTP, body, content_type or "")
        if content_type is None:
            raise StructureBroken("There is no Content-Type among the headers, so nobody can tell what this is.")
        kind = MediaType.parse(content_type)
        is_encoded = (self.headers.get("Content-Transfer-Encoding") or "").strip().lower() == "base64"
        content = self._kept(without_outer_encoding(kind, self.headers, body)) if is_encoded else body
        self._open(kind, self.headers, b"", content)

    # ── Layers ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _open(self, content_type: MediaType, headers: Headers, raw_headers: bytes, body: Source) -> None:
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise StructureBroken(f"There are more than {DEPTH_LIMIT} layers; what is deeper was not looked at.")
        if content_type.value == "multipart/signed":
            self._note(Covered.MULTIPART, raw_headers, body)
            self._open_signed(content_type, body)
        elif content_type.value in PKCS7_MIME:
            content = body
            if raw_headers:
                self._note(Covered.COMPRESSED, raw_headers, body)
                content = self._kept(decode_transfer(body.open(), headers.get("Content-Transfer-Encoding")))
            (self._open_compressed if is_compressed(content_type) else self._open_encrypted)(content_type, content)
        elif content_type.value == "multipart/report":
            self._open_receipt(headers, body)
        else:
            self._open_payload(content_type, headers, raw_headers, body)

    def _open_entity(self, whole: Source) -> None:
        entity = open_entity(whole.open())
        body = self._kept(entity.body)
        kind = MediaType.parse(entity.headers.get("Content-Type") or "text/plain")
        self._open(kind, entity.headers, entity.raw_headers, body)

    def _open_encrypted(self, content_type: MediaType, content: Source) -> None:
        smime_type = (content_type.get("smime-type") or "").lower()
        if smime_type not in ("", "enveloped-data", "authenveloped-data"):
            raise StructureBroken(f"This layer is {smime_type}, which AS2 does not use.")
        if not self.tools.keys:
            self._layer(LayerKind.ENCRYPTED, content, content_type.original)
            recipients = ", ".join(named_recipients(content.open())) or "nobody by name"
            self.explanation.findings.append(
                f"The content is encrypted (for: {recipients}) and no private key was given that could open it."
            )
            return
        decrypted = decrypt(content.open(), self.tools.keys, allow=EVERYTHING)
        place = self.tools.scratch()
        try:
            copy(decrypted, place.write)
        except DecryptionFailed:
            self._layer(LayerKind.ENCRYPTED, content, content_type.original, str(decrypted.cipher))
            self.explanation.findings.append(self._why_not_decrypted(content))
            raise
        pair = decrypted.key_pair
        certificate = pair.certificate if pair else None
        self._layer(LayerKind.ENCRYPTED, content, content_type.original, str(decrypted.cipher), certificate)
        if isinstance(decrypted.cipher, DecrepitCipher):
            self._weak(f"The content is encrypted with {decrypted.cipher}", str(decrypted.cipher))
        self.is_wrapped = True
        self._open_entity(place.source())

    def _why_not_decrypted(self, content: Source) -> str:
        recipients = ", ".join(named_recipients(content.open())) or "nobody by name"
        ours = ", ".join(format(pair.certificate.serial_number, "x") for pair in self.tools.keys)
        return f"The content is encrypted for {recipients}; the serial number of the key that was tried is {ours}."

    def _weak(self, what: str, name: str) -> None:
        finding = f"{what}, which is weak: it is taken only where the agreement names it (--accept {name})."
        self.explanation.advice = self.explanation.advice or finding
        self.explanation.findings.append(finding)

    def _open_compressed(self, content_type: MediaType, content: Source) -> None:
        self._layer(LayerKind.COMPRESSED, content, content_type.original, "zlib")
        whole = self._kept(decompress(content.open(), limit=self.tools.expanded_size))
        self.is_wrapped = True
        self.others.append(Candidate(Covered.EXPANDED, whole))
        self._open_entity(whole)

    def _open_signed(self, content_type: MediaType, body: Source) -> None:
        parts = self._parts(content_type, body)
        place = len(self.explanation.layers)
        if parts:
            self.signed = parts[0]
            with self.noting():
                self._open_entity(parts[0])
        found = self._judge(parts)
        named = str(found.digest) if found and found.digest else content_type.get("micalg")
        certificate = found.certificate if found else None
        self._layer(LayerKind.SIGNED, body, content_type.original, named, certificate, place=place)

    def _parts(self, content_type: MediaType, body: Source) -> list[Source]:
        """The signed part and its signature, as far as they are there."""
        parts: list[Source] = []
        with self.noting():
            for part in read_parts(body.open(), content_type.get("boundary") or ""):
                if len(parts) == 2:
                    raise StructureBroken("The signed message has more than two parts: the content and its signature.")
                parts.append(self._kept(part))
        return parts

    def _judge(self, parts: list[Source]) -> SignatureSeen | None:
        if len(parts) < 2:
            self.explanation.findings.append("The signature is missing: the message was cut, or was never signed.")
            return None
        found = judge_signature(parts[0], parts[1], self.tools.certificates, self.others)
        self.explanation.signature = found
        if found.advice:
            self.explanation.advice = found.advice
            self.explanation.findings.append(found.advice)
        if isinstance(found.digest, DecrepitDigest):
            self._weak(f"The signature uses {found.digest}", str(found.digest))
        if found.certificate:
            try:
                check_signer_certificate(found.certificate)
            except SignerUnusable:
                self._weak("The signature is by a short key", "short-keys")
        if found.form and form_words(found.form):
            words = f"The partner signs the content {form_words(found.form)}; that is recognised, without any setting."
            self.explanation.findings.append(words)
        return found

    def _open_receipt(self, headers: Headers, body: Source) -> None:
        self._layer(LayerKind.RECEIPT, body, headers.get("Content-Type") or "")
        whole = Literal(read_all(body.open(), limit=RECEIPT_LIMIT))
        content_type = Headers((("Content-Type", headers.get("Content-Type") or ""),))
        receipt = read_receipt(content_type, whole, ())
        self.explanation.receipt = receipt
        self.explanation.mic = receipt.mic

    def _open_payload(self, content_type: MediaType, headers: Headers, raw_headers: bytes, body: Source) -> None:
        self.payload = Joined.of(raw_headers, body) if self.is_wrapped or self.signed else body
        written = headers.get("Content-Type") or "text/plain"
        if content_type.value not in SEVERAL_FILES or not content_type.get("boundary"):
            self._take_file(headers, body)
            return
        self._layer(LayerKind.MULTIPART, body, written)
        for part in read_parts(body.open(), content_type.get("boundary") or "", max_parts=_MOST_FILES):
            entity = open_entity(part)
            self._take_file(entity.headers, self._kept(entity.body))

    def _take_file(self, headers: Headers, body: Source) -> None:
        encoding = (headers.get("Content-Transfer-Encoding") or "").strip().lower() or None
        written = headers.get("Content-Type") or "text/plain"
        self._layer(LayerKind.PAYLOAD, body, written, encoding)
        place, digest = self.tools.scratch(), hashlib.sha256()

        def take(piece: bytes) -> None:
            place.write(piece)
            digest.update(piece)

        size = copy(decode_transfer(body.open(), encoding), take)
        self.explanation.candidates.append(Candidate(Covered.FILE, place.source()))
        self.explanation.attachments.append(
            ExplainedAttachment(
                filename=filename_of(headers),
                content_type=written,
                size=size,
                sha256=digest.hexdigest(),
                place=place,
            )
        )

    def _note(self, covered: Covered, raw_headers: bytes, body: Source) -> None:
        """An entity that a MIC might cover by mistake."""
        self.others.append(Candidate(covered, Joined.of(raw_headers, body)))

    # ── Small things ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _kept(self, reader: Reader) -> Source:
        place = self.tools.scratch()
        copy(reader, place.write)
        return place.source()

    def _layer(
        self,
        kind: LayerKind,
        content: Source,
        content_type: str,
        algorithm: str | None = None,
        certificate: x509.Certificate | None = None,
        *,
        place: int | None = None,
    ) -> None:
        """Note a layer: behind those that are known, or at its `place` among them."""
        layer = Layer(
            kind=kind,
            size=content.size,
            content_type=content_type,
            algorithm=algorithm,
            certificate=certificate,
        )
        layers = self.explanation.layers
        layers.insert(len(layers) if place is None else place, layer)
