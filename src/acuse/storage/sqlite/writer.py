"""The one thread that writes, and its group commit.

All decisions that wait are run in one transaction and made durable by one fsync: under load that is worth far more than
anything else a database can be told. Decisions are repeatable, so a group with a bad one is rolled back and run again
one by one: the bad one fails alone.

Rule: nobody hears of a result before the COMMIT that holds it has returned.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import sqlalchemy.exc

from acuse.errors import StorageFailed
from acuse.storage.sqlite.connections import Link

T = TypeVar("T")
U = TypeVar("U")

_MAX_GROUP = 256
"""Decisions in one commit. More would save little and make the first of them wait."""


@dataclass(slots=True)
class _Request(Generic[U]):
    decide: Callable[[U], Any]
    outcome: Future[Any] = field(default_factory=Future)
    result: Any = None


class Writer(Generic[U]):
    """Runs decisions over units of type `U`, which `begin` makes anew for every transaction.

    `after_commit` is called with each unit that was committed, before the callers hear of it. It may not raise.
    """

    def __init__(self, link: Link, *, begin: Callable[[], U], after_commit: Callable[[U], None]) -> None:
        self._link = link
        self._begin = begin
        self._after_commit = after_commit
        self._waiting: queue.SimpleQueue[_Request[U] | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="acuse-writer", daemon=True)
        self._thread.start()

    def run(self, decide: Callable[[U], T]) -> T:
        """Run `decide` in a transaction and return its result once it is durable; raises what it raised."""
        request = _Request(decide)
        self._put(request)
        result: T = request.outcome.result()
        return result

    def close(self) -> None:
        """Finish what waits, then stop. Later calls of `run` raise StorageFailed."""
        with self._guard:
            if self._is_closed:
                return
            self._is_closed = True
            self._waiting.put(None)
        self._thread.join()

    def _put(self, request: _Request[U]) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError("A decision may not wait for another one: both would need the same thread.")
        with self._guard:
            if self._is_closed:
                raise StorageFailed("The database is closed.")
            self._waiting.put(request)

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            group, is_last = self._gather(first)
            self._run_group(group)
            if is_last:
                return

    def _gather(self, first: _Request[U]) -> tuple[list[_Request[U]], bool]:
        group = [first]
        while len(group) < _MAX_GROUP:
            try:
                request = self._waiting.get_nowait()
            except queue.Empty:
                break
            if request is None:
                return group, True
            group.append(request)
        return group, False

    def _run_group(self, group: list[_Request[U]]) -> None:
        try:
            unit = self._commit(group)
        except _NotWritten as failure:
            for request in group:
                request.outcome.set_exception(failure.error)
        except BaseException as error:  # noqa: BLE001 - it belongs to a caller, and this thread has to go on
            if len(group) == 1:
                group[0].outcome.set_exception(_meaning(error))
                return
            for request in group:
                self._run_group([request])
        else:
            self._after_commit(unit)
            for request in group:
                request.outcome.set_result(request.result)

    def _commit(self, group: list[_Request[U]]) -> U:
        """Run and commit a group. Whatever is raised, all of it was rolled back."""
        driver = self._link.driver
        try:
            with _all_or_nothing():
                driver.execute("BEGIN IMMEDIATE")
            unit = self._begin()
            for request in group:
                request.result = request.decide(unit)
            with _all_or_nothing():
                if not driver.in_transaction:
                    raise sqlite3.OperationalError("the database gave the transaction up")
                driver.execute("COMMIT")
            return unit
        finally:
            if driver.in_transaction:
                with suppress(sqlite3.Error):
                    driver.execute("ROLLBACK")


class _NotWritten(Exception):
    """The database refused a whole group, whatever was in it."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a reference that is checked at the commit: one decision of the group made it
    except sqlite3.Error as error:
        raise _NotWritten(_meaning(error)) from error


def _meaning(error: BaseException) -> BaseException:
    """A database that cannot work is StorageFailed; a broken constraint is an error of the decision that broke it."""
    cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
    if isinstance(cause, sqlite3.DatabaseError) and not isinstance(
        cause, (sqlite3.IntegrityError, sqlite3.ProgrammingError)
    ):
        failure = StorageFailed(f"The database cannot write: {cause}. Nothing was acknowledged.")
        failure.__cause__ = error
        return failure
    return error
