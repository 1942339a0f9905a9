"""Small things to do with a `Reader`: build one from pieces, look at what passes, read it to its end.

Rule: an error that a reader raised once it raises again at every later read. A layer above that catches it too early
cannot take the rest for a regular end.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from acuse.mime.errors import ContentTooLarge
from acuse.mime.source import CHUNK, Reader


class Hash(Protocol):
    """What `hashlib` gives out."""

    def update(self, data: bytes, /) -> None: ...


class PieceReader:
    """A reader over pieces of any size, such as a generator that decodes another reader."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._at = 0
        self._error: Exception | None = None

    def read(self, size: int, /) -> bytes:
        while self._at >= len(self._piece):
            piece = self._next()
            if piece is None:
                return b""
            if 0 < len(piece) <= size:
                return piece
            self._piece, self._at = piece, 0
        start = self._at
        self._at = start + size
        return self._piece[start : self._at]

    def _next(self) -> bytes | None:
        if self._error is not None:
            raise self._error
        try:
            return next(self._pieces, None)
        except Exception as error:
            self._error = error
            raise


class Prefixed:
    """A reader over bytes already taken from `rest`, followed by what it still has."""

    def __init__(self, taken: bytes, rest: Reader) -> None:
        self._taken = taken
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        if not self._taken:
            return self._rest.read(size)
        piece, self._taken = self._taken[:size], self._taken[size:]
        return piece


class Hashing:
    """A reader that updates every hash with what passes through it."""

    def __init__(self, reader: Reader, hashes: Sequence[Hash]) -> None:
        self._reader = reader
        self._hashes = tuple(hashes)

    def read(self, size: int, /) -> bytes:
        piece = self._reader.read(size)
        for hash_ in self._hashes:
            hash_.update(piece)
        return piece


def drain(reader: Reader) -> int:
    """Read to the end and forget; the number of bytes that there were."""
    total = 0
    while piece := reader.read(CHUNK):
        total += len(piece)
    return total


def copy(reader: Reader, write: Callable[[bytes], object]) -> int:
    """Hand every piece to `write`; the number of bytes that there were."""
    total = 0
    while piece := reader.read(CHUNK):
        write(piece)
        total += len(piece)
    return total


def read_all(reader: Reader, *, limit: int) -> bytes:
    """All the bytes of something that is short by nature.

    Raises `ContentTooLarge` as soon as there are more than `limit` bytes.
    """
    pieces: list[bytes] = []
    total = 0
    while piece := reader.read(CHUNK):
        total += len(piece)
        if total > limit:
            raise ContentTooLarge(limit=limit)
        pieces.append(piece)
    return b"".join(pieces)
