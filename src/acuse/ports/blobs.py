"""Bytes: kept for good under an id, or staged until somebody decides."""

from dataclasses import dataclass, field
from typing import BinaryIO, Protocol
from uuid import UUID

from acuse.mime import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """Bytes that are ready to be named by a row. Large ones are durable already, small ones ride in the row's
    commit.
    """

    id: UUID
    size: int
    sha256: str
    inline: bytes | None = field(default=None, repr=False)
    """The bytes themselves, up to the limit under which a file of its own costs more than it brings."""


class Stage(Protocol):
    """A place for bytes that arrive or are made: memory while small, a file in the home after that.

    It fits `mime.Scratch`. A stage that is neither kept nor discarded is cleaned up when it is garbage or at the next
    start.
    """

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str:
        """Of what was written so far, in hexadecimal."""
        ...

    def write(self, data: bytes, /) -> object: ...

    def source(self) -> Source:
        """What was written, to be read any number of times. Nothing is written after this call."""
        ...

    def keep(self) -> Blob:
        """Make the bytes durable (a file is fsynced and moved into place); raises StorageFailed. May be called once."""
        ...

    def discard(self) -> None:
        """Forget the bytes. Does nothing after `keep`, or the second time."""
        ...


class Blobs(Protocol):
    """Bytes by id."""

    def stage(self) -> Stage: ...

    def scratch(self) -> Stage:
        """A stage for bytes that are needed for a moment only, and that nobody means to keep."""
        ...

    def source(self, blob_id: UUID, *, start: int = 0) -> Source:
        """The bytes of a kept blob from an offset on, readable from any thread; raises StorageFailed when they are
        gone.
        """
        ...

    def open(self, blob_id: UUID) -> BinaryIO:
        """The same as a seekable file."""
        ...

    def discard(self, blob: Blob) -> None:
        """Remove a kept blob whose unit did not commit."""
        ...
