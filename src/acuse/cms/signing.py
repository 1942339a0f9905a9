"""Making detached signatures: SignedData without content (RFC 5652 section 5).

Rule: what does not change from message to message is encoded once per certificate; the rest is a template with two
holes, the message digest and the time. This is what makes a signature cost little more than its RSA operation.
"""

from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from acuse.cms import der, identifiers
from acuse.cms.algorithms import Digest, SignatureScheme
from acuse.cms.certificates import fingerprint, is_for_pss_only
from acuse.cms.decrepit import Allowed, AnyDigest
from acuse.cms.errors import SignerUnusable
from acuse.cms.keys import HASHES, KeyPair
from acuse.cms.signature_schemes import make_signature
from acuse.cms.strength import objection_to_signer

_CONTENT_TYPE_ATTRIBUTE = der.sequence(identifiers.CONTENT_TYPE, der.set_of(identifiers.DATA))
# RFC 5754 section 2 and RFC 3370 section 2.1: parameters are absent.
_DIGEST_ALGORITHMS = {digest: der.sequence(oid) for oid, digest in identifiers.DIGESTS.items()}


def sign(
    hashed: bytes,
    key_pair: KeyPair,
    digest: AnyDigest,
    *,
    signing_time: datetime,
    scheme: SignatureScheme = SignatureScheme.PKCS1V15,
    allow: Allowed = (),
    with_certificate: bool = True,
) -> bytes:
    """A ContentInfo in DER over content whose digest is `hashed`; the certificate is in it unless it is left out.

    A key that its certificate reserves for PSS signs by that scheme, whatever is asked for.
    Raises `SignerUnusable` when the key refuses or is short and not allowed, or does not go with the digest;
    ValueError for a digest of the wrong length or a year after 2049.
    """
    if objection := objection_to_signer(key_pair.private_key, allow):
        raise SignerUnusable(objection, fingerprint=fingerprint(key_pair.certificate))
    if digest is not signing_digest(key_pair, digest):
        raise SignerUnusable("An Ed25519 key signs with SHA-512 only.", fingerprint=fingerprint(key_pair.certificate))
    if len(hashed) != HASHES[digest].digest_size:
        raise ValueError(f"{len(hashed)} bytes are not a {digest} digest")
    attributes = _attributes(hashed, der.utc_time(signing_time))
    if is_for_pss_only(key_pair.certificate):
        scheme = SignatureScheme.PSS
    try:
        # RFC 5652 section 5.4: signed under the tag of a SET, transmitted under an implicit one.
        to_sign = der.element(der.SET, attributes)
        algorithm, value = make_signature(key_pair.private_key, to_sign, digest, scheme)
    except ValueError as error:
        raise SignerUnusable from error
    signature = algorithm + der.octet_string(value)
    before_signers, signer_start = _template(key_pair.certificate, digest, with_certificate)
    signer = der.sequence(signer_start, der.element(der.EXPLICIT_0, attributes), signature)
    signed_data = der.sequence(before_signers, der.element(der.SET, signer))
    return der.sequence(identifiers.SIGNED_DATA, der.element(der.EXPLICIT_0, signed_data))


def signing_digest(key_pair: KeyPair, digest: AnyDigest) -> AnyDigest:
    """The digest, or the only one that goes with the key: an Ed25519 key has SHA-512 (RFC 8419 section 3.1)."""
    return Digest.SHA512 if isinstance(key_pair.private_key, Ed25519PrivateKey) else digest


def _attributes(hashed: bytes, time: bytes) -> bytes:
    """RFC 5652 section 11. This is the order of DER, which begins with the lengths."""
    return (
        _CONTENT_TYPE_ATTRIBUTE
        + der.sequence(identifiers.SIGNING_TIME, der.set_of(time))
        + der.sequence(identifiers.MESSAGE_DIGEST, der.set_of(der.octet_string(hashed)))
    )


@lru_cache(maxsize=1024)
def _template(certificate: x509.Certificate, digest: AnyDigest, with_certificate: bool) -> tuple[bytes, bytes]:  # noqa: FBT001
    """The beginning of SignedData up to its signers, and of SignerInfo up to its attributes; both of version 1."""
    algorithm = _DIGEST_ALGORITHMS[digest]
    # RFC 5652 section 5.1: certificates are optional.
    held = der.element(der.EXPLICIT_0, certificate.public_bytes(Encoding.DER)) if with_certificate else b""
    before_signers = der.small_integer(1) + der.set_of(algorithm) + der.sequence(identifiers.DATA) + held
    name = identifiers.name_of(certificate).issuer_and_serial
    return before_signers, der.small_integer(1) + der.sequence(name) + algorithm
