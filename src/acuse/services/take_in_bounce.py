"""Taking in mail that comes back: reports become facts, and what follows from them is planned, in one unit.

Rule: a report is a server's word about a message, and is easily forged (RFC 3464 section 4.1). It counts when it came
to the notice's own return path and speaks of the notice's envelope or recipient; what a person did is never undone by
it. The mail itself is kept as it came.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from uuid import UUID

from acuse.domain.credit import EntryKind
from acuse.domain.event import EventKind
from acuse.domain.notice import PASSAGE, Delivery, Notice, Passage, Reading, Step
from acuse.errors import ServiceError
from acuse.evidence import URI, FactKind, Strength
from acuse.mail import Action, Report, read_reports
from acuse.ports import Blob, IncomingReport, Ports, Unit
from acuse.services.announce import announce_notice
from acuse.services.note_fact import fact_about, told
from acuse.services.send_notices import book, sending_job
from acuse.services.settle_notice import failure_of

MOST_MAILS = 50
"""Mails that are kept about one notice: whoever has its return path can send more."""
_BY_A_PERSON = frozenset({Reading.ACCEPTED, Reading.READ, Reading.REFUSED})
_NOT_YET_SETTLED = frozenset({Passage.SENDING, Passage.DEFERRED})


class TooMuchMail(ServiceError):
    """More mail came about this notice than is kept."""

    code = "TOO_MUCH_MAIL"


class TakenInAs(StrEnum):
    """What a mail was."""

    REPORT = "report"
    OTHER = "other"
    """A reply, or a report about something else."""
    REPEATED = "repeated"
    """It came before, and nothing is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A mail as it arrived."""

    message: bytes
    peer: str
    """The address of the server that brought it."""
    sender: str
    """Of its envelope; empty for a report (RFC 5321 section 4.5.5)."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.message).hexdigest()


def take_in_bounce(ports: Ports, notice_id: UUID, arrival: Arrival) -> TakenInAs:
    """Keep the mail and write what it says. Raises NoticeNotFound, TooMuchMail, StorageFailed."""
    reports = read_reports(arrival.message)
    stage = ports.blobs.stage()
    stage.write(arrival.message)
    blob = stage.keep()
    taken_as = TakenInAs.REPEATED
    try:
        taken_as = ports.units.run(
            partial(_take_in, ports=ports, notice_id=notice_id, arrival=arrival, reports=reports, blob=blob)
        )
    finally:
        if taken_as is TakenInAs.REPEATED:
            ports.blobs.discard(blob)
    return taken_as


def _take_in(
    unit: Unit, *, ports: Ports, notice_id: UUID, arrival: Arrival, reports: tuple[Report, ...], blob: Blob
) -> TakenInAs:
    notice, now = unit.notices.get(notice_id), ports.world.now()
    known = unit.notices.reports(notice_id)
    if arrival.sha256 in {report.sha256 for report in known}:
        return TakenInAs.REPEATED
    if len(known) >= MOST_MAILS:
        raise TooMuchMail
    unit.blobs.add(blob)
    unit.notices.add_report(
        IncomingReport(notice_id=notice.id, sha256=arrival.sha256, blob_id=blob.id, received_at=now)
    )
    about_it = [report for report in reports if _is_about(report, notice)]
    if not about_it:
        reason = "a report about another message" if reports else "a mail came to the return path"
        notice = _note(unit, ports, notice, FactKind.RECEIVED_FROM_NON_ERDS, (reason,), arrival, None, now=now)
    for report in about_it:
        notice = _apply(unit, ports, notice, report, arrival, now=now)
    unit.notices.save(notice)
    return TakenInAs.REPORT if about_it else TakenInAs.OTHER


def _is_about(report: Report, notice: Notice) -> bool:
    if report.envelope_id is not None:
        return report.envelope_id.lower() == notice.id.hex
    address = notice.recipient.address.lower()
    return address in {(report.original_recipient or "").lower(), report.recipient.lower()}


def _apply(unit: Unit, ports: Ports, notice: Notice, report: Report, arrival: Arrival, *, now: datetime) -> Notice:
    match report.action:
        case Action.DELIVERED:
            return _delivered(unit, ports, notice, report, arrival, now=now)
        case Action.FAILED:
            return _failed(unit, ports, notice, report, arrival, now=now)
        case Action.DELAYED | Action.RELAYED | Action.EXPANDED:
            kind = FactKind.RECEIVED_FROM_NON_ERDS
            return _note(unit, ports, notice, kind, _reasons(report), arrival, report, now=now)


def _delivered(unit: Unit, ports: Ports, notice: Notice, report: Report, arrival: Arrival, *, now: datetime) -> Notice:
    kind = told(notice).good if notice.delivery is Delivery.DIRECT else FactKind.NOTIFICATION_DELIVERED
    after = notice
    if (notice.passage, Step.CONFIRM) in PASSAGE:
        after = notice.step(
            Step.CONFIRM,
            now=now,
            certified_at=now,
            next_attempt_at=None,
            handed_over_at=notice.handed_over_at or now,
        )
    after = _note(unit, ports, after, kind, _reasons(report), arrival, report, now=now)
    _follow(unit, ports, notice, after, EventKind.NOTICE_DELIVERED, now=now)
    return after


def _failed(unit: Unit, ports: Ports, notice: Notice, report: Report, arrival: Arrival, *, now: datetime) -> Notice:
    after = notice
    if (notice.passage, Step.BOUNCE) in PASSAGE and notice.reading not in _BY_A_PERSON:
        after = notice.step(
            Step.BOUNCE,
            now=now,
            failure=failure_of(report.status),
            said=report.diagnostic or " ".join(_reasons(report)),
            next_attempt_at=None,
            settles_at=None,
        )
    superseded = _superseded(ports, notice) if after is not notice else ()
    more = {"supersedes": list(superseded)} if superseded else {}
    after = _note(unit, ports, after, told(notice).bad, _reasons(report), arrival, report, now=now, more=more)
    _follow(unit, ports, notice, after, EventKind.NOTICE_BOUNCED, now=now)
    return after


def _follow(unit: Unit, ports: Ports, before: Notice, after: Notice, kind: EventKind, *, now: datetime) -> None:
    """What a step that a report brought leads to."""
    if after.passage is before.passage:
        return
    if before.passage in _NOT_YET_SETTLED:
        # The report says that it left, so it is paid, and is not sent again.
        book(unit, ports, after, EntryKind.SETTLE, now=now)
        unit.jobs.cancel(sending_job(before, due_at=now).key)
    announce_notice(unit, ports, kind, after, now=now)


def _superseded(ports: Ports, notice: Notice) -> tuple[str, ...]:
    """The facts that said that it was delivered, by their ids."""
    kinds = {URI + told(notice).good, URI + FactKind.NOTIFICATION_DELIVERED}
    records = (json.loads(entry.record) for entry in ports.views.notices.journal(notice.id))
    return tuple(record["EvidenceIdentifier"] for record in records if record["ERDSEventId"] in kinds)


def _note(
    unit: Unit,
    ports: Ports,
    notice: Notice,
    kind: FactKind,
    reasons: tuple[str, ...],
    arrival: Arrival,
    report: Report | None,
    *,
    now: datetime,
    more: Mapping[str, object] | None = None,
) -> Notice:
    is_word_of_a_server = report is not None and report.is_standard
    fact = fact_about(
        ports,
        notice,
        kind,
        Strength.REMOTE_SERVER if is_word_of_a_server else Strength.MACHINE,
        now=now,
        reasons=reasons,
        details={**_seen(arrival, report), **(more or {})},
    )
    return unit.notices.record(notice, fact)


def _reasons(report: Report) -> tuple[str, ...]:
    return tuple(part for part in (str(report.action), report.status, report.diagnostic) if part)


def _seen(arrival: Arrival, report: Report | None) -> Mapping[str, object]:
    mail = {
        "sha256": arrival.sha256,
        "size": len(arrival.message),
        "from": _clean(arrival.sender),
        "server": _clean(arrival.peer),
    }
    if report is None:
        return {"mail": mail}
    return {
        "mail": mail,
        "report": {
            "action": str(report.action),
            "recipient": _clean(report.recipient),
            "original_recipient": _clean(report.original_recipient),
            "status": _clean(report.status),
            "diagnostic": _clean(report.diagnostic),
            "remote_server": _clean(report.remote_server),
            "reporting_server": _clean(report.reporting_server),
            "envelope_id": _clean(report.envelope_id),
            "standard": report.is_standard,
        },
    }


def _clean(text: str | None) -> str | None:
    """Bytes that are no text come out of the parser as signs that cannot be written."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")
