"""Blobs on a disk that is full, loses files or is left by a process that was killed."""

import gc
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acuse.errors import StorageFailed
from acuse.ports import Blob
from acuse.storage import DiskBlobs, Home, MasterKey, SQLiteDatabase
from acuse.storage.files import blob_path
from tests.contracts.storage.samples import Clock, Ids
from tests.storage.processes import start_python

LARGE = b"x" * 200_000

_PREPARE = """
import os, resource, sys
from pathlib import Path
from acuse.errors import StorageFailed
from acuse.storage import Home
from acuse.storage.stage import DiskStage
from uuid import UUID
stage = DiskStage(Home(Path(sys.argv[1])), UUID(int=1))
"""
_KILLED = (
    _PREPARE
    + """
stage.write(b"x" * 200_000)
print("written", flush=True)
sys.stdin.read()
"""
)
_FULL = (
    _PREPARE
    + """
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
try:
    for _ in range(10):
        stage.write(b"x" * 100_000)
    stage.keep()
except StorageFailed as error:
    print(error.message)
"""
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


@pytest.fixture
def database(home: Home) -> Iterator[SQLiteDatabase]:
    with closing(SQLiteDatabase.open(home.database, master_key=MasterKey(b"k" * 32), now=Clock().now)) as database:
        yield database


@pytest.fixture
def blobs(home: Home, database: SQLiteDatabase) -> DiskBlobs:
    return DiskBlobs(home, database, new_id=Ids())


def keep(blobs: DiskBlobs, data: bytes) -> Blob:
    stage = blobs.stage()
    stage.write(data)
    return stage.keep()


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_large_blob_is_a_file_of_its_own_for_its_user_alone(home: Home, blobs: DiskBlobs) -> None:
    blob = keep(blobs, LARGE)

    path = home.blobs / blob.id.hex[-2:] / blob.id.hex
    assert files(home.blobs) == [path]
    assert path.read_bytes() == LARGE
    assert path.stat().st_mode & 0o777 == 0o600
    assert files(home.staging) == []
    assert blob.inline is None


def test_a_kept_file_is_durable_before_it_has_its_name_and_its_name_is_durable_too(
    home: Home, blobs: DiskBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, int]] = []
    fsync, rename = os.fsync, os.rename

    def noted_fsync(file: int) -> None:
        calls.append(("fsync", os.fstat(file).st_ino))
        fsync(file)

    def noted_rename(old: Path, new: Path) -> None:
        calls.append(("rename", old.stat().st_ino))
        rename(old, new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "rename", noted_rename)

    path = blob_path(home, keep(blobs, LARGE).id)

    file, folder, parent = (place.stat().st_ino for place in (path, path.parent, home.blobs))
    assert calls == [("fsync", file), ("fsync", parent), ("rename", file), ("fsync", folder)]


def test_a_small_blob_needs_no_file(home: Home, blobs: DiskBlobs) -> None:
    blob = keep(blobs, b"small")

    assert files(home.blobs) + files(home.staging) == []
    assert blob.inline == b"small"


def test_a_discarded_stage_leaves_nothing(home: Home, blobs: DiskBlobs) -> None:
    stage = blobs.stage()
    stage.write(LARGE)
    staged = files(home.staging)

    stage.discard()

    assert len(staged) == 1
    assert files(home.path / "staging") == []


def test_a_forgotten_stage_leaves_nothing_even_while_its_source_is_read(home: Home, blobs: DiskBlobs) -> None:
    stage = blobs.stage()
    stage.write(LARGE)
    source = stage.source()

    del stage
    gc.collect()

    assert files(home.staging) == []
    assert source.open().read(10) == b"x" * 10


def test_files_are_closed_when_nobody_reads_them(database: SQLiteDatabase, blobs: DiskBlobs) -> None:
    blob = keep(blobs, LARGE)
    database.run(lambda unit: unit.blobs.add(blob))
    blobs.source(blob.id)  # the connection that it is looked up with stays open
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only the number matters

    for _ in range(20):
        blobs.source(blob.id).open().read(1)
        stage = blobs.stage()
        stage.write(LARGE)
        stage.keep()
    del stage
    gc.collect()

    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208


def test_a_blob_whose_file_is_gone_is_a_failure(home: Home, database: SQLiteDatabase, blobs: DiskBlobs) -> None:
    blob = keep(blobs, LARGE)
    database.run(lambda unit: unit.blobs.add(blob))
    blob_path(home, blob.id).unlink()

    with pytest.raises(StorageFailed, match=str(blob.id)):
        blobs.source(blob.id)
    with pytest.raises(StorageFailed, match=str(blob.id)):
        blobs.open(blob.id)


def test_a_blob_whose_file_was_cut_is_a_failure(home: Home, database: SQLiteDatabase, blobs: DiskBlobs) -> None:
    blob = keep(blobs, LARGE)
    database.run(lambda unit: unit.blobs.add(blob))
    source = blobs.source(blob.id)
    os.truncate(blob_path(home, blob.id), 100)

    with pytest.raises(StorageFailed, match="has 100 bytes where there were 200000"):
        blobs.source(blob.id)
    reader = source.open()
    reader.read(1000)
    with pytest.raises(StorageFailed, match="shorter"):
        reader.read(1000)


def test_discarding_a_kept_blob_removes_its_file(home: Home, blobs: DiskBlobs) -> None:
    blobs.discard(keep(blobs, LARGE))

    assert files(home.blobs) == []


def test_a_disk_that_takes_no_more_fails_the_stage_and_keeps_nothing(home: Home) -> None:
    with start_python(_FULL, home.path) as writer:
        told, _ = writer.communicate(timeout=30)

    assert told == "The disk does not take the bytes: File too large.\n"
    assert files(home.staging) + files(home.blobs) == []


def test_a_folder_that_is_gone_fails_the_stage(home: Home, blobs: DiskBlobs) -> None:
    home.staging.rmdir()

    with pytest.raises(StorageFailed):
        keep(blobs, LARGE)


def test_a_file_that_cannot_be_moved_fails_the_stage_and_is_removed(home: Home, blobs: DiskBlobs) -> None:
    home.blobs.rmdir()

    with pytest.raises(StorageFailed):
        keep(blobs, LARGE)

    assert files(home.staging) == []


def test_staging_is_cleaned_of_what_a_killed_process_left_and_of_nothing_else(home: Home, blobs: DiskBlobs) -> None:
    in_use = blobs.stage()
    in_use.write(LARGE)
    with start_python(_KILLED, home.path) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        cleaned_beside_it = blobs.clean_staging()
        writer.send_signal(signal.SIGKILL)
    left = files(home.staging)

    cleaned = blobs.clean_staging()

    assert (cleaned_beside_it, len(left), cleaned) == (0, 2, 1)
    assert in_use.keep().size == len(LARGE)


def test_orphans_are_old_files_that_no_row_names(home: Home, database: SQLiteDatabase, blobs: DiskBlobs) -> None:
    named, orphan, young = (keep(blobs, LARGE) for _ in range(3))
    database.run(lambda unit: unit.blobs.add(named))
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    for blob in (named, orphan):
        os.utime(blob_path(home, blob.id), times=(an_hour_ago.timestamp(),) * 2)

    strange = blob_path(home, orphan.id).with_name("notes.txt")
    strange.touch()
    os.utime(strange, times=(0, 0))

    found = list(blobs.orphans(before=an_hour_ago + timedelta(minutes=1)))

    assert found == [blob_path(home, orphan.id)]
    assert young.size == len(LARGE)
