"""Readers over readers, and what is done with them."""

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mime import ContentTooLarge, Hashing, Literal, PieceReader, copy, drain, read_all
from tests.mime.readers import in_pieces_of


@given(pieces=st.lists(st.binary(max_size=20)), size=st.integers(1, 12))
def test_pieces_are_read_whole_in_steps_of_any_size(pieces: list[bytes], size: int) -> None:
    reader = PieceReader(iter(pieces))

    steps = list(iter(lambda: reader.read(size), b""))

    assert b"".join(pieces) == b"".join(steps)
    assert all(len(step) <= size for step in steps)
    assert b"" == reader.read(size)


def test_an_error_of_the_pieces_does_not_turn_into_an_end() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"good"
        raise OSError("the disk is gone")

    reader = PieceReader(pieces())

    assert b"good" == reader.read(10)
    for _ in range(2):
        with pytest.raises(OSError, match="disk"):
            reader.read(10)


def test_hashes_cover_what_passed() -> None:
    first, second = hashlib.sha256(), hashlib.sha512()

    total = drain(Hashing(in_pieces_of(7, b"x" * 100), [first, second]))

    assert 100 == total
    assert hashlib.sha256(b"x" * 100).digest() == first.digest()
    assert hashlib.sha512(b"x" * 100).digest() == second.digest()


def test_copying_hands_over_every_piece() -> None:
    written: list[bytes] = []

    assert 10 == copy(in_pieces_of(4, b"0123456789"), written.append)

    assert [b"0123", b"4567", b"89"] == written


def test_reading_all_is_bounded_to_the_byte() -> None:
    assert b"abc" == read_all(Literal(b"abc").open(), limit=3)
    with pytest.raises(ContentTooLarge):
        read_all(Literal(b"abcd").open(), limit=3)
