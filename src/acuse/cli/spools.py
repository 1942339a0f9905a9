"""Places for bytes outside of any home: memory while small, a temporary file after that."""

import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO

from acuse.mime import Literal, Reader, Source

_IN_MEMORY = 1024 * 1024


class Spools(ExitStack):
    """Makes places; their files are gone when it is left."""

    def new(self) -> "Spool":
        """A fresh place."""
        return Spool(spools=self)


@dataclass(slots=True, kw_only=True)
class Spool:
    """One place. Fits `mime.Scratch`."""

    spools: Spools
    _memory: bytearray = field(default_factory=bytearray)
    _file: IO[bytes] | None = None

    def write(self, data: bytes, /) -> None:
        if self._file is None and len(self._memory) + len(data) > _IN_MEMORY:
            self._file = self.spools.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the spools close it
            self._file.write(self._memory)
            self._memory.clear()
        if self._file is None:
            self._memory += data
        else:
            self._file.write(data)

    def source(self) -> Source:
        """What was written; it can be read until the spools are left."""
        if self._file is None:
            return Literal(bytes(self._memory))
        self._file.flush()
        return OpenFile(self._file.fileno())


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A source over an open file, for any number of readers."""

    descriptor: int

    @property
    def size(self) -> int:
        return os.fstat(self.descriptor).st_size

    def open(self) -> Reader:
        return _FileReader(self.descriptor)


class _FileReader:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._at = 0

    def read(self, size: int, /) -> bytes:
        piece = os.pread(self._descriptor, size, self._at)
        self._at += len(piece)
        return piece
