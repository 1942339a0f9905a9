"""The database of a home: one file, one writer, any number of readers.

Rule: whoever opens the file brings its schema up to date first, and finds out that the master key fits before anything
is sealed with another one.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar
from uuid import UUID

from acuse.errors import MasterKeyWrong, StorageFailed
from acuse.ports import JobTable, Unit, Views
from acuse.storage.secrets import MasterKey
from acuse.storage.sqlite import statements as sql
from acuse.storage.sqlite.connections import Link, Readers, connect
from acuse.storage.sqlite.jobs import JobRows, Listener
from acuse.storage.sqlite.migrations import migrate
from acuse.storage.sqlite.text_index import ANY_WAITING, enter
from acuse.storage.sqlite.unit import SQLiteUnit
from acuse.storage.sqlite.views import SQLiteViews
from acuse.storage.sqlite.writer import Writer
from acuse.storage.vault import Vault

T = TypeVar("T")


class SQLiteDatabase:
    """Rows in a SQLite file: `ports.Units` itself, with `views` and `jobs` beside it. Safe from any thread.

    Several processes may have the same file open. `now` is asked for the present whenever a job is submitted.
    """

    def __init__(self, path: Path, *, vault: Vault, now: Callable[[], datetime]) -> None:
        self._readers = Readers(path)
        self._link = Link(connect(path, read_only=False))
        listener = Listener(self._link.driver)
        self._writer: Writer[SQLiteUnit] = Writer(
            self._link,
            begin=lambda: SQLiteUnit(self._link, vault, is_heard=listener.take is not None, now=now),
            after_commit=lambda unit: listener.start(tuple(unit.jobs.claimed.values())),
        )
        self.views: Views = SQLiteViews(self._readers, vault)
        self.jobs: JobTable = JobRows(self._readers, self._writer, listener)

    @classmethod
    def open(cls, path: Path, *, master_key: MasterKey, now: Callable[[], datetime]) -> Self:
        """Open the file, or make it with mode 600, and bring its schema up to date.

        Raises SchemaTooNew, MasterKeyWrong when the home's private keys were sealed with another key, StorageFailed.
        """
        _create(path)
        with closing(connect(path, read_only=False)) as driver:
            migrate(driver, now=now())
            sealed = driver.execute(sql.ANY_SEALED_KEY).fetchone()
        if sealed is not None and not master_key.fits(sealed[0]):
            raise MasterKeyWrong
        return cls(path, vault=Vault(master_key), now=now)

    def run(self, decide: Callable[[Unit], T]) -> T:
        return self._writer.run(decide)

    def find_blob(self, blob_id: UUID) -> tuple[int, bytes | None] | None:
        """Size and, where they lie in the row, bytes of a blob; None without a row."""
        with self._readers.link() as link:
            row: tuple[int, bytes | None] | None = link.driver.execute(sql.FIND_BLOB, (blob_id.bytes,)).fetchone()
        return row

    def missing_blobs(self, blob_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Those ids that have no row."""
        with self._readers.link() as link:
            has_row = link.driver.execute
            return frozenset(key for key in blob_ids if has_row(sql.BLOB_EXISTS, (key.bytes,)).fetchone() is None)

    def index_messages(self) -> int:
        """Enter what was written since the last time into the index of words; how many messages there were."""
        with self._readers.link() as link:
            if link.driver.execute(ANY_WAITING).fetchone() is None:
                return 0
        return self._writer.run(lambda unit: enter(unit.driver))

    def close(self) -> None:
        """Finish what waits to be written, then close every connection."""
        self._writer.close()
        self._readers.close()
        self._link.close()


def _create(path: Path) -> None:
    """Make the file for its user alone; the log and the index that SQLite puts beside it get the same mode.

    A file that exists is not opened: closing it would take away the locks that SQLite holds on it in this process.
    """
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StorageFailed(f"The database {path} cannot be made: {error.strerror}.") from error
