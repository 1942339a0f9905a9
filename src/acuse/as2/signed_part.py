"""Whether the signature over a signed part holds, and over which form of it (RFC 4130 section 7.3.1).

Rule: what a pass did not hash cannot be judged: then another pass is asked for, which hashes more.
Rule: a signature that only weak algorithms make is told as too weak if it holds, for then the partner itself made it.
If it does not hold, it is like any other that does not: whoever changes captured bytes must not learn which algorithm
they came to name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cryptography import x509

from acuse.as2 import disposition as words
from acuse.as2.agreement import Weakness, allowed_by
from acuse.as2.errors import ContentRefused
from acuse.as2.forms import ALL_FORMS, REREAD, FormedHashes, SignedForm
from acuse.as2.mic import digest_named
from acuse.cms import (
    AlgorithmUnsupported,
    Allowed,
    AnyDigest,
    Authorities,
    CmsError,
    Digest,
    DigestMismatch,
    Signature,
    SignatureBroken,
    SignatureError,
    Verified,
    read_signature,
)
from acuse.mime import Entity, MediaType, MimeError, decode_transfer, read_all

SIGNATURE_LIMIT = 1024 * 1024
AS_RECEIVED_ONLY = frozenset({SignedForm.AS_RECEIVED})
_EVERYTHING = allowed_by([*Weakness])
_TOO_WEAK = (
    "The signature is made with an algorithm or a key that is too weak and was not agreed. Sign with SHA-256 or better "
    "and a key of 2048 bits or more."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass hashes of signed content."""

    digests: frozenset[AnyDigest] = frozenset()
    """Digests to compute besides the announced one."""
    forms: frozenset[SignedForm] = AS_RECEIVED_ONLY
    """Forms to try."""
    read_as: SignedForm = SignedForm.AS_RECEIVED
    """The form in which the content is read, once it is known over which one the signature holds."""


class AnotherPassNeeded(Exception):
    """A signature needs more to be hashed than was: everything has to be read once more, in the `following` pass."""

    def __init__(self, following: Pass) -> None:
        super().__init__()
        self.following = following


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSignature:
    """A signature that holds."""

    verified: Verified
    form: SignedForm
    hashed: Mapping[AnyDigest, bytes]
    """The digests of that form."""


def announced_digests(content_type: MediaType) -> frozenset[AnyDigest]:
    """The digests that micalg names; SHA-256 where it names none that we know."""
    names = (content_type.get("micalg") or "").split(",")
    return frozenset(digest for name in names if (digest := digest_named(name))) or frozenset({Digest.SHA256})


def verify_part(
    signature: Entity,
    hashes: FormedHashes,
    certificates: Sequence[x509.Certificate],
    *,
    authorities: Authorities,
    allow: Allowed,
    current: Pass,
) -> HeldSignature:
    """Verify what the `hashes` are of, made by one of the certificates or by one that the authorities vouch for.

    Raises SignatureError, ContentRefused for a signature that holds and is weaker
    than `allow`, and AnotherPassNeeded.
    """
    data = _decoded(signature)
    try:
        return _verify(data, hashes, certificates, authorities, allow=allow, current=current)
    except AlgorithmUnsupported as error:
        try:
            _verify(data, hashes, certificates, authorities, allow=_EVERYTHING, current=current)
        except (SignatureError, AlgorithmUnsupported):
            raise SignatureBroken(error.message) from error
    raise ContentRefused(words.INSUFFICIENT_MESSAGE_SECURITY, _TOO_WEAK)


def _decoded(signature: Entity) -> bytes:
    try:
        decoded = decode_transfer(signature.body, signature.headers.get("Content-Transfer-Encoding"))
        return read_all(decoded, limit=SIGNATURE_LIMIT)
    except MimeError as error:
        raise SignatureBroken(f"The signature cannot be read: {error.message}") from error


def _verify(
    data: bytes,
    hashes: FormedHashes,
    certificates: Sequence[x509.Certificate],
    authorities: Authorities,
    *,
    allow: Allowed,
    current: Pass,
) -> HeldSignature:
    signature = _read(data, allow)
    if not signature.digests <= hashes.digests:
        raise AnotherPassNeeded(Pass(digests=current.digests | signature.digests, forms=current.forms))
    possible = [*certificates, *authorities.vouched_for(signature.embedded)]
    failure: SignatureError | None = None
    for form, hashed in hashes.results():
        try:
            verified = signature.verify(hashed, possible)
        except SignatureError as error:
            failure = failure or error
            continue
        if form in REREAD:
            raise AnotherPassNeeded(Pass(digests=hashes.digests, read_as=form))
        return HeldSignature(verified=verified, form=form, hashed=hashed)
    is_first_reading = current.forms != ALL_FORMS and current.read_as is SignedForm.AS_RECEIVED
    if isinstance(failure, DigestMismatch | SignatureBroken) and is_first_reading:
        raise AnotherPassNeeded(replace(current, digests=current.digests | signature.digests, forms=ALL_FORMS))
    raise failure or SignatureBroken


def _read(data: bytes, allow: Allowed) -> Signature:
    """One that cannot be read proves nothing, like one that does not hold."""
    try:
        return read_signature(data, allow=allow)
    except AlgorithmUnsupported:
        raise
    except CmsError as error:
        raise SignatureBroken(f"The signature cannot be read: {error.message}") from error
