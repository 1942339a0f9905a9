"""`acuse notice`: certified e-mails, sent, watched and proved."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuse.cli.options import Group, json_option
from acuse.cli.output import print_facts, print_json, print_table
from acuse.cli.session import Session, open_session
from acuse.cli.waiting import wait_until, what_now
from acuse.errors import InvalidInput, NoticeNotFound

if TYPE_CHECKING:
    from acuse.domain.notice import Recipient
    from acuse.ports import NoticeView
    from acuse.services.accept_message import OutgoingFile
    from acuse.services.send_notices import Sent

_ID = re.compile(r"(?:ntc_)?(\d{1,18})")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PATIENCE = timedelta(minutes=2)


@click.group(cls=Group)
def notice() -> None:
    """Notices: certified e-mails, each to one recipient."""


@notice.command()
@click.argument("files", nargs=-1, type=_FILE, metavar="[FILE]...")
@click.option("--from", "sender", metavar="ADDRESS", help="The sender.  [the first one]")
@click.option("--to", "to", multiple=True, required=True, metavar="ADDRESS", help="'ana@example.net' or 'Ana <…>'.")
@click.option("--subject", required=True, help="The subject; {{nombre}} is the recipient's name.")
@click.option("--text", help="The text, plain or HTML.")
@click.option("--text-file", type=_FILE, help="A file with the text.")
@click.option("--variable", "variables", multiple=True, metavar="NAME=VALUE", help="Fills in {{NAME}}.")
@click.option("--acceptance-days", type=click.IntRange(1, 30), help="Ask to accept or refuse within so many days.")
@click.option("--at", type=click.DateTime(["%Y-%m-%d %H:%M"]), metavar="'YYYY-MM-DD HH:MM'", help="When, in UTC.")
@click.option("--reference", help="Yours; stands in every report.")
@click.option("--language", type=click.Choice(["es", "en"]), default="es", show_default=True, help="Of our words.")
@click.option("--wait", is_flag=True, help="Wait until the mail counts as delivered, or failed.")
@json_option
def send(
    files: tuple[Path, ...],
    sender: str | None,
    to: tuple[str, ...],
    subject: str,
    text: str | None,
    text_file: Path | None,
    variables: tuple[str, ...],
    acceptance_days: int | None,
    at: datetime | None,
    reference: str | None,
    language: str,
    *,
    wait: bool,
    as_json: bool,
) -> None:
    """Send a text, and FILEs with it, as a certified e-mail to each recipient."""
    from acuse.services.send_notices import SendNotices, send_notices

    content = _text(text, text_file)
    with open_session() as session:
        command = SendNotices(
            space=session.space,
            sender_address=sender or _first_sender(session),
            recipients=tuple(_recipient(entry, variables) for entry in to),
            subject=subject,
            text=content,
            files=_staged(session, files),
            scheduled_at=at.replace(tzinfo=UTC) if at else None,
            acceptance_days=acceptance_days,
            reference=reference,
            language=language,
            request_sha256=hashlib.sha256(content.encode()).hexdigest(),
        )
        sent = send_notices(session.ports, command)
        _check(sent)
        if wait:
            _wait(session, sent)
        _print_sent(session, sent, as_json=as_json)


@notice.command()
@click.argument("name", metavar="ID")
@json_option
def show(name: str, *, as_json: bool) -> None:
    """Show a notice with the facts of its journal."""
    from acuse.web.api.notice_objects import journal_object, notice_object, notice_status

    with open_session() as session:
        view = _find(session, name)
        facts = journal_object(session.ports.views.notices.journal(view.notice.id))
    if as_json:
        print_json({**notice_object(view), "journal": facts})
        return
    entry = view.notice
    print_facts(
        [
            ("id", entry.public_id),
            ("status", notice_status(entry).replace("_", " ")),
            ("from", view.sender.address),
            ("to", f"{entry.recipient.name} <{entry.recipient.address}>".strip()),
            ("subject", entry.subject),
            ("reference", view.sending.reference),
            ("server said", entry.said),
            ("failure", entry.failure),
            ("scheduled", entry.scheduled_at),
            ("to accept until", entry.expires_at),
        ]
    )
    click.echo()
    rows = [(fact["record"]["EventTime"], _kind(fact["record"]), fact["record"]["strength"]) for fact in facts]  # type: ignore[index]
    print_table(("time", "fact", "strength"), rows, when_empty="No fact.")


@notice.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most.")
@json_option
def list_(limit: int, *, as_json: bool) -> None:
    """List the notices, newest first."""
    from acuse.ports import NoticeFilter
    from acuse.web.api.notice_objects import notice_object, notice_status

    with open_session() as session:
        page = session.ports.views.notices.page(session.space, NoticeFilter(), limit=limit, offset=0)
    if as_json:
        print_json([notice_object(view) for view in page.rows])
        return
    rows = [
        (
            view.notice.public_id,
            view.notice.created_at,
            view.notice.recipient.address,
            view.notice.subject,
            notice_status(view.notice).replace("_", " "),
        )
        for view in page.rows
    ]
    print_table(("id", "time (UTC)", "to", "subject", "status"), rows, when_empty="No notice.")
    if page.total > limit:
        click.echo(f"\n{limit} of {page.total}; --limit shows more.")


@notice.command()
@click.argument("name", metavar="ID")
def cancel(name: str) -> None:
    """Take a notice back that has not left."""
    from acuse.services.cancel_notice import cancel_notice

    with open_session() as session:
        cancelled = cancel_notice(session.ports, _find(session, name).notice.id)
    click.echo(f"{cancelled.public_id} is cancelled.")


@notice.command()
@click.argument("name", metavar="ID")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.  [ID.pdf]")
def proof(name: str, out: Path | None) -> None:
    """Write what is known of a notice as a PDF. It is not sealed, and says so."""
    from acuse.services.issue_proof import issue_proof

    with open_session() as session:
        view = _find(session, name)
        issued = issue_proof(session.ports, view)
    target = out or Path(f"{view.notice.public_id}.pdf")
    target.write_bytes(issued.pdf)
    click.echo(f"{target}   {issued.facts} facts, not sealed")


def _text(text: str | None, text_file: Path | None) -> str:
    if (text is None) == (text_file is None):
        raise click.UsageError("Give either --text or --text-file")
    return text if text_file is None else text_file.read_text(encoding="utf-8")  # type: ignore[return-value]


def _first_sender(session: Session) -> str:
    for entry in session.ports.views.notices.senders(session.space):
        if entry.assurance is not None:
            return entry.address
    raise click.ClickException("there is no validated sender. 'acuse sender add ADDRESS' makes one.")


def _recipient(entry: str, variables: tuple[str, ...]) -> "Recipient":
    from acuse.domain.notice import Recipient

    name, address = parseaddr(entry)
    values = dict(variable.split("=", 1) for variable in variables if "=" in variable)
    if len(values) != len(variables):
        raise click.BadParameter("a variable is NAME=VALUE, each name once", param_hint="'--variable'")
    return Recipient(address=address or entry, name=name, variables=values)


def _staged(session: Session, paths: tuple[Path, ...]) -> "tuple[OutgoingFile, ...]":
    from acuse.domain.enclosure_policy import type_by_name
    from acuse.services.accept_message import OutgoingFile

    contents = [(path.name, path.read_bytes()) for path in paths]
    files = []
    for name, content in contents:
        stage = session.ports.blobs.stage()
        stage.write(content)
        kind = type_by_name(name) or "application/octet-stream"
        files.append(OutgoingFile(filename=name, content_type=kind, stage=stage))
    return tuple(files)


def _check(sent: "Sent") -> None:
    if not sent.notices:
        raise InvalidInput(fields={turned.recipient.address: turned.reason for turned in sent.turned_away})


def _wait(session: Session, sent: "Sent") -> None:
    from acuse.domain.notice import Passage

    ends = (Passage.DELIVERED, Passage.FAILED, Passage.BOUNCED, Passage.CANCELLED)
    views = session.ports.views.notices

    def is_done() -> bool:
        return all(views.notice_by_id(entry.id).notice.passage in ends for entry in sent.notices)

    if not wait_until(session, is_done, timeout=_PATIENCE):
        raise click.ClickException(f"not settled after {_PATIENCE.total_seconds():g} s; see 'acuse notice list'.")


def _print_sent(session: Session, sent: "Sent", *, as_json: bool) -> None:
    from acuse.web.api.notice_objects import notice_object, notice_status

    views = [session.ports.views.notices.notice_by_id(entry.id) for entry in sent.notices]
    if as_json:
        print_json([notice_object(view) for view in views])
        return
    for view in views:
        status = notice_status(view.notice).replace("_", " ")
        later = f"; {what_now(session)}" if view.notice.attempts == 0 else ""
        click.echo(f"{view.notice.public_id}   to {view.notice.recipient.address}: {status}{later}")
    for turned in sent.turned_away:
        click.echo(f"not sent to {turned.recipient.address}: {turned.reason}", err=True)


def _find(session: Session, name: str) -> "NoticeView":
    number = _ID.fullmatch(name)
    if number is None:
        raise NoticeNotFound(f"'{name}' is not the id of a notice. 'acuse notice list' shows them.")
    return session.ports.views.notices.notice(session.space, int(number[1]))


def _kind(record: object) -> str:
    return str(record["ERDSEventId"]).rpartition("/")[2] if isinstance(record, dict) else ""
