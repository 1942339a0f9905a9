"""`acuse key`: credentials of the API."""

from datetime import UTC, datetime

import click

from acuse.cli.options import Group, json_option
from acuse.cli.output import print_facts, print_json
from acuse.cli.session import open_session


@click.group(cls=Group)
def key() -> None:
    """Keys: credentials of the API."""


@key.command()
@click.option(
    "--mode", type=click.Choice(["live", "test"], case_sensitive=False), required=True, help="What it acts on."
)
@click.option("--scopes", required=True, help="What it may do: read, write, delete, admin; separated by commas.")
@click.option("--name", default="key", show_default=True, help="A name for people.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The day it ends, in UTC.")
@json_option
def create(mode: str, scopes: str, name: str, expires: datetime | None, *, as_json: bool) -> None:
    """Make an API key. Its text is shown this once."""
    from acuse.domain.access import Mode, Scope, parse_scopes
    from acuse.services.manage_keys import create_key

    with open_session() as session:
        made, text = create_key(
            session.ports,
            account_id=session.account.id,
            tenant_id=None,
            name=name,
            mode=Mode(mode.lower()),
            scopes=parse_scopes(scopes.split(",")),
            expires_at=expires.replace(tzinfo=UTC) if expires else None,
        )
    names = [scope.value for scope in Scope if scope in made.scopes]
    shown = {
        "id": f"key_{made.handle:06d}",
        "api_key": text,
        "mode": made.mode.value,
        "scopes": names,
        "name": made.name,
        "expires_at": made.expires_at and f"{made.expires_at:%Y-%m-%dT%H:%M:%S.%fZ}",
    }
    if as_json:
        print_json(shown)
        return
    print_facts(
        [
            ("id", shown["id"]),
            ("API key", f"{text}   (shown this once)"),
            ("mode", made.mode.value),
            ("scopes", ", ".join(names)),
            ("expires", made.expires_at and f"{made.expires_at} UTC"),
        ]
    )
