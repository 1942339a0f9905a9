"""From messages to the words of MFT Gateway, and back: plain values in, plain dictionaries out.

Rule: nothing is decided here. Where the names changed with version 3.1.1, both are given; what is not known is left
out rather than null, as its programs expect.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from itertools import product

from acuse.domain.message import Attachment, Direction, Message, Receipt, ReceiptState, Transmission
from acuse.domain.timeline import StepName, Timeline
from acuse.mime import Headers
from acuse.ports import MessageView

DEFAULT_SUBJECT = "AS2 message from MFT Gateway REST API"
DEFAULT_NAME = "Attachment"
DEFAULT_TYPE = "application/octet-stream"
_TYPES = {
    "txt": "text/plain",
    "xml": "application/xml",
    "edi": "application/EDI",
    "x12": "application/EDI-X12",
    "edifact": "application/EDIFACT",
}
_EXTENSIONS = {
    "application/edi": ".edi",
    "application/edi-consent": ".edi",
    "application/edi-x12": ".x12",
    "application/x12": ".x12",
    "application/edifact": ".edifact",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "text/html": ".html",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
}
_UNKNOWN_EXTENSION = ".raw"
_HAS_EXTENSION = re.compile(r".*[^./\\]\.[A-Za-z0-9_-]{1,16}")
_HTTP = re.compile(r"HTTP ([0-9]{3})\b.*")


class Mailbox(StrEnum):
    """Where a message lies, by what its `msgStatus` says."""

    INBOX = "Received"
    OUTBOX = "Sent"
    QUEUED = "Queued"
    FAILED = "Failed"
    INCOMPLETE = "Incomplete"


_MAILBOXES: Mapping[Transmission, Mailbox] = {
    Transmission.SCHEDULED: Mailbox.QUEUED,
    Transmission.QUEUED: Mailbox.QUEUED,
    Transmission.PROCESSING: Mailbox.QUEUED,
    Transmission.RETRY_WAIT: Mailbox.QUEUED,
    Transmission.TRANSMITTED: Mailbox.OUTBOX,
    Transmission.FAILED: Mailbox.FAILED,
    Transmission.CANCELLED: Mailbox.FAILED,
    Transmission.RECEIVED: Mailbox.INBOX,
}


def mailbox_of(message: Message) -> Mailbox:
    """Where a message lies. A receipt moves none: a sent message stays sent, however it is answered."""
    if message.transmission is Transmission.FAILED and is_unanswered(message):
        return Mailbox.INCOMPLETE
    return _MAILBOXES[message.transmission]


def is_unanswered(message: Message) -> bool:
    """The partner took the message in and no answer came in time: it may have it."""
    return message.problem is not None and message.problem.details.get("awaited") == "answer"


def states_in(mailbox: Mailbox) -> tuple[tuple[Transmission, ReceiptState, bool], ...]:
    """Every state in which a message may lie there."""
    wanted = Mailbox.FAILED if mailbox is Mailbox.INCOMPLETE else mailbox
    return tuple(
        (transmission, receipt, is_late)
        for transmission, receipt, is_late in product(Transmission, ReceiptState, (False, True))
        if _MAILBOXES[transmission] is wanted
    )


def content_type_of(name: str) -> str:
    """What a file is by the end of its name, where nothing else says it."""
    return _TYPES.get(name.rpartition(".")[2].lower(), DEFAULT_TYPE) if "." in name else DEFAULT_TYPE


def file_name(attachment: Attachment) -> str:
    """A name with an extension: that of its type, where the sender gave none."""
    name = re.sub(r"[/\\]", "_", attachment.filename or DEFAULT_NAME)
    if _HAS_EXTENSION.fullmatch(name):
        return name
    media_type = attachment.content_type.partition(";")[0].strip().lower()
    return name + _EXTENSIONS.get(media_type, _UNKNOWN_EXTENSION)


def milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return int(moment.timestamp() * 1000)


def submitted(message: Message) -> dict[str, object]:
    """The answer for a message that was taken."""
    return {
        "message": "Message queued successfully",
        "as2MessageId": message.wire_id,
        "messageIdentifier": message.wire_id,
    }


def message_object(view: MessageView, timeline: Timeline, *, is_fetched: bool) -> dict[str, object]:
    """A message in three parts: what it is, its transport headers, its MDN."""
    message, receipt = view.message, view.receipt
    is_incoming = message.direction is Direction.INBOUND
    sender, receiver = (view.partner, view.station) if is_incoming else (view.station, view.partner)
    headers = Headers(message.wire.headers) if message.wire else Headers()
    mic = _mic(message, receipt)
    shown: dict[str, object] = {
        "id": message.handle,
        "as2MessageId": message.wire_id,
        "identifier": message.wire_id,
        "incoming": is_incoming,
        "msgStatus": mailbox_of(message).value,
        "mdnStatus": mdn_status(message, receipt),
        "senderAS2Id": sender.as2_id,
        "senderIdentifier": sender.as2_id,
        "receiverAS2Id": receiver.as2_id,
        "receiverIdentifier": receiver.as2_id,
        "subject": message.subject,
        "failures": failures(message),
        "attachmentPaths": [attachment_path(message, entry) for entry in view.attachments],
        "compressed": message.is_compressed,
        "signed": message.is_signed,
        "encrypted": message.is_encrypted,
        "mic": mic,
        "micMatches": _mic_matches(message, receipt, mic),
        "transportStatusReceived": 0 if is_incoming else _last_status(timeline),
        "userAgent": headers.get("User-Agent"),
        "timestamp": milliseconds(message.created_at),
        "apiFetched": is_fetched,
        "transportHeaders": {name: ", ".join(headers.get_all(name)) for name, _ in headers},
        "mdnMessage": None if receipt is None else mdn_object(view, receipt),
        "nextRetryTime": None if message.next_attempt_at is None else milliseconds(message.next_attempt_at),
        "failureReason": message.problem and message.problem.message,
    }
    return {name: value for name, value in shown.items() if value is not None}


def mdn_object(view: MessageView, receipt: Receipt) -> dict[str, object]:
    """The MDN of a message, ours or the partner's."""
    shown = {
        "mdnId": Headers(receipt.wire.headers).get("Message-ID") or receipt.id.hex,
        "messageId": view.message.handle,
        "as2MessageId": view.message.wire_id,
        "identifier": view.message.wire_id,
        "disposition": receipt.disposition,
        "humanMessage": receipt.text,
        "rawMdnS3Key": f"{view.message.public_id}/mdn",
        "mic": receipt.received_content_mic,
        "signed": receipt.is_signed,
        "incoming": receipt.direction is Direction.INBOUND,
        "status": mdn_status(view.message, receipt),
        "timestamp": milliseconds(receipt.created_at),
    }
    return {name: value for name, value in shown.items() if value is not None}


def mdn_status(message: Message, receipt: Receipt | None) -> str:
    """How the receipt of a message stands, in words."""
    match message.receipt:
        case ReceiptState.NOT_REQUESTED:
            return "Not Requested"
        case ReceiptState.PENDING:
            return "Pending"
        case ReceiptState.TIMEOUT:
            return "Timed Out"
    if message.direction is Direction.INBOUND:
        return "Sent Signed MDN" if receipt is not None and receipt.is_signed else "Sent MDN"
    if message.receipt is ReceiptState.NEGATIVE:
        return "Received; Negative MDN"
    if receipt is not None and receipt.is_signed:
        return f"Received; MDN Signature {'Verified' if receipt.is_verified else 'Invalid'}"
    return "Received"


def failures(message: Message) -> int:
    """How many attempts came to nothing."""
    is_open = message.transmission in (Transmission.TRANSMITTED, Transmission.PROCESSING)
    return max(message.attempts - is_open, 0)


def attachment_path(message: Message, attachment: Attachment) -> str:
    """A name for the stored file, which tells nothing about where it lies."""
    return f"{message.public_id}/{attachment.position}/{file_name(attachment)}"


def _mic(message: Message, receipt: Receipt | None) -> str | None:
    """`<base64>, <algorithm>`: of what we sent, or what we told the partner that we received."""
    if message.exchange is not None:
        digest = message.exchange.digest
        value = message.exchange.mics.get(digest)
        return value and f"{value}, {digest.micalg}"
    return receipt.received_content_mic if receipt else None


def _mic_matches(message: Message, receipt: Receipt | None, mic: str | None) -> bool | None:
    if message.direction is Direction.INBOUND or receipt is None or mic is None:
        return None
    if message.receipt is ReceiptState.POSITIVE:
        return True
    told = (receipt.received_content_mic or "").partition(",")[0].strip()
    exchange = message.exchange
    return bool(told) and exchange is not None and told in exchange.mics.values()


def _last_status(timeline: Timeline) -> int:
    """The HTTP status of the partner's last answer; 0 where there was none."""
    told = [step.outcome for step in timeline if step.name is StepName.HTTP and step.outcome]
    found = _HTTP.fullmatch(told[-1]) if told else None
    return int(found[1]) if found else 0
