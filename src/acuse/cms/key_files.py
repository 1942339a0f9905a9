"""Files that hold certificates, with a private key or without: PEM, DER, PKCS#7 (RFC 2315) and PKCS#12 (RFC 7292).

Rule: what a file holds is found out by reading it, never by its name; what is wrong with it is said without a word of
what is in it.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)

from acuse.cms.certificates import fingerprint, public_key_of
from acuse.cms.errors import CmsMalformed
from acuse.cms.keys import KeyPair

_PEM_MARK = b"-----BEGIN"
_PKCS7_MARK = b"-----BEGIN PKCS7-----"
_KEY_MARK = b"PRIVATE KEY-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """What a file held: one certificate that counts, its private key if that was there, and what came with it."""

    certificate: x509.Certificate
    private_key: PrivateKeyTypes | None = field(default=None, repr=False)
    chain: tuple[x509.Certificate, ...] = ()
    """The other certificates, in the order of the file."""

    @property
    def key_pair(self) -> KeyPair | None:
        """Raises `SignerUnusable` for a key of which no use can be made."""
        if self.private_key is None:
            return None
        return KeyPair(self.certificate, self.private_key)  # type: ignore[arg-type] # it judges the kind of its key

    @property
    def chain_pem(self) -> str:
        """The chain in PEM, one certificate after the other."""
        return "".join(certificate.public_bytes(Encoding.PEM).decode("ascii") for certificate in self.chain)


def load_key_file(data: bytes, *, password: bytes | None = None) -> KeyFile:
    """What a file of any of these kinds holds. With a private key, its certificate counts, and without one the first.

    Raises `CmsMalformed` when it is no such file, the password does not open it, or the key has no certificate there.
    """
    try:
        key, certificates = _read(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CmsMalformed(_NOT_READ) from error
    if key is None:
        own = certificates
    else:
        own = [certificate for certificate in certificates if public_key_of(certificate) == key.public_key()]
    if not own:
        raise CmsMalformed("This file has no certificate for its private key. Export both together.")
    chain = {fingerprint(certificate): certificate for certificate in certificates}
    del chain[fingerprint(own[0])]
    return KeyFile(certificate=own[0], private_key=key, chain=tuple(chain.values()))


def load_key_pair(data: bytes, *, password: bytes | None = None) -> KeyPair:
    """The private key and the certificate that belongs to it; a chain around them is ignored.

    Raises `CmsMalformed` when it is no such file or the password does not open it, and `SignerUnusable` for a key of
    which no use can be made.
    """
    try:
        pair = load_key_file(data, password=password).key_pair
    except CmsMalformed as error:
        raise (CmsMalformed(_NO_PAIR) if error.message == _NOT_READ else error) from error
    if pair is None:
        raise CmsMalformed("This file has no private key. Export the certificate with its private key.")
    return pair


def write_pkcs12(file: KeyFile, *, name: str, password: bytes) -> bytes:
    """The same in PKCS#12, under a password. Raises `CmsMalformed` for a key that PKCS#12 cannot hold here."""
    try:
        return pkcs12.serialize_key_and_certificates(
            name.encode("utf-8"),
            file.private_key,  # type: ignore[arg-type] # a kind that does not fit raises
            file.certificate,
            file.chain,
            BestAvailableEncryption(password),
        )
    except TypeError as error:
        raise CmsMalformed("A key of this kind does not go into PKCS#12.") from error


_Found: TypeAlias = tuple[PrivateKeyTypes | None, list[x509.Certificate]]


def _read(data: bytes, password: bytes | None) -> _Found:
    if _PEM_MARK in data:
        return _read_pem(data, password)
    for read in (x509.load_der_x509_certificate, pkcs7.load_der_pkcs7_certificates):
        try:
            found: x509.Certificate | list[x509.Certificate] = read(data)
        except (ValueError, UnsupportedAlgorithm):
            continue
        if found:
            return None, found if isinstance(found, list) else [found]
    return _read_pkcs12(data, password)


def _read_pkcs12(data: bytes, password: bytes | None) -> _Found:
    key, certificate, others = pkcs12.load_key_and_certificates(data, password)
    found = [*([certificate] if certificate else []), *others]
    if not found:
        raise ValueError("no certificate")
    return key, found


def _read_pem(data: bytes, password: bytes | None) -> _Found:
    if _PKCS7_MARK in data:
        return None, pkcs7.load_pem_pkcs7_certificates(data)
    certificates = x509.load_pem_x509_certificates(data)
    if _KEY_MARK not in data:
        return None, certificates
    is_encrypted = b"ENCRYPTED" in data
    return load_pem_private_key(data, password if is_encrypted else None), certificates


_NO_PAIR = "This is neither PKCS#12 nor PEM with a private key and its certificate, or the password does not open it."
_NOT_READ = "This is no certificate in PEM, DER, PKCS#7 or PKCS#12, or the password does not open it."
