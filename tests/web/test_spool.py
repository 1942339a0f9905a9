"""A spool hands bytes to its stage without ever holding up the event loop."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from acuse.errors import StorageFailed
from acuse.mime import Literal, Source
from acuse.ports import Blob
from acuse.web.lanes import Lanes
from acuse.web.spool import IN_MEMORY, PIECE, BodyTooLarge, Spool


class SlowStage:
    """A stage on a disk that takes a piece only when the test lets it."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.writers: set[int] = set()
        self.may_write = threading.Semaphore(0)
        self.is_broken = False
        self.is_discarded = False
        self.is_writing = False

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    @property
    def sha256(self) -> str:
        raise NotImplementedError

    def write(self, data: bytes, /) -> object:
        self.writers.add(threading.get_ident())
        if threading.current_thread() is not threading.main_thread():
            self.is_writing = True
            assert self.may_write.acquire(timeout=10)
            self.is_writing = False
        if self.is_broken:
            raise StorageFailed
        self.pieces.append(data)
        return None

    def source(self) -> Source:
        return Literal(b"".join(self.pieces))

    def keep(self) -> Blob:
        raise NotImplementedError

    def discard(self) -> None:
        assert not self.is_writing
        self.is_discarded = True


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    lanes = Lanes()
    yield lanes
    lanes.close()


async def test_few_bytes_are_written_at_once_without_a_thread(lanes: Lanes) -> None:
    stage = SlowStage()
    spool = Spool(stage, limit=IN_MEMORY, lanes=lanes)

    await spool.write(b"a" * (IN_MEMORY - 1))
    await spool.write(b"b")

    assert IN_MEMORY == stage.size
    assert {threading.get_ident()} == stage.writers
    assert stage is await spool.finish()


async def test_the_loop_runs_on_while_the_disk_is_busy_and_only_one_piece_waits(lanes: Lanes) -> None:
    stage = SlowStage()
    spool = Spool(stage, limit=10 * PIECE, lanes=lanes)
    await spool.write(b"a" * (IN_MEMORY + PIECE))

    await asyncio.wait_for(spool.write(b"b" * (PIECE - 1)), 5)
    third = asyncio.create_task(spool.write(b"c"))
    await asyncio.sleep(0)

    assert not third.done()
    for _ in range(3):
        stage.may_write.release()
    await third
    await spool.finish()
    assert b"a" * (IN_MEMORY + PIECE) + b"b" * (PIECE - 1) + b"c" == b"".join(stage.pieces)
    assert threading.get_ident() not in stage.writers


async def test_bytes_are_handed_over_in_large_pieces(lanes: Lanes) -> None:
    stage = SlowStage()
    spool = Spool(stage, limit=10 * PIECE, lanes=lanes)
    for _ in range(10):
        stage.may_write.release()

    for _ in range(1024):
        await spool.write(b"x" * 1024)
    await spool.finish()

    assert 1024 * 1024 == stage.size
    assert all(len(piece) >= PIECE for piece in stage.pieces if len(piece) > 1024 and piece is not stage.pieces[-1])


async def test_more_than_the_limit_is_refused_by_the_byte(lanes: Lanes) -> None:
    spool = Spool(SlowStage(), limit=10, lanes=lanes)
    await spool.write(b"x" * 10)

    with pytest.raises(BodyTooLarge):
        await spool.write(b"x")


async def test_a_disk_that_fails_in_the_thread_fails_the_spool(lanes: Lanes) -> None:
    stage = SlowStage()
    stage.is_broken = True
    stage.may_write.release()
    spool = Spool(stage, limit=10 * PIECE, lanes=lanes)
    await spool.write(b"x" * (IN_MEMORY + PIECE))

    with pytest.raises(StorageFailed):
        await spool.finish()

    await spool.discard()
    assert stage.is_discarded


async def test_discarding_waits_for_the_piece_that_is_being_written(lanes: Lanes) -> None:
    stage = SlowStage()
    spool = Spool(stage, limit=10 * PIECE, lanes=lanes)
    await spool.write(b"x" * (IN_MEMORY + PIECE))

    discarding = asyncio.create_task(spool.discard())
    await asyncio.sleep(0)
    assert not stage.is_discarded

    stage.may_write.release()
    await discarding
    assert stage.is_discarded
