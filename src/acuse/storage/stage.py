"""A stage: bytes on their way into the home, in memory while they are few and in a temporary file after that.

Rule: whatever goes wrong, nothing stays behind. A stage that failed, was discarded or was forgotten removes its file,
and the next start of the gateway removes those of a process that was killed.
"""

import contextlib
import fcntl
import hashlib
import os
import weakref
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path
from uuid import UUID

from acuse.errors import StorageFailed
from acuse.mime import CHUNK, Literal, Source
from acuse.ports import Blob
from acuse.storage.background import BackgroundFile
from acuse.storage.files import FileSource, OpenFile, blob_path
from acuse.storage.home import Home, sync_folder

INLINE_LIMIT = 64 * 1024
"""Bytes up to which a blob lies in its row: a file of its own would cost a second fsync."""


class _State(Enum):
    OPEN = auto()
    COMPLETE = auto()
    """Being read; nothing is added any more."""
    KEPT = auto()
    DISCARDED = auto()


class DiskStage:
    """`ports.Stage`. The blob's id is known from the start, and names the temporary file too."""

    def __init__(self, home: Home, blob_id: UUID, *, is_kept: bool = True) -> None:
        """`is_kept`: the bytes are meant to stay, so that they may go to the disk before `keep` asks for that."""
        self._home = home
        self._id = blob_id
        self._is_kept = is_kept
        self._size = 0
        self._buffer = bytearray()
        self._file: BackgroundFile | None = None
        self._removal: weakref.finalize[..., DiskStage] | None = None
        self._state = _State.OPEN

    @property
    def size(self) -> int:
        return self._size

    @property
    def sha256(self) -> str:
        if self._file is None:
            return hashlib.sha256(self._buffer).hexdigest()
        with self._or_discard():
            self._empty_buffer(self._file)
            return self._file.digest()

    def write(self, data: bytes, /) -> object:
        """Add bytes. Raises StorageFailed when the disk does not take them, or did not take earlier ones; the stage is
        discarded then.
        """
        if self._state is not _State.OPEN:
            raise RuntimeError("Nothing can be written to a stage that was read, kept or discarded.")
        self._size += len(data)
        if len(self._buffer) + len(data) > (INLINE_LIMIT if self._file is None else CHUNK):
            with self._or_discard():
                self._spill(data)
        else:
            self._buffer += data
        return None

    def source(self) -> Source:
        self._complete()
        return Literal(bytes(self._buffer)) if self._file is None else FileSource(self._file.file, self._size)

    def keep(self) -> Blob:
        self._complete()
        if self._file is not None:
            with self._or_discard():
                self._file.sync()
                self._move_into_place()
        sha256 = self.sha256
        self._state = _State.KEPT
        inline = bytes(self._buffer) if self._file is None else None
        return Blob(id=self._id, size=self._size, sha256=sha256, inline=inline)

    def discard(self) -> None:
        if self._state is _State.KEPT:
            return
        self._state = _State.DISCARDED
        self._buffer.clear()
        self._file = None
        if self._removal is not None:
            self._removal()

    def _complete(self) -> None:
        if self._state is _State.DISCARDED:
            raise RuntimeError("The bytes of this stage were discarded.")
        if self._file is not None:
            with self._or_discard():
                self._empty_buffer(self._file)
                self._file.digest()
        if self._state is _State.OPEN:
            self._state = _State.COMPLETE

    def _spill(self, data: bytes) -> None:
        """Write what was gathered, and then `data` without copying it when it is large."""
        if self._file is None:
            self._file = BackgroundFile(self._make_file(), is_kept=self._is_kept)
        self._empty_buffer(self._file)
        if len(data) < INLINE_LIMIT:
            self._buffer += data
        else:
            self._file.write(data)

    def _empty_buffer(self, file: BackgroundFile) -> None:
        if self._buffer:
            file.write(bytes(self._buffer))
            self._buffer.clear()

    def _make_file(self) -> OpenFile:
        path = self._temporary_path
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._removal = weakref.finalize(self, path.unlink, missing_ok=True)
        file = OpenFile(handle)
        fcntl.flock(handle, fcntl.LOCK_EX)
        return file

    def _move_into_place(self) -> None:
        path = blob_path(self._home, self._id)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._home.blobs)
        self._temporary_path.rename(path)
        sync_folder(path.parent)

    @property
    def _temporary_path(self) -> Path:
        return self._home.staging / self._id.hex

    @contextlib.contextmanager
    def _or_discard(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.discard()
            raise StorageFailed(f"The disk does not take the bytes: {error.strerror}.") from error


def remove_stale(folder: Path) -> int:
    """Remove the temporary files whose process is gone, and return how many there were."""
    removed = 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            removed += 1
    return removed
