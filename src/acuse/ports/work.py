"""Work that outlives a crash: what the durable engine is asked for, and its table of jobs."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from acuse.domain.connection import USUAL_CONCURRENCY
from acuse.domain.message import Priority


class JobKind(StrEnum):
    """What the durable engine can be asked to do. A job names a subject by id and carries nothing else."""

    SEND_MESSAGE = "send_message"
    DELIVER_RECEIPT = "deliver_receipt"
    DELIVER_EVENT = "deliver_event"
    SIMULATE_RECEIPT = "simulate_receipt"
    DELIVER_NOTICE = "deliver_notice"
    TEST_WEBHOOK = "test_webhook"
    VALIDATE_SENDER = "validate_sender"
    SEND_CODE = "send_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work that survives a crash and is done at least once."""

    kind: JobKind
    subject_id: UUID
    key: str
    """Unique among the waiting jobs: submitting it again changes nothing."""
    lane: str
    """Jobs of one lane share its concurrency, so that a slow partner holds up nobody else."""
    due_at: datetime
    priority: Priority = Priority.NORMAL
    lane_width: int = USUAL_CONCURRENCY
    """How many jobs of the lane may be under way at once; the one that came last says it."""


class Jobs(Protocol):
    """The durable engine, seen from inside a unit: work and rows commit together."""

    def submit(self, job: Job) -> None:
        """Have `job` done once it is due. A job that is due already starts right after the commit where it can."""
        ...

    def cancel(self, key: str) -> None:
        """Take a waiting job back; nothing happens if it is gone or under way."""
        ...


class JobTable(Protocol):
    """The waiting work, seen by an embedded runner: the only one on its home."""

    def listen(self, take: Callable[[Sequence[Job]], None]) -> None:
        """From now on, jobs that are due when they are submitted are claimed in the same commit and given to `take`
        after it. `take` is called from the thread that committed and must return at once."""
        ...

    def release(self) -> None:
        """Make every claimed job claimable again: whoever claimed it before this process began is dead."""
        ...

    def claim(self, now: datetime, *, limit: int, except_lanes: Collection[str] = ()) -> tuple[Job, ...]:
        """Claim jobs that are due, by priority and then by time, but none of the lanes named."""
        ...

    def finish(self, jobs: Sequence[Job]) -> None:
        """Remove claimed jobs that are done. Durable, but may be lost by a crash: a job is done at least once."""
        ...
