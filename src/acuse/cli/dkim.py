"""`acuse dkim`: the keys that sign the mail of a domain."""

from typing import TYPE_CHECKING

import click

from acuse.cli.options import Group, json_option
from acuse.cli.output import print_facts, print_json, print_table
from acuse.cli.session import open_session

if TYPE_CHECKING:
    from acuse.mail import DKIMKey

_PIECE = 255
"""Characters of one string of a TXT record (RFC 1035 section 3.3)."""


@click.group(cls=Group)
def dkim() -> None:
    """DKIM keys: what is sent from a domain's addresses is signed with its key."""


@dkim.command()
@click.argument("domain")
@json_option
def create(domain: str, *, as_json: bool) -> None:
    """Make a key for a domain, in the place of its last one, and print the record that DNS has to have."""
    from acuse.services.manage_dkim import create_dkim_key

    with open_session() as session:
        _show(create_dkim_key(session.ports, domain), as_json=as_json)


@dkim.command()
@click.argument("domain")
@json_option
def show(domain: str, *, as_json: bool) -> None:
    """Print the DNS record of a domain's key."""
    from acuse.services.manage_dkim import find_dkim_key

    with open_session() as session:
        _show(find_dkim_key(session.ports, domain), as_json=as_json)


@dkim.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the domains that have a key."""
    with open_session() as session:
        domains = session.ports.views.notices.dkim_domains()
    if as_json:
        print_json([{"domain": domain} for domain in domains])
        return
    print_table(
        ("domain",), [(domain,) for domain in domains], when_empty="No key yet. 'acuse dkim create DOMAIN' makes one."
    )


def _show(key: "DKIMKey", *, as_json: bool) -> None:
    from acuse.services.manage_dkim import dkim_record

    name, text = dkim_record(key)
    if as_json:
        print_json({"domain": key.domain, "selector": key.selector, "record_name": name, "record_text": text})
        return
    print_facts([("domain", key.domain), ("selector", key.selector), ("TXT record", name)])
    pieces = " ".join(f'"{text[start : start + _PIECE]}"' for start in range(0, len(text), _PIECE))
    click.echo(f"\n{name}. IN TXT ( {pieces} )")
