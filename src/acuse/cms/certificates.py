"""Partners' certificates and ours: reading them, and what they say.

Rule: a certificate is taken as it comes. Odd names, serial numbers that are zero or negative, and keys of kinds that
cannot be used are no reason to refuse it here.
"""

from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256

from acuse.cms.errors import CmsMalformed

PublicKey = CertificatePublicKeyTypes | None
_PEM_MARK = b"-----BEGIN"


@lru_cache(maxsize=4096)
def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the DER form, in lower-case hexadecimal digits."""
    return certificate.fingerprint(SHA256()).hex()


def load_certificate(data: bytes) -> x509.Certificate:
    """The certificate in PEM (the first one, text around it is ignored) or DER.

    Raises `CmsMalformed`, whose details tell the `reason`.
    """
    try:
        if _PEM_MARK in data:
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except ValueError as error:
        message = "This cannot be read as an X.509 certificate, neither in PEM nor in DER."
        raise CmsMalformed(message, reason=str(error)) from error


@lru_cache(maxsize=4096)
def is_for_pss_only(certificate: x509.Certificate) -> bool:
    """The certificate reserves its key for RSASSA-PSS signatures (RFC 4055 section 1.2)."""
    return certificate.public_key_algorithm_oid == x509.PublicKeyAlgorithmOID.RSASSA_PSS


@lru_cache(maxsize=4096)
def public_key_of(certificate: x509.Certificate) -> PublicKey:
    """The certificate's key, None when it is of a kind or form that cannot be read."""
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
