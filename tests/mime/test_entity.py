"""The header block of an entity: where it ends, and that its bytes are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mime import HeadersTooLarge, Literal, MimeError, open_entity, read_all
from tests.mime.readers import InPieces, in_pieces_of, piece_sizes

LIMIT = 1 << 20


@given(
    fields=st.lists(st.sampled_from([b"A: 1", b"b:2 ", b"Content-Type: text/plain;\n\tname=x", b"C:"]), max_size=4),
    line_end=st.sampled_from([b"\r\n", b"\n"]),
    body=st.binary(max_size=100) | st.sampled_from([b"\r\n\r\n", b"\n\n", b"\r", b"x\r\n\r\ny"]),
    sizes=piece_sizes(),
)
def test_headers_and_body_are_the_transmitted_bytes_however_they_are_split(
    fields: list[bytes], line_end: bytes, body: bytes, sizes: list[int]
) -> None:
    head = b"".join(field + line_end for field in fields) + line_end

    entity = open_entity(InPieces(head + body, sizes))

    assert head == entity.raw_headers
    assert body == read_all(entity.body, limit=LIMIT)
    assert len(fields) == len(entity.headers)


def test_an_entity_that_begins_with_its_blank_line_has_no_header_fields() -> None:
    entity = open_entity(in_pieces_of(1, b"\r\nJust text\r\n\r\n"))

    assert b"\r\n" == entity.raw_headers
    assert () == entity.headers.fields
    assert b"Just text\r\n\r\n" == read_all(entity.body, limit=LIMIT)


@pytest.mark.parametrize("block", [b"A: 1", b"A: 1\r\n", b""])
def test_an_entity_may_end_without_a_blank_line(block: bytes) -> None:
    entity = open_entity(Literal(block).open())

    assert block == entity.raw_headers
    assert b"" == read_all(entity.body, limit=LIMIT)


def test_an_entity_without_header_fields_and_blank_line_is_refused() -> None:
    with pytest.raises(MimeError):
        open_entity(Literal(b"no header here").open())


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_header_block_is_bounded_to_the_byte(size: int) -> None:
    head = b"A: " + b"x" * 93 + b"\r\n\r\n"

    assert head == open_entity(in_pieces_of(size, head + b"body"), limit=100).raw_headers
    with pytest.raises(HeadersTooLarge):
        open_entity(in_pieces_of(size, head + b"body"), limit=99)


def test_a_body_without_end_of_headers_is_not_read_whole() -> None:
    endless = InPieces(b"A: 1\r\n" * 1_000_000, [8192])

    with pytest.raises(HeadersTooLarge):
        open_entity(endless)

    assert len(read_all(endless, limit=10_000_000)) > 5_500_000
