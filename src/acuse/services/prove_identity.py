"""Showing who one is on the page of a notice: by a code, a document number or a PIN, with the same limits for all.

Rule: what was typed is compared and forgotten; neither a page nor a fact repeats it. Every wrong answer counts for the
notice, whatever browser it came from, and the last one locks it until the sender opens it again.
"""

import hashlib
import hmac
import re
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from acuse.domain.event import EventKind
from acuse.domain.message import ImpossibleStep
from acuse.domain.notice import READING, Act, Notice, Protection
from acuse.domain.visit import MOST_WRONG, Code, Stage, Visit, stage_of
from acuse.evidence import FactKind, Strength
from acuse.ports import Job, JobKind, Ports, Unit
from acuse.services.announce import announce_notice
from acuse.services.note_fact import fact_about
from acuse.services.record_visit import Visitor
from acuse.services.send_code import code_address

PROVABLE: Final = (Protection.EMAIL_CODE, Protection.DOCUMENT_NUMBER, Protection.PIN)
"""What this page can check."""
_BETWEEN: Final = re.compile(r"[\s.\-/·]+")


class Outcome(StrEnum):
    """What came of it."""

    PROVEN = "proven"
    WRONG = "wrong"
    NO_CODE = "no_code"
    """No code of this session can be used any more."""
    TOO_MANY_CODES = "too_many_codes"
    LOCKED = "locked"
    SENT = "sent"
    """A code is on its way."""


def ask_for_code(ports: Ports, notice_id: UUID, visitor: Visitor) -> Outcome:
    """Have a code sent. Raises ImpossibleStep where the page asks for none."""
    now, code_id = ports.world.now(), ports.world.new_id()
    # 100 random bits or more make a million codes equally likely, to within one in 10^24.
    number = int.from_bytes(hashlib.sha256(ports.world.new_token().encode()).digest()) % 1_000_000
    code = Code(id=code_id, session=visitor.session, digits=f"{number:06d}", made_at=now)

    def decide(unit: Unit) -> Outcome:
        notice, visit = _offered(unit, notice_id, visitor, now=now)
        if notice.recipient.protection is not Protection.EMAIL_CODE:
            raise ImpossibleStep("this page asks for no code")
        if not visit.can_have_code(now):
            return Outcome.TOO_MANY_CODES
        unit.notices.save_visit(visit.with_code(code))
        unit.jobs.submit(_code_job(notice, code, due_at=now))
        _note(unit, ports, notice, visitor, Strength.HUMAN, "asked for a code by e-mail", now=now)
        return Outcome.SENT

    return ports.units.run(decide)


def prove_identity(ports: Ports, notice_id: UUID, visitor: Visitor, given: str) -> Outcome:
    """Compare what was typed. Raises ImpossibleStep where the page asks for nothing."""
    now = ports.world.now()

    def decide(unit: Unit) -> Outcome:
        notice, visit = _offered(unit, notice_id, visitor, now=now)
        kind, code = notice.recipient.protection, visit.code_for(visitor.session, now=now)
        if kind is Protection.EMAIL_CODE and code is None:
            return Outcome.NO_CODE
        expected = code.digits if code is not None else notice.recipient.secret or ""
        if expected and _is_same(_plain(given, kind), _plain(expected, kind)):
            strength = _strength(notice)
            session = replace(visit.session(visitor.session), is_proven=True, strength=strength)
            used = visit if code is None else visit.without_code(code.id)
            unit.notices.save_visit(used.with_session(session))
            _note(unit, ports, notice, visitor, strength, f"showed: {kind.value}", now=now)
            return Outcome.PROVEN
        after = visit.after_wrong_answer(code)
        unit.notices.save_visit(after)
        if after.is_locked:
            _lock(unit, ports, notice, visitor, now=now)
        return Outcome.LOCKED if after.is_locked else Outcome.WRONG

    return ports.units.run(decide)


def _offered(unit: Unit, notice_id: UUID, visitor: Visitor, *, now: datetime) -> tuple[Notice, Visit]:
    notice, visit = unit.notices.get(notice_id), unit.notices.visit(notice_id)
    offered = stage_of(notice, visit, visitor.session, now=now)
    if offered is not Stage.PROVE or notice.recipient.protection not in PROVABLE:
        raise ImpossibleStep(f"this page offers {offered} now")
    return notice, visit


def _plain(text: str, kind: Protection) -> str:
    """As it is compared: numbers of documents and codes without what people put between their signs."""
    return text.strip() if kind is Protection.PIN else _BETWEEN.sub("", text).upper()


def _is_same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode("utf-8", "surrogateescape"))


def _strength(notice: Notice) -> Strength:
    """A code in the very mailbox of the notice, or a number that others may know, proves no second channel."""
    match notice.recipient.protection:
        case Protection.EMAIL_CODE:
            is_second = code_address(notice).lower() != notice.recipient.address.lower()
        case kind:
            is_second = kind is Protection.PIN
    return Strength.HUMAN_SECOND_CHANNEL if is_second else Strength.HUMAN


def _code_job(notice: Notice, code: Code, *, due_at: datetime) -> Job:
    return Job(
        kind=JobKind.SEND_CODE,
        subject_id=notice.id,
        key=f"code:{code.id}",
        lane=f"mail:{code_address(notice).rpartition('@')[2].lower()}",
        due_at=due_at,
    )


def _note(
    unit: Unit, ports: Ports, notice: Notice, visitor: Visitor, strength: Strength, reason: str, *, now: datetime
) -> None:
    # Whoever read it once is known already: a further browser changes nothing about that.
    act = Act.IDENTIFY if (notice.reading, Act.IDENTIFY) in READING else Act.OPEN
    after = notice.act(act, now=now)
    fact = fact_about(
        ports,
        notice,
        FactKind.NOTIFICATION_ACCESS_TRACKING,
        strength,
        now=now,
        reasons=(reason,),
        details=visitor.seen(is_human=True),
    )
    after = unit.notices.record(after, fact)
    unit.notices.save(after)
    if after.reading is not notice.reading:
        announce_notice(unit, ports, EventKind.NOTICE_IDENTIFYING, after, now=now)


def _lock(unit: Unit, ports: Ports, notice: Notice, visitor: Visitor, *, now: datetime) -> None:
    can_lock = (notice.reading, Act.LOCK) in READING  # what was accepted or read stays so
    after = notice.act(Act.LOCK, now=now, certified_at=now) if can_lock else notice
    fact = fact_about(
        ports,
        notice,
        FactKind.CONTENT_HANDOVER_FAILURE,
        Strength.HUMAN,
        now=now,
        reasons=(f"{MOST_WRONG} wrong answers",),
        details=visitor.seen(is_human=True),
    )
    after = unit.notices.record(after, fact)
    unit.notices.save(after)
    announce_notice(unit, ports, EventKind.NOTICE_LOCKED, after, now=now)
