"""Asking an authority for a certificate: a key of ours and a PKCS#10 request that it signs (RFC 2986).

Rule: a request proves nothing but that its writer has the key; what the authority makes of the name is its own affair.
"""

import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from acuse.cms.algorithms import Digest
from acuse.cms.keys import HASHES

KEY_SIZES = (2048, 3072, 4096)
"""Bits of RSA keys that are made here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose a certificate is to be (X.520), beside its key. Empty ones are left out."""

    common_name: str
    organization: str | None = None
    organizational_unit: str | None = None
    locality: str | None = None
    state: str | None = None
    country: str | None = None
    """Two letters (ISO 3166)."""
    email: str | None = None
    """Stands in the subject's alternative name (RFC 5280 section 4.2.1.6)."""

    @property
    def name(self) -> x509.Name:
        """The distinguished name, the country first. Raises ValueError for a part that is too long."""
        parts = (
            (x509.NameOID.COUNTRY_NAME, self.country),
            (x509.NameOID.STATE_OR_PROVINCE_NAME, self.state),
            (x509.NameOID.LOCALITY_NAME, self.locality),
            (x509.NameOID.ORGANIZATION_NAME, self.organization),
            (x509.NameOID.ORGANIZATIONAL_UNIT_NAME, self.organizational_unit),
            (x509.NameOID.COMMON_NAME, self.common_name),
        )
        return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts if value])

    @property
    def alternative_names(self) -> x509.SubjectAlternativeName | None:
        """The e-mail address as one."""
        return x509.SubjectAlternativeName([x509.RFC822Name(self.email)]) if self.email else None


def new_rsa_key(key_size: int) -> rsa.RSAPrivateKey:
    """A fresh RSA key of one of `KEY_SIZES` bits."""
    return rsa.generate_private_key(public_exponent=65537, key_size=key_size)


def signing_request(key: rsa.RSAPrivateKey, subject: Subject) -> x509.CertificateSigningRequest:
    """The request for a certificate of that subject, signed with SHA-256. Raises ValueError as `Subject.name` does."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject.name)
    if names := subject.alternative_names:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(key, HASHES[Digest.SHA256])  # type: ignore[arg-type] # never SHA-1


def key_digest(key: CertificatePublicKeyTypes) -> str:
    """SHA-256 over the public key in DER (RFC 5280 section 4.1.2.7), in hexadecimal digits."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
