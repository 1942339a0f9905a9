"""Reading and verifying detached signatures (RFC 5652 section 5).

Rule: a signature is verified with certificates that the caller gives, never with those that came with it; and
verification raises, so nobody can forget to look at a result. Of several signers one that holds is enough.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509

from acuse.cms import ber, der, identifiers
from acuse.cms.ber import Element
from acuse.cms.certificates import public_key_of
from acuse.cms.decrepit import Allowed, AnyDigest
from acuse.cms.errors import (
    AlgorithmUnsupported,
    CmsError,
    CmsMalformed,
    DigestMismatch,
    SignatureBroken,
    SignatureError,
    SignerUnknown,
)
from acuse.cms.identifiers import name_of
from acuse.cms.signature_schemes import Check, Finding, Over, read_scheme
from acuse.cms.strength import objection_to_signer

_MAX_SIZE = 1024 * 1024
_MAX_SIGNERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Whose signature it is."""

    certificate: x509.Certificate
    digest: AnyDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    """One SignerInfo with algorithms that we know."""

    identifier: bytes
    """Either way in which CMS names a certificate."""
    digest: AnyDigest
    check: Check
    value: bytes
    attributes: tuple[bytes, ...]
    """What the signature value may be over, the likelier first; empty when it is over the content itself."""
    message_digest: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """A detached signature that was read but not verified."""

    _signers: tuple[_Signer, ...]
    _allow: Allowed
    embedded: tuple[bytes, ...] = ()
    """The certificates that came along, in DER. They prove nothing by that."""

    @property
    def digests(self) -> frozenset[AnyDigest]:
        """What must be computed over the content."""
        return frozenset(signer.digest for signer in self._signers)

    def verify(self, hashed: Mapping[AnyDigest, bytes], certificates: Sequence[x509.Certificate]) -> Verified:
        """Who signed the content whose digests are `hashed` (at least those in `digests`).

        Each signer's own certificate is tried first, then the others: partners renew certificates without renewing
        keys. Raises `DigestMismatch`, `SignatureBroken`, `SignerUnknown`, and `AlgorithmUnsupported` when the signer's
        key is too small and was not allowed.
        """
        errors: list[CmsError] = []
        for signer in self._signers:
            try:
                return _verify(signer, hashed[signer.digest], certificates, self._allow)
            except (SignatureError, AlgorithmUnsupported) as error:
                errors.append(error)
        raise min(errors, key=lambda error: _MOST_TELLING.index(type(error)))


def read_signature(data: bytes, *, allow: Allowed = ()) -> Signature:
    """Read SignedData in DER or BER; embedded content, and what follows, is ignored.

    A decrepit digest or a signer's short key is believed only when it is in `allow`. Raises `CmsMalformed`, and
    `AlgorithmUnsupported` when there is no signer whose algorithms are supported.
    """
    if len(data) > _MAX_SIZE:
        raise CmsMalformed("The signature is too large.", limit=_MAX_SIZE)
    content_type, wrapped = ber.parse(data).fields(2)[:2]
    if content_type.in_der() != identifiers.SIGNED_DATA:
        raise CmsMalformed("This is another CMS structure than SignedData.", oid=content_type.dotted())
    signed_data = wrapped.fields(1, tag=der.EXPLICIT_0)[0].fields(4)
    content_type = signed_data[2].fields(1)[0]
    infos = signed_data[-1].expect(der.SET).children()
    if not 1 <= len(infos) <= _MAX_SIGNERS:
        raise CmsMalformed("A signature has no signer, or too many.", signers=len(infos))
    signers: list[_Signer] = []
    unsupported: list[AlgorithmUnsupported] = []
    for info in infos:
        try:
            signers.append(_read_signer(info, content_type.in_der(), allow))
        except AlgorithmUnsupported as error:
            unsupported.append(error)
    if not signers:
        raise unsupported[0]
    return Signature(tuple(signers), tuple(allow), _embedded(signed_data))


def _embedded(signed_data: Sequence[Element]) -> tuple[bytes, ...]:
    """RFC 5652 section 10.2.2: of the kinds of certificates only X.509 is a plain SEQUENCE."""
    sets = [field for field in signed_data[3:-1] if field.tag == der.EXPLICIT_0]
    return tuple(entry.in_der() for field in sets for entry in field.children() if entry.tag == der.SEQUENCE)


def _read_signer(info: Element, content_type: bytes, allow: Allowed) -> _Signer:
    _, identifier, digest_algorithm, *rest = info.fields(5)
    attributes = rest.pop(0) if rest[0].tag == der.EXPLICIT_0 else None
    if len(rest) < 2:
        raise CmsMalformed("A signer has no signature.")
    scheme, value = rest[:2]
    digest = identifiers.read_digest(digest_algorithm, allow)
    return _Signer(
        identifier=identifiers.read_identifier(identifier),
        digest=digest,
        check=read_scheme(scheme, digest, allow),
        value=value.octets(),
        attributes=() if attributes is None else tuple(_signed_forms(attributes)),
        message_digest=b"" if attributes is None else _message_digest(attributes, content_type),
    )


def _signed_forms(attributes: Element) -> Iterator[bytes]:
    """RFC 5652 section 5.4 wants DER to be signed, whatever is sent; some products sign what they send."""
    sent = der.element(der.SET, attributes.content)
    yield sent
    ordered = der.set_of(*(attribute.in_der() for attribute in attributes.children()))
    if ordered != sent:
        yield ordered


def _message_digest(attributes: Element, content_type: bytes) -> bytes:
    """RFC 5652 section 11: both attributes must be there once, with one value."""
    values: dict[bytes, Element] = {}
    for attribute in attributes.children():
        name, held = attribute.fields(2)[:2]
        encoded = name.in_der()
        if encoded in _REQUIRED_ATTRIBUTES:
            held_values = held.expect(der.SET).children()
            if encoded in values or len(held_values) != 1:
                raise CmsMalformed("A signed attribute has more than one value, or none.")
            values[encoded] = held_values[0]
    if len(values) != len(_REQUIRED_ATTRIBUTES):
        raise CmsMalformed("The signed attributes lack the message digest or the content type.")
    if values[identifiers.CONTENT_TYPE].in_der() != content_type:
        raise CmsMalformed("The signed attributes are for another content type.")
    return values[identifiers.MESSAGE_DIGEST].octets()


def _verify(signer: _Signer, hashed: bytes, certificates: Sequence[x509.Certificate], allow: Allowed) -> Verified:
    named = [certificate for certificate in certificates if signer.identifier in name_of(certificate)]
    others = [certificate for certificate in certificates if certificate not in named]
    digests = [hashlib.new(signer.digest, form).digest() for form in signer.attributes] or [hashed]
    over = Over(attributes=signer.attributes, digests=digests)
    for certificate in named + others:
        key = public_key_of(certificate)
        if objection := objection_to_signer(key, allow):
            if certificate in named:
                raise AlgorithmUnsupported(objection)
            continue
        finding = signer.check(key, signer.value, over, signer.digest)
        is_over_content = not signer.attributes
        if finding is Finding.OTHER_CONTENT and is_over_content:
            raise DigestMismatch
        if finding is Finding.HOLDS:
            if not is_over_content and signer.message_digest != hashed:
                raise DigestMismatch
            return Verified(certificate=certificate, digest=signer.digest)
    raise SignatureBroken if named else SignerUnknown


_MOST_TELLING = (DigestMismatch, SignatureBroken, AlgorithmUnsupported, SignerUnknown)
_REQUIRED_ATTRIBUTES = (identifiers.MESSAGE_DIGEST, identifiers.CONTENT_TYPE)
