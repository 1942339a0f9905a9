"""`acuse inbox` and `acuse outbox`: the messages of one direction, newest first."""

from typing import TYPE_CHECKING

import click

from acuse.cli.options import Command, json_option
from acuse.cli.output import print_json, print_table
from acuse.cli.session import open_session

if TYPE_CHECKING:
    from acuse.domain.message import Direction
    from acuse.ports import MessageView
    from acuse.web.api.status import State

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
    from acuse.ports import MessageFilter
    from acuse.web.api.objects import message_object

    with open_session() as session:
        wanted = MessageFilter(direction=direction, states=_states(status))
        page = session.ports.views.messages(session.space, wanted, limit=limit, offset=0)
    objects = [message_object(view, detail=False) for view in page.rows]
    if as_json:
        print_json(objects)
        return
    print_table(
        ("id", "time (UTC)", "from", "to", "subject", "bytes", "status", "receipt"),
        [_row(view, shown) for view, shown in zip(page.rows, objects, strict=True)],
        when_empty="No message." if status is None else f"No message is {status}.",
    )
    if page.total > limit:
        click.echo(f"\n{limit} of {page.total}; --limit shows more.")


def _states(word: str | None) -> "tuple[State, ...] | None":
    from acuse.web.api.status import Status, states_with

    if word is None:
        return None
    if word.lower() not in list(Status):
        raise click.BadParameter(f"{word} is none of {', '.join(Status)}", param_hint="'--status'")
    return states_with(Status(word.lower()), None)


def _row(view: "MessageView", shown: dict[str, object]) -> tuple[object, ...]:
    message = view.message
    return (
        message.public_id,
        message.created_at,
        shown["from_as2_id"],
        shown["to_as2_id"],
        message.subject,
        message.size,
        shown["status"],
        message.receipt.value.replace("_", " "),
    )
