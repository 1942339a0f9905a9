"""`acuse send` with --gateway: the same wish, by the API of a gateway elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acuse.cli.content_types import content_type_of
from acuse.cli.options import RemoteGateway
from acuse.cli.output import print_json, size

if TYPE_CHECKING:
    from acuse_client import Acuse

_PATIENCE = timedelta(days=1)
"""How long --wait waits when nobody says otherwise: a gateway gives a message up after a day by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteWish:
    """What to send, and to whom, by names."""

    partner: str
    station: str | None
    paths: tuple[Path, ...]
    subject: str | None
    content_type: str | None


def send_by_api(
    gateway: RemoteGateway,
    wish: RemoteWish,
    fields: Mapping[str, Any],
    *,
    timeout: timedelta | None,
    is_awaited: bool,
    as_json: bool,
) -> None:
    """Send, and wait for the end where that was wanted. Raises ClickException unless it is a success."""
    from acuse.cli.remote import open_remote

    with open_remote(gateway) as desk:
        message = desk.acuse.messages.send(
            desk.partner_id(wish.partner),
            list(wish.paths),
            content_type=_content_type(wish),
            subject=wish.subject,
            station_id=wish.station and _station_id(desk.acuse, wish.station),
            **fields,
        )
        if is_awaited:
            message = desk.acuse.messages.wait(message["id"], timeout=(timeout or _PATIENCE).total_seconds())
        if as_json:
            print_json(desk.acuse.messages.get(message["id"]))
        if is_awaited and message["status"] != "delivered":
            problem = message["error"]
            reason = problem["message"].rstrip(".") if problem else f"{message['status']}, {message['mdn_status']}"
            raise click.ClickException(f"{message['id']} was not delivered: {reason}.")
        if not as_json:
            end = "delivered" if is_awaited else desk.outlook()
            click.echo(f"{message['id']}   {size(message['bytes'])} to {wish.partner}; {end}")


def _content_type(wish: RemoteWish) -> str:
    types = {wish.content_type or content_type_of(path) for path in wish.paths}
    if len(types) > 1:
        raise click.UsageError("a remote gateway takes files of one type; name it with --content-type")
    return types.pop()


def _station_id(acuse: "Acuse", name: str) -> str:
    for row in acuse.stations.list():
        if name in (row["id"], row["as2_id"]):
            return str(row["id"])
    raise click.ClickException(f"There is no station '{name}'.")
