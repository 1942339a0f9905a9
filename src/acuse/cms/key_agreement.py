"""The content key, wrapped under a key agreed with a recipient's EC or X25519 key: KeyAgreeRecipientInfo (RFC 5753
section 3.1, RFC 8418 section 3).

Rule: ephemeral-static Diffie-Hellman only: the sender's key is new for each recipient. A key that cannot be unwrapped
comes out as an empty one, never as an error. On the curves in use the cofactor is 1, so that standard and cofactor
Diffie-Hellman are the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from acuse.cms import der, identifiers
from acuse.cms.algorithms import Digest
from acuse.cms.ber import Element
from acuse.cms.decrepit import AnyDigest, DecrepitDigest
from acuse.cms.errors import AlgorithmUnsupported
from acuse.cms.keys import HASHES, PrivateKey

AgreementKey: TypeAlias = ec.EllipticCurvePublicKey | x25519.X25519PublicKey
AGREEMENT = der.EXPLICIT_0 | 1
"""The tag of a KeyAgreeRecipientInfo among the recipients (RFC 5652 section 6.2)."""
_ORIGINATOR = _KEY_ID = der.EXPLICIT_0
_ORIGINATOR_KEY = _USER_MATERIAL = der.EXPLICIT_0 | 1
_KEY_LENGTH = der.EXPLICIT_0 | 2
_VERSION = der.small_integer(3)


@dataclass(frozen=True, slots=True)
class _Derivation:
    """How the wrapping key comes from the shared secret."""

    digest: AnyDigest
    is_hkdf: bool = False

    def derive(self, secret: bytes, shared_info: bytes, user_material: bytes, *, size: int) -> bytes:
        """RFC 8418 section 2.2: for HKDF the user's material is the salt as well."""
        hash_ = HASHES[self.digest]
        if self.is_hkdf:
            return HKDF(hash_, size, salt=user_material or None, info=shared_info).derive(secret)
        return X963KDF(hash_, size, shared_info).derive(secret)


# RFC 5753 section 7.1.4: standard and cofactor Diffie-Hellman, with the hash function of the key derivation. SHA-1 is
# no weakness in there, and what OpenSSL writes unless told otherwise.
_SCHEMES = {
    der.object_identifier(dotted): _Derivation(digest)
    for digest, *forms in (
        (Digest.SHA256, "1.3.132.1.11.1", "1.3.132.1.14.1"),
        (Digest.SHA384, "1.3.132.1.11.2", "1.3.132.1.14.2"),
        (Digest.SHA512, "1.3.132.1.11.3", "1.3.132.1.14.3"),
        (DecrepitDigest.SHA1, "1.3.133.16.840.63.0.2", "1.3.133.16.840.63.0.3"),
    )
    for dotted in forms
}
_HKDF_SCHEMES = {
    # RFC 8418 section 2.2.
    der.object_identifier(f"1.2.840.113549.1.9.16.3.{arc}"): _Derivation(digest, is_hkdf=True)
    for digest, arc in ((Digest.SHA256, 19), (Digest.SHA384, 20), (Digest.SHA512, 21))
}
_EVERY_SCHEME = {**_SCHEMES, **_HKDF_SCHEMES}
_SCHEME = der.object_identifier("1.3.132.1.11.1")
_HKDF_SCHEME = der.object_identifier("1.2.840.113549.1.9.16.3.19")
# RFC 3565 section 2.3.2: the sizes in bytes of the keys that wrap.
_WRAPS = {
    der.object_identifier("2.16.840.1.101.3.4.1.5"): 16,
    der.object_identifier("2.16.840.1.101.3.4.1.25"): 24,
    der.object_identifier("2.16.840.1.101.3.4.1.45"): 32,
}
_WRAP_ALGORITHMS = {size: der.sequence(oid) for oid, size in _WRAPS.items()}


def agreement_info(certificate: x509.Certificate, public_key: AgreementKey, key: bytes) -> bytes:
    """A RecipientInfo that carries the content key, wrapped under one of its size, to the owner of the certificate."""
    wrap = _WRAP_ALGORITHMS[len(key)]
    kind, scheme, point, secret = _ephemeral(public_key)
    shared_info = _shared_info(wrap, b"", size=len(key))
    wrapping_key = _EVERY_SCHEME[scheme].derive(secret, shared_info, b"", size=len(key))
    originator_key = der.element(_ORIGINATOR_KEY, der.sequence(kind), der.bit_string(point))
    name = der.sequence(identifiers.name_of(certificate).issuer_and_serial)
    wrapped = der.octet_string(aes_key_wrap(wrapping_key, key))
    return der.element(
        AGREEMENT,
        _VERSION,
        der.element(_ORIGINATOR, originator_key),
        der.sequence(scheme, wrap),
        der.sequence(der.sequence(name, wrapped)),
    )


def _ephemeral(public_key: AgreementKey) -> tuple[bytes, bytes, bytes, bytes]:
    """A new key of the same kind: its kind, the scheme that goes with it, its public half, and the shared secret."""
    if isinstance(public_key, x25519.X25519PublicKey):
        new = x25519.X25519PrivateKey.generate()
        point = new.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return identifiers.X25519, _HKDF_SCHEME, point, new.exchange(public_key)
    ephemeral = ec.generate_private_key(public_key.curve)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return identifiers.EC_PUBLIC_KEY, _SCHEME, point, ephemeral.exchange(ec.ECDH(), public_key)


@dataclass(frozen=True, slots=True)
class AgreedKey:
    """For whom a content key is, and what is needed to unwrap it."""

    identifier: bytes
    """Either way in which CMS names a certificate."""
    wrapped_key: bytes
    point: bytes
    """The sender's public key."""
    derivation: _Derivation
    size: int
    """Bytes of the wrapping key."""
    shared_info: bytes
    user_material: bytes

    def open(self, private_key: PrivateKey) -> bytes:
        """With a wrong key, or where anything was damaged: nothing."""
        try:
            secret = self._secret(private_key)
            key = self.derivation.derive(secret, self.shared_info, self.user_material, size=self.size)
            return aes_key_unwrap(key, self.wrapped_key) if secret else b""
        except (ValueError, InvalidUnwrap):
            return b""

    def _secret(self, private_key: PrivateKey) -> bytes:
        """What the two keys share; nothing where ours is of another kind. Raises ValueError."""
        if isinstance(private_key, x25519.X25519PrivateKey):
            return private_key.exchange(x25519.X25519PublicKey.from_public_bytes(self.point))
        if isinstance(private_key, ec.EllipticCurvePrivateKey):
            public_key = ec.EllipticCurvePublicKey.from_encoded_point(private_key.curve, self.point)
            return private_key.exchange(ec.ECDH(), public_key)
        return b""


def read_agreement(info: Element) -> Iterator[AgreedKey]:
    """One key for each recipient; none for schemes that are not supported. Raises `CmsMalformed`."""
    _, originator, *optional, algorithm, recipients = info.fields(4, tag=AGREEMENT)[:5]
    originator_key = originator.fields(1, tag=_ORIGINATOR)[0]
    user_material = optional[0].fields(1, tag=_USER_MATERIAL)[0].octets() if optional else b""
    wrap = algorithm.fields(2)[1]
    try:
        derivation = identifiers.look_up(algorithm, _EVERY_SCHEME)
        size = identifiers.look_up(wrap, _WRAPS)
    except AlgorithmUnsupported:
        return
    if originator_key.tag != _ORIGINATOR_KEY:
        return
    point = originator_key.fields(2, tag=_ORIGINATOR_KEY)[1].expect(der.BIT_STRING).content[1:]
    shared_info = _shared_info(wrap.in_der(), user_material, size=size)
    for recipient in recipients.expect(der.SEQUENCE).children():
        identifier, wrapped_key = recipient.fields(2)[:2]
        name, wrapped = _read_identifier(identifier), wrapped_key.octets()
        yield AgreedKey(name, wrapped, point, derivation, size, shared_info, user_material)


def _read_identifier(identifier: Element) -> bytes:
    """A KeyAgreeRecipientIdentifier: here the key identifier lies one level deeper than elsewhere."""
    if identifier.tag == _KEY_ID:
        return identifier.fields(1, tag=_KEY_ID)[0].octets()
    return identifiers.read_identifier(identifier)


def _shared_info(wrap: bytes, user_material: bytes, *, size: int) -> bytes:
    """ECC-CMS-SharedInfo (RFC 5753 section 7.2): the wrapping algorithm as it is sent, and its key's size in bits."""
    material = der.element(der.EXPLICIT_0, der.octet_string(user_material)) if user_material else b""
    return der.sequence(wrap, material, der.element(_KEY_LENGTH, der.octet_string((8 * size).to_bytes(4))))
