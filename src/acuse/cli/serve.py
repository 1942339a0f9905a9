"""`acuse serve`: a gateway that keeps running."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from acuse.cli.options import Command, setting
from acuse.cli.output import print_facts
from acuse.cli.session import load_settings, session_of

if TYPE_CHECKING:
    from acuse.bootstrap import Gateway
    from acuse.domain.station import Station

_FIRST_NAME = "ACUSE"


@click.command(cls=Command)
@setting("--host", metavar="ADDRESS")
@setting("--port", metavar="PORT")
@setting("--url", metavar="URL")
@setting("--role", metavar="ROLE")
@setting("--tls-certificate", metavar="FILE")
@setting("--tls-key", metavar="FILE")
@setting("--trusted-proxy", metavar="NETWORK", multiple=True)
@setting("--allow-private-networks", is_flag=True, default=None)
@setting("--log-level", metavar="LEVEL")
@setting("--log-format", metavar="FORMAT")
@click.option("--name", default=_FIRST_NAME, show_default=True, help="Only for a new home: the name of its account.")
@click.option("--as2-id", default=_FIRST_NAME, show_default=True, help="Only for a new home: its AS2 identifier.")
def serve(name: str, as2_id: str) -> None:
    """Run the gateway until Ctrl-C or SIGTERM.

    A home that does not exist yet is made first, and its API key is shown this once.
    """
    from acuse.bootstrap import open_gateway
    from acuse.bootstrap import serve as run
    from acuse.config import Role
    from acuse.services.found_home import check_founding, found_home
    from acuse.storage import Home

    settings = load_settings()
    if settings.role is Role.CONSOLE:
        raise click.ClickException("the console is not built yet")
    is_new = not Home(settings.home).database.is_file()
    if is_new:
        check_founding(name=name, as2_id=as2_id, url=settings.url)
    with open_gateway(settings, create=is_new) as gateway:
        if gateway.ports.views.account() is None:
            founded = found_home(gateway.ports, name=name, as2_id=as2_id, url=settings.url)
            click.echo(f"A new home is made: {settings.home}")
            click.echo(f"API key, shown this once: {founded.api_key}\n")
    run(settings, started=_announce, stopping=lambda: click.echo("Stopping…"))
    click.echo("Stopped.")


def _announce(gateway: "Gateway") -> None:
    from acuse.web.app import ROLES

    names = {"/v1": "API", "/as2": "AS2"}
    faces = ROLES[gateway.settings.role]
    url = gateway.settings.url
    session = session_of(gateway)
    stations = session.ports.views.stations(session.space)
    print_facts(
        [
            ("home", gateway.settings.home),
            *((name, f"{url}{path}") for path, name in names.items() if path in faces),
            ("health", f"{url}/health"),
            ("role", gateway.settings.role.value),
            *(("station", f"{station.as2_id} receives at {station.receive_url}") for station in stations),
        ]
    )
    if "/as2" in faces:
        _note_other_addresses(stations, url)
    click.echo("Running. Ctrl-C stops it.")


def _note_other_addresses(stations: Iterable["Station"], url: str) -> None:
    """Behind a proxy a station is rightly reached elsewhere; after a change of the port its receipts would be lost."""
    for station in stations:
        if not station.receive_url.startswith(f"{url.rstrip('/')}/"):
            click.echo(
                f"Station {station.as2_id} is not reached at {url}. Unless a proxy leads here, run: "
                f"acuse station set stn_{station.handle:06d} --url {url}"
            )
