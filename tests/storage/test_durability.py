"""What was acknowledged is there: after a kill, beside another process, and when the disk refuses."""

import os
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from acuse.errors import StorageFailed
from acuse.ports import Handle, MessageFilter, Unit
from acuse.storage import MasterKey, SQLiteDatabase
from tests.contracts.storage.samples import Clock, Ids, World, write
from tests.storage.processes import start_python

KEY = MasterKey(b"k" * 32)


def open_database(path: Path) -> SQLiteDatabase:
    return SQLiteDatabase.open(path, master_key=KEY, now=Clock().now)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database in which the account of `World()` exists."""
    path = tmp_path / "acuse.db"
    with closing(open_database(path)) as database:
        for entry in World().entries:
            database.run(lambda unit, entry=entry: write(unit, entry))  # type: ignore[misc]
    return path


@pytest.fixture
def database(path: Path) -> Iterator[SQLiteDatabase]:
    with closing(open_database(path)) as database:
        yield database


def write_messages(path: Path, *, threads: int, each: int, told: Callable[[str], object]) -> None:
    """Write messages with an attachment, a blob, an event and a job each, and tell of every one that is durable."""
    world = World()
    world.new_id = Ids(seed=os.getpid())

    def decide(unit: Unit) -> str:
        number = unit.next_handle(world.account.id, Handle.MESSAGE)
        blob, message = world.make_blob(b"x" * 5000), world.make_message(handle=number)
        job = world.make_job(key=str(number))
        for value in (blob, (message, [world.make_attachment(blob)]), world.make_event(message), job):
            write(unit, value)
        return message.id.hex

    with closing(open_database(path)) as database:

        def work() -> None:
            for _ in range(each):
                told(database.run(decide))

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


def start_writer(path: Path, *, threads: int, each: int) -> "subprocess.Popen[str]":
    script = (
        "import os, sys; from pathlib import Path; from tests.storage.test_durability import write_messages; "
        f"write_messages(Path(sys.argv[1]), threads={threads}, each={each},"
        " told=lambda key: os.write(1, key.encode() + b'\\n'))"
    )
    return start_python(script, path)


def stored(path: Path) -> set[str]:
    """The ids of the messages that are there with all that belongs to them."""
    with closing(sqlite3.connect(path)) as driver:
        assert driver.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert driver.execute("PRAGMA foreign_key_check").fetchall() == []
        ids = driver.execute(
            "SELECT lower(hex(m.id)) FROM message m JOIN attachment a ON a.message_key = m.id"
            " JOIN blob b ON b.id = a.blob_id JOIN event e ON e.subject_id = m.id JOIN job j ON j.key = m.handle"
        )
        return {row[0] for row in ids}


@pytest.mark.parametrize("after", [1, 40, 150])
def test_everything_acknowledged_before_a_kill_is_there(path: Path, after: int) -> None:
    with start_writer(path, threads=4, each=100_000) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline() for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += writer.stdout.readlines()

    told = {line.strip() for line in acknowledged if line.endswith("\n")}
    open_database(path).close()
    assert len(told) >= after
    assert told <= stored(path)


def test_two_processes_write_at_once(path: Path) -> None:
    writers = [start_writer(path, threads=2, each=100) for _ in range(2)]
    told: list[str] = []
    for writer in writers:
        output, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        told += output.split()

    assert len(told) == len(set(told)) == 400
    assert set(told) == stored(path)


def test_events_have_positions_in_the_order_of_the_commits(path: Path, database: SQLiteDatabase) -> None:
    world = World()
    messages = [world.make_message(handle=number) for number in range(1, 6)]
    for message in messages:
        database.run(lambda unit, message=message: unit.publish(world.make_event(message)))  # type: ignore[misc]

    with closing(sqlite3.connect(path)) as driver:
        positions = driver.execute("SELECT position, subject_id FROM event ORDER BY position").fetchall()

    assert positions == [(number, message.id.bytes) for number, message in enumerate(messages, start=1)]


def test_a_database_that_takes_no_more_fails_the_unit_and_works_again_later(database: SQLiteDatabase) -> None:
    world = World()
    database.run(lambda unit: unit.driver.execute("PRAGMA max_page_count = 1"))  # type: ignore[attr-defined]

    with pytest.raises(StorageFailed, match="full"):
        database.run(lambda unit: write(unit, world.make_blob(b"x" * 60_000)))

    database.run(lambda unit: unit.driver.execute("PRAGMA max_page_count = 1000000"))  # type: ignore[attr-defined]
    database.run(lambda unit: write(unit, world.make_message()))
    assert database.views.messages(world.space, MessageFilter(), limit=1, offset=0).total == 1


def test_a_row_changed_by_another_process_is_read_at_once(path: Path, database: SQLiteDatabase) -> None:
    world = World()
    before = database.views.partner(world.space, 1)
    with closing(sqlite3.connect(path)) as driver, driver:
        driver.execute("UPDATE partner SET name = 'Renamed'")

    assert (before.name, database.views.partner(world.space, 1).name) == ("Globex", "Renamed")
    relation = database.views.relation(station_as2_id="ACME", partner_as2_id="Globex")
    assert relation is not None
    assert relation.partner.name == "Renamed"


def test_readers_cannot_write(database: SQLiteDatabase) -> None:
    with database._readers.link() as link, pytest.raises(sqlite3.OperationalError, match="readonly"):
        link.driver.execute("DELETE FROM job")
