"""`acuse webhook`: where events are posted to."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from acuse.cli.desk import open_desk
from acuse.cli.options import Group, json_option
from acuse.cli.output import print_facts, print_json, print_table, span
from acuse.cli.session import Session, open_session
from acuse.cli.waiting import wait_until
from acuse.errors import WebhookEndpointNotFound

if TYPE_CHECKING:
    from acuse.domain.webhook import WebhookEndpoint, WebhookTest


_GRACE = timedelta(seconds=5)
"""How long a test may take beyond the endpoint's time-out."""


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
    with open_desk() as desk:
        endpoints = desk.endpoints()
    if as_json:
        print_json(endpoints)
        return
    print_table(
        ("id", "url", "events", "active", "description"),
        [
            (entry["id"], entry["url"], ", ".join(entry["events"]), entry["active"], entry["description"])
            for entry in endpoints
        ],
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


@webhook.command()
@click.argument("name", metavar="ID")
@json_option
def test(name: str, *, as_json: bool) -> None:
    """Post a signed webhook.test to an endpoint, and tell what it answered."""
    from acuse.services.try_webhook import ask_for_test
    from acuse.web.api.event_objects import webhook_test_object

    with open_session() as session:
        endpoint = _find(session, name)
        asked = ask_for_test(session.ports, endpoint.id)

        def current() -> "WebhookTest":
            return session.ports.views.webhooks.endpoint(session.space, endpoint.handle).last_test or asked

        wait_until(session, lambda: current().ended_at is not None, timeout=endpoint.timeout + _GRACE)
        outcome = current()
    if as_json:
        print_json(webhook_test_object(outcome))
    elif outcome.ended_at is None:
        raise click.ClickException(f"{name} has not been tried yet; 'acuse webhook list --json' will show the outcome.")
    elif outcome.error is not None:
        raise click.ClickException(f"{name} did not take it: {outcome.error}.")
    else:
        took = outcome.duration.total_seconds() * 1000
        click.echo(f"{name} took it: HTTP {outcome.status} after {took:.0f} ms.")


@webhook.command()
@click.argument("name", metavar="ID")
@click.option("--state", type=click.Choice(["pending", "delivered", "given_up"]), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many, newest first.")
@json_option
def deliveries(name: str, state: str | None, limit: int, *, as_json: bool) -> None:
    """Show what became of each event at an endpoint, the newest first."""
    from acuse.domain.webhook import DeliveryState
    from acuse.web.api.event_objects import delivery_object

    wanted = None if state is None else DeliveryState(state)
    with open_session() as session:
        views = session.ports.views.webhooks
        found = views.deliveries(_find(session, name).id, state=wanted, limit=limit, offset=0).rows
    if as_json:
        print_json([delivery_object(view) for view in found])
        return
    print_table(
        ("id", "event", "state", "attempts", "HTTP", "error"),
        [
            (
                view.delivery.public_id,
                view.kind.value,
                view.delivery.state.value.replace("_", " "),
                view.delivery.attempts,
                view.delivery.status,
                view.delivery.error,
            )
            for view in found
        ],
        when_empty="Nothing was to be delivered there yet.",
    )


@webhook.command()
@click.argument("name", metavar="ID")
@click.option("--delivery", metavar="ID", help="Only this one, whatever became of it; else all that were given up.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only events behind this position of the feed.")
def replay(name: str, delivery: str | None, after: int) -> None:
    """Deliver events again, under their old ids and in their order."""
    from acuse.services.replay_deliveries import replay_delivery, replay_given_up
    from acuse.web.api.webhook_work import delivery_id

    with open_session() as session:
        endpoint = _find(session, name)
        if delivery is not None:
            replay_delivery(session.ports, endpoint.id, delivery_id(delivery))
            click.echo(f"{delivery} will be delivered again.")
            return
        count = replay_given_up(session.ports, endpoint.id, after=after)
    click.echo(f"{count} will be delivered again." if count else "Nothing was given up there.")


def _find(session: Session, name: str) -> "WebhookEndpoint":
    for endpoint in session.ports.views.webhooks.endpoints(session.space):
        if name == endpoint.public_id:
            return endpoint
    raise WebhookEndpointNotFound(f"There is no webhook '{name}'. 'acuse webhook list' shows those that exist.")
