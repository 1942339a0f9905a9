"""`acuse inbox` and `acuse outbox`: the messages of one direction, newest first."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from acuse.cli.desk import Object, open_desk
from acuse.cli.options import Command, json_option
from acuse.cli.output import print_json, print_table

if TYPE_CHECKING:
    from acuse.domain.message import Direction
    from acuse.web.api.status import Status

_LIMIT = click.IntRange(min=1, max=10_000)


@click.command(cls=Command)
@click.option("--limit", type=_LIMIT, default=20, show_default=True, help="How many at most.")
@click.option("--status", metavar="STATUS", help="Only messages with this status of the API.")
@json_option
def inbox(limit: int, status: str | None, *, as_json: bool) -> None:
    """List received messages."""
    from acuse.domain.message import Direction

    _list(Direction.INBOUND, limit, status, as_json=as_json)


@click.command(cls=Command)
@click.option("--limit", type=_LIMIT, default=20, show_default=True, help="How many at most.")
@click.option("--status", metavar="STATUS", help="Only messages with this status of the API.")
@json_option
def outbox(limit: int, status: str | None, *, as_json: bool) -> None:
    """List messages that were sent or will be."""
    from acuse.domain.message import Direction

    _list(Direction.OUTBOUND, limit, status, as_json=as_json)


def _list(direction: "Direction", limit: int, status: str | None, *, as_json: bool) -> None:
    with open_desk() as desk:
        listed = desk.messages(direction, _status(status), limit=limit)
    if as_json:
        print_json(listed.rows)
        return
    print_table(
        ("id", "time (UTC)", "from", "to", "subject", "bytes", "status", "receipt"),
        [_row(shown) for shown in listed.rows],
        when_empty="No message." if status is None else f"No message is {status}.",
    )
    if listed.total > limit:
        click.echo(f"\n{limit} of {listed.total}; --limit shows more.")


def _status(word: str | None) -> "Status | None":
    from acuse.web.api.status import Status

    if word is None:
        return None
    if word.lower() not in list(Status):
        raise click.BadParameter(f"{word} is none of {', '.join(Status)}", param_hint="'--status'")
    return Status(word.lower())


def _row(shown: Object) -> tuple[object, ...]:
    told = (shown[name] for name in ("from_as2_id", "to_as2_id", "subject", "bytes", "status", "mdn_status"))
    return (shown["id"], datetime.fromisoformat(shown["created_at"]), *told)
