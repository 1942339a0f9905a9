"""Connections to the database file, and the pool of those that read.

Rule: no connection begins a transaction that reads and then writes. A reader is `query_only`; whoever writes says
`BEGIN IMMEDIATE` first. So nobody meets the lock that waiting cannot resolve.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy.pool import NullPool

from acuse.errors import StorageFailed

BUSY_TIMEOUT = 30.0
"""Seconds that a connection waits for another process that writes."""

_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16384",
    "PRAGMA journal_size_limit = 67108864",
)


class Link:
    """One connection under two faces: the driver's for the hot path, SQLAlchemy's for what is built at run time."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self.driver = driver
        engine = sqlalchemy.create_engine(
            "sqlite://", creator=lambda: driver, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        self.core = engine.connect()

    def close(self) -> None:
        self.core.close()
        self.driver.close()


def connect(database: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection with our settings, whose transactions are begun and ended in SQL. Raises StorageFailed."""
    with ExitStack() as undo:
        try:
            driver = sqlite3.connect(
                database, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            undo.callback(driver.close)
            for setting in _SETTINGS:
                driver.execute(setting)
            if read_only:
                driver.execute("PRAGMA query_only = ON")
            driver.create_function("lower", 1, _lower, deterministic=True)
        except sqlite3.Error as error:
            raise StorageFailed(f"The database {database} cannot be opened: {error}.") from error
        undo.pop_all()
        return driver


def _lower(text: str | None) -> str | None:
    """SQLite's own function knows the letters of English only."""
    return None if text is None else text.lower()


class Readers:
    """Connections that read, one for each thread that reads at this moment. Safe from any thread."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._idle: deque[Link] = deque()
        self._guard = threading.Lock()
        self._is_closed = False

    @contextmanager
    def link(self) -> Iterator[Link]:
        """A connection for one statement, which sees all that was committed before."""
        link = self._take()
        try:
            yield link
        finally:
            self._give_back(link)

    @contextmanager
    def snapshot(self) -> Iterator[Link]:
        """A connection for several statements that all see the same state."""
        with self.link() as link:
            link.driver.execute("BEGIN")
            try:
                yield link
            finally:
                link.driver.execute("ROLLBACK")

    def close(self) -> None:
        """Close the idle connections now and the others as soon as they come back."""
        with self._guard:
            self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> Link:
        with self._guard:
            if self._is_closed:
                raise StorageFailed("The database is closed.")
            if self._idle:
                return self._idle.pop()
        return Link(connect(self._database, read_only=True))

    def _give_back(self, link: Link) -> None:
        with self._guard:
            if not self._is_closed:
                self._idle.append(link)
                return
        link.close()
