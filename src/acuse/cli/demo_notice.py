"""The certified e-mail of the demo: sent, captured, and proved by a PDF in the demo's home.

Rule: as everywhere in the demo, what is told was looked up in what is stored.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuse.cli.output import print_facts
from acuse.cli.session import Session
from acuse.cli.waiting import wait_until

if TYPE_CHECKING:
    from acuse.ports import NoticeView

_PATIENCE = timedelta(seconds=30)
_SENDER = "legal@demo.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A notice of the demo, as it is stored, and where its proof lies."""

    view: "NoticeView"
    proof: Path
    facts: int
    mail: Path | None
    """The captured mail; None where there is none."""

    @property
    def is_proved(self) -> bool:
        """The mail is there, and counts as delivered."""
        from acuse.domain.notice import Passage

        return self.mail is not None and self.view.notice.passage is Passage.DELIVERED


def run_notice(session: Session, home: Path) -> Certified:
    """Send a certified e-mail, wait until it counts as delivered, and write its proof into the home."""
    from acuse.domain.notice import Passage, Recipient
    from acuse.services.issue_proof import issue_proof
    from acuse.services.manage_credits import grant_credits
    from acuse.services.manage_senders import vouch_for
    from acuse.services.send_notices import SendNotices, send_notices

    ports = session.ports
    vouch_for(ports, space=session.space, address=_SENDER)
    grant_credits(ports, session.account.id, 10_000)
    command = SendNotices(
        space=session.space,
        sender_address=_SENDER,
        recipients=(Recipient(address="ana@demo.example", name="Ana Pérez", variables={"contract": "C-7"}),),
        subject="Contract {{contract}}",
        text="Dear {{nombre}}, contract {{contract}} ends on 31 May.",
        language="en",
    )
    (sent,) = send_notices(ports, command).notices
    views = ports.views.notices
    wait_until(session, lambda: views.notice_by_id(sent.id).notice.passage is Passage.DELIVERED, timeout=_PATIENCE)
    view = views.notice_by_id(sent.id)
    issued, target = issue_proof(ports, view), home / f"{sent.public_id}.pdf"
    target.write_bytes(issued.pdf)
    mail = session.gateway.home.mailbox / f"{sent.id.hex}.eml"
    return Certified(view=view, proof=target, facts=issued.facts, mail=mail if mail.exists() else None)


def print_notice(certified: Certified, number: int) -> None:
    """Tell what became of it."""
    view = certified.view
    click.echo()
    click.secho(f"{number}. Certified e-mail, {view.notice.public_id}", bold=True)
    print_facts(
        [
            ("from, to", f"{view.sender.address} to {view.notice.recipient.address}"),
            ("subject", view.notice.subject),
            ("status", f"{view.notice.passage.value}; nothing left this machine, the mail was captured"),
            ("mail", certified.mail),
            ("facts", f"{certified.facts}, each with the hash of the one before"),
            ("proof", f"{certified.proof} (PDF, not sealed)"),
        ],
        indent=3,
    )
