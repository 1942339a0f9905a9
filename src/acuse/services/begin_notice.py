"""Beginning an attempt to hand a notice over: the mail is composed once, stored, and from then on these bytes go out.

What is stored before the first byte leaves is what evidence hashes, whatever happens later.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from acuse.domain.notice import Delivery, Notice, Passage, Step
from acuse.evidence import Strength
from acuse.mail import (
    DKIMKey,
    Draft,
    Enclosure,
    compose,
    html_from_text,
    looks_like_html,
    read_address,
    render,
    return_path,
    sanitise,
    sign,
    text_from_html,
)
from acuse.mime import Source
from acuse.ports import Blob, Envelope, Link, LinkPurpose, NoticeView, Ports, Unit
from acuse.services.note_fact import fact_about, told
from acuse.services.send_notices import LARGEST_TEXT, variables_of
from acuse.services.word_notice import below_direct, hosted_notice

_LOST = "the gateway stopped during an attempt and knows no answer: the message may have been taken, and is sent again"
_CAN_START = (Passage.SCHEDULED, Passage.QUEUED, Passage.SENDING, Passage.DEFERRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAttempt:
    """What has to be handed over now. The notice's `attempt_token` lets only this attempt write its outcome."""

    notice: Notice
    envelope: Envelope
    message: Source


def begin_notice(ports: Ports, notice_id: UUID) -> NoticeAttempt | None:
    """Compose the mail if this is the first attempt, and mark it as under way. None: there is nothing to send."""
    view = ports.views.notices.notice_by_id(notice_id)
    if view.notice.passage not in _CAN_START:
        return None
    now = ports.world.now()
    composed = _compose(ports, view, now=now) if view.notice.message_blob_id is None else None
    started = None
    try:
        started = ports.units.run(lambda unit: _start(unit, ports, notice_id, composed, now=now))
    finally:
        if composed and (started is None or started.message_blob_id != composed.blob.id):
            ports.blobs.discard(composed.blob)
    if started is None or started.message_blob_id is None:
        return None
    envelope = Envelope(
        return_path=return_path(started.id, key=ports.post.return_path_key, domain=ports.post.domain),
        recipient=read_address(started.recipient.address),
        envelope_id=started.id.hex,
    )
    return NoticeAttempt(notice=started, envelope=envelope, message=ports.blobs.source(started.message_blob_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Composed:
    blob: Blob
    link: Link


def content_html(ports: Ports, view: NoticeView) -> str:
    """The sender's text for this recipient, harmless."""
    with ports.blobs.open(view.sending.text_blob_id) as file:
        text = file.read().decode()
    is_html = looks_like_html(text)
    filled = render(text, variables_of(view.notice.recipient), limit=LARGEST_TEXT, into_html=is_html)
    return sanitise(filled) if is_html else html_from_text(filled)


def _compose(ports: Ports, view: NoticeView, *, now: datetime) -> _Composed:
    notice, post = view.notice, ports.post
    token = "".join(ports.world.new_token() for _ in range(3))
    url = f"{post.page_url}/n/{token}"
    message = compose(_draft(ports, view, url, now=now))
    key = signing_key(ports, read_address(view.sender.address).domain)
    if key is not None:
        message = sign(message, key)
    stage = ports.blobs.stage()
    stage.write(message)
    digest = hashlib.sha256(token.encode()).digest()
    link = Link(digest=digest, purpose=LinkPurpose.VISIT, subject_id=notice.id, created_at=now)
    return _Composed(blob=stage.keep(), link=link)


def signing_key(ports: Ports, domain: str) -> DKIMKey | None:
    """The key of the sender's domain, else that of our own: somebody vouches for the mail as soon as anybody can."""
    keys = ports.views.notices
    return keys.dkim_key(domain) or keys.dkim_key(ports.post.domain)


def _draft(ports: Ports, view: NoticeView, url: str, *, now: datetime) -> Draft:
    notice, sending, sender = view.notice, view.sending, view.sender
    is_direct = notice.delivery is Delivery.DIRECT
    if is_direct:
        html = below_direct(content_html(ports, view), url=url, language=sending.language)
    else:
        html = hosted_notice(
            sender=sender.name or sender.address,
            subject=notice.subject,
            url=url,
            until=notice.expires_at,
            language=sending.language,
        )
    return Draft(
        sender=read_address(sender.address),
        sender_name=sender.name,
        recipient=read_address(notice.recipient.address),
        recipient_name=notice.recipient.name,
        subject=notice.subject,
        text=text_from_html(html),
        html=html,
        enclosures=tuple(_enclosures(ports, view)) if is_direct else (),
        message_id=f"<{notice.id.hex}.{ports.world.new_token()}@{ports.post.domain}>",
        date=now,
        language=sending.language,
    )


def _enclosures(ports: Ports, view: NoticeView) -> list[Enclosure]:
    found = []
    for file in view.attachments:
        with ports.blobs.open(file.blob_id) as content:
            name = file.filename or f"attachment-{file.position}"
            found.append(Enclosure(filename=name, content_type=file.content_type, content=content.read()))
    return found


def _start(unit: Unit, ports: Ports, notice_id: UUID, composed: _Composed | None, *, now: datetime) -> Notice | None:
    notice = unit.notices.get(notice_id)
    if notice.passage not in _CAN_START:
        return None
    if composed and notice.message_blob_id is None:
        unit.blobs.add(composed.blob)
        unit.notices.add_link(composed.link)
        notice = replace(notice, message_blob_id=composed.blob.id)
    started = notice.step(
        Step.START,
        now=now,
        attempts=notice.attempts + 1,
        attempt_token=ports.world.new_id(),
        first_attempt_at=notice.first_attempt_at or now,
        last_attempt_at=now,
        next_attempt_at=None,
    )
    if notice.passage is Passage.SENDING:
        fact = fact_about(ports, notice, told(notice).bad, Strength.INTERNAL, now=now, reasons=(_LOST,))
        started = unit.notices.record(started, fact)
    unit.notices.save(started)
    return started
