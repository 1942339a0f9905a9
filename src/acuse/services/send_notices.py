"""Accepting a sending of notices: what can be sent is durable before the caller hears yes, and what cannot is told.

Each recipient is judged by itself: one with a wrong address does not keep the others from their mail. In one unit the
texts, the notices, their first facts, what they cost and the jobs that send them become durable.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from acuse.domain import enclosure_policy
from acuse.domain.account import Space
from acuse.domain.credit import EntryKind, LedgerEntry
from acuse.domain.event import EventKind
from acuse.domain.message import Attachment, Priority
from acuse.domain.notice import (
    LONGEST_ACCEPTANCE_DAYS,
    Delivery,
    Failure,
    Notice,
    Passage,
    Protection,
    Recipient,
    Sending,
)
from acuse.domain.sender import Sender
from acuse.errors import InvalidInput, SenderNotValidated
from acuse.evidence import FactKind, Strength
from acuse.mail import AddressInvalid, RenderedTooLarge, VariableMissing, read_address, render
from acuse.mail.compose import HeaderInvalid, check_line
from acuse.ports import Blob, Handle, Job, JobKind, Ports, Unit
from acuse.services.accept_message import OutgoingFile
from acuse.services.announce import announce_notice
from acuse.services.note_fact import fact_about

MOST_RECIPIENTS = 1000
LARGEST_TEXT = 2 * 1024 * 1024
"""Characters of a text, before and after its variables are filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNotices:
    """The wish to send a text to recipients."""

    space: Space
    sender_address: str
    recipients: tuple[Recipient, ...]
    subject: str
    text: str
    files: tuple[OutgoingFile, ...] = ()
    scheduled_at: datetime | None = None
    acceptance_days: int | None = None
    reference: str | None = None
    wants_report: bool = False
    language: str = "es"
    request_sha256: str = ""
    """Of the call's body as it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A recipient that nothing is sent to."""

    recipient: Recipient
    failure: Failure
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of the wish."""

    notices: tuple[Notice, ...]
    """In the order of the recipients."""
    turned_away: tuple[Turned, ...]
    duplicates: tuple[Recipient, ...]
    """Recipients whose address stood in the call before: it is sent to once."""
    credits_used: int
    """In hundredths."""


class ProtectionIncomplete(InvalidInput):
    """The recipient's protection lacks what it asks for."""


def send_notices(
    ports: Ports, command: SendNotices, *, alongside: Callable[[Unit, Sent], None] = lambda _unit, _sent: None
) -> Sent:
    """Keep the text and the files, and promise to send them. The stages are used up, also when this raises.

    `alongside` is carried out in the unit of the promise.
    Raises InvalidInput, SenderNotValidated, CreditsExhausted, StorageFailed.
    """
    blobs: list[Blob] = []
    stages = [file.stage for file in command.files]
    try:
        sender = _sender(ports, command)
        _check(ports, command)
        ready, turned_away, duplicates = _judge(command)
        if not ready:
            for stage in stages:
                stage.discard()
            return Sent(notices=(), turned_away=turned_away, duplicates=duplicates, credits_used=0)
        stages.append(ports.blobs.stage())
        stages[-1].write(command.text.encode())
        blobs.extend(stage.keep() for stage in stages)
        drafts = _Drafts(ready=tuple(ready), turned_away=turned_away, duplicates=duplicates, blobs=tuple(blobs))
        return _record(ports, command, sender, drafts, alongside)
    except BaseException:
        for stage in stages:
            stage.discard()
        for blob in blobs:
            ports.blobs.discard(blob)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drafts:
    """What was judged, before it is promised."""

    ready: tuple[tuple[Recipient, str], ...]
    turned_away: tuple[Turned, ...]
    duplicates: tuple[Recipient, ...]
    blobs: tuple[Blob, ...]
    """The files in their order, and the text."""

    def sent(self, notices: tuple[Notice, ...]) -> Sent:
        return Sent(
            notices=notices,
            turned_away=self.turned_away,
            duplicates=self.duplicates,
            credits_used=sum(notice.credits for notice in notices),
        )


def sending_job(notice: Notice, *, due_at: datetime) -> Job:
    """The job of the next attempt. Its key counts the attempts, so that it may wait while the last one ends."""
    return Job(
        kind=JobKind.DELIVER_NOTICE,
        subject_id=notice.id,
        key=f"notice:{notice.id}:{notice.attempts}",
        lane=f"mail:{notice.recipient.address.rpartition('@')[2].lower()}",
        due_at=due_at,
        priority=Priority.NORMAL,
    )


def _sender(ports: Ports, command: SendNotices) -> Sender:
    try:
        wanted = read_address(command.sender_address).text.lower()
    except AddressInvalid as error:
        raise InvalidInput(fields={"sender": error.message}) from error
    for sender in ports.views.notices.senders(command.space):
        if sender.address.lower() == wanted and sender.assurance is not None:
            return sender
    raise SenderNotValidated(address=wanted)


def _check(ports: Ports, command: SendNotices) -> None:
    problems: dict[str, str] = {}
    if not 1 <= len(command.recipients) <= MOST_RECIPIENTS:
        problems["recipients"] = f"1 to {MOST_RECIPIENTS} recipients"
    if not command.subject.strip():
        problems["subject"] = "must not be empty"
    if not command.text.strip() or len(command.text) > LARGEST_TEXT:
        problems["text"] = f"1 to {LARGEST_TEXT} characters"
    if command.acceptance_days is not None and not 1 <= command.acceptance_days <= LONGEST_ACCEPTANCE_DAYS:
        problems["acceptance_days"] = f"1 to {LONGEST_ACCEPTANCE_DAYS} days"
    if command.scheduled_at is not None and command.scheduled_at <= ports.world.now():
        problems["scheduled_at"] = "must be in the future"
    problems |= _problems_of_files(command.files)
    try:
        for field, text in (("subject", command.subject), ("reference", command.reference or "")):
            check_line(field, text)
    except HeaderInvalid as error:
        problems[str(error.details["field"])] = error.message
    if problems:
        raise InvalidInput(fields=problems)


def _problems_of_files(files: tuple[OutgoingFile, ...]) -> dict[str, str]:
    if len(files) > enclosure_policy.MOST:
        return {"attachments": f"at most {enclosure_policy.MOST}"}
    if any(not 0 < file.stage.size <= enclosure_policy.LARGEST for file in files):
        return {"attachments": f"each has 1 to {enclosure_policy.LARGEST} bytes"}
    if sum(file.stage.size for file in files) > enclosure_policy.LARGEST_TOGETHER:
        return {"attachments": f"at most {enclosure_policy.LARGEST_TOGETHER} bytes together"}
    try:
        for file in files:
            name = check_line("name of an attachment", file.filename or "")
            beginning = file.stage.source().open().read(8)
            if enclosure_policy.type_by_name(name) is None or enclosure_policy.is_program(beginning):
                return {"attachments": f"{name!r} is of a kind that is not sent; documents, images and archives are"}
    except HeaderInvalid as error:
        return {"attachments": error.message}
    return {}


def _judge(command: SendNotices) -> tuple[list[tuple[Recipient, str]], tuple[Turned, ...], tuple[Recipient, ...]]:
    """Who can be sent to, with the subject filled in; who not; and who stands there twice."""
    ready: list[tuple[Recipient, str]] = []
    turned: list[Turned] = []
    duplicates: list[Recipient] = []
    seen: set[str] = set()
    for recipient in command.recipients:
        try:
            address = read_address(recipient.address).text
            if address.lower() in seen:
                duplicates.append(recipient)
                continue
            ready.append((recipient, _subject(command, recipient)))
            seen.add(address.lower())
        except (AddressInvalid, HeaderInvalid, ProtectionIncomplete) as error:
            turned.append(Turned(recipient=recipient, failure=Failure.ADDRESS_INVALID, reason=error.message))
        except VariableMissing as error:
            turned.append(Turned(recipient=recipient, failure=Failure.VARIABLE_MISSING, reason=error.message))
        except RenderedTooLarge as error:
            turned.append(Turned(recipient=recipient, failure=Failure.CONTENT_REFUSED, reason=error.message))
    return ready, tuple(turned), tuple(duplicates)


def _subject(command: SendNotices, recipient: Recipient) -> str:
    """Raises what `_judge` catches."""
    check_line("name", recipient.name)
    if recipient.protection not in (Protection.NONE, Protection.EMAIL_CODE) and not recipient.secret:
        raise ProtectionIncomplete(fields={"protection": f"{recipient.protection} needs a value to compare with"})
    values = variables_of(recipient)
    # The text is filled in again when it is sent: here it is found out that it can be.
    render(command.text, values, limit=LARGEST_TEXT)
    return check_line("subject", render(command.subject, values, limit=255))


def variables_of(recipient: Recipient) -> Mapping[str, str]:
    """What may stand between braces for this recipient."""
    return {**recipient.variables, "nombre": recipient.name, "email": recipient.address}


def _record(
    ports: Ports, command: SendNotices, sender: Sender, judged: _Drafts, alongside: Callable[[Unit, Sent], None]
) -> Sent:
    now = ports.world.now()
    *file_blobs, text_blob = judged.blobs
    attachments = tuple(
        Attachment(
            position=position,
            filename=file.filename,
            content_type=file.content_type,
            size=blob.size,
            sha256=blob.sha256,
            blob_id=blob.id,
        )
        for position, (file, blob) in enumerate(zip(command.files, file_blobs, strict=True), start=1)
    )
    sending = _sending(ports, command, sender, text_blob, now=now)
    drafts = [_draft(ports, command, sending, recipient, subject, now=now) for recipient, subject in judged.ready]

    def decide(unit: Unit) -> Sent:
        sent = judged.sent(tuple(_promise(unit, ports, sending, sender, attachments, drafts, judged.blobs, now=now)))
        alongside(unit, sent)
        return sent

    return ports.units.run(decide)


def _sending(ports: Ports, command: SendNotices, sender: Sender, text: Blob, *, now: datetime) -> Sending:
    return Sending(
        id=ports.world.new_id(),
        account_id=command.space.account_id,
        tenant_id=command.space.tenant_id,
        mode=command.space.mode,
        sender_id=sender.id,
        subject=command.subject,
        text_blob_id=text.id,
        request_sha256=command.request_sha256,
        acceptance_days=command.acceptance_days,
        reference=command.reference,
        wants_report=command.wants_report,
        language=command.language,
        created_at=now,
    )


def _draft(
    ports: Ports, command: SendNotices, sending: Sending, recipient: Recipient, subject: str, *, now: datetime
) -> Notice:
    is_hosted = command.acceptance_days is not None or recipient.protection is not Protection.NONE
    return Notice(
        id=ports.world.new_id(),
        handle=0,
        sending_id=sending.id,
        account_id=sending.account_id,
        tenant_id=sending.tenant_id,
        mode=sending.mode,
        recipient=recipient,
        subject=subject,
        delivery=Delivery.HOSTED if is_hosted else Delivery.DIRECT,
        credits=ports.post.credits_per_notice,
        passage=Passage.SCHEDULED if command.scheduled_at else Passage.QUEUED,
        created_at=now,
        updated_at=now,
        scheduled_at=command.scheduled_at,
        expires_at=None
        if command.acceptance_days is None
        else (command.scheduled_at or now) + timedelta(days=command.acceptance_days),
    )


def _promise(
    unit: Unit,
    ports: Ports,
    sending: Sending,
    sender: Sender,
    attachments: tuple[Attachment, ...],
    drafts: list[Notice],
    blobs: Sequence[Blob],
    *,
    now: datetime,
) -> list[Notice]:
    for blob in blobs:
        unit.blobs.add(blob)
    unit.notices.add_sending(sending, attachments)
    made = []
    for draft in drafts:
        notice = replace(draft, handle=unit.next_handle(draft.account_id, Handle.NOTICE))
        unit.notices.add(notice, reference=sending.reference)
        book(unit, ports, notice, EntryKind.RESERVE, now=now)
        content = {"text": blobs[-1].sha256, "attachments": [file.sha256 for file in attachments]}
        fact = fact_about(
            ports,
            notice,
            FactKind.SUBMISSION_ACCEPTANCE,
            Strength.INTERNAL,
            now=now,
            details={
                "UserContentInfo": {"request": sending.request_sha256, "subject": notice.subject, **content},
                "SenderDetails": {"address": sender.address, "assurance": str(sender.assurance)},
                "RecipientDetails": {"address": notice.recipient.address, "name": notice.recipient.name},
                "mode": str(notice.delivery),
            },
        )
        notice = unit.notices.record(notice, fact)
        unit.notices.save(notice)
        announce_notice(unit, ports, EventKind.NOTICE_QUEUED, notice, now=now)
        unit.jobs.submit(sending_job(notice, due_at=notice.scheduled_at or now))
        made.append(notice)
    return made


def book(unit: Unit, ports: Ports, notice: Notice, kind: EntryKind, *, now: datetime) -> None:
    """Write what happens to the credits of a notice; nothing where nothing is billed. Raises CreditsExhausted."""
    if notice.credits:
        unit.notices.book(
            LedgerEntry(
                id=ports.world.new_id(),
                account_id=notice.account_id,
                kind=kind,
                amount=notice.credits,
                notice_id=notice.id,
                created_at=now,
            )
        )
