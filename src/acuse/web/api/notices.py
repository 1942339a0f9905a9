"""`/v1/notices`: certified e-mails, sent, listed, shown with their journal, moved and taken back.

Rule: the answer comes when everything is durable. A recipient that cannot be written to keeps no other from its mail;
where nobody can be written to, nothing is stored.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial

import msgspec

from acuse.domain.credit import UNIT
from acuse.domain.notice import Notice, Passage, Reading, Recipient
from acuse.errors import InvalidContentType, InvalidInput, NoticeNotFound, PayloadTooLarge
from acuse.mime import attachment_disposition
from acuse.ports import NoticeFilter, NoticeView
from acuse.services.accept_message import OutgoingFile
from acuse.services.cancel_notice import cancel_notice, reschedule_notice
from acuse.services.issue_proof import issue_proof
from acuse.services.send_notices import SendNotices, Sent, send_notices
from acuse.services.unlock_notice import unlock_notice
from acuse.web.api.calls import Call, json_reply, pagination
from acuse.web.api.handles import parse_id
from acuse.web.api.notice_fields import NoticeWish, read_attachments, read_notice
from acuse.web.api.notice_objects import journal_object, notice_object
from acuse.web.asgi import Reply, body_pieces, header, note
from acuse.web.lanes import BULK_FROM
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.form import Form, read_form
from acuse.web.shared.json_body import parse_object, read_json
from acuse.web.spool import BodyTooLarge, Spool

MOST_PAGES = 10_000_000
LARGEST_FORM = 36 << 20
"""Bytes of a form: the largest files together, the largest text, and what lies between."""
LONGEST_FIELD = 8 << 20
"""Bytes of the text, or of a thousand recipients in JSON."""


async def list_notices(call: Call) -> Reply:
    """A page of notices, newest first."""
    query = FieldReader(call.query)
    page = query.whole("page", default=1, least=1, most=MOST_PAGES)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    wanted = NoticeFilter(
        passage=query.choice("passage", Passage),
        reading=query.choice("reading", Reading),
        address=query.text("email"),
        reference=query.text("reference"),
    )
    query.finish()

    def work() -> Mapping[str, object]:
        views = call.ports.views.notices
        found = views.page(call.caller.space, wanted, limit=per_page, offset=(page - 1) * per_page)
        return {
            "data": [notice_object(view) for view in found.rows],
            "pagination": pagination(page=page, per_page=per_page, total=found.total),
        }

    return json_reply(200, await call.lanes.run(work))


async def show_notice(call: Call) -> Reply:
    """One notice with its journal."""

    def work() -> Mapping[str, object]:
        view = find_notice(call)
        journal = call.ports.views.notices.journal(view.notice.id)
        return {**notice_object(view), "journal": journal_object(journal)}

    return json_reply(200, {"data": await call.lanes.run(work)})


async def send_notice(call: Call) -> Reply:
    """Accept a sending to one or more recipients."""
    content_type = header(call.scope, b"content-type") or ""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/json":
        body = await read_json(call)
        return await call.lanes.run(partial(_send_json, call, body), size=len(body))
    if media_type == "multipart/form-data":
        form, digest = await _read_form(call, content_type)
        return await call.lanes.run(partial(_send_form, call, form, digest))
    raise InvalidContentType("Send application/json or multipart/form-data.", content_type=media_type)


async def cancel(call: Call) -> Reply:
    """Take a notice back that has not left."""
    return await _change(call, "Notice cancelled", lambda view: cancel_notice(call.ports, view.notice.id))


async def reschedule(call: Call) -> Reply:
    """Send a scheduled notice at another time."""
    fields = FieldReader(parse_object(await read_json(call)))
    fields.value("scheduled_at", required=True)
    moment = fields.moment("scheduled_at")
    fields.finish()
    assert moment is not None
    return await _change(call, "Notice rescheduled", lambda view: reschedule_notice(call.ports, view.notice.id, moment))


async def unlock(call: Call) -> Reply:
    """Let the recipient of a locked notice try again."""
    return await _change(call, "Notice unlocked", lambda view: unlock_notice(call.ports, view.notice.id))


async def show_proof(call: Call) -> Reply:
    """What is known so far, as a PDF that is not sealed."""

    def work() -> Reply:
        view = find_notice(call)
        return Reply(
            status=200,
            body=issue_proof(call.ports, view).pdf,
            headers=(
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", attachment_disposition(f"{view.notice.public_id}.pdf")),
            ),
        )

    return await call.lanes.run(work, size=BULK_FROM)


def find_notice(call: Call) -> NoticeView:
    """The notice that the path names; raises NoticeNotFound."""
    text = call.path["id"]
    handle = parse_id("ntc", text)
    if handle is None:
        raise NoticeNotFound(id=text)
    note(call.scope, notice=text)
    return call.ports.views.notices.notice(call.caller.space, handle)


async def _change(call: Call, text: str, change: Callable[[NoticeView], Notice]) -> Reply:
    def work() -> Mapping[str, object]:
        change(find_notice(call))
        return notice_object(find_notice(call))

    return json_reply(200, {"message": text, "data": await call.lanes.run(work)})


def _send_json(call: Call, body: bytes) -> Reply:
    fields = FieldReader(parse_object(body))
    wish = read_notice(fields)
    files = read_attachments(fields, call.ports.blobs.stage)
    return _send(call, wish, files, digest=hashlib.sha256(body).hexdigest())


async def _read_form(call: Call, content_type: str) -> tuple[Form, str]:
    digest = hashlib.sha256()

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in body_pieces(call.scope, call.receive):
            digest.update(piece)
            yield piece

    def new_spool() -> Spool:
        return Spool(call.ports.blobs.stage(), limit=LARGEST_FORM, lanes=call.lanes)

    try:
        form = await read_form(
            pieces(), content_type, limit=LARGEST_FORM, new_spool=new_spool, longest_field=LONGEST_FIELD
        )
    except BodyTooLarge:
        raise PayloadTooLarge(max_size_bytes=LARGEST_FORM) from None
    return form, digest.hexdigest()


def _send_form(call: Call, form: Form, digest: str) -> Reply:
    try:
        wish = read_notice(FieldReader(_typed(form.fields)))
    except BaseException:
        form.discard()
        raise
    files = tuple(
        OutgoingFile(
            filename=upload.filename or f"attachment-{position}",
            content_type=upload.content_type or "application/octet-stream",
            stage=upload.stage,
        )
        for position, upload in enumerate(form.uploads, start=1)
    )
    return _send(call, wish, files, digest=digest)


def _typed(form: Mapping[str, str]) -> dict[str, object]:
    """The fields of a form as JSON would have had them. What cannot be read stays text, and is refused as such."""
    typed: dict[str, object] = {name: value or None for name, value in form.items()}
    for name in ("recipients", "acceptance_days"):
        try:
            typed[name] = msgspec.json.decode(form[name]) if form.get(name) else None
        except msgspec.DecodeError:
            continue
    return typed


def _send(call: Call, wish: NoticeWish, files: tuple[OutgoingFile, ...], *, digest: str) -> Reply:
    """Raises InvalidInput where nobody can be written to, and what `send_notices` raises."""
    command = SendNotices(
        space=call.caller.space,
        sender_address=wish.sender,
        recipients=wish.recipients,
        subject=wish.subject,
        text=wish.text,
        files=files,
        scheduled_at=wish.scheduled_at,
        acceptance_days=wish.acceptance_days,
        reference=wish.reference,
        language=wish.language,
        request_sha256=digest,
    )
    sent = send_notices(call.ports, command, alongside=lambda unit, sent: call.keep(unit, _accepted(wish, sent)))
    if not sent.notices:
        raise InvalidInput(
            fields={f"recipients.{_place(wish, turned.recipient)}": turned.reason for turned in sent.turned_away}
        )
    return _accepted(wish, sent)


def _accepted(wish: NoticeWish, sent: Sent) -> Reply:
    """The answer stands before the rows can be read, because it is kept in the same unit."""
    shown = {
        "notices": [
            {
                "id": notice.public_id,
                "email": notice.recipient.address,
                "status": notice.passage.value,
                "credits": notice.credits / UNIT,
            }
            for notice in sent.notices
        ],
        "refused": [
            {
                "recipient": _place(wish, turned.recipient),
                "email": turned.recipient.address,
                "failure": turned.failure.value,
                "reason": turned.reason,
            }
            for turned in sent.turned_away
        ],
        "duplicates": [
            {"recipient": _place(wish, recipient), "email": recipient.address} for recipient in sent.duplicates
        ],
        "credits_used": sent.credits_used / UNIT,
    }
    return json_reply(202, {"message": "Notices queued for delivery", "data": shown})


def _place(wish: NoticeWish, recipient: Recipient) -> int:
    return next(place for place, wanted in enumerate(wish.recipients) if wanted is recipient)
