"""`acuse mailbox`: the mails that were captured, because nothing leaves this gateway yet."""

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import click

from acuse.cli.options import Command, json_option
from acuse.cli.output import print_json, print_table
from acuse.cli.session import open_session


@click.command("mailbox", cls=Command)
@click.argument("number", type=click.IntRange(min=1), required=False, metavar="[N]")
@json_option
def mailbox(number: int | None, *, as_json: bool) -> None:
    """List the captured mails, the newest first; or show the text of number N."""
    with open_session() as session:
        folder = session.gateway.home.mailbox
    paths = sorted(folder.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    if number is not None:
        if number > len(paths):
            raise click.ClickException(f"there are {len(paths)} captured mails. 'acuse mailbox' lists them.")
        _print_mail(paths[number - 1])
        return
    shown = [_object(place, path) for place, path in enumerate(paths, start=1)]
    if as_json:
        print_json(shown)
        return
    print_table(
        ("no.", "date", "to", "subject", "file"),
        [(entry["number"], entry["date"], entry["to"], entry["subject"], entry["file"]) for entry in shown],
        when_empty="No mail was captured.",
    )


def _read(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return email.message_from_binary_file(file, policy=default)


def _object(number: int, path: Path) -> dict[str, object]:
    message = _read(path)
    return {
        "number": number,
        "from": str(message["From"]),
        "to": str(message["Delivered-To"]),
        "subject": str(message["Subject"]),
        "date": str(message["Date"]),
        "file": str(path),
    }


def _print_mail(path: Path) -> None:
    message = _read(path)
    for name in ("From", "To", "Subject", "Date"):
        click.echo(_harmless(f"{name}: {message[name]}"))
    body = message.get_body(("plain", "html"))
    click.echo()
    for line in (body.get_content() if body is not None else "").splitlines():
        click.echo(_harmless(line))
    for part in message.iter_attachments():
        click.echo(_harmless(f"[{part.get_filename()}, {part.get_content_type()}]"))


def _harmless(line: str) -> str:
    """A line without what would reach into the reader's terminal."""
    return "".join(character if character.isprintable() else "?" for character in line)
