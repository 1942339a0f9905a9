"""Receipts (MDN, RFC 4130 section 7.4): read with the standard library's e-mail parser, and made by hand."""

import email
import email.message
from collections.abc import Sequence
from dataclasses import dataclass

from tests.peers.entities import build_entity
from tests.peers.listener import Answer, Posted
from tests.peers.wire import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The fields of a receipt that matter to a sender."""

    is_signed: bool
    disposition: str
    original_message_id: str
    mic: str | None
    """The value before the comma of Received-Content-MIC."""
    mic_algorithm: str | None
    text: str

    @property
    def status(self) -> str:
        """What stands behind the semicolon of the disposition, in lower case: `processed/error: decryption-failed`."""
        return self.disposition.partition(";")[2].strip().lower()


def read_receipt(headers: Sequence[tuple[str, str]], body: bytes) -> Receipt:
    """Take a receipt apart; AssertionError if it is none."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers if name.lower().startswith("content-"))
    message = email.message_from_bytes(head.encode() + b"\r\n" + body)
    is_signed = message.get_content_type() == "multipart/signed"
    report = message.get_payload(0) if is_signed else message
    assert isinstance(report, email.message.Message)
    assert report.get_content_type() == "multipart/report", f"not a receipt: {head!r} {body[:300]!r}"
    assert report.get_param("report-type") == "disposition-notification"
    text, notification = report.get_payload(0), report.get_payload(1)
    assert isinstance(text, email.message.Message)
    assert isinstance(notification, email.message.Message)
    assert notification.get_content_type() == "message/disposition-notification"
    fields = notification.get_payload(0)
    assert isinstance(fields, email.message.Message)
    mic, _, algorithm = (fields["Received-Content-MIC"] or "").partition(",")
    return Receipt(
        is_signed=is_signed,
        disposition=fields["Disposition"],
        original_message_id=fields["Original-Message-ID"],
        mic=mic.strip() or None,
        mic_algorithm=algorithm.strip() or None,
        text=str(text.get_payload()),
    )


PROCESSED = "automatic-action/MDN-sent-automatically; processed"


def build_receipt(fields: dict[str, str], *, text: str = "Your message was received.") -> bytes:
    """A multipart/report entity whose notification holds exactly these fields."""
    notification = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    parts = [
        build_entity({"Content-Type": "text/plain"}, f"{text}\r\n".encode()),
        build_entity({"Content-Type": "message/disposition-notification"}, f"{notification}\r\n".encode()),
    ]
    body = b"".join(b"--report\r\n" + part + b"\r\n" for part in parts) + b"--report--\r\n"
    content_type = 'multipart/report; report-type=disposition-notification; boundary="report"'
    return build_entity({"Content-Type": content_type}, body)


def confirm(posted: Posted, disposition: str = PROCESSED) -> Answer:
    """The answer of a partner who took a message in and says so with an unsigned receipt, without a MIC."""
    fields = {"Original-Message-ID": posted.header("Message-ID") or "", "Disposition": disposition}
    head, _, body = build_receipt(fields).partition(b"\r\n\r\n")
    name, _, value = head.decode().partition(": ")
    return Answer(reply=Reply(headers=((name, value),), body=body))
