"""The fields of a notice to send: read from JSON or a form into what the service takes, all problems told at once."""

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from acuse.domain import enclosure_policy
from acuse.domain.notice import Protection, Recipient
from acuse.ports import Stage
from acuse.services.accept_message import OutgoingFile
from acuse.services.send_notices import LARGEST_TEXT, MOST_RECIPIENTS
from acuse.services.word_notice import LANGUAGES
from acuse.web.shared.fields import FieldReader

MOST_VARIABLES = 100
LONGEST_VALUE = 4096
"""Characters of one variable's value."""
LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWish:
    """What somebody wants to be sent, but for its files."""

    sender: str
    recipients: tuple[Recipient, ...]
    subject: str
    text: str
    scheduled_at: datetime | None
    acceptance_days: int | None
    reference: str | None
    language: str


def read_notice(fields: FieldReader) -> NoticeWish:
    """Everything but the attachments. Raises InvalidInput."""
    text = fields.value("text", required=True)
    if text is not None and (not isinstance(text, str) or not 1 <= len(text) <= LARGEST_TEXT):
        fields.refuse("text", f"Must be a string of 1 to {LARGEST_TEXT} characters.")
    language = fields.text("language", longest=16) or LANGUAGES[0]
    if language not in LANGUAGES:
        fields.refuse("language", f"Must be one of {', '.join(LANGUAGES)}.")
    wish = NoticeWish(
        sender=fields.text("sender", required=True) or "",
        recipients=_recipients(fields),
        subject=fields.text("subject", longest=LONGEST_SUBJECT, required=True) or "",
        text=text if isinstance(text, str) else "",
        scheduled_at=fields.moment("scheduled_at"),
        acceptance_days=fields.number("acceptance_days"),
        reference=fields.text("reference"),
        language=language,
    )
    fields.finish()
    return wish


def read_attachments(fields: FieldReader, new_stage: Callable[[], Stage]) -> tuple[OutgoingFile, ...]:
    """The files of a JSON body, out of their base64. Raises InvalidInput, and then keeps none."""
    given = _entries(fields, "attachments", most=enclosure_policy.MOST)
    files: list[OutgoingFile] = []
    for position, entry in enumerate(given):
        attachment = FieldReader(entry, prefix=f"attachments.{position}.", problems=fields.problems)
        filename = attachment.text("filename", required=True)
        content_type = attachment.text("content_type")
        content = attachment.value("content", required=True)
        try:
            data = _decoded(content)
        except ValueError:
            attachment.refuse("content", "Must be base64.")
            continue
        if filename is not None and not attachment.problems:
            files.append(staged(filename, content_type, data, new_stage))
    if fields.problems:
        for file in files:
            file.stage.discard()
    fields.finish()
    return tuple(files)


def staged(filename: str, content_type: str | None, data: bytes, new_stage: Callable[[], Stage]) -> OutgoingFile:
    """A file from memory; its type is told by its name where nobody says it."""
    stage = new_stage()
    stage.write(data)
    kind = content_type or enclosure_policy.type_by_name(filename) or "application/octet-stream"
    return OutgoingFile(filename=filename, content_type=kind, stage=stage)


def _decoded(content: object) -> bytes:
    """Raises ValueError."""
    if content is None:
        return b""
    if not isinstance(content, str):
        raise ValueError("not a string")
    try:
        return a2b_base64("".join(content.split()).encode("ascii"), strict_mode=True)
    except (Base64Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error


def _recipients(fields: FieldReader) -> tuple[Recipient, ...]:
    given = _entries(fields, "recipients", most=MOST_RECIPIENTS)
    if not given and "recipients" not in fields.problems:
        fields.refuse("recipients", f"1 to {MOST_RECIPIENTS} recipients are required.")
    return tuple(_recipient(fields, position, entry) for position, entry in enumerate(given))


def _recipient(fields: FieldReader, position: int, entry: Mapping[str, object]) -> Recipient:
    recipient = FieldReader(entry, prefix=f"recipients.{position}.", problems=fields.problems)
    protection = recipient.mapping("protection")
    protecting = FieldReader(protection, prefix=f"recipients.{position}.protection.", problems=fields.problems)
    kind = protecting.choice("kind", Protection)
    if protection and kind is None:
        protecting.refuse("kind", f"Must be one of {', '.join(Protection)}.")
    return Recipient(
        address=recipient.text("email", required=True) or "",
        name=recipient.text("name") or "",
        variables=_variables(recipient),
        protection=kind or Protection.NONE,
        secret=protecting.text("value"),
    )


def _variables(recipient: FieldReader) -> Mapping[str, str]:
    given = recipient.mapping("variables")
    if len(given) > MOST_VARIABLES:
        recipient.refuse("variables", f"At most {MOST_VARIABLES}.")
    if not all(isinstance(value, str) and len(value) <= LONGEST_VALUE for value in given.values()):
        recipient.refuse("variables", f"Each must be a string of at most {LONGEST_VALUE} characters.")
        return {}
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _entries(fields: FieldReader, name: str, *, most: int) -> Sequence[Mapping[str, object]]:
    given = fields.value(name)
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > most or not all(isinstance(entry, dict) for entry in given):
        fields.refuse(name, f"Must be a list of at most {most} objects.")
        return ()
    return given
