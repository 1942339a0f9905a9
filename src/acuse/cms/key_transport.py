"""The content key, encrypted with a recipient's RSA key: KeyTransRecipientInfo (RFC 5652 section 6.2.1).

Rule: a key that cannot be opened comes out as an empty one or a random one, never as an error (RFC 3218).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15

from acuse.cms import der, identifiers, rsa_parameters
from acuse.cms.algorithms import Digest, KeyTransport
from acuse.cms.ber import Element
from acuse.cms.decrepit import DecrepitDigest
from acuse.cms.errors import AlgorithmUnsupported
from acuse.cms.keys import HASHES, PrivateKey

_OAEP_DIGEST = Digest.SHA256
_PADDINGS: dict[KeyTransport, OAEP | PKCS1v15] = {
    KeyTransport.PKCS1V15: PKCS1v15(),
    KeyTransport.OAEP: OAEP(mgf=MGF1(HASHES[_OAEP_DIGEST]), algorithm=HASHES[_OAEP_DIGEST], label=None),
}
_ALGORITHMS = {
    KeyTransport.PKCS1V15: der.sequence(identifiers.RSA, der.NULL),
    KeyTransport.OAEP: der.sequence(
        identifiers.RSAES_OAEP, der.sequence(rsa_parameters.write_hash_and_mask(_OAEP_DIGEST))
    ),
}
_EVERY_DIGEST = (DecrepitDigest.SHA1,)
"""RFC 4055 section 4.1 makes SHA-1 the default; collisions are of no use against OAEP."""


def transport_info(
    certificate: x509.Certificate, public_key: rsa.RSAPublicKey, key: bytes, transport: KeyTransport
) -> bytes:
    """A RecipientInfo that carries the content key to the owner of the certificate."""
    encrypted_key = public_key.encrypt(key, _PADDINGS[transport])
    return der.sequence(_start(certificate, transport), der.octet_string(encrypted_key))


@dataclass(frozen=True, slots=True)
class TransportedKey:
    """For whom a content key is, and the key as it was sent."""

    identifier: bytes
    """Either way in which CMS names a certificate."""
    encrypted_key: bytes
    padding: OAEP | PKCS1v15

    def open(self, private_key: PrivateKey) -> bytes:
        """With a wrong key or a damaged ciphertext: nothing, or with PKCS #1 random bytes of random length."""
        if not isinstance(private_key, rsa.RSAPrivateKey):
            return b""
        try:
            return private_key.decrypt(self.encrypted_key, self.padding)
        except ValueError:
            return b""


def read_transport(info: Element) -> Iterator[TransportedKey]:
    """The key of the one recipient; none for a padding that is not supported. Raises `CmsMalformed`."""
    _, identifier, algorithm, encrypted_key = info.fields(4)[:4]
    try:
        padding = _read_padding(algorithm)
    except AlgorithmUnsupported:
        return
    yield TransportedKey(identifiers.read_identifier(identifier), encrypted_key.octets(), padding)


def _read_padding(algorithm: Element) -> OAEP | PKCS1v15:
    transport = identifiers.look_up(algorithm, _TRANSPORTS)
    if transport is KeyTransport.PKCS1V15:
        return _PADDINGS[transport]
    parameters = algorithm.children()[1:]
    fields = rsa_parameters.read_fields(parameters[0]) if parameters else {}
    hash_ = HASHES[rsa_parameters.read_hash(fields, _EVERY_DIGEST)]
    return OAEP(mgf=rsa_parameters.read_mask(fields, _EVERY_DIGEST), algorithm=hash_, label=_read_label(fields))


def _read_label(fields: dict[int, Element]) -> bytes | None:
    if rsa_parameters.THIRD not in fields:
        return None
    name, label = fields[rsa_parameters.THIRD].fields(2)[:2]
    if name.in_der() != identifiers.LABEL_SPECIFIED:
        raise AlgorithmUnsupported(oid=name.dotted())
    return label.octets() or None


@lru_cache(maxsize=4096)
def _start(certificate: x509.Certificate, transport: KeyTransport) -> bytes:
    name = identifiers.name_of(certificate).issuer_and_serial
    return der.small_integer(0) + der.sequence(name) + _ALGORITHMS[transport]


_TRANSPORTS = {identifiers.RSA: KeyTransport.PKCS1V15, identifiers.RSAES_OAEP: KeyTransport.OAEP}
