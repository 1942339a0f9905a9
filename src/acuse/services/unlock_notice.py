"""Letting a recipient try again whose notice was locked by wrong codes or numbers: the sender's decision."""

from uuid import UUID

from acuse.domain.notice import READING, Act, Notice
from acuse.errors import NoticeNotLocked
from acuse.ports import Ports, Unit


def unlock_notice(ports: Ports, notice_id: UUID) -> Notice:
    """Open it for its recipient again. Raises NoticeNotLocked."""
    now = ports.world.now()

    def decide(unit: Unit) -> Notice:
        notice = unit.notices.get(notice_id)
        visit = unit.notices.visit(notice_id)
        is_locked = (notice.reading, Act.UNLOCK) in READING
        if not is_locked and not visit.is_locked:
            raise NoticeNotLocked(reading=notice.reading.value)
        unit.notices.save_visit(visit.unlocked())
        if not is_locked:  # what was accepted or read stays so, and only a further browser was kept out
            return notice
        after = notice.act(Act.UNLOCK, now=now)
        unit.notices.save(after)
        return after

    return ports.units.run(decide)
