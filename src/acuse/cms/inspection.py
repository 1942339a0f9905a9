"""What a CMS structure says about itself: for people who look for what is wrong, and for them alone.

Rule: nothing here proves anything. Whoever wrote the structure could write what he liked into it, so no decision that
counts may rest on it.
"""

from collections.abc import Iterator

from cryptography import x509

from acuse.cms import ber, der, identifiers
from acuse.cms.ber import Element
from acuse.cms.ber_stream import BerStream
from acuse.cms.errors import CmsMalformed
from acuse.mime.source import Reader

_MOST = 32


def enclosed_certificates(signature: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates that came with SignedData, those that can be read. Raises `CmsMalformed`."""
    content_type, wrapped = ber.parse(signature).fields(2)[:2]
    if content_type.in_der() != identifiers.SIGNED_DATA:
        raise CmsMalformed("This is another CMS structure than SignedData.")
    fields = wrapped.fields(1, tag=der.EXPLICIT_0)[0].fields(4)
    held = [field for field in fields[3:-1] if field.tag == der.EXPLICIT_0]
    return tuple(_certificates(held[0].children()[:_MOST])) if held else ()


def named_recipients(reader: Reader) -> tuple[str, ...]:
    """For whom EnvelopedData or AuthEnvelopedData is: the serial number of each certificate, or its key identifier, in
    hexadecimal digits. Those who agree on a key are left out. Raises `CmsMalformed`.
    """
    stream = BerStream(reader)
    stream.enter(der.SEQUENCE)
    stream.element().expect(der.OBJECT_IDENTIFIER)
    stream.enter(der.EXPLICIT_0)
    stream.enter(der.SEQUENCE)
    stream.element().expect(der.INTEGER)
    if stream.next_tag() == der.EXPLICIT_0:
        stream.element()
    infos = stream.element().expect(der.SET).children()[:_MOST]
    return tuple(_number(info.fields(2)[1]) for info in infos if info.tag == der.SEQUENCE)


def _certificates(elements: list[Element]) -> Iterator[x509.Certificate]:
    for element in elements:
        try:
            yield x509.load_der_x509_certificate(element.in_der())
        except ValueError:
            continue


def _number(identifier: Element) -> str:
    if identifier.tag != der.SEQUENCE:
        return identifiers.read_identifier(identifier).hex()
    return identifier.fields(2)[1].content.hex().lstrip("0")
