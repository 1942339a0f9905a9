"""How a signature value is made from a digest, and judged: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 section 8),
ECDSA (RFC 5753 section 2.1), and Ed25519 (RFC 8419).

Rule: the digest of a SignerInfo decides which hash function counts. A signature algorithm that names another one by its
label changes nothing, parameters that name another one are refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from acuse.cms import der, identifiers, rsa_parameters
from acuse.cms.algorithms import Digest, SignatureScheme
from acuse.cms.ber import Element
from acuse.cms.certificates import PublicKey
from acuse.cms.decrepit import Allowed, AnyDigest, DecrepitDigest
from acuse.cms.errors import AlgorithmUnsupported, CmsMalformed
from acuse.cms.keys import HASHES, PrivateKey

_PKCS1 = PKCS1v15()
_PKCS1_ALGORITHM = der.sequence(identifiers.RSA, der.NULL)
_DEFAULT_SALT = 20
_LONGEST_SALT = 1024
_TRAILER = b"\x01"


class Finding(Enum):
    """What a signature value says about a key."""

    HOLDS = auto()
    OTHER_CONTENT = auto()
    """The key made this signature, but over something else. Not every algorithm can tell."""
    NOT_THIS_KEY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """What a signature value may have been made over, the likelier first."""

    attributes: Sequence[bytes]
    """The signed attributes in each form; empty when the signature is over the content itself."""
    digests: Sequence[bytes]
    """Of the attributes, or else of the content."""


Check = Callable[[PublicKey, bytes, Over, AnyDigest], Finding]
"""Judges a signature value."""


def make_signature(key: PrivateKey, data: bytes, digest: AnyDigest, scheme: SignatureScheme) -> tuple[bytes, bytes]:
    """The AlgorithmIdentifier and the signature value; `scheme` is for RSA keys.

    Raises ValueError when the key is too small for the digest.
    """
    hash_ = HASHES[digest]
    if isinstance(key, Ed25519PrivateKey):
        return _ED25519_ALGORITHM, key.sign(data)
    assert not isinstance(key, x25519.X25519PrivateKey), "such a key was refused before"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _ECDSA_ALGORITHMS[digest], key.sign(data, ec.ECDSA(hash_))
    if scheme is SignatureScheme.PSS:
        padding = PSS(mgf=MGF1(hash_), salt_length=hash_.digest_size)
        return _PSS_ALGORITHMS[digest], key.sign(data, padding, hash_)
    return _PKCS1_ALGORITHM, key.sign(data, _PKCS1, hash_)


def read_scheme(algorithm: Element, digest: AnyDigest, allow: Allowed) -> Check:
    """How to judge signature values. Raises `CmsMalformed` and `AlgorithmUnsupported`."""
    return identifiers.look_up(algorithm, _SCHEMES)(algorithm, digest, allow)


def _read_pkcs1(_algorithm: Element, _digest: AnyDigest, _allow: Allowed) -> Check:
    """Parameters may be NULL or absent (RFC 5754 section 3.2)."""
    return _check_pkcs1


def _check_pkcs1(key: PublicKey, value: bytes, over: Over, digest: AnyDigest) -> Finding:
    """The digest that was signed can be read from the signature value."""
    if not isinstance(key, rsa.RSAPublicKey):
        return Finding.NOT_THIS_KEY
    try:
        signed = key.recover_data_from_signature(value, _PKCS1, HASHES[digest])
    except InvalidSignature:
        return Finding.NOT_THIS_KEY
    return Finding.HOLDS if signed in over.digests else Finding.OTHER_CONTENT


def _read_pss(algorithm: Element, digest: AnyDigest, allow: Allowed) -> Check:
    """RFC 4056 section 3: the parameters must be there."""
    fields = rsa_parameters.read_fields(algorithm.fields(2)[1])
    if rsa_parameters.read_hash(fields, allow) is not digest:
        raise AlgorithmUnsupported("The partner's signature names two different digests. Ask it to use one.")
    salt_length = _DEFAULT_SALT
    if rsa_parameters.THIRD in fields:
        salt_length = int.from_bytes(fields[rsa_parameters.THIRD].expect(der.INTEGER).content, signed=True)
    trailer = fields.get(rsa_parameters.FOURTH)
    if not 0 <= salt_length <= _LONGEST_SALT or (trailer and trailer.expect(der.INTEGER).content != _TRAILER):
        raise CmsMalformed("The parameters of a PSS signature are impossible.")
    return partial(_check_pss, PSS(mgf=rsa_parameters.read_mask(fields, allow), salt_length=salt_length))


def _check_pss(padding: PSS, key: PublicKey, value: bytes, over: Over, digest: AnyDigest) -> Finding:
    if not isinstance(key, rsa.RSAPublicKey):
        return Finding.NOT_THIS_KEY
    hash_ = Prehashed(HASHES[digest])
    return _any_holds(lambda signed: key.verify(value, signed, padding, hash_), over.digests)


def _read_ecdsa(_algorithm: Element, _digest: AnyDigest, _allow: Allowed) -> Check:
    return _check_ecdsa


def _check_ecdsa(key: PublicKey, value: bytes, over: Over, digest: AnyDigest) -> Finding:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return Finding.NOT_THIS_KEY
    algorithm = ec.ECDSA(Prehashed(HASHES[digest]))
    return _any_holds(lambda signed: key.verify(value, signed, algorithm), over.digests)


def _read_ed25519(_algorithm: Element, _digest: AnyDigest, _allow: Allowed) -> Check:
    """RFC 8419 section 3.1 wants SHA-512 for the attributes; another strong digest there harms nothing."""
    return _check_ed25519


def _check_ed25519(key: PublicKey, value: bytes, over: Over, _digest: AnyDigest) -> Finding:
    """The attributes themselves are signed, not their digest. Raises `AlgorithmUnsupported` where there are none."""
    if not isinstance(key, Ed25519PublicKey):
        return Finding.NOT_THIS_KEY
    if not over.attributes:
        raise AlgorithmUnsupported("An Ed25519 signature without signed attributes would need all content in memory.")
    return _any_holds(lambda signed: key.verify(value, signed), over.attributes)


def _any_holds(verify: Callable[[bytes], None], candidates: Sequence[bytes]) -> Finding:
    for signed in candidates:
        try:
            verify(signed)
        except (InvalidSignature, ValueError):
            continue
        return Finding.HOLDS
    return Finding.NOT_THIS_KEY


def _pss_algorithm(digest: AnyDigest) -> bytes:
    """RFC 4056 section 3 wants a salt as long as the digest."""
    salt_length = der.element(rsa_parameters.THIRD, der.small_integer(HASHES[digest].digest_size))
    parameters = der.sequence(rsa_parameters.write_hash_and_mask(digest), salt_length)
    return der.sequence(identifiers.RSASSA_PSS, parameters)


_PSS_ALGORITHMS = {digest: _pss_algorithm(digest) for digest in (*Digest, *DecrepitDigest)}
# RFC 5753 section 7.1.3: the parameters are absent.
_ECDSA_ALGORITHMS = {digest: der.sequence(oid) for digest, oid in identifiers.ECDSA_WITH_DIGEST.items()}
# RFC 8419 section 2.1: there are no parameters.
_ED25519_ALGORITHM = der.sequence(identifiers.ED25519)
_SCHEMES: Mapping[bytes, Callable[[Element, AnyDigest, Allowed], Check]] = {
    **dict.fromkeys((identifiers.RSA, *identifiers.RSA_WITH_DIGEST), _read_pkcs1),
    identifiers.RSASSA_PSS: _read_pss,
    identifiers.ED25519: _read_ed25519,
    # Some products write the kind of the key where the algorithm belongs.
    **dict.fromkeys((identifiers.EC_PUBLIC_KEY, *identifiers.ECDSA_WITH_DIGEST.values()), _read_ecdsa),
}
