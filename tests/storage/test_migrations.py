"""The schema: what the migrations make, and who may open it."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from sqlalchemy import Table

from acuse.cms import KeyPair, self_signed
from acuse.errors import MasterKeyWrong, SchemaTooNew, StorageFailed
from acuse.storage import MasterKey, SQLiteDatabase, tables
from acuse.storage.entries import account_row, partner_row, station_row, tenant_row
from acuse.storage.rows import message_row
from tests.contracts.storage.samples import NOON, Clock, World, write

KEY = MasterKey(b"k" * 32)


def open_database(path: Path, *, key: MasterKey = KEY) -> SQLiteDatabase:
    return SQLiteDatabase.open(path, master_key=key, now=Clock().now)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "acuse.db"
    open_database(path).close()
    return path


@pytest.fixture(scope="module")
def key_pair() -> KeyPair:
    return self_signed("acme.test", not_before=NOON, not_after=NOON + timedelta(days=1))


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: table.name)
def test_the_schema_is_what_the_tables_describe(path: Path, table: Table) -> None:
    with closing(sqlite3.connect(path)) as driver:
        columns = driver.execute(f"PRAGMA table_info({table.name})").fetchall()

    real = [(name, kind, bool(is_required) and not is_key) for _, name, kind, is_required, _, is_key in columns]
    described = [(column.name, _affinity(column.type), not column.nullable) for column in table.c]
    keys = {column.name for column in table.primary_key}
    assert real == [(name, kind, is_required and name not in keys) for name, kind, is_required in described]
    assert {name for _, name, _, _, _, is_key in columns if is_key} == keys


def test_there_is_no_table_that_is_not_described(path: Path) -> None:
    with closing(sqlite3.connect(path)) as driver:
        names = {row[0] for row in driver.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}

    of_the_index = {name for name in names if name.startswith("message_text")}
    assert names - of_the_index == {*tables.metadata.tables, "migration", "sqlite_sequence"}


def test_opening_again_changes_nothing(path: Path) -> None:
    with closing(sqlite3.connect(path)) as driver:
        before = driver.execute("SELECT * FROM migration").fetchall()
        open_database(path).close()

        assert driver.execute("SELECT * FROM migration").fetchall() == before
        assert [row[0] for row in before] == list(range(1, len(before) + 1))
        assert before[0][1] == "foundation"


def test_the_file_survives_power_failures(path: Path) -> None:
    with closing(open_database(path)) as database:
        settings = database.run(lambda unit: [_pragma(unit, name) for name in ("journal_mode", "synchronous")])

    assert settings == ["wal", 2]


def test_a_newer_schema_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as driver, driver:
        known = driver.execute("SELECT max(number) FROM migration").fetchone()[0]
        driver.execute("INSERT INTO migration VALUES (?, 'from_the_future', 0)", (known + 1,))

    with pytest.raises(SchemaTooNew) as caught:
        open_database(path)

    assert caught.value.details == {"schema": known + 1, "known": known}


def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "acuse.db"

    with ThreadPoolExecutor(8) as pool:
        databases = list(pool.map(open_database, [path] * 8))

    for database in databases:
        assert database.views.account() is None
        database.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "acuse.db"
    path.write_bytes(b"this is not a database" * 100)

    with pytest.raises(StorageFailed):
        open_database(path)


def test_a_home_with_private_keys_does_not_open_with_another_master_key(path: Path, key_pair: KeyPair) -> None:
    world = World()
    with closing(open_database(path)) as database:
        for value in (*world.entries, world.make_own_certificate(key_pair)):
            database.run(lambda unit, value=value: write(unit, value))  # type: ignore[misc]

    with pytest.raises(MasterKeyWrong):
        open_database(path, key=MasterKey(b"x" * 32))

    open_database(path).close()


def test_a_private_key_is_nowhere_in_the_file(path: Path, key_pair: KeyPair) -> None:
    world = World()
    with closing(open_database(path)) as database:
        for value in (*world.entries, world.make_own_certificate(key_pair)):
            database.run(lambda unit, value=value: write(unit, value))  # type: ignore[misc]

    assert isinstance(key_pair.private_key, RSAPrivateKey)
    secret = key_pair.private_key.private_numbers().p.to_bytes(128, "big")
    assert secret not in path.read_bytes()
    assert b"Globex" in path.read_bytes()


def test_a_sealed_key_moved_to_another_certificate_stays_shut(path: Path, key_pair: KeyPair) -> None:
    world = World()
    entries = [world.make_own_certificate(key_pair, handle=number) for number in (1, 2)]
    with closing(open_database(path)) as database:
        for value in (*world.entries, *entries):
            database.run(lambda unit, value=value: write(unit, value))  # type: ignore[misc]
        with closing(sqlite3.connect(path)) as driver, driver:
            driver.execute("UPDATE certificate SET sealed_key = (SELECT max(sealed_key) FROM certificate)")

        with pytest.raises(MasterKeyWrong):
            database.views.certificates(world.station.id)


def test_a_closed_database_refuses_work(path: Path) -> None:
    database = open_database(path)
    database.close()
    database.close()

    with pytest.raises(StorageFailed):
        database.run(lambda _: None)
    with pytest.raises(StorageFailed):
        database.views.account()


def _affinity(kind: object) -> str:
    names = {"LargeBinary": "BLOB", "Text": "TEXT", "Integer": "INTEGER", "BigInteger": "INTEGER", "Boolean": "INTEGER"}
    return names[type(kind).__name__]


def _pragma(unit: object, name: str) -> object:
    return unit.driver.execute(f"PRAGMA {name}").fetchone()[0]  # type: ignore[attr-defined]


def test_partners_that_have_messages_survive_the_step_that_makes_their_table_anew(tmp_path: Path) -> None:
    """The rows are moved while messages refer to them, and none of the references is left hanging."""
    path, world = tmp_path / "acuse.db", World()
    folder = files("acuse.storage") / "migrations" / "sqlite"
    steps = sorted(step.name for step in folder.iterdir() if step.name.endswith(".sql"))
    later = next(number for number, name in enumerate(steps) if name.endswith("_changes_of_the_directory.sql"))
    with closing(sqlite3.connect(path)) as driver:
        for name in steps[:later]:
            driver.executescript((folder / name).read_text("utf-8"))
        _fill(driver, world)
        driver.commit()
        driver.execute("PRAGMA foreign_keys = ON")
        script = (folder / steps[later]).read_text("utf-8")
        driver.executescript(f"BEGIN IMMEDIATE;\n{script}\nCOMMIT;")

        assert [] == driver.execute("PRAGMA foreign_key_check").fetchall()
        assert [(1, "Globex", None)] == driver.execute("SELECT handle, as2_id, removed_at FROM partner").fetchall()
        assert [(1, "ACME", 0)] == driver.execute("SELECT handle, as2_id, is_default FROM station").fetchall()


def _fill(driver: sqlite3.Connection, world: World) -> None:
    """What the tables had of columns at that time, filled from the values of today."""
    message = world.make_message()
    for table, row in [
        (tables.account, account_row(world.account)),
        (tables.tenant, tenant_row(world.tenant)),
        (tables.station, station_row(world.station)),
        (tables.partner, partner_row(world.partner)),
        (tables.message, message_row(message)),
    ]:
        there = {column[1] for column in driver.execute(f"PRAGMA table_info({table.name})")}
        known = {name: value for name, value in row.items() if name in there}
        names, marks = ", ".join(known), ", ".join(f":{name}" for name in known)
        driver.execute(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", known)
