"""`acuse init`: a new home with an account, a station and a key of the API."""

from typing import TYPE_CHECKING

import click

from acuse.cli.options import Command, json_option, setting
from acuse.cli.output import print_facts, print_json
from acuse.cli.session import load_settings

if TYPE_CHECKING:
    from acuse.bootstrap import Gateway
    from acuse.domain.station import Station


@click.command(cls=Command)
@click.option("--name", required=True, help="The name of the account and of its first station.")
@click.option("--as2-id", required=True, help="The AS2 identifier of the first station.")
@setting("--url", metavar="URL")
@json_option
def init(name: str, as2_id: str, *, as_json: bool) -> None:
    """Make a home: account, station and API key.

    The station gets a fresh key pair. The API key is shown this once.
    """
    from acuse.bootstrap import open_gateway
    from acuse.services.found_home import check_founding, found_home

    settings = load_settings()
    check_founding(name=name, as2_id=as2_id, url=settings.url)
    with open_gateway(settings, create=True) as gateway:
        founded = found_home(gateway.ports, name=name, as2_id=as2_id, url=settings.url)
        station = station_object_of(gateway, founded.station)
    account = {"id": f"acc_{founded.account.handle:06d}", "name": founded.account.name}
    if as_json:
        print_json({"account": account, "station": station, "api_key": founded.api_key})
        return
    print_facts(
        [
            ("home", settings.home),
            ("account", f"{account['id']}   {account['name']}"),
            ("station", f"{station['id']}   {founded.station.as2_id}"),
            ("receives at", founded.station.receive_url),
            ("API key", f"{founded.api_key}   (shown this once)"),
        ]
    )
    click.echo("\nNext: acuse serve, then acuse partner add. Give partners the certificate: acuse station show --json.")


def station_object_of(gateway: "Gateway", station: "Station") -> dict[str, object]:
    """The API's object of a station."""
    from acuse.web.api.objects import station_object

    return station_object(station, gateway.ports.views.certificates(station.id), is_default=True)
