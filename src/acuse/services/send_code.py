"""The mail that carries a one-time code. It is not tried again: whoever waits for it asks for another."""

from dataclasses import dataclass
from uuid import UUID

from acuse.domain.notice import Notice
from acuse.domain.visit import CODE_LIFE
from acuse.mail import Draft, compose, read_address, text_from_html
from acuse.mime import Literal, Source
from acuse.ports import Envelope, Ports
from acuse.services.word_notice import code_mail


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLetter:
    """A code that is to be handed over now."""

    notice: Notice
    envelope: Envelope
    message: Source


def code_address(notice: Notice) -> str:
    """Where codes by e-mail go: to the address that the sender gave for them, or to that of the notice."""
    return notice.recipient.secret or notice.recipient.address


def write_code(ports: Ports, notice_id: UUID) -> CodeLetter | None:
    """The mail with the newest code, or None where there is none that could still be used."""
    view, now, post = ports.views.notices.notice_by_id(notice_id), ports.world.now(), ports.post
    codes = ports.views.notices.visit(notice_id).codes
    if not codes or now - codes[-1].made_at >= CODE_LIFE:
        return None
    subject, html = code_mail(digits=codes[-1].digits, reference=view.notice.public_id, language=view.sending.language)
    recipient, identifier = read_address(code_address(view.notice)), ports.world.new_id()
    message = compose(
        Draft(
            sender=read_address(f"no-reply@{post.domain}"),
            sender_name=post.operator,
            recipient=recipient,
            recipient_name=view.notice.recipient.name,
            subject=subject,
            text=text_from_html(html),
            html=html,
            message_id=f"<{identifier.hex}@{post.domain}>",
            date=now,
            language=view.sending.language,
        )
    )
    envelope = Envelope(return_path="", recipient=recipient, envelope_id=identifier.hex)
    return CodeLetter(notice=view.notice, envelope=envelope, message=Literal(message))
