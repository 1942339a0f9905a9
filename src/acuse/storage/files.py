"""Files of the home that hold bytes: where they lie, and how they are read.

Rule: an open file needs no `close` by its readers. It is closed when the last source and the last reader are gone, so
that a reader may be left half-way, as a failed message leaves it.
"""

import os
import weakref
from pathlib import Path
from uuid import UUID

from acuse.errors import StorageFailed
from acuse.mime import Reader
from acuse.storage.home import Home


def blob_path(home: Home, blob_id: UUID) -> Path:
    """Where a large blob lies. The last digits of a UUIDv7 are random, the first ones stay the same for years."""
    return home.blobs / blob_id.hex[-2:] / blob_id.hex


class OpenFile:
    """A file that is closed when nobody holds it any more, so that readers need no end of their own."""

    __slots__ = ("__weakref__", "handle")

    def __init__(self, handle: int) -> None:
        self.handle = handle
        weakref.finalize(self, os.close, handle)


class FileSource:
    """A source over an open file, from an offset on. Its readers keep their own position, so that threads may read
    side by side.
    """

    __slots__ = ("_end", "_file", "_start")

    def __init__(self, file: OpenFile, end: int, *, start: int = 0) -> None:
        self._file = file
        self._start = min(start, end)
        self._end = end

    @property
    def size(self) -> int:
        return self._end - self._start

    def open(self) -> Reader:
        return _FileReader(self._file, self._start, self._end)


class _FileReader:
    __slots__ = ("_end", "_file", "_position")

    def __init__(self, file: OpenFile, start: int, end: int) -> None:
        self._file = file
        self._position = start
        self._end = end

    def read(self, size: int, /) -> bytes:
        wanted = min(size, self._end - self._position)
        if wanted <= 0:
            return b""
        try:
            piece = os.pread(self._file.handle, wanted, self._position)
        except OSError as error:
            raise StorageFailed(f"A file cannot be read: {error.strerror}.") from error
        if not piece:
            raise StorageFailed("A file is shorter than it was.")
        self._position += len(piece)
        return piece
