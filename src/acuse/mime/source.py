"""Bytes that can be read in pieces, and read again.

Rule: nobody in the cores holds a body whole. A `Reader` is read once, front to back; a `Source` knows its size and
gives a new reader each time it is opened, so that one pass may measure or hash what a later pass sends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

CHUNK = 256 * 1024
"""How many bytes the cores read at once. Measured: larger fresh buffers pay page faults, smaller ones pay calls."""


class Reader(Protocol):
    """Anything that hands out bytes in order: a file, a socket's spool, another layer."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes (size > 0), fewer where that is convenient, b"" only at the end."""
        ...


class Source(Protocol):
    """Bytes of known size that can be read any number of times."""

    @property
    def size(self) -> int: ...

    def open(self) -> Reader: ...


class Scratch(Protocol):
    """A place for bytes that a core produced and must read again: memory while small, a temporary file after that."""

    def write(self, data: bytes, /) -> object: ...

    def source(self) -> Source:
        """What was written so far, to be read any number of times; nothing is written after this call."""
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A source over bytes in memory."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> Reader:
        return _LiteralReader(self.data)


class _LiteralReader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def read(self, size: int, /) -> bytes:
        start = self._position
        self._position = start + size
        return self._data[start : self._position]


@dataclass(frozen=True, slots=True)
class Joined:
    """Several sources, one after the other, as one."""

    parts: tuple[Source, ...]

    @classmethod
    def of(cls, *parts: bytes | Source) -> "Joined":
        return cls(tuple(Literal(part) if isinstance(part, bytes) else part for part in parts))

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)

    def open(self) -> Reader:
        return _JoinedReader(self.parts)


class _JoinedReader:
    def __init__(self, parts: Iterable[Source]) -> None:
        self._waiting = iter(parts)
        self._current: Reader | None = None

    def read(self, size: int, /) -> bytes:
        while True:
            if self._current is None:
                part = next(self._waiting, None)
                if part is None:
                    return b""
                self._current = part.open()
            if piece := self._current.read(size):
                return piece
            self._current = None
