"""What a detached signature is worth, and if nothing: why, and what to do.

Rule: only the certificates that were given verify. One that came with the signature is tried after them, to be named
in the advice and nowhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509

from acuse.as2.forms import ALL_FORMS, FormedHashes, SignedForm
from acuse.as2.mic_doctor import Candidate, Match, find, form_words
from acuse.as2.signed_part import SIGNATURE_LIMIT
from acuse.cms import (
    AnyDigest,
    CmsError,
    DecrepitCipher,
    DecrepitDigest,
    DigestMismatch,
    Signature,
    Verified,
    fingerprint,
    read_signature,
)
from acuse.cms.decrepit import SHORT_KEYS
from acuse.cms.inspection import enclosed_certificates
from acuse.mime import Literal, MimeError, Source, copy, decode_transfer, open_entity, read_all

EVERYTHING = (*DecrepitDigest, *DecrepitCipher, SHORT_KEYS)
"""All that is weak: an explanation takes it and says so."""
_CHANGED = (
    "The signature is the partner's, but no known form of the content is what it signed: something on the way changed "
    "the content after it was signed, most often its line ends or its character set."
)
_UNKNOWN = "None of the partner's certificates made the signature: ask the partner for its current signing certificate."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureSeen:
    """What a signature is worth."""

    is_verified: bool = False
    digest: AnyDigest | None = None
    form: SignedForm | None = None
    """Over which form of the content it holds."""
    reason: str = ""
    """Why it does not verify; empty if it does."""
    advice: str = ""
    """What to do about it, in one sentence; empty where nothing has to be done."""
    certificate: x509.Certificate | None = None
    """Whose it is, of those that were given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRead:
    """A signature that was taken out of its part, with all that it may be verified by."""

    signature: Signature
    given: Sequence[x509.Certificate]
    enclosed: Sequence[x509.Certificate]

    def judge(self, signed: Source, others: Iterable[Candidate]) -> SignatureSeen:
        """Whether it holds over the signed part in any form. `others` are entities that it may be over instead."""
        failure, digest = None, next(iter(self.signature.digests), None)
        hashes = FormedHashes(digests=self.signature.digests, forms=ALL_FORMS)
        copy(signed.open(), hashes.update)
        results = list(hashes.results())
        for form, hashed in results:
            try:
                verified = self.signature.verify(hashed, self.given)
            except CmsError as error:
                failure = failure or error
            else:
                return _good(verified, form)
        reason = failure.message if failure else "The signature does not hold."
        advice = self._by_enclosed(results) or self._over(others)
        if not advice:
            advice = _CHANGED if isinstance(failure, DigestMismatch) else _UNKNOWN
        return SignatureSeen(digest=digest, reason=reason, advice=advice)

    def _by_enclosed(self, results: Sequence[tuple[SignedForm, Mapping[AnyDigest, bytes]]]) -> str:
        for _, hashed in results:
            try:
                certificate = self.signature.verify(hashed, self.enclosed).certificate
            except CmsError:
                continue
            return (
                f"It was signed by {subject_of(certificate)} with the certificate {fingerprint(certificate)}, which "
                "came with it and is not among the partner's: if the partner confirms that it is its own, add it."
            )
        return ""

    def _over(self, others: Iterable[Candidate]) -> str:
        def is_it(hashed: Mapping[AnyDigest, bytes]) -> AnyDigest | None:
            try:
                return self.signature.verify(hashed, [*self.given, *self.enclosed]).digest
            except CmsError:
                return None

        match: Match | None = find(is_it, others, digests=self.signature.digests)
        if match is None:
            return ""
        what = f"{match.covered.value} {form_words(match.form)}".strip()
        return f"The partner signed {what}: ask it to sign the part as it is sent (RFC 8551 section 3.1)."


def read_signature_part(part: Source, given: Sequence[x509.Certificate]) -> SignatureRead:
    """The signature in the second part of a multipart/signed. Raises MimeError and CmsError."""
    raw = read_all(part.open(), limit=2 * SIGNATURE_LIMIT)
    data = raw
    if not raw.startswith(b"0"):  # some parts have no header block: DER begins with this very character
        entity = open_entity(Literal(raw).open())
        encoding = entity.headers.get("Content-Transfer-Encoding")
        data = read_all(decode_transfer(entity.body, encoding), limit=SIGNATURE_LIMIT)
    signature = read_signature(data, allow=EVERYTHING)
    try:
        enclosed = enclosed_certificates(data)
    except CmsError:
        enclosed = ()
    return SignatureRead(signature=signature, given=given, enclosed=enclosed)


def judge_signature(
    signed: Source, part: Source, given: Sequence[x509.Certificate], others: Iterable[Candidate]
) -> SignatureSeen:
    """What the signature in `part` says about the `signed` part."""
    try:
        read = read_signature_part(part, given)
    except (MimeError, CmsError) as error:
        advice = "Ask the partner to sign with CMS, detached, as application/pkcs7-signature."
        return SignatureSeen(reason=f"The signature cannot be read: {error.message}", advice=advice)
    return read.judge(signed, others)


def subject_of(certificate: x509.Certificate) -> str:
    """Whose a certificate says it is (RFC 4514); names that cannot be read are no reason to fail."""
    try:
        return certificate.subject.rfc4514_string() or "(no name)"
    except ValueError:
        return "(not readable)"


def _good(verified: Verified, form: SignedForm) -> SignatureSeen:
    return SignatureSeen(is_verified=True, digest=verified.digest, form=form, certificate=verified.certificate)
