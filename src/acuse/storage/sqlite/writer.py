"""Writing in turns, and the group commit.

All decisions that wait are run in one transaction and made durable by one fsync: under load that is worth far more than
anything else a database can be told. There is no thread for it: who finds nobody at work commits for all who wait, its
own decision among them, and the first who came meanwhile takes the next turn. Decisions are repeatable, so a group with
a bad one is rolled back and run again one by one: the bad one fails alone.

Rule: nobody hears of a result before the COMMIT that holds it has returned.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeVar

import sqlalchemy.exc

from acuse.errors import StorageFailed
from acuse.storage.sqlite.connections import Link

T = TypeVar("T")
U = TypeVar("U")

_MAX_GROUP = 256
"""Decisions in one commit. More would save little and make the first of them wait."""


class _Request(Generic[U]):
    """A decision that waits. Its thread sleeps on `wake` until there is an outcome, or until it is its turn."""

    __slots__ = ("decide", "error", "is_settled", "result", "wake")

    def __init__(self, decide: Callable[[U], Any]) -> None:
        self.decide = decide
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_settled = False
        self.wake = threading.Lock()
        self.wake.acquire()

    def settle(self, error: BaseException | None = None) -> None:
        self.error = error
        self.is_settled = True
        self.wake.release()


class Writer(Generic[U]):
    """Runs decisions over units of type `U`, which `begin` makes anew for every transaction.

    `after_commit` is called with each unit that was committed, before the callers hear of it. It may not raise.
    """

    def __init__(self, link: Link, *, begin: Callable[[], U], after_commit: Callable[[U], None]) -> None:
        self._link = link
        self._begin = begin
        self._after_commit = after_commit
        self._waiting: deque[_Request[U]] = deque()
        self._guard = threading.Lock()
        self._turn: int | None = None
        """The thread that commits for all; 0 when it was woken for that and has not begun."""
        self._is_closed = False

    def run(self, decide: Callable[[U], T]) -> T:
        """Run `decide` in a transaction and return its result once it is durable; raises what it raised."""
        request = _Request(decide)
        with self._guard:
            if self._turn == threading.get_ident():
                raise RuntimeError("A decision may not wait for another one: both would need the same turn.")
            if self._is_closed:
                raise StorageFailed("The database is closed.")
            is_first = self._enter(request)
        self._see_through(request, is_first=is_first)
        if request.error is not None:
            raise request.error
        result: T = request.result
        return result

    def close(self) -> None:
        """Finish what waits. Later calls of `run` raise StorageFailed."""
        last = _Request[U](lambda _: None)
        with self._guard:
            if self._is_closed:
                return
            self._is_closed = True
            is_first = self._enter(last)
        self._see_through(last, is_first=is_first)

    def _enter(self, request: _Request[U]) -> bool:
        """Join those who wait; true for who finds nobody at work, and has the turn now."""
        self._waiting.append(request)
        if self._turn is not None:
            return False
        self._turn = threading.get_ident()
        return True

    def _see_through(self, request: _Request[U], *, is_first: bool) -> None:
        """Return when the request is settled, by this thread or by another one."""
        if not is_first:
            request.wake.acquire()
        if not request.is_settled:
            self._take_turn()

    def _take_turn(self) -> None:
        """Commit all that waits, then leave the turn to the first that came meanwhile."""
        with self._guard:
            self._turn = threading.get_ident()
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MAX_GROUP))]
        try:
            self._run_group(group)
        finally:
            with self._guard:
                self._turn = 0 if self._waiting else None
                if self._waiting:
                    self._waiting[0].wake.release()

    def _run_group(self, group: list[_Request[U]]) -> None:
        try:
            unit = self._commit(group)
        except _NotWritten as failure:
            for request in group:
                request.settle(failure.error)
        except BaseException as error:  # noqa: BLE001 - it belongs to a caller, and the others have to go on
            if len(group) == 1:
                group[0].settle(_meaning(error))
                return
            for request in group:
                self._run_group([request])
        else:
            self._after_commit(unit)
            for request in group:
                request.settle()

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
