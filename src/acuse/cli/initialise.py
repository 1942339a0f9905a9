"""`acuse init`: a new home with an account, a station and a key of the API.

The same founding serves `acuse serve` on a home that does not exist yet, and the demo.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from acuse.cli.options import Command, json_option, setting
from acuse.cli.output import print_facts, print_json
from acuse.cli.session import load_settings

if TYPE_CHECKING:
    from acuse.bootstrap import Gateway
    from acuse.domain.account import Account
    from acuse.domain.station import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """What a new home begins with."""

    account: "Account"
    station: "Station"
    api_key: str


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

    settings = load_settings()
    check_identity(name, as2_id)
    with open_gateway(settings, create=True) as gateway:
        founded = found(gateway, name=name, as2_id=as2_id)
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


def found(gateway: "Gateway", *, name: str, as2_id: str) -> Founded:
    """Make the account, the first station and a key with every scope. Raises InvalidInput and AlreadyExists."""
    from acuse.domain.access import Mode, Scope
    from acuse.domain.account import Space
    from acuse.services.manage_accounts import create_account
    from acuse.services.manage_keys import create_key
    from acuse.services.manage_stations import add_station

    ports = gateway.ports
    check_identity(name, as2_id)
    account, tenant = create_account(ports, name=name)
    space = Space(account_id=account.id, tenant_id=tenant.id)
    station = add_station(ports, space=space, name=name, as2_id=as2_id, url=gateway.settings.url)
    _, text = create_key(
        ports,
        account_id=account.id,
        tenant_id=None,
        name="first key",
        mode=Mode.LIVE,
        scopes=frozenset(Scope),
    )
    return Founded(account=account, station=station, api_key=text)


def check_identity(name: str, as2_id: str) -> None:
    """Whether a home can be founded so. To be asked before anything is made: no home is left half founded by a mistake.

    Raises InvalidInput.
    """
    from acuse.domain.station import check_as2_id, check_name

    check_name("name", name)
    check_as2_id("as2_id", as2_id)


def station_object_of(gateway: "Gateway", station: "Station") -> dict[str, object]:
    """The API's object of a station."""
    from acuse.web.api.objects import station_object

    return station_object(station, gateway.ports.views.certificates(station.id))
