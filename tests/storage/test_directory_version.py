"""Whatever changes the configuration changes its version, so that nobody reads what was there before."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from acuse.cms import KeyPair, self_signed
from acuse.storage import MasterKey, SQLiteDatabase
from acuse.storage.sqlite import statements as sql
from tests.contracts.storage.samples import NOON, Clock, World, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "acuse.db"


@pytest.fixture
def database(path: Path) -> Iterator[SQLiteDatabase]:
    with closing(SQLiteDatabase.open(path, master_key=MasterKey(b"k" * 32), now=Clock().now)) as database:
        yield database


@pytest.fixture(scope="module")
def key_pair() -> KeyPair:
    return self_signed("acme.test", not_before=NOON, not_after=NOON + timedelta(days=365))


@pytest.mark.parametrize("table", ["account", "tenant", "station", "partner", "certificate", "api_key"])
def test_every_change_of_the_configuration_changes_its_version(
    path: Path, database: SQLiteDatabase, key_pair: KeyPair, table: str
) -> None:
    world, versions = World(), []
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        def note() -> None:
            versions.append(other.execute(sql.DIRECTORY_VERSION).fetchone()[0])

        note()
        for value in (*world.entries, world.make_own_certificate(key_pair), world.make_key()):
            database.run(lambda unit, value=value: write(unit, value))  # type: ignore[misc]
            note()
        other.execute(f"UPDATE {table} SET handle = handle + 1")
        note()
        other.execute(f"DELETE FROM {table}")
        note()

    assert sorted(set(versions)) == versions
    assert len(versions) == 9
