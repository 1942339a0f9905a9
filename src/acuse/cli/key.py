"""`acuse key`: credentials of the API."""

import re
from datetime import UTC, datetime

import click

from acuse.cli.options import Group, json_option
from acuse.cli.output import print_facts, print_json, print_table
from acuse.cli.session import open_session
from acuse.errors import KeyNotFound

_ID = re.compile(r"(?:key_)?(\d{1,18})")


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


@key.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the API keys, each by the start of its text."""
    from acuse.web.api.objects import key_object

    with open_session() as session:
        keys = session.ports.views.keys(session.space)
    if as_json:
        print_json([key_object(entry) for entry in keys])
        return
    print_table(
        ("id", "name", "mode", "scopes", "starts with", "created", "expires"),
        [
            (
                f"key_{entry.handle:06d}",
                entry.name,
                entry.mode.value,
                ", ".join(sorted(entry.scopes)),
                entry.hint,
                f"{entry.created_at:%Y-%m-%d}",
                entry.expires_at and f"{entry.expires_at:%Y-%m-%d}",
            )
            for entry in keys
        ],
        when_empty="No API key yet. 'acuse key create' makes one.",
    )


@key.command()
@click.argument("name", metavar="ID")
@json_option
def revoke(name: str, *, as_json: bool) -> None:
    """Revoke an API key by its id, such as key_000002: from now on nobody gets in with it."""
    from acuse.services.manage_keys import revoke_key
    from acuse.web.api.objects import key_object

    number = _ID.fullmatch(name)
    if number is None:
        raise KeyNotFound(f"'{name}' is not the id of a key. 'acuse key list' shows them.")
    with open_session() as session:
        revoked = revoke_key(session.ports, session.space, int(number[1]))
    if as_json:
        print_json(key_object(revoked))
        return
    print_facts([("revoked", f"key_{revoked.handle:06d}"), ("name", revoked.name)])
