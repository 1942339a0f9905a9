"""Taking a notice back, or moving it: possible as long as nothing has left."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from acuse.domain.credit import EntryKind
from acuse.domain.event import EventKind
from acuse.domain.notice import PASSAGE, Notice, Passage, Step
from acuse.errors import InvalidInput, NoticeGone
from acuse.evidence import FactKind, Strength
from acuse.ports import Ports, Unit
from acuse.services.announce import announce_notice
from acuse.services.note_fact import fact_about
from acuse.services.send_notices import book, sending_job


def cancel_notice(ports: Ports, notice_id: UUID) -> Notice:
    """Take the notice back; what it cost goes back too. Raises NoticeGone."""
    now = ports.world.now()

    def decide(unit: Unit) -> Notice:
        notice = unit.notices.get(notice_id)
        if (notice.passage, Step.CANCEL) not in PASSAGE:
            raise NoticeGone(passage=notice.passage.value)
        after = notice.step(Step.CANCEL, now=now, next_attempt_at=None)
        fact = fact_about(
            ports,
            notice,
            FactKind.SUBMISSION_REJECTION,
            Strength.INTERNAL,
            now=now,
            reasons=("the sender took it back before it was sent",),
        )
        after = unit.notices.record(after, fact)
        unit.notices.save(after)
        unit.jobs.cancel(sending_job(notice, due_at=now).key)
        book(unit, ports, after, EntryKind.RELEASE, now=now)
        announce_notice(unit, ports, EventKind.NOTICE_CANCELLED, after, now=now)
        return after

    return ports.units.run(decide)


def reschedule_notice(ports: Ports, notice_id: UUID, scheduled_at: datetime) -> Notice:
    """Send it at another time, which lies in the future. Raises InvalidInput and NoticeGone."""
    now = ports.world.now()
    if scheduled_at <= now:
        raise InvalidInput(fields={"scheduled_at": "must be in the future"})

    def decide(unit: Unit) -> Notice:
        notice = unit.notices.get(notice_id)
        if notice.passage is not Passage.SCHEDULED:
            raise NoticeGone(passage=notice.passage.value)
        moved_by = scheduled_at - (notice.scheduled_at or now)
        after = notice.step(Step.RESCHEDULE, now=now, scheduled_at=scheduled_at)
        if after.expires_at is not None:
            after = replace(after, expires_at=after.expires_at + moved_by)
        unit.notices.save(after)
        unit.jobs.cancel(sending_job(notice, due_at=now).key)
        unit.jobs.submit(sending_job(after, due_at=scheduled_at))
        return after

    return ports.units.run(decide)
