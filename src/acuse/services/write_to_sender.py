"""The mail that asks the owner of a sender address whether it may be used: written anew for each attempt.

Each attempt has a link of its own, since of an earlier one only the digest is known. All of them hold for a day.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from acuse.domain.sender import Sender
from acuse.errors import SenderNotFound
from acuse.mail import Draft, compose, read_address, text_from_html
from acuse.mime import Literal, Source
from acuse.ports import Envelope, MailAnswer, Ports, Said
from acuse.services.manage_senders import LINK_LIFE, new_validation, validation_job
from acuse.services.word_notice import validation_mail

_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail of ours that is to be handed over now."""

    sender: Sender
    envelope: Envelope
    message: Source


def write_to_sender(ports: Ports, sender_id: UUID) -> Letter | None:
    """The mail with its link, or None where nothing has to be asked any more."""
    try:
        sender = ports.units.run(lambda unit: unit.notices.get_sender(sender_id))
    except SenderNotFound:
        return None
    if sender.assurance is not None:
        return None
    now, post = ports.world.now(), ports.post
    url = f"{post.page_url}/s/{new_validation(ports, sender)}"
    subject, html = validation_mail(address=sender.address, operator=post.operator, url=url)
    identifier = ports.world.new_id()
    message = compose(
        Draft(
            sender=read_address(f"no-reply@{post.domain}"),
            sender_name=post.operator,
            recipient=read_address(sender.address),
            recipient_name=sender.name,
            subject=subject,
            text=text_from_html(html),
            html=html,
            message_id=f"<{identifier.hex}@{post.domain}>",
            date=now,
        )
    )
    # RFC 3834 section 3.3: nobody is to answer it, so its return path is empty.
    envelope = Envelope(return_path="", recipient=read_address(sender.address), envelope_id=identifier.hex)
    return Letter(sender=sender, envelope=envelope, message=Literal(message))


def settle_letter(ports: Ports, letter: Letter, answer: MailAnswer) -> None:
    """Try again later where the server asks for that, for as long as a link holds."""
    due_at = ports.world.now() + _PAUSE
    if answer.said is Said.LATER and due_at < letter.sender.created_at + LINK_LIFE:
        ports.units.run(lambda unit: unit.jobs.submit(validation_job(letter.sender, due_at=due_at)))
