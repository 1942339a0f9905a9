"""Certificates and private keys: reading, writing, making.

Rule: a private key is never shown. Every message about a key pair names its certificate's fingerprint instead.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from acuse.cms.algorithms import Digest
from acuse.cms.errors import CmsMalformed, SignerUnusable
from acuse.cms.identifiers import MIN_RSA_BITS

HASHES: dict[Digest, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
}
PublicKey = CertificatePublicKeyTypes | None
_PEM_MARK = b"-----BEGIN"
_MAX_COMMON_NAME = 64
"""RFC 5280 appendix A.1, ub-common-name."""
_HOST_NAME = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """A certificate of ours and its private key.

    Raises `SignerUnusable` when the key is not an RSA key of 2048 bits or more, or belongs to another certificate.
    """

    certificate: x509.Certificate
    private_key: rsa.RSAPrivateKey

    def __post_init__(self) -> None:
        if not isinstance(self.private_key, rsa.RSAPrivateKey) or self.private_key.key_size < MIN_RSA_BITS:
            raise SignerUnusable(fingerprint=fingerprint(self.certificate))
        if public_key_of(self.certificate) != self.private_key.public_key():
            raise SignerUnusable("The private key belongs to another certificate.")

    def __repr__(self) -> str:
        return f"KeyPair({fingerprint(self.certificate)})"


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the DER form, in lower-case hexadecimal digits."""
    return certificate.fingerprint(HASHES[Digest.SHA256]).hex()


def load_certificate(data: bytes) -> x509.Certificate:
    """The certificate in PEM (the first one, text around it is ignored) or DER. Raises `CmsMalformed`."""
    try:
        if _PEM_MARK in data:
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise CmsMalformed("This is not an X.509 certificate, neither PEM nor DER.") from error


def load_private_key(der_pkcs8: bytes) -> rsa.RSAPrivateKey:
    """The RSA key in unencrypted PKCS#8. Raises `CmsMalformed` when it is not that."""
    try:
        key = load_der_private_key(der_pkcs8, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CmsMalformed("This is not an unencrypted private key in PKCS#8 form.") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CmsMalformed("This private key is not an RSA key.")
    return key


def dump_private_key(key: rsa.RSAPrivateKey) -> bytes:
    """The key as unencrypted PKCS#8 in DER: whoever stores it encrypts it first."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def self_signed(
    common_name: str,
    *,
    key_size: int = 2048,
    digest: Digest = Digest.SHA256,
    not_before: datetime,
    not_after: datetime,
) -> KeyPair:
    """A new key and a certificate for it that signs itself, fit for AS2 signing and encryption.

    A name longer than the 64 characters that X.520 allows is cut. A host name becomes an alternative name as well.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=key_size)
    public_key = key.public_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:_MAX_COMMON_NAME])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_KEY_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    if _HOST_NAME.fullmatch(common_name):
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(common_name)]), critical=False)
    return KeyPair(builder.sign(key, HASHES[digest]), key)


@lru_cache(maxsize=4096)
def public_key_of(certificate: x509.Certificate) -> PublicKey:
    """The certificate's key, None when it is of a kind or form that cannot be read."""
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


_KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_encipherment=True,
    content_commitment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
