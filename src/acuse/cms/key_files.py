"""Files that hold a private key with its certificate: PKCS#12 (RFC 7292), and PEM with both inside.

Rule: what is wrong with a file is said without a word of what is in it.
"""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from acuse.cms.certificates import public_key_of
from acuse.cms.errors import CmsMalformed
from acuse.cms.keys import KeyPair

_PEM_MARK = b"-----BEGIN"


def load_key_pair(data: bytes, *, password: bytes | None = None) -> KeyPair:
    """The private key and the certificate that belongs to it; a chain around them is ignored.

    Raises `CmsMalformed` when it is no such file or the password does not open it, and `SignerUnusable` for a key of
    which no use can be made.
    """
    try:
        key, certificates = _read_pem(data, password) if _PEM_MARK in data else _read_pkcs12(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CmsMalformed(_NOT_READ) from error
    if key is None:
        raise CmsMalformed("This file has no private key. Export the certificate with its private key.")
    own = [certificate for certificate in certificates if public_key_of(certificate) == key.public_key()]
    if not own:
        raise CmsMalformed("This file has no certificate for its private key. Export both together.")
    return KeyPair(own[0], key)  # type: ignore[arg-type] # the key pair judges the kind of its key


def _read_pkcs12(data: bytes, password: bytes | None) -> tuple[PrivateKeyTypes | None, list[x509.Certificate]]:
    key, certificate, others = pkcs12.load_key_and_certificates(data, password)
    return key, [*([certificate] if certificate else []), *others]


def _read_pem(data: bytes, password: bytes | None) -> tuple[PrivateKeyTypes, list[x509.Certificate]]:
    is_encrypted = b"ENCRYPTED" in data
    return load_pem_private_key(data, password if is_encrypted else None), x509.load_pem_x509_certificates(data)


_NOT_READ = "This is neither PKCS#12 nor PEM with a private key and its certificate, or the password does not open it."
