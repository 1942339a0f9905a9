"""A message, written: exactly the bytes that go behind DATA and that evidence hashes.

Every line ends in CR LF, and everything is 7-bit: no server on the way has a reason to write it anew.
Rule: what comes from outside is refused where it could become a header of its own; nothing is repaired.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from acuse.errors import CoreError
from acuse.mail.address import Address

_POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

LONGEST_FIELD = 998
"""Characters of a subject, a name or a file name (RFC 5322 section 2.1.1 allows that many on one line)."""


class HeaderInvalid(CoreError):
    """A text that belongs into one line holds a line break, a control character or a sign that turns the direction."""

    code = "HEADER_INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that comes along."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before it is written. One recipient: each one's message is its own, and so is its evidence."""

    sender: Address
    sender_name: str
    recipient: Address
    recipient_name: str
    reply_to: Address | None = None
    subject: str
    text: str
    html: str
    """Sanitised."""
    enclosures: Sequence[Enclosure] = ()
    message_id: str
    """In angle brackets (RFC 5322 section 3.6.4)."""
    date: datetime
    language: str = "es"


def compose(draft: Draft) -> bytes:
    """The message. Raises HeaderInvalid when a subject, a name or a file name could break out of its line."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _mailbox("sender name", draft.sender_name, draft.sender)
    message["To"] = _mailbox("recipient name", draft.recipient_name, draft.recipient)
    if draft.reply_to is not None:
        message["Reply-To"] = _mailbox("reply address", "", draft.reply_to)
    message["Subject"] = check_line("subject", draft.subject)
    message["Date"] = format_datetime(draft.date)
    message["Message-ID"] = check_line("Message-ID", draft.message_id)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(draft.text)
    message.add_alternative(draft.html, subtype="html")
    for enclosure in draft.enclosures:
        main, _, sub = check_line("content type", enclosure.content_type).partition("/")
        message.add_attachment(
            enclosure.content,
            maintype=main,
            subtype=sub or "octet-stream",
            filename=check_line("file name", enclosure.filename),
        )
    # Last, because content that is added takes the Content-* fields along into its own part.
    message["Content-Language"] = check_line("language", draft.language)
    return message.as_bytes()


def check_line(field: str, text: str) -> str:
    """The text, if it is fit for one line of a header; raises HeaderInvalid that names the field."""
    if len(text) > LONGEST_FIELD:
        raise HeaderInvalid(f"The {field} is longer than {LONGEST_FIELD} characters.", field=field)
    for sign in text:
        if sign in _BIDI or unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}:
            raise HeaderInvalid(f"The {field} holds U+{ord(sign):04X}, which has no place in one line.", field=field)
    return text


def _mailbox(field: str, name: str, address: Address) -> HeaderAddress:
    return HeaderAddress(check_line(field, name), address.local, address.domain)
