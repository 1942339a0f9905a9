"""The object identifiers of CMS, encoded, and how CMS names a certificate.

Rule: a certificate is named by the very bytes of its issuer and serial number. Partners' certificates carry names in
odd encodings and serial numbers that are zero or negative; what is never decoded cannot be encoded differently.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from acuse.cms import ber, der
from acuse.cms.algorithms import Cipher, Digest
from acuse.cms.decrepit import Allowed, AnyCipher, AnyDigest, DecrepitCipher, DecrepitDigest
from acuse.cms.errors import AlgorithmUnsupported

# RFC 5652 sections 4, 5.1, 6.1, 11.1 to 11.3.
DATA = der.object_identifier("1.2.840.113549.1.7.1")
SIGNED_DATA = der.object_identifier("1.2.840.113549.1.7.2")
ENVELOPED_DATA = der.object_identifier("1.2.840.113549.1.7.3")
CONTENT_TYPE = der.object_identifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = der.object_identifier("1.2.840.113549.1.9.4")
SIGNING_TIME = der.object_identifier("1.2.840.113549.1.9.5")
# RFC 5083 section 2.1.
AUTH_ENVELOPED_DATA = der.object_identifier("1.2.840.113549.1.9.16.1.23")
# RFC 3274 sections 1.1 and 2.
COMPRESSED_DATA = der.object_identifier("1.2.840.113549.1.9.16.1.9")
ZLIB = der.object_identifier("1.2.840.113549.1.9.16.3.8")
# RFC 4055 sections 2.2, 3.1, 4.1.
MGF1 = der.object_identifier("1.2.840.113549.1.1.8")
RSASSA_PSS = der.object_identifier("1.2.840.113549.1.1.10")
RSAES_OAEP = der.object_identifier("1.2.840.113549.1.1.7")
LABEL_SPECIFIED = der.object_identifier("1.2.840.113549.1.1.9")
# RFC 8017 appendix A, RFC 3370 section 3.2 and RFC 5754 section 3.2.
RSA = der.object_identifier("1.2.840.113549.1.1.1")
RSA_WITH_DIGEST = tuple(der.object_identifier(f"1.2.840.113549.1.1.{arc}") for arc in (5, 11, 12, 13))
# RFC 5753 section 7.1.2 and 7.1.3.
EC_PUBLIC_KEY = der.object_identifier("1.2.840.10045.2.1")
ECDSA_WITH_DIGEST: dict[AnyDigest, bytes] = {
    DecrepitDigest.SHA1: der.object_identifier("1.2.840.10045.4.1"),
    Digest.SHA256: der.object_identifier("1.2.840.10045.4.3.2"),
    Digest.SHA384: der.object_identifier("1.2.840.10045.4.3.3"),
    Digest.SHA512: der.object_identifier("1.2.840.10045.4.3.4"),
}

# RFC 8410 section 3.
X25519 = der.object_identifier("1.3.101.110")
ED25519 = der.object_identifier("1.3.101.112")

DIGESTS: dict[bytes, AnyDigest] = {der.object_identifier(digest.oid): digest for digest in (*Digest, *DecrepitDigest)}
CIPHERS: dict[bytes, AnyCipher] = {der.object_identifier(cipher.oid): cipher for cipher in (*Cipher, *DecrepitCipher)}


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CertificateName:
    """The two ways in which CMS points at a certificate (RFC 5652 sections 5.3 and 6.2.1)."""

    issuer_and_serial: bytes
    """The content of an IssuerAndSerialNumber: issuer and serial number, each encoded."""
    key_id: bytes
    """The subject key identifier: the extension's, or what RFC 5280 section 4.2.1.2 (1) makes of the key."""

    def __contains__(self, identifier: object) -> bool:
        return identifier in (self.issuer_and_serial, self.key_id)


@lru_cache(maxsize=4096)
def name_of(certificate: x509.Certificate) -> CertificateName:
    serial, _, issuer = _signed_part(certificate)[:3]
    return CertificateName(issuer.raw + serial.raw, _key_id(certificate))


def read_identifier(identifier: ber.Element) -> bytes:
    """What a SignerIdentifier or RecipientIdentifier says, to be looked up in a `CertificateName`."""
    if identifier.tag in (der.CONTEXT_0, der.EXPLICIT_0):
        return identifier.octets(der.CONTEXT_0)
    return b"".join(part.in_der() for part in identifier.expect(der.SEQUENCE).children())


def look_up(algorithm: ber.Element, registry: Mapping[bytes, _T]) -> _T:
    """The entry of an AlgorithmIdentifier. Raises `AlgorithmUnsupported` when there is none."""
    name = algorithm.fields(1)[0]
    entry = registry.get(name.in_der())
    if entry is None:
        raise AlgorithmUnsupported(oid=name.dotted())
    return entry


def read_digest(algorithm: ber.Element, allow: Allowed) -> AnyDigest:
    """Parameters may be NULL or absent (RFC 5754 section 2). Raises `AlgorithmUnsupported`."""
    return allowed(look_up(algorithm, DIGESTS), allow)


def allowed(digest: AnyDigest, allow: Allowed) -> AnyDigest:
    """The digest. Raises `AlgorithmUnsupported` when it is weak and was not named."""
    if isinstance(digest, DecrepitDigest) and digest not in allow:
        message = f"The partner signed with {digest}, which is too weak to be taken unasked. Agree on another one."
        raise AlgorithmUnsupported(message, oid=digest.oid)
    return digest


def _key_id(certificate: x509.Certificate) -> bytes:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except (x509.ExtensionNotFound, ValueError):
        subject_public_key = _signed_part(certificate)[5].children()[-1].content[1:]
        return hashlib.sha1(subject_public_key, usedforsecurity=False).digest()


def _signed_part(certificate: x509.Certificate) -> list[ber.Element]:
    """Serial number, algorithm, issuer, validity, subject, key: the fields after the optional version."""
    fields = ber.parse(certificate.public_bytes(Encoding.DER)).children()[0].children()
    return fields[1:] if fields[0].tag == der.EXPLICIT_0 else fields
