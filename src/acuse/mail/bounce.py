"""Bounces: what a mail server reports about a message that it took, or that it gave back.

Delivery status notifications (RFC 3464) are read with the standard library; the many that follow no standard, with
flufl.bounce, which knows them and finds failures only.
Rule: a report is a claim. Whoever acts on it has checked the return path that it came to.
"""

import email
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from flufl.bounce import all_failures

LARGEST_REPORT = 1024 * 1024
"""Bytes of a bounce that are read: it may bring the whole message back, and nothing behind its report is of use."""

_LONGEST_FIELD = 2000


class Action(StrEnum):
    """What became of the message, as the server tells it (RFC 3464 section 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is said about one recipient."""

    action: Action
    recipient: str
    """`Final-Recipient`, without its type."""
    original_recipient: str | None = None
    status: str | None = None
    """The enhanced status code (RFC 3463): `5.2.2`."""
    diagnostic: str | None = None
    """The words of the server that refused."""
    remote_server: str | None = None
    reporting_server: str | None = None
    envelope_id: str | None = None
    """The ENVID that the message was sent with (RFC 3461 section 4.4)."""
    is_standard: bool = True
    """False: no report by RFC 3464, but a bounce whose words are known."""


def read_reports(message: bytes) -> tuple[Report, ...]:
    """What a bounce says, a report a recipient; nothing for a message that is none."""
    parsed = email.message_from_bytes(message[:LARGEST_REPORT])
    found = [report for part in parsed.walk() if part.get_content_type() == _STATUS for report in _standard(part)]
    return tuple(found) or _other(parsed)


_STATUS = "message/delivery-status"


def _standard(part: Message) -> list[Report]:
    groups = [group for group in _groups(part) if group.keys()]
    if not groups:
        return []
    about_message, *about_recipients = groups
    return [report for group in about_recipients if (report := _report(about_message, group)) is not None]


def _groups(part: Message) -> list[Message]:
    groups = [group for group in part.get_payload() if isinstance(group, Message)]
    if part.get("Content-Transfer-Encoding", "7bit").strip().lower() not in {"base64", "quoted-printable"}:
        return groups
    # Some servers encode the part, which the standard forbids; what is inside is read all the same.
    encoded = Message()
    encoded["Content-Transfer-Encoding"] = part["Content-Transfer-Encoding"]
    encoded.set_payload("\n".join(group.as_string() for group in groups))
    decoded = encoded.get_payload(decode=True)
    text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""
    return [email.message_from_string(group + "\n") for group in text.replace("\r\n", "\n").split("\n\n")]


def _report(about_message: Message, group: Message) -> Report | None:
    try:
        action = Action((_field(group, "Action") or "").partition(" ")[0].lower())
    except ValueError:
        return None
    recipient = _typed(_field(group, "Final-Recipient")) or _typed(_field(group, "Original-Recipient"))
    if recipient is None:
        return None
    return Report(
        action=action,
        recipient=recipient,
        original_recipient=_typed(_field(group, "Original-Recipient")),
        status=(_field(group, "Status") or "").partition(" ")[0] or None,
        diagnostic=_typed(_field(group, "Diagnostic-Code")),
        remote_server=_typed(_field(group, "Remote-MTA")),
        reporting_server=_typed(_field(about_message, "Reporting-MTA")),
        envelope_id=_field(about_message, "Original-Envelope-Id"),
    )


def _field(group: Message, name: str) -> str | None:
    value = group.get(name)
    text = " ".join(str(value).split())[:_LONGEST_FIELD] if value is not None else ""
    return text or None


def _typed(value: str | None) -> str | None:
    """What stands behind `rfc822;`, `smtp;`, `dns;`: the type is always the usual one."""
    if value is None:
        return None
    kind, semicolon, rest = value.partition(";")
    return (rest if semicolon else kind).strip() or None


def _other(message: Message) -> tuple[Report, ...]:
    try:
        delayed, failed = all_failures(message)
    except Exception:  # noqa: BLE001 - its detectors trust what they read, and raise whatever it leads to
        return ()
    found = {**dict.fromkeys(delayed, Action.DELAYED), **dict.fromkeys(failed, Action.FAILED)}
    return tuple(
        Report(action=action, recipient=address.decode("utf-8", "replace"), is_standard=False)
        for address, action in sorted(found.items())
    )
