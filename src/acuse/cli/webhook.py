"""`acuse webhook`: where events are posted to."""

from typing import TYPE_CHECKING

import click

from acuse.cli.options import Group, json_option
from acuse.cli.output import print_facts, print_json, print_table, span
from acuse.cli.session import Session, open_session
from acuse.errors import WebhookEndpointNotFound

if TYPE_CHECKING:
    from acuse.domain.webhook import WebhookEndpoint


@click.group(cls=Group)
def webhook() -> None:
    """Webhooks: where events are posted to."""


@webhook.command()
@click.option("--url", required=True, help="Where events are posted to; it may lead into a private network.")
@click.option("--events", default="*", show_default=True, help="Which ones: their names, separated by commas.")
@click.option("--description", help="A text for people.")
@json_option
def add(url: str, events: str, description: str | None, *, as_json: bool) -> None:
    """Add an endpoint. Its secret is shown this once."""
    from acuse.services.manage_webhooks import EndpointWish, add_endpoint
    from acuse.web.api.event_objects import endpoint_object

    names = tuple(name.strip() for name in events.split(",") if name.strip())
    wish = EndpointWish(url=url, events=names, description=description)
    with open_session() as session:
        made = add_endpoint(session.ports, wish, space=session.space, url_is_vouched=True)
    if as_json:
        print_json(endpoint_object(made, with_secret=True))
        return
    print_facts(
        [
            ("id", made.public_id),
            ("url", made.url),
            ("secret", f"{made.secret}   (shown this once)"),
            ("events", ", ".join(made.events)),
            ("retries", f"until {span(made.retry.give_up_after)} after the first attempt"),
        ]
    )


@webhook.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the endpoints."""
    from acuse.web.api.event_objects import endpoint_object

    with open_session() as session:
        endpoints = session.ports.views.webhooks.endpoints(session.space)
    if as_json:
        print_json([endpoint_object(endpoint) for endpoint in endpoints])
        return
    print_table(
        ("id", "url", "events", "active", "description"),
        [(entry.public_id, entry.url, ", ".join(entry.events), entry.active, entry.description) for entry in endpoints],
        when_empty="No webhook yet. 'acuse webhook add' makes one.",
    )


@webhook.command()
@click.argument("name", metavar="ID")
def remove(name: str) -> None:
    """Remove an endpoint, with everything that is still to be delivered there."""
    from acuse.services.manage_webhooks import remove_endpoint

    with open_session() as session:
        remove_endpoint(session.ports, _find(session, name).id)
    click.echo(f"{name} is removed.")


def _find(session: Session, name: str) -> "WebhookEndpoint":
    for endpoint in session.ports.views.webhooks.endpoints(session.space):
        if name == endpoint.public_id:
            return endpoint
    raise WebhookEndpointNotFound(f"There is no webhook '{name}'. 'acuse webhook list' shows those that exist.")
