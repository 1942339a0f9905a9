"""`acuse send`: files go out as one message, and with `--wait` the command ends with the receipt."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuse.cli.options import Command, gateway_of, json_option
from acuse.cli.output import milliseconds, print_json, size
from acuse.cli.send_remotely import RemoteWish, send_by_api
from acuse.cli.session import Session, open_session
from acuse.cli.staging import Wish, accept_files
from acuse.cli.terms import SecondsType
from acuse.cli.waiting import explain, is_success, is_worked, wait_until_settled, what_now

if TYPE_CHECKING:
    from acuse.ports import MessageView

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option("--to", "partner", required=True, metavar="AS2-ID", help="The partner.")
@click.option("--from", "station", metavar="AS2-ID", help="The station.  [the first one]")
@click.option("--subject", help="The subject of the message.")
@click.option("--content-type", metavar="TYPE", help="The type of the files.  [by their names]")
@click.option("--compress/--no-compress", default=None, help="Instead of what is agreed.")
@click.option("--encrypt/--no-encrypt", default=None, help="Instead of what is agreed.")
@click.option("--sign/--no-sign", default=None, help="Instead of what is agreed.")
@click.option(
    "--mdn", type=click.Choice(["sync", "async", "none"], case_sensitive=False), help="Instead of what is agreed."
)
@click.option("--wait", is_flag=True, help="Wait for the receipt; success only if it is positive.")
@click.option(
    "--timeout",
    type=SecondsType(),
    metavar="SECONDS",
    help="How long to wait.  [until it is settled]",
)
@json_option
def send(
    files: tuple[Path, ...],
    partner: str,
    station: str | None,
    subject: str | None,
    content_type: str | None,
    mdn: str | None,
    timeout: timedelta | None,
    *,
    compress: bool | None,
    encrypt: bool | None,
    sign: bool | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Send files to a partner.

    Several files go as one message. Without --wait the command ends as soon as the message is safely kept, and a
    running gateway sends it.
    """
    from acuse.as2 import MDNMode

    if gateway := gateway_of(click.get_current_context()):
        fields = {"compress": compress, "encrypt": encrypt, "sign": sign, "mdn_mode": mdn and mdn.lower()}
        named = RemoteWish(partner=partner, station=station, paths=files, subject=subject, content_type=content_type)
        send_by_api(gateway, named, fields, timeout=timeout, is_awaited=wait, as_json=as_json)
        return
    with open_session() as session:
        wish = Wish(
            station=session.station(station),
            partner=session.partner(partner),
            paths=files,
            subject=subject,
            content_type=content_type,
            compress=compress,
            encrypt=encrypt,
            sign=sign,
            mdn=MDNMode(mdn.lower()) if mdn else None,
        )
        if wait:
            _check_that_a_receipt_can_come(session, wish)
        with _progress(files) as advance:
            view = accept_files(session, wish, advance=advance)
        if wait:
            _wait(session, view, timeout, as_json=as_json)
        elif as_json:
            _print_object(view)
        else:
            click.echo(f"{view.message.public_id}   {size(view.message.size)} to {partner}; {what_now(session)}")


def _check_that_a_receipt_can_come(session: Session, wish: Wish) -> None:
    from acuse.as2 import MDNMode

    mdn, partner = wish.mdn or wish.partner.terms.mdn, wish.partner.as2_id
    if mdn is MDNMode.NONE:
        raise click.ClickException(
            f"no receipt is asked of {partner}, so there is none to wait for. "
            "Send without --wait, or ask for one with --mdn sync."
        )
    if mdn is MDNMode.ASYNC and not is_worked(session):
        where = wish.station.receive_url
        raise click.ClickException(
            f"the receipt of {partner} would come to {where}, where no gateway of this home runs. "
            "Run 'acuse serve' first, or send without --wait."
        )


def _wait(session: Session, view: "MessageView", timeout: timedelta | None, *, as_json: bool) -> None:
    view = wait_until_settled(session, view.message.handle, timeout=timeout)
    message = view.message
    if as_json:
        _print_object(view)
    if not is_success(message):
        raise click.ClickException(f"{message.public_id} {explain(view)}. See 'acuse show {message.public_id}'.")
    if not as_json:
        end = message.delivered_at or message.sent_at or message.updated_at
        click.echo(
            f"{message.public_id}   {explain(view)}, {milliseconds(message.created_at, end)} after it was accepted"
        )


def _print_object(view: "MessageView") -> None:
    from acuse.web.api.objects import message_object

    print_json(message_object(view, detail=True))


@contextmanager
def _progress(paths: tuple[Path, ...]) -> Iterator[Callable[[int], None]]:
    total = sum(path.stat().st_size for path in paths)
    with click.progressbar(length=total, label="reading", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield bar.update
