"""What the parameters of RSASSA-PSS and RSAES-OAEP have in common (RFC 4055 sections 3.1 and 4.1): hash and mask.

Rule: what is absent is the default that the format names, which is SHA-1 everywhere; it is allowed like any other.
"""

from cryptography.hazmat.primitives.asymmetric.padding import MGF1

from acuse.cms import der, identifiers
from acuse.cms.ber import Element
from acuse.cms.decrepit import Allowed, AnyDigest, DecrepitDigest
from acuse.cms.errors import AlgorithmUnsupported, CmsMalformed
from acuse.cms.keys import HASHES

_HASH, _MASK = der.EXPLICIT_0, der.EXPLICIT_0 | 1
THIRD, FOURTH = der.EXPLICIT_0 | 2, der.EXPLICIT_0 | 3
"""The tags of the fields after hash and mask: each scheme has its own."""
_IN_ORDER = (_HASH, _MASK, THIRD, FOURTH)


def write_hash_and_mask(digest: AnyDigest) -> bytes:
    """The first two fields, with the same hash function in both (RFC 4055 section 2.1: with NULL)."""
    hash_ = der.sequence(der.object_identifier(digest.oid), der.NULL)
    return der.element(_HASH, hash_) + der.element(_MASK, der.sequence(identifiers.MGF1, hash_))


def read_fields(parameters: Element) -> dict[int, Element]:
    """What stands under each tag. Raises `CmsMalformed` for fields that are unknown, doubled or out of order."""
    children = parameters.expect(der.SEQUENCE).children()
    tags = [child.tag for child in children]
    if tags != [tag for tag in _IN_ORDER if tag in tags]:
        raise CmsMalformed("The parameters of an RSA scheme are not what its format wants.")
    return {child.tag: child.fields(1, tag=child.tag)[0] for child in children}


def read_hash(fields: dict[int, Element], allow: Allowed) -> AnyDigest:
    """Raises `AlgorithmUnsupported` for an unknown hash function, or a weak one that is not in `allow`."""
    return _read(fields.get(_HASH), allow)


def read_mask(fields: dict[int, Element], allow: Allowed) -> MGF1:
    """Raises `AlgorithmUnsupported` for another mask generation function, or a hash function as in `read_hash`."""
    mask = fields.get(_MASK)
    if mask is None:
        return MGF1(HASHES[_read(None, allow)])
    name, hash_ = mask.fields(2)[:2]
    if name.in_der() != identifiers.MGF1:
        raise AlgorithmUnsupported(oid=name.dotted())
    return MGF1(HASHES[_read(hash_, allow)])


def _read(algorithm: Element | None, allow: Allowed) -> AnyDigest:
    if algorithm is None:
        return identifiers.allowed(DecrepitDigest.SHA1, allow)
    return identifiers.read_digest(algorithm, allow)
