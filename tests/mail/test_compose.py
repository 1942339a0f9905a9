"""Composed messages: read back by the standard library, signed for a real verifier, and closed to injection."""

import email
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from acuse.mail import DKIMKey, Draft, Enclosure, HeaderInvalid, compose, read_address, sign

DRAFT = Draft(
    sender=read_address("avisos@example.com"),
    sender_name="Ñandú, S.L.",
    recipient=read_address("lukasz@exámple.net"),
    recipient_name="Łukasz Ελένη",
    subject="Notificación 年",
    text="Hola\n.\nFrom here\n",
    html="<p>Hola</p>",
    enclosures=(Enclosure(filename="año.pdf", content_type="application/pdf", content=bytes(range(256)) * 40),),
    message_id="<0190.ab@example.com>",
    date=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
)


def read(message: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(message, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_what_was_put_in_is_read_back() -> None:
    message = read(compose(DRAFT))
    assert ("Ñandú, S.L.", "avisos@example.com") == _first(message, "from")
    assert ("Łukasz Ελένη", "lukasz@xn--exmple-qta.net") == _first(message, "to")
    assert ["Notificación 年", "<0190.ab@example.com>", "auto-generated", "es"] == [
        str(message[name]) for name in ("Subject", "Message-ID", "Auto-Submitted", "Content-Language")
    ]
    assert datetime(2026, 11, 21, 9, 30, tzinfo=UTC) == message["Date"].datetime
    (attachment,) = message.iter_attachments()
    assert ("año.pdf", "application/pdf") == (attachment.get_filename(), attachment.get_content_type())
    assert bytes(range(256)) * 40 == attachment.get_content()


def test_both_texts_are_there_for_readers_with_and_without_html() -> None:
    message = read(compose(DRAFT))
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert ["Hola", ".", "From here"] == plain.get_content().splitlines()
    assert "<p>Hola</p>" == html.get_content().strip()


def test_no_server_has_a_reason_to_write_it_anew() -> None:
    message = compose(replace(DRAFT, html="<p>" + "ñ" * 5000 + "</p>", text="x" * 5000))
    assert message.isascii()
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert b"\r" not in message.replace(b"\r\n", b"")
    assert 998 >= max(map(len, message.split(b"\r\n")))


@pytest.mark.parametrize(
    "sign_", ["\r\nBcc: evil@example.net", "\n", "\r", "\x00", "\x7f", "\u2028", "\u202e", "\ud800"]
)
@pytest.mark.parametrize("field", ["subject", "sender_name", "recipient_name", "message_id", "language"])
def test_what_could_leave_its_line_is_refused(field: str, sign_: str) -> None:
    with pytest.raises(HeaderInvalid):
        compose(replace(DRAFT, **{field: f"a{sign_}b"}))  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"filename": "a\r\nb.pdf"}, {"content_type": "application/pdf\r\nX: y"}])
def test_a_file_name_or_type_that_could_leave_its_line_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(HeaderInvalid):
        compose(replace(DRAFT, enclosures=(replace(DRAFT.enclosures[0], **change),)))  # type: ignore[arg-type]


def test_a_public_verifier_confirms_the_signature_and_no_second_subject_fits() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])

    def dns(name: bytes, **_: object) -> bytes | None:
        return record if name == b"s1._domainkey.example.com." else None

    signed = sign(compose(DRAFT), DKIMKey(domain="example.com", selector="s1", private_key=pem))
    assert dkim.verify(signed, dnsfunc=dns)
    assert not dkim.verify(signed.replace(b"Hola", b"Adeu"), dnsfunc=dns)
    assert not dkim.verify(b"Subject: another\r\n" + signed, dnsfunc=dns)


def test_a_key_is_not_shown() -> None:
    assert "PEM" not in repr(DKIMKey(domain="example.com", selector="s1", private_key=b"PEM"))


def _first(message: EmailMessage, name: str) -> tuple[str, str]:
    (address,) = message[name].addresses
    return address.display_name, address.addr_spec
