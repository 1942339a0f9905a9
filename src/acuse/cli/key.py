"""`acuse key`: credentials of the API."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from acuse.cli.account import find_tenant
from acuse.cli.mail_account import check_mail_options, mail_options, prepare_mail
from acuse.cli.options import Group, json_option
from acuse.cli.output import moment, print_facts, print_json, print_table
from acuse.cli.session import open_session
from acuse.errors import KeyNotFound

if TYPE_CHECKING:
    from acuse.ports import KeyView

_LABELS = {"api_key": "API key", "token": "token", "token_secret": "token secret", "password": "password"}
_ID = re.compile(r"(?:key_)?(\d{1,18})")


@click.group(cls=Group)
def key() -> None:
    """Keys: credentials of the API."""


@key.command()
@click.option(
    "--dialect",
    type=click.Choice(["native", "as2expert", "mft", "mensatek"], case_sensitive=False),
    default="native",
    show_default=True,
    help="Whose API it is for. One of a dialect needs neither mode nor scopes.",
)
@click.option("--username", help="The user name, for an API whose programs log in; made up without.")
@click.option("--mode", type=click.Choice(["live", "test"], case_sensitive=False), help="What it acts on.")
@click.option("--scopes", help="What it may do: read, write, delete, admin; separated by commas.")
@click.option("--name", default="key", show_default=True, help="A name for people.")
@click.option("--tenant", metavar="ID", help="A key of this tenant alone; without, of the whole account.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The day it ends, in UTC.")
@click.option("--allow-from", default="", metavar="NETWORKS", help="From where alone it may be used: 10.0.0.0/8,::1")
@mail_options
@json_option
def create(
    dialect: str,
    username: str | None,
    mode: str | None,
    scopes: str | None,
    name: str,
    tenant: str | None,
    expires: datetime | None,
    allow_from: str,
    *,
    as_json: bool,
    **mail: str | None,
) -> None:
    """Make an API key. Its text is shown this once."""
    from acuse.domain.access import Mode, parse_networks, parse_scopes
    from acuse.domain.dialect import Dialect
    from acuse.ports import KeyView
    from acuse.services.issue_credential import USUAL_SCOPES, issue_credential

    chosen = Dialect(dialect.lower())
    check_mail_options(chosen, mail)
    if chosen is Dialect.NATIVE:
        for option, value in (("--mode", mode), ("--scopes", scopes)):
            if value is None:
                raise click.UsageError(f"Missing option '{option}'.")
    with open_session() as session:
        owner = find_tenant(session, tenant) if tenant else None
        issued = issue_credential(
            session.ports,
            dialect=chosen,
            username=username,
            account_id=session.account.id,
            tenant_id=owner.id if owner else None,
            name=name,
            mode=Mode((mode or "live").lower()),
            scopes=USUAL_SCOPES if scopes is None else parse_scopes(scopes.split(",")),
            expires_at=expires.replace(tzinfo=UTC) if expires else None,
            networks=parse_networks(text for text in allow_from.split(",") if text.strip()),
        )
        prepare_mail(session, issued.key, owner, **mail)
    _print_with_texts(KeyView(key=issued.key, tenant=owner), issued.text, issued.password, as_json=as_json)


@key.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the API keys, each by the start of its text."""
    from acuse.services.manage_keys import visible_keys
    from acuse.web.api.key_objects import key_object

    with open_session() as session:
        views = visible_keys(session.ports, session.account.id)
    if as_json:
        print_json([key_object(view) for view in views])
        return
    print_table(
        ("id", "name", "mode", "scopes", "starts with", "tenant", "from", "created", "last used", "expires"),
        [_cells(view) for view in views],
        when_empty="No API key yet. 'acuse key create' makes one.",
    )


@key.command()
@click.argument("name", metavar="ID")
@click.option("--grace", default=24, show_default=True, metavar="HOURS", help="How long the old text still holds.")
@json_option
def rotate(name: str, grace: int, *, as_json: bool) -> None:
    """Give an API key a new text, which is shown this once. The old one holds for some more hours."""
    from acuse.services.manage_keys import find_key, rotate_key

    with open_session() as session:
        found = find_key(session.ports, session.account.id, _number(name))
        # What is beyond all bounds would not even be a length of time.
        _, text = rotate_key(session.ports, found.key.id, grace=timedelta(hours=max(-1, min(grace, 9999))))
        rotated = find_key(session.ports, session.account.id, found.key.handle)
    _print_with_texts(rotated, text, as_json=as_json)


@key.command()
@click.argument("name", metavar="ID")
@json_option
def revoke(name: str, *, as_json: bool) -> None:
    """Revoke an API key by its id, such as key_000002: from now on nobody gets in with it."""
    from acuse.services.manage_keys import revoke_key
    from acuse.web.api.key_objects import key_object

    with open_session() as session:
        revoked = revoke_key(session.ports, session.account.id, _number(name))
    if as_json:
        print_json(key_object(revoked))
        return
    print_facts([("revoked", f"key_{revoked.key.handle:06d}"), ("name", revoked.key.name)])


def _number(name: str) -> int:
    number = _ID.fullmatch(name)
    if number is None:
        raise KeyNotFound(f"'{name}' is not the id of a key. 'acuse key list' shows them.")
    return int(number[1])


def _print_with_texts(view: "KeyView", text: str, password: str | None = None, *, as_json: bool) -> None:
    from acuse.web.api.key_objects import key_object, key_texts

    texts = key_texts(view.key, text, password)
    shown = {**key_object(view), **texts}
    if as_json:
        print_json(shown)
        return
    until, ends = view.key.replaced_until, view.key.expires_at
    print_facts(
        [
            ("id", shown["id"]),
            ("user", shown["username"]),
            ("token id", shown["token_id"]),
            *((_LABELS[name], f"{secret}   (shown this once)") for name, secret in texts.items()),
            ("mode", view.key.mode.value),
            ("scopes", _scopes(view)),
            ("tenant", shown["tenant_id"]),
            ("only from", _networks(view) or None),
            ("expires", ends and f"{moment(ends)} UTC"),
            ("old text until", until and f"{moment(until)} UTC"),
        ]
    )


def _cells(view: "KeyView") -> tuple[object, ...]:
    entry, last_use = view.key, view.last_use
    return (
        f"key_{entry.handle:06d}",
        entry.name,
        entry.mode.value,
        _scopes(view),
        entry.hint,
        view.tenant and f"tnt_{view.tenant.handle:06d}",
        _networks(view) or None,
        f"{entry.created_at:%Y-%m-%d}",
        last_use and moment(last_use.at),
        entry.expires_at and f"{entry.expires_at:%Y-%m-%d}",
    )


def _scopes(view: "KeyView") -> str:
    from acuse.domain.access import Scope

    return ", ".join(scope.value for scope in Scope if scope in view.key.scopes)


def _networks(view: "KeyView") -> str:
    return ", ".join(str(network) for network in view.key.networks)
