"""The content key, encrypted with a recipient's RSA key: KeyTransRecipientInfo (RFC 5652 section 6.2.1).

Rule: a key that cannot be opened comes out as an empty one or a random one, never as an error (RFC 3218).
"""

from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from acuse.cms import der, identifiers
from acuse.cms.ber import Element
from acuse.cms.errors import CmsMalformed

_PKCS1 = PKCS1v15()
_PKCS1_ALGORITHM = der.sequence(identifiers.RSA, der.NULL)


def transport_info(certificate: x509.Certificate, public_key: rsa.RSAPublicKey, key: bytes) -> bytes:
    """A RecipientInfo that carries the content key to the owner of the certificate."""
    return der.sequence(_start(certificate), der.octet_string(public_key.encrypt(key, _PKCS1)))


@dataclass(frozen=True, slots=True)
class TransportedKey:
    """For whom a content key is, and the key as it was sent."""

    identifier: bytes
    """Either way in which CMS names a certificate."""
    encrypted_key: bytes

    def open(self, private_key: rsa.RSAPrivateKey) -> bytes:
        """With a wrong key or a damaged ciphertext: nothing, or random bytes of random length."""
        try:
            return private_key.decrypt(self.encrypted_key, _PKCS1)
        except ValueError:
            return b""


def read_transport(info: Element) -> TransportedKey | None:
    """None for RSA with another padding."""
    fields = info.children()
    if len(fields) < 4:
        raise CmsMalformed("A recipient lacks an element.")
    _, identifier, algorithm, encrypted_key = fields[:4]
    algorithm_fields = algorithm.expect(der.SEQUENCE).children()
    if not algorithm_fields or algorithm_fields[0].in_der() != identifiers.RSA:
        return None
    return TransportedKey(identifiers.read_identifier(identifier), encrypted_key.octets())


@lru_cache(maxsize=4096)
def _start(certificate: x509.Certificate) -> bytes:
    name = identifiers.name_of(certificate).issuer_and_serial
    return der.small_integer(0) + der.sequence(name) + _PKCS1_ALGORITHM
