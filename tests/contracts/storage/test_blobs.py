"""What `Blobs` and `Stage` promise, for bytes that stay in memory and for bytes that do not."""

import hashlib
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from acuse.errors import StorageFailed
from acuse.mime import Source, read_all
from acuse.ports import Blob
from acuse.storage import INLINE_LIMIT
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import World

SIZES = [0, 1, 10_000, INLINE_LIMIT - 1, INLINE_LIMIT, INLINE_LIMIT + 1, 3 * INLINE_LIMIT + 7, 2_000_000]


def some_bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def keep(storage: Storage, data: bytes, *, piece: int = 50_000) -> Blob:
    stage = storage.blobs.stage()
    for start in range(0, len(data), piece):
        stage.write(data[start : start + piece])
    blob = stage.keep()
    storage.write(blob)
    return blob


def content(source: Source) -> bytes:
    return read_all(source.open(), limit=10_000_000)


@pytest.mark.parametrize("piece", [999, INLINE_LIMIT, 300_000])
@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_back_as_they_were(storage: Storage, size: int, piece: int) -> None:
    data = some_bytes(size)

    blob = keep(storage, data, piece=piece)

    assert (blob.size, blob.sha256) == (size, hashlib.sha256(data).hexdigest())
    assert content(storage.blobs.source(blob.id)) == data
    assert storage.blobs.source(blob.id).size == size
    with storage.blobs.open(blob.id) as file:
        file.seek(size // 2)
        assert file.read() == data[size // 2 :]


@pytest.mark.parametrize("size", SIZES)
def test_bytes_are_read_from_any_offset_on(storage: Storage, size: int) -> None:
    data = some_bytes(size)
    blob = keep(storage, data)

    for start in {0, 1, size // 2, max(size - 1, 0), size, size + 1}:
        source = storage.blobs.source(blob.id, start=start)
        assert (data[start:], len(data[start:])) == (content(source), source.size)


@pytest.mark.parametrize("size", SIZES)
def test_a_stage_is_read_before_and_after_it_is_kept(storage: Storage, size: int) -> None:
    data = some_bytes(size)
    stage = storage.blobs.stage()
    stage.write(data)
    before = stage.source()

    assert (stage.size, stage.sha256) == (size, hashlib.sha256(data).hexdigest())
    assert content(before) == data
    stage.keep()
    stage.discard()
    assert content(before) == data
    assert content(stage.source()) == data


@pytest.mark.parametrize("size", [10, 200_000])
def test_readers_of_one_source_do_not_disturb_each_other(storage: Storage, size: int) -> None:
    data = some_bytes(size)
    source = storage.blobs.source(keep(storage, data).id)
    everybody_is_here = threading.Barrier(4)

    def read() -> bytes:
        reader, pieces = source.open(), []
        everybody_is_here.wait(10)
        while piece := reader.read(1000):
            pieces.append(piece)
        return b"".join(pieces)

    with ThreadPoolExecutor(4) as pool:
        results = [future.result() for future in [pool.submit(read) for _ in range(4)]]

    assert results == [data] * 4


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_stage_is_not_written_after_it_was_read_or_discarded(storage: Storage, size: int) -> None:
    read, discarded = storage.blobs.stage(), storage.blobs.stage()
    for stage in (read, discarded):
        stage.write(some_bytes(size))
    read.source()
    discarded.discard()
    discarded.discard()

    for stage in (read, discarded):
        with pytest.raises(RuntimeError):
            stage.write(b"more")
    with pytest.raises(RuntimeError):
        discarded.keep()


def test_an_unknown_blob_has_no_bytes(storage: Storage, world: World) -> None:
    with pytest.raises(StorageFailed):
        storage.blobs.source(world.new_id())
    with pytest.raises(StorageFailed):
        storage.blobs.open(world.new_id())


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_kept_blob_whose_unit_failed_can_be_discarded(storage: Storage, size: int) -> None:
    stage = storage.blobs.stage()
    stage.write(some_bytes(size))
    blob = stage.keep()

    storage.blobs.discard(blob)
    storage.blobs.discard(blob)

    with pytest.raises(StorageFailed):
        storage.blobs.source(blob.id)
