"""The objects of certified e-mail, as the API answers them, webhooks receive them and the command line prints them.

Rule: what a recipient has to show or to know, a code or a number, is never shown.
"""

import json
from collections.abc import Iterable

from acuse.domain.credit import UNIT
from acuse.domain.notice import Notice, Passage, Reading
from acuse.domain.sender import Sender
from acuse.evidence import Entry
from acuse.ports import NoticeView
from acuse.web.api.objects import iso


def notice_status(notice: Notice) -> str:
    """One word for both axes: what the recipient did counts from when it can have done it."""
    if notice.reading is Reading.UNSEEN or notice.passage in (Passage.BOUNCED, Passage.FAILED, Passage.CANCELLED):
        is_asked = notice.passage is Passage.DELIVERED and notice.expires_at is not None
        return "awaiting_acceptance" if is_asked else notice.passage.value
    return notice.reading.value


def notice_object(view: NoticeView) -> dict[str, object]:
    """A notice."""
    notice, sending = view.notice, view.sending
    return {
        "id": notice.public_id,
        "status": notice_status(notice),
        "passage": notice.passage.value,
        "reading": notice.reading.value,
        "failure": None if notice.failure is None else notice.failure.value,
        "server_said": notice.said,
        "delivery": notice.delivery.value,
        "protection": notice.recipient.protection.value,
        "sender": {"id": view.sender.public_id, "address": view.sender.address, "name": view.sender.name},
        "recipient": {
            "address": notice.recipient.address,
            "name": notice.recipient.name,
            "variables": dict(notice.recipient.variables),
        },
        "subject": notice.subject,
        "reference": sending.reference,
        "attachments": [
            {"filename": file.filename, "content_type": file.content_type, "size": file.size, "sha256": file.sha256}
            for file in view.attachments
        ],
        "credits": notice.credits / UNIT,
        "attempts": notice.attempts,
        "facts": notice.facts,
        "created_at": iso(notice.created_at),
        "updated_at": iso(notice.updated_at),
        "scheduled_at": iso(notice.scheduled_at),
        "next_attempt_at": iso(notice.next_attempt_at),
        "handed_over_at": iso(notice.handed_over_at),
        "expires_at": iso(notice.expires_at),
        "certified_at": iso(notice.certified_at),
    }


def journal_object(entries: Iterable[Entry]) -> list[dict[str, object]]:
    """The facts of a notice, each with its hash."""
    return [{"hash": entry.hash, "record": json.loads(entry.record)} for entry in entries]


def sender_object(sender: Sender) -> dict[str, object]:
    """A sender address."""
    return {
        "id": sender.public_id,
        "address": sender.address,
        "name": sender.name,
        "validated": sender.assurance is not None,
        "assurance": None if sender.assurance is None else sender.assurance.value,
        "validated_at": iso(sender.validated_at),
        "created_at": iso(sender.created_at),
    }
