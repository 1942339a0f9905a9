"""What a recipient does on its page: each act is a fact, a step and an event, in one unit.

Rule: only a POST within a session counts as a person (strength 3 or more). Opening the page is what any machine does
(strength 1): it raises nothing beyond `opened`, and is written down once an hour at most, so that nobody can fill a
journal by reloading.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from acuse.domain.event import EventKind
from acuse.domain.message import ImpossibleStep
from acuse.domain.notice import Act, Notice, Passage, Reading
from acuse.domain.visit import Session, Stage, stage_of
from acuse.evidence import FactKind, Strength
from acuse.ports import Ports, Unit
from acuse.services.announce import announce_notice
from acuse.services.note_fact import fact_about


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What was seen of whoever is on the page."""

    session: str
    """The digest of the session."""
    address: str | None
    user_agent: str | None
    method: str
    is_encrypted: bool
    """The request came over TLS."""
    words: str | None = None
    """SHA-256 in hex of the words that told what an answer means."""
    language: str = ""
    """In which they were shown."""

    def seen(self, *, is_human: bool) -> Mapping[str, object]:
        """As it stands in a fact."""
        return {
            "http": {
                "address": self.address,
                "user_agent": self.user_agent,
                "method": self.method,
                "tls": self.is_encrypted,
                "session": self.session,
                "csrf": "checked" if is_human else "none",
                "words": {"sha256": self.words, "language": self.language},
                "classification": "human-action" if is_human else "unclassified",
            }
        }


def record_opening(ports: Ports, notice_id: UUID, visitor: Visitor) -> None:
    """The page was fetched, by whatever."""
    now = ports.world.now()
    if not ports.views.notices.visit(notice_id).is_opening_new(now):
        return

    def decide(unit: Unit) -> None:
        notice, visit = unit.notices.get(notice_id), unit.notices.visit(notice_id)
        if not visit.is_opening_new(now) or notice.passage is Passage.CANCELLED:
            return
        unit.notices.save_visit(replace(visit, opened_at=now))
        after = notice.act(Act.OPEN, now=now)
        details = visitor.seen(is_human=False)
        fact = fact_about(
            ports, notice, FactKind.NOTIFICATION_ACCESS_TRACKING, Strength.MACHINE, now=now, details=details
        )
        after = unit.notices.record(after, fact)
        unit.notices.save(after)
        if after.reading is not notice.reading:
            announce_notice(unit, ports, EventKind.NOTICE_OPENED, after, now=now)

    ports.units.run(decide)


def accept_and_read(ports: Ports, notice_id: UUID, visitor: Visitor) -> Notice:
    """The recipient accepts, and is given the content. Raises ImpossibleStep where it cannot be accepted now."""

    def act(deed: "_Deed") -> Notice:
        accepted = deed.write(deed.notice, Act.ACCEPT, FactKind.CONSIGNMENT_ACCEPTANCE, EventKind.NOTICE_ACCEPTED)
        return _hand_over(deed, accepted)

    return _run(ports, notice_id, visitor, Stage.ANSWER, act)


def refuse_notice(ports: Ports, notice_id: UUID, visitor: Visitor) -> Notice:
    """The recipient refuses, and never sees the content. Raises ImpossibleStep where it cannot be refused now."""

    def act(deed: "_Deed") -> Notice:
        return deed.write(
            deed.notice,
            Act.REFUSE,
            FactKind.CONSIGNMENT_REJECTION,
            EventKind.NOTICE_REFUSED,
            reasons=("the recipient refused on our page",),
        )

    return _run(ports, notice_id, visitor, Stage.ANSWER, act)


def read_content(ports: Ports, notice_id: UUID, visitor: Visitor) -> Notice:
    """The recipient asks for the content, and is given it. Raises ImpossibleStep where that needs something first."""
    return _run(ports, notice_id, visitor, Stage.READ, lambda deed: _hand_over(deed, deed.notice))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """An act that is being written."""

    unit: Unit
    ports: Ports
    notice: Notice
    """Before the act."""
    session: Session
    visitor: Visitor
    now: datetime

    def write(
        self, notice: Notice, act: Act, fact: FactKind, event: EventKind, *, reasons: tuple[str, ...] = ()
    ) -> Notice:
        """The notice after the act, with its fact and its event."""
        after = notice.act(act, now=self.now, certified_at=self.now)
        written = fact_about(
            self.ports,
            notice,
            fact,
            self.session.strength,
            now=self.now,
            reasons=reasons,
            details=self.visitor.seen(is_human=True),
        )
        after = self.unit.notices.record(after, written)
        self.unit.notices.save(after)
        announce_notice(self.unit, self.ports, event, after, now=self.now)
        return after


def _hand_over(deed: _Deed, notice: Notice) -> Notice:
    """The content goes to this session. The first time is the handover; later ones are accesses."""
    is_first = notice.reading is not Reading.READ
    kind = FactKind.CONTENT_HANDOVER if is_first else FactKind.CONTENT_ACCESS_TRACKING
    after = deed.write(notice, Act.READ, kind, EventKind.NOTICE_READ)
    visit = deed.unit.notices.visit(notice.id)
    deed.unit.notices.save_visit(visit.with_session(replace(deed.session, has_content=True)))
    return after


def _run(ports: Ports, notice_id: UUID, visitor: Visitor, stage: Stage, act: Callable[[_Deed], Notice]) -> Notice:
    now = ports.world.now()

    def decide(unit: Unit) -> Notice:
        notice = unit.notices.get(notice_id)
        visit = unit.notices.visit(notice_id)
        offered = stage_of(notice, visit, visitor.session, now=now)
        if offered is not stage:
            raise ImpossibleStep(f"this page offers {offered} now, and not {stage}")
        deed = _Deed(
            unit=unit, ports=ports, notice=notice, session=visit.session(visitor.session), visitor=visitor, now=now
        )
        return act(deed)

    return ports.units.run(decide)
