"""Sender addresses: adding, validating and removing them.

Rule: an address is validated by somebody who reads its mailbox, or by the operator's word; what is not validated sends
nothing.
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from acuse.domain.account import Space
from acuse.domain.sender import Assurance, Sender
from acuse.errors import InvalidInput, SenderNotFound
from acuse.mail import AddressInvalid, read_address
from acuse.mail.compose import HeaderInvalid, check_line
from acuse.ports import Handle, Job, JobKind, Link, LinkPurpose, Ports, Unit

LINK_LIFE = timedelta(hours=24)


def add_sender(
    ports: Ports, *, space: Space, address: str, name: str = "", assurance: Assurance | None = None
) -> Sender:
    """Make a sender, validated already where the operator vouches for it. Raises InvalidInput and AlreadyExists."""
    try:
        checked = read_address(address).text
        check_line("name", name)
    except AddressInvalid as error:
        raise InvalidInput(fields={"address": error.message}) from error
    except HeaderInvalid as error:
        raise InvalidInput(fields={"name": error.message}) from error
    now = ports.world.now()
    draft = Sender(
        id=ports.world.new_id(),
        handle=0,
        account_id=space.account_id,
        tenant_id=space.tenant_id,
        address=checked,
        name=name,
        assurance=assurance,
        validated_at=now if assurance else None,
        created_at=now,
    )

    def decide(unit: Unit) -> Sender:
        sender = replace(draft, handle=unit.next_handle(space.account_id, Handle.SENDER))
        unit.notices.add_sender(sender)
        return sender

    return ports.units.run(decide)


def vouch_for(ports: Ports, *, space: Space, address: str) -> Sender:
    """The operator says that this address may be used, whether or not it was added before. Raises InvalidInput."""
    now = ports.world.now()
    wanted = address.strip().lower()
    known = next((entry for entry in ports.views.notices.senders(space) if entry.address.lower() == wanted), None)
    if known is None:
        return add_sender(ports, space=space, address=address, assurance=Assurance.OPERATOR)
    vouched = replace(known, assurance=Assurance.OPERATOR, validated_at=now)
    ports.units.run(lambda unit: unit.notices.save_sender(vouched))
    return vouched


def ask_for_validation(ports: Ports, sender: Sender) -> None:
    """Have a mail with a one-time link sent to the address; asking again while one waits changes nothing."""
    now = ports.world.now()
    ports.units.run(lambda unit: unit.jobs.submit(validation_job(sender, due_at=now)))


def validation_job(sender: Sender, *, due_at: datetime) -> Job:
    """The job that writes to the address."""
    return Job(
        kind=JobKind.VALIDATE_SENDER,
        subject_id=sender.id,
        key=f"sender:{sender.id}:{due_at:%Y%m%d%H%M}",
        lane=f"mail:{sender.address.rpartition('@')[2]}",
        due_at=due_at,
    )


def new_validation(ports: Ports, sender: Sender) -> str:
    """The token of a one-time link that validates the sender; it is good for 24 hours."""
    token = "".join(ports.world.new_token() for _ in range(3))
    now = ports.world.now()
    link = Link(
        digest=_digest(token),
        purpose=LinkPurpose.VALIDATE_SENDER,
        subject_id=sender.id,
        created_at=now,
        expires_at=now + LINK_LIFE,
    )
    ports.units.run(lambda unit: unit.notices.add_link(link))
    return token


def validate_sender(ports: Ports, token: str) -> None:
    """Somebody who reads the mailbox has the token: the sender is validated, and the token used up.

    Raises SenderNotFound for a token that is wrong, used or too old.
    """
    digest, now = _digest(token), ports.world.now()
    link = ports.views.notices.link(digest)
    if link is None or link.purpose is not LinkPurpose.VALIDATE_SENDER or _is_over(link, now):
        raise SenderNotFound("This link is not valid any more. Ask for a new one.")

    def decide(unit: Unit) -> None:
        if not unit.notices.remove_link(digest):
            raise SenderNotFound("This link was used already.")
        sender = unit.notices.get_sender(link.subject_id)
        unit.notices.save_sender(replace(sender, assurance=Assurance.LINK, validated_at=now))

    ports.units.run(decide)


def remove_sender(ports: Ports, sender: Sender) -> None:
    """Nothing more is sent from it. Raises SenderNotFound."""
    ports.units.run(lambda unit: unit.notices.remove_sender(sender.id))


def _is_over(link: Link, now: datetime) -> bool:
    return link.expires_at is not None and link.expires_at <= now


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
