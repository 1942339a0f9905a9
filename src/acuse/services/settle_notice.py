"""What came of handing a notice over: the dialogue becomes a fact, and what follows from it is planned, in one unit.

Rule: a 250 says that this server took these bytes, and nothing else. A notice counts as delivered when a report says
so, or when no bounce came for as long as one has to be waited for.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from acuse.domain.credit import EntryKind
from acuse.domain.event import EventKind
from acuse.domain.notice import Failure, Notice, Passage, Step
from acuse.evidence import Strength
from acuse.ports import MailAnswer, Ports, Said, Unit
from acuse.services.announce import announce_notice
from acuse.services.begin_notice import NoticeAttempt
from acuse.services.note_fact import fact_about, told
from acuse.services.send_notices import book, sending_job

_FAILURES: Mapping[str, Failure] = {
    "5.1.1": Failure.MAILBOX_UNKNOWN,
    "5.1.6": Failure.MAILBOX_UNKNOWN,
    "5.1.2": Failure.DOMAIN_WITHOUT_MAIL,
    "5.1.10": Failure.DOMAIN_WITHOUT_MAIL,
    "5.4.4": Failure.DOMAIN_WITHOUT_MAIL,
    "5.2.2": Failure.MAILBOX_FULL,
    "5.2.3": Failure.TOO_LARGE,
    "5.3.4": Failure.TOO_LARGE,
    "4.4.7": Failure.EXPIRED_IN_QUEUE,
    "5.4.7": Failure.EXPIRED_IN_QUEUE,
    "5.7.10": Failure.TLS_REQUIRED,
}
"""RFC 3463; RFC 7505 for 5.1.10; RFC 5248 for 5.7.10."""

ANSWER_UNKNOWN = "answer unknown: the whole message was sent, and may have been taken"
_RELAYED = "handed to a relay of this gateway, not to a server of the recipient"


def failure_of(enhanced_code: str | None) -> Failure:
    """What a permanent reply means, as far as its enhanced code says it (RFC 3463)."""
    if enhanced_code is None:
        return Failure.REFUSED
    usual = Failure.POLICY if enhanced_code.startswith("5.7.") else Failure.REFUSED
    return _FAILURES.get(enhanced_code, usual)


def settle_notice(ports: Ports, attempt: NoticeAttempt, answer: MailAnswer) -> Notice | None:
    """Write what came of the attempt; the notice after it, or None where another attempt took over."""
    now, jitter = ports.world.now(), ports.world.jitter()

    def decide(unit: Unit) -> Notice | None:
        notice = unit.notices.get(attempt.notice.id)
        if notice.attempt_token != attempt.notice.attempt_token:
            return None
        if notice.passage is not Passage.SENDING:
            return _overtaken(unit, ports, notice, answer, now=now)
        if answer.said is Said.TAKEN:
            return _taken(unit, ports, notice, answer, now=now)
        due_at = None
        if answer.said is Said.LATER:
            due_at = ports.post.retry.next_attempt(
                attempts=notice.attempts,
                since=notice.first_attempt_at or now,
                jitter=jitter,
                now=now,
                # What may have been taken is not sent again before a report of it had time to come.
                asked=ports.post.bounce_wait if answer.is_uncertain else timedelta(0),
            )
        if due_at is not None:
            return _postponed(unit, ports, notice, answer, due_at=due_at, now=now)
        return _given_up(unit, ports, notice, answer, now=now)

    return ports.units.run(decide)


def _taken(unit: Unit, ports: Ports, notice: Notice, answer: MailAnswer, *, now: datetime) -> Notice:
    wait = timedelta(0) if answer.is_captured else ports.post.bounce_wait
    after = notice.step(
        Step.HAND_OVER, now=now, attempt_token=None, said=answer.text, handed_over_at=now, settles_at=now + wait
    )
    reasons = (answer.text, _RELAYED) if answer.is_relayed else (answer.text,)
    fact = fact_about(
        ports, notice, told(notice).good, _strength(answer), now=now, reasons=reasons, details=_seen(answer)
    )
    after = unit.notices.record(after, fact)
    unit.notices.save(after)
    book(unit, ports, after, EntryKind.SETTLE, now=now)
    announce_notice(unit, ports, EventKind.NOTICE_SENT, after, now=now)
    return after


def _overtaken(unit: Unit, ports: Ports, notice: Notice, answer: MailAnswer, *, now: datetime) -> Notice:
    """A report was faster than the answer: what was seen on the wire is written down, and nothing else changes."""
    kind = told(notice).good if answer.said is Said.TAKEN else told(notice).bad
    fact = fact_about(ports, notice, kind, _strength(answer), now=now, reasons=(answer.text,), details=_seen(answer))
    after = unit.notices.record(replace(notice, attempt_token=None), fact)
    unit.notices.save(after)
    return after


def _postponed(
    unit: Unit, ports: Ports, notice: Notice, answer: MailAnswer, *, due_at: datetime, now: datetime
) -> Notice:
    after = notice.step(Step.POSTPONE, now=now, attempt_token=None, said=answer.text, next_attempt_at=due_at)
    if answer.is_uncertain:
        reasons = (ANSWER_UNKNOWN, answer.text)
        fact = fact_about(
            ports, notice, told(notice).bad, Strength.INTERNAL, now=now, reasons=reasons, details=_seen(answer)
        )
        after = unit.notices.record(after, fact)
    unit.notices.save(after)
    unit.jobs.submit(sending_job(after, due_at=due_at))
    announce_notice(unit, ports, EventKind.NOTICE_DEFERRED, after, now=now)
    return after


def _given_up(unit: Unit, ports: Ports, notice: Notice, answer: MailAnswer, *, now: datetime) -> Notice:
    is_expired = answer.said is Said.LATER
    failure = Failure.EXPIRED_IN_QUEUE if is_expired else failure_of(answer.enhanced_code)
    after = notice.step(Step.GIVE_UP, now=now, attempt_token=None, said=answer.text, failure=failure)
    reasons = (str(failure), answer.text)
    fact = fact_about(
        ports, notice, told(notice).bad, _strength(answer), now=now, reasons=reasons, details=_seen(answer)
    )
    after = unit.notices.record(after, fact)
    unit.notices.save(after)
    book(unit, ports, after, EntryKind.RELEASE if failure.is_before_sending else EntryKind.SETTLE, now=now)
    announce_notice(unit, ports, EventKind.NOTICE_FAILED, after, now=now)
    return after


def _strength(answer: MailAnswer) -> Strength:
    """What a server of the recipient said is worth more than what one of ours did."""
    is_theirs = answer.code is not None and not answer.is_captured and not answer.is_relayed
    return Strength.REMOTE_SERVER if is_theirs else Strength.INTERNAL


def _seen(answer: MailAnswer) -> Mapping[str, object]:
    """What was observed on the wire."""
    return {
        "transport": {
            "server": answer.server,
            "address": answer.address,
            "code": answer.code,
            "enhanced_code": answer.enhanced_code,
            "tls": {
                "version": answer.tls_version,
                "cipher": answer.cipher,
                "certificate": answer.certificate,
                "policy": answer.tls_policy,
            },
            "captured": answer.is_captured,
            "relayed": answer.is_relayed,
            "reports_delivery": answer.reports_delivery,
            "dialogue": [
                {
                    "at": line.at.astimezone(UTC).isoformat(timespec="milliseconds"),
                    "from": "client" if line.is_ours else "server",
                    "text": line.text,
                }
                for line in answer.dialogue
            ],
        }
    }


def settle_handed_over(ports: Ports, *, limit: int = 100) -> int:
    """Count as delivered what was handed over and did not come back in time; how many there were."""
    now = ports.world.now()
    due = ports.views.notices.settling(now, limit=limit)
    for notice_id in due:
        ports.units.run(partial(_confirm, ports=ports, notice_id=notice_id, now=now))
    return len(due)


def _confirm(unit: Unit, *, ports: Ports, notice_id: UUID, now: datetime) -> None:
    notice = unit.notices.get(notice_id)
    if notice.passage is not Passage.HANDED_OVER or notice.settles_at is None or notice.settles_at > now:
        return
    after = notice.step(Step.CONFIRM, now=now, certified_at=now)
    fact = fact_about(
        ports,
        notice,
        told(notice).good,
        Strength.INTERNAL,
        now=now,
        reasons=("the server took the message, and no bounce came back in time",),
    )
    after = unit.notices.record(after, fact)
    unit.notices.save(after)
    announce_notice(unit, ports, EventKind.NOTICE_DELIVERED, after, now=now)
