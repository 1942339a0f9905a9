"""`acuse resend`, `retry` and `cancel`: what an operator decides over a message by hand."""

from typing import TYPE_CHECKING

import click

from acuse.cli.options import Command, json_option
from acuse.cli.output import print_json
from acuse.cli.session import open_session
from acuse.cli.waiting import what_now

if TYPE_CHECKING:
    from acuse.ports import MessageView


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@json_option
def resend(name: str, *, as_json: bool) -> None:
    """Send the files of a message again, as a new message that is linked to it."""
    from acuse.services.resend_message import resend_message

    with open_session() as session:
        old = session.message(name)
        new = resend_message(session.ports, old.message.id)
        _print(new, f"sends {old.message.public_id} again; {what_now(session)}", as_json=as_json)


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@click.option("--force", is_flag=True, help="Also a message that the partner took, to get its receipt again.")
@json_option
def retry(name: str, *, force: bool, as_json: bool) -> None:
    """Try a message now that failed or waits: the same bytes, under the same Message-ID."""
    from acuse.services.retry_message import retry_message

    with open_session() as session:
        view = retry_message(session.ports, session.message(name).message.id, is_forced=force)
        _print(view, f"is tried again; {what_now(session)}", as_json=as_json)


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@json_option
def cancel(name: str, *, as_json: bool) -> None:
    """Cancel a message that waits to be sent."""
    from acuse.services.cancel_message import cancel_message

    with open_session() as session:
        _print(cancel_message(session.ports, session.message(name).message.id), "is cancelled", as_json=as_json)


def _print(view: "MessageView", words: str, *, as_json: bool) -> None:
    from acuse.web.api.objects import message_object

    if as_json:
        print_json(message_object(view, detail=True))
    else:
        click.echo(f"{view.message.public_id}   {words}")
