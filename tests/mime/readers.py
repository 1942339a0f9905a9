"""Readers that hand out their bytes in pieces as awkward as a network's, and the strategies that make them."""

from collections.abc import Sequence
from itertools import cycle

from hypothesis import strategies as st

from acuse.mime import Reader


class InPieces:
    """A reader over `data` whose pieces have these sizes, over and over."""

    def __init__(self, data: bytes, sizes: Sequence[int]) -> None:
        self._data = data
        self._at = 0
        self._sizes = cycle(sizes)

    def read(self, size: int, /) -> bytes:
        start = self._at
        self._at = min(start + min(size, next(self._sizes)), len(self._data))
        return self._data[start : self._at]


def in_pieces_of(size: int, data: bytes) -> Reader:
    return InPieces(data, [size])


def piece_sizes() -> st.SearchStrategy[list[int]]:
    """Mostly small, because trouble sits between CR and LF."""
    return st.lists(st.integers(1, 5) | st.integers(1, 400), min_size=1, max_size=8)


def lines() -> st.SearchStrategy[bytes]:
    """Bytes made of what a line-based parser may stumble over."""
    pieces = [b"\r", b"\n", b"\r\n", b"--", b"-", b"--b", b"b", b"b--", b" ", b"\t", b":", b"=", b"\0", b"x", b"\xff"]
    return st.lists(st.sampled_from(pieces) | st.binary(max_size=3), max_size=30).map(b"".join)
