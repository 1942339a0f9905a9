"""The end of the days in which a notice can be accepted: a sweep, which the clock drives and a fact records."""

from datetime import datetime
from functools import partial
from uuid import UUID

from acuse.domain.event import EventKind
from acuse.domain.notice import READING, Act
from acuse.evidence import FactKind, Strength
from acuse.ports import Ports, Unit
from acuse.services.announce import announce_notice
from acuse.services.note_fact import fact_about


def expire_notices(ports: Ports, *, limit: int = 100) -> int:
    """End what nobody accepted or refused in time; how many notices were looked at."""
    now = ports.world.now()
    due = ports.views.notices.expiring(now, limit=limit)
    for notice_id in due:
        ports.units.run(partial(_expire, ports=ports, notice_id=notice_id, now=now))
    return len(due)


def _expire(unit: Unit, *, ports: Ports, notice_id: UUID, now: datetime) -> None:
    notice = unit.notices.get(notice_id)
    if notice.expires_at is None or notice.expires_at > now or (notice.reading, Act.EXPIRE) not in READING:
        return
    after = notice.act(Act.EXPIRE, now=now, certified_at=now)
    fact = fact_about(
        ports,
        notice,
        FactKind.ACCEPTANCE_REJECTION_EXPIRY,
        Strength.INTERNAL,
        now=now,
        reasons=("nobody accepted or refused in time",),
        details={"until": notice.expires_at.isoformat()},
    )
    after = unit.notices.record(after, fact)
    unit.notices.save(after)
    announce_notice(unit, ports, EventKind.NOTICE_EXPIRED, after, now=now)
