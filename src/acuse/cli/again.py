"""`acuse resend`, `retry` and `cancel`: what an operator decides over a message by hand."""

import click

from acuse.cli.desk import Object, open_desk
from acuse.cli.options import Command, json_option
from acuse.cli.output import print_json


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@json_option
def resend(name: str, *, as_json: bool) -> None:
    """Send the files of a message again, as a new message that is linked to it."""
    with open_desk() as desk:
        new = desk.resend(name)
        _print(new, f"sends {new['resend_of']} again; {desk.outlook()}", as_json=as_json)


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@click.option("--force", is_flag=True, help="Also a message that the partner took, to get its receipt again.")
@json_option
def retry(name: str, *, force: bool, as_json: bool) -> None:
    """Try a message now that failed or waits: the same bytes, under the same Message-ID."""
    with open_desk() as desk:
        _print(desk.retry(name, is_forced=force), f"is tried again; {desk.outlook()}", as_json=as_json)


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@json_option
def cancel(name: str, *, as_json: bool) -> None:
    """Cancel a message that waits to be sent."""
    with open_desk() as desk:
        _print(desk.cancel(name), "is cancelled", as_json=as_json)


def _print(shown: Object, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json(shown)
    else:
        click.echo(f"{shown['id']}   {words}")
