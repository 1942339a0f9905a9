"""The storages that have to keep the contracts of `acuse.ports`, each freshly made for a test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from acuse.cms import KeyPair, self_signed
from acuse.ports import Blobs, JobTable, Unit, Units, Views
from acuse.storage import DiskBlobs, Home, MasterKey, SQLiteDatabase
from tests.contracts.storage.samples import NOON, Clock, Ids, World, write


@dataclass(frozen=True)
class Storage:
    """One adapter for each port of the storage, over the same data."""

    units: Units
    views: Views
    jobs: JobTable
    blobs: Blobs
    clock: Clock
    index_messages: Callable[[], int]
    """The sweep that enters messages into the index of words."""

    def write(self, *values: object) -> None:
        """Store values of any kind in one unit, in this order."""

        def decide(unit: Unit) -> None:
            for value in values:
                write(unit, value)

        self.units.run(decide)


Opener = Callable[[Path, ExitStack], Storage]


def open_sqlite(folder: Path, stack: ExitStack) -> Storage:
    home, clock = Home(folder / "home"), Clock()
    home.create()
    database = SQLiteDatabase.open(home.database, master_key=MasterKey(b"k" * 32), now=clock.now)
    stack.callback(database.close)
    blobs = DiskBlobs(home, database, new_id=Ids(seed=1))
    return Storage(
        units=database,
        views=database.views,
        jobs=database.jobs,
        blobs=blobs,
        clock=clock,
        index_messages=database.index_messages,
    )


@pytest.fixture(params=[pytest.param(open_sqlite, id="sqlite")])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """A storage without a row."""
    opener: Opener = request.param
    with ExitStack() as stack:
        yield opener(tmp_path, stack)


@pytest.fixture
def world(storage: Storage) -> World:
    """An account with a station and a partner, already stored."""
    world = World()
    storage.write(*world.entries)
    return world


@pytest.fixture(scope="session")
def key_pair() -> KeyPair:
    return self_signed("acme.test", not_before=NOON - timedelta(days=1), not_after=NOON + timedelta(days=365))
