"""Bytes on the disk of the home: staged while they arrive, kept by one fsync and one rename.

Rule: a kept file is durable, and under its final name, before anybody can write the row that names it. Small bytes need
no file: they ride in the row's commit.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from acuse.errors import StorageFailed
from acuse.mime import Literal, Source
from acuse.ports import Blob, Stage
from acuse.storage.files import FileSource, OpenFile, blob_path
from acuse.storage.home import Home
from acuse.storage.stage import DiskStage, remove_stale

_BLOB_NAME = re.compile("[0-9a-f]{32}")


class BlobTable(Protocol):
    """The rows that name blobs, seen by whoever keeps the bytes."""

    def find_blob(self, blob_id: UUID) -> tuple[int, bytes | None] | None: ...

    def missing_blobs(self, blob_ids: Iterable[UUID]) -> frozenset[UUID]: ...


class DiskBlobs:
    """`ports.Blobs` in the folders of a home. Safe from any thread; one stage belongs to one thread at a time."""

    def __init__(self, home: Home, table: BlobTable, *, new_id: Callable[[], UUID]) -> None:
        self._home = home
        self._table = table
        self._new_id = new_id

    def stage(self) -> Stage:
        return DiskStage(self._home, self._new_id())

    def scratch(self) -> Stage:
        return DiskStage(self._home, self._new_id(), is_kept=False)

    def source(self, blob_id: UUID, *, start: int = 0) -> Source:
        size, data = self._find(blob_id)
        return Literal(data[start:]) if data is not None else self._file(blob_id, size, start)

    def open(self, blob_id: UUID) -> BinaryIO:
        _, data = self._find(blob_id)
        if data is not None:
            return BytesIO(data)
        try:
            return blob_path(self._home, blob_id).open("rb")
        except OSError as error:
            raise StorageFailed(f"The bytes of blob {blob_id} cannot be read: {error.strerror}.") from error

    def discard(self, blob: Blob) -> None:
        if blob.inline is None:
            blob_path(self._home, blob.id).unlink(missing_ok=True)

    def clean_staging(self) -> int:
        """Remove what a process that died left behind, and return how many files that were."""
        return remove_stale(self._home.staging)

    def orphans(self, *, before: datetime) -> Iterator[Path]:
        """Kept files that no row names and that are older than `before`: their unit was never committed.

        What is not named as we name files is somebody else's, and left out.
        """
        for folder in sorted(self._home.blobs.glob("[0-9a-f][0-9a-f]")):
            ours = [file for file in folder.iterdir() if _BLOB_NAME.fullmatch(file.name)]
            aged = {UUID(file.name): file for file in ours if _changed_before(file, before)}
            for blob_id in sorted(self._table.missing_blobs(aged)):
                yield aged[blob_id]

    def _find(self, blob_id: UUID) -> tuple[int, bytes | None]:
        found = self._table.find_blob(blob_id)
        if found is None:
            raise StorageFailed(f"There is no blob {blob_id}.")
        return found

    def _file(self, blob_id: UUID, size: int, start: int) -> Source:
        path = blob_path(self._home, blob_id)
        try:
            file = OpenFile(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            raise StorageFailed(f"The bytes of blob {blob_id} cannot be read: {error.strerror}.") from error
        actual = os.fstat(file.handle).st_size
        if actual != size:
            raise StorageFailed(f"Blob {blob_id} has {actual} bytes where there were {size}.")
        return FileSource(file, size, start=start)


def _changed_before(file: Path, moment: datetime) -> bool:
    """Whether the file is still there and was written before that moment."""
    try:
        return file.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False
