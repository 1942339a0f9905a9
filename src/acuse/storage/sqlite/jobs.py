"""The durable work as rows: submitted inside a unit, claimed and finished by the embedded runner.

Rule: a claimed row stays until its job is done, so that a crash loses nothing. A key has one row; when its work is
wanted again while it is under way, the row is taken over with a later time, and finishing the earlier job leaves it
alone.
"""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from acuse.domain.message import Priority
from acuse.ports import Job
from acuse.storage.columns import json_text, micros, moment
from acuse.storage.rows import job_row, read_job
from acuse.storage.sqlite import statements as sql
from acuse.storage.sqlite.connections import Readers
from acuse.storage.sqlite.writer import Writer

if TYPE_CHECKING:
    from acuse.storage.sqlite.unit import SQLiteUnit

_BY_URGENCY = (Priority.HIGH, Priority.NORMAL, Priority.LOW)


class UnitJobs:
    """`ports.Jobs` on the connection of a unit."""

    def __init__(self, driver: sqlite3.Connection, *, is_heard: bool, now: Callable[[], datetime]) -> None:
        self._driver = driver
        self._is_heard = is_heard
        self._now = now
        self.claimed: dict[str, Job] = {}
        """What was due when it was submitted: claimed in this transaction, to be started after it."""

    def submit(self, job: Job) -> None:
        if job.key in self.claimed:
            return
        now = self._now()
        starts_at_once = self._is_heard and job.due_at <= now
        row = {**job_row(job), "claimed_at": micros(now) if starts_at_once else None}
        written = self._driver.execute(sql.SUBMIT_JOB, row).fetchall()
        if written and starts_at_once:
            self.claimed[job.key] = replace(job, due_at=moment(written[0][0]))

    def cancel(self, key: str) -> None:
        if self.claimed.pop(key, None):
            self._driver.execute(sql.WITHDRAW_JOB, (key,))
        else:
            self._driver.execute(sql.CANCEL_JOB, (key,))


class Listener:
    """Whoever starts jobs at once in this process. Called by the thread whose turn it is to write."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver
        self.take: Callable[[Sequence[Job]], None] | None = None

    def start(self, jobs: Sequence[Job]) -> None:
        """Hand over jobs that were just committed as claimed. If nobody can take them now, they wait to be claimed."""
        if not jobs or self.take is None:
            return
        try:
            self.take(jobs)
        except Exception:  # noqa: BLE001 - such as the closed loop of a gateway that stops
            with suppress(sqlite3.Error):
                self._driver.executemany(sql.RELEASE_JOB, _versions(jobs))


class JobRows:
    """`ports.JobTable`."""

    def __init__(self, readers: Readers, writer: Writer["SQLiteUnit"], listener: Listener) -> None:
        self._readers = readers
        self._writer = writer
        self._listener = listener

    def listen(self, take: Callable[[Sequence[Job]], None]) -> None:
        self._listener.take = take

    def release(self) -> None:
        self._writer.run(lambda unit: unit.driver.execute(sql.RELEASE_ALL).rowcount)

    def claim(self, now: datetime, *, limit: int, except_lanes: Collection[str] = ()) -> tuple[Job, ...]:
        lanes = json_text(list(except_lanes))
        due = [priority for priority in _BY_URGENCY if self._is_any_due(priority, now, lanes)]
        return self._writer.run(lambda unit: _claim(unit.driver, due, now, lanes, limit)) if due else ()

    def finish(self, jobs: Sequence[Job]) -> None:
        if jobs:
            self._writer.run(lambda unit: unit.driver.executemany(sql.FINISH_JOB, _versions(jobs)).rowcount)

    def _is_any_due(self, priority: Priority, now: datetime, lanes: str) -> bool:
        """Asked before anything is locked: a runner asks often, and mostly in vain."""
        with self._readers.link() as link:
            return link.driver.execute(sql.ANY_DUE, (priority, micros(now), lanes)).fetchone() is not None


def _claim(
    driver: sqlite3.Connection, due: Sequence[Priority], now: datetime, lanes: str, limit: int
) -> tuple[Job, ...]:
    claimed: list[Job] = []
    for priority in due:
        parameters = (micros(now), priority, micros(now), lanes, limit - len(claimed))
        found = [read_job(row) for row in driver.execute(sql.CLAIM_DUE, parameters).fetchall()]
        claimed += sorted(found, key=lambda job: job.due_at)
    return tuple(claimed)


def _versions(jobs: Sequence[Job]) -> list[tuple[str, int]]:
    return [(job.key, micros(job.due_at)) for job in jobs]
