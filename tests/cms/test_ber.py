"""The small reader of BER, where the structures of CMS do not reach."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import CmsMalformed, ber, der
from acuse.cms.ber_stream import BerStream
from acuse.mime import Literal
from tests.cms.asn1 import Node
from tests.mime.readers import InPieces, piece_sizes

OIDS = ["0.9.2342", "1.2.840.113549.1.9.16.3.8", "2.16.840.1.101.3.4.1.42", "2.999.1", "1.3.14.3.2.26"]


@pytest.mark.parametrize("dotted", OIDS)
def test_object_identifiers_are_written_and_read(dotted: str) -> None:
    assert dotted == ber.parse(der.object_identifier(dotted)).dotted()


@pytest.mark.parametrize("length", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000])
def test_headers_are_written_and_read_at_every_width(length: int) -> None:
    header = der.header(der.OCTET_STRING, length)

    assert (der.OCTET_STRING, len(header), length) == ber.read_header(header, 0)


def test_a_large_tag_equals_no_small_one() -> None:
    element = ber.parse(b"\xbf\x30\x03\x02\x01\x05")

    assert element.tag not in range(256)
    assert [b"\x02\x01\x05"] == [child.raw for child in element.children()]
    assert b"\xbf\x30\x03\x02\x01\x05" == element.in_der()


def test_zero_bytes_inside_are_not_the_end() -> None:
    element = ber.parse(b"\x30\x80\x04\x03\x00\x00\x00\x24\x80\x04\x02\x00\x00\x00\x00\x02\x01\x00\x00\x00trailing")

    assert [b"\0\0\0", b"\0\0"] == [child.octets() for child in element.children()[:2]]
    assert 3 == len(element.children())


@pytest.mark.parametrize(
    "data",
    [
        b"\x04\x80\x00\x00",
        b"\x30\x80",
        b"\x30\x03\x02\x02\x00",
        b"\x30\x02\x30\x80\x00\x00",
        b"\x04\xff" + b"\xff" * 127,
    ],
)
def test_what_contradicts_itself_is_malformed(data: bytes) -> None:
    with pytest.raises(CmsMalformed):
        ber.parse(data).in_der()


def test_an_element_may_not_be_longer_than_the_one_around_it() -> None:
    stream = BerStream(Literal(b"\x30\x03\x04\x04abcd").open())
    stream.enter(der.SEQUENCE)

    with pytest.raises(CmsMalformed):
        b"".join(stream.octets())


def test_an_end_marker_may_not_lie_outside_the_element_around_it() -> None:
    stream = BerStream(Literal(b"\x30\x02\x30\x80\x00\x00").open())
    stream.enter(der.SEQUENCE)
    stream.enter(der.SEQUENCE)
    stream.leave()

    with pytest.raises(CmsMalformed, match="longer than"):
        stream.leave()


def test_the_number_of_elements_in_one_is_bounded() -> None:
    with pytest.raises(CmsMalformed, match="too many"):
        ber.parse(Node(0x30, b"\x05\x00" * 20_000).der()).children()


def test_an_element_in_memory_is_bounded() -> None:
    large = Node(0x30, children=(Node(0x04, bytes(1 << 20)),))

    for data in (large.der(), large.ber(1000)):
        with pytest.raises(CmsMalformed, match="too large"):
            BerStream(Literal(data).open()).element()


@given(data=st.data(), sizes=piece_sizes())
def test_an_element_is_taken_as_it_was_transmitted(data: st.DataObject, sizes: list[int]) -> None:
    leaves = st.builds(Node, st.sampled_from([0x02, 0x04, 0x0C]), st.binary(max_size=200))
    trees = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4).map(lambda nodes: Node(0x30, children=tuple(nodes)))
    )
    tree = data.draw(trees.filter(lambda tree: len(tree.der()) < 5000))

    for encoded in (tree.der(), tree.ber(3)):
        element = BerStream(InPieces(encoded + b"\0\0\0", sizes)).element()
        assert encoded == element.raw
        assert tree.der() == element.in_der()


@given(noise=st.binary(max_size=60))
def test_noise_is_an_element_or_malformed(noise: bytes) -> None:
    with suppress(CmsMalformed):
        ber.parse(noise).in_der()
    with suppress(CmsMalformed):
        BerStream(Literal(noise).open()).element().in_der()
