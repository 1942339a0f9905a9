"""Reading a receipt (MDN, RFC 8098 and RFC 4130 section 7.4) with the standard library's e-mail parser."""

import email
import email.message
from collections.abc import Sequence
from dataclasses import dataclass


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
