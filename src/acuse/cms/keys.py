"""Our private keys: reading, writing and making them, with certificates for them.

Rule: a private key is never shown. Every message about a key pair names its certificate's fingerprint instead.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from acuse.cms.algorithms import Curve, Digest
from acuse.cms.certificates import fingerprint, public_key_of
from acuse.cms.decrepit import SHORT_KEYS, AnyDigest, DecrepitDigest
from acuse.cms.errors import CmsMalformed, SignerUnusable
from acuse.cms.strength import CURVES, objection_to

HASHES: dict[AnyDigest, hashes.SHA1 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
    DecrepitDigest.SHA1: hashes.SHA1(),  # noqa: S303
}
PrivateKey: TypeAlias = (
    rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey
)
_MAX_COMMON_NAME = 64
"""RFC 5280 appendix A.1, ub-common-name."""
_HOST_NAME = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """A certificate of ours and its private key.

    Raises `SignerUnusable` for a key of which no use can be made, or that belongs to another certificate. A key that
    is short (`SHORT_KEYS`) is judged at each use.
    """

    certificate: x509.Certificate
    private_key: PrivateKey

    def __post_init__(self) -> None:
        if objection := objection_to(self.private_key, (SHORT_KEYS,)):
            raise SignerUnusable(objection, fingerprint=fingerprint(self.certificate))
        if public_key_of(self.certificate) != self.private_key.public_key():
            raise SignerUnusable("The private key belongs to another certificate.")

    def __repr__(self) -> str:
        return f"KeyPair({fingerprint(self.certificate)})"


def load_private_key(der_pkcs8: bytes) -> PrivateKey:
    """The RSA, EC, Ed25519 or X25519 key in unencrypted PKCS#8. Raises `CmsMalformed` when it is not that."""
    try:
        key = load_der_private_key(der_pkcs8, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CmsMalformed("This is not an unencrypted private key in PKCS#8 form.") from error
    if not isinstance(key, PrivateKey):
        raise CmsMalformed("This private key is of a kind that nothing here can use.")
    return key


def dump_private_key(key: PrivateKey) -> bytes:
    """The key as unencrypted PKCS#8 in DER: whoever stores it encrypts it first."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def self_signed(
    common_name: str,
    *,
    key_size: int = 2048,
    curve: Curve | None = None,
    digest: Digest = Digest.SHA256,
    subject: x509.Name | None = None,
    alternative_names: x509.SubjectAlternativeName | None = None,
    not_before: datetime,
    not_after: datetime,
) -> KeyPair:
    """A new key and a certificate for it that signs itself, fit for AS2 signing and encryption.

    The key is RSA with `key_size` bits, or EC where a curve is given.
    A name longer than the 64 characters that X.520 allows is cut. A host name becomes an alternative name as well,
    unless others are given. `subject` is a whole name instead of the common name alone.
    """
    key = _new_key(key_size, curve)
    public_key = key.public_key()
    name = subject or x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:_MAX_COMMON_NAME])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(key), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    if alternative_names is None and _HOST_NAME.fullmatch(common_name):
        alternative_names = x509.SubjectAlternativeName([x509.DNSName(common_name)])
    if alternative_names is not None:
        builder = builder.add_extension(alternative_names, critical=False)
    hash_ = HASHES[digest]
    assert not isinstance(hash_, hashes.SHA1), "certificates have no use for it"
    return KeyPair(builder.sign(key, hash_), key)


def _new_key(key_size: int, curve: Curve | None) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if curve is None:
        return rsa.generate_private_key(public_exponent=65537, key_size=key_size)
    return ec.generate_private_key(CURVES[curve]())


def _key_usage(key: PrivateKey) -> x509.KeyUsage:
    """For signing, and for encryption in the way of the key (RFC 5280 section 4.2.1.3)."""
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=is_rsa,
        key_agreement=not is_rsa,
        content_commitment=False,
        data_encipherment=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
