"""`acuse station`: our own AS2 identities."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from acuse.cli.options import Group, json_option, setting
from acuse.cli.output import moment, print_facts, print_json, print_table
from acuse.cli.session import Session, open_session

if TYPE_CHECKING:
    from acuse.config import Settings
    from acuse.domain.keyring import Certificate
    from acuse.domain.station import Station


@click.group(cls=Group)
def station() -> None:
    """Stations: our own AS2 identities, each with its key pair."""


@station.command()
@click.option("--name", help="A name for people.  [the AS2 identifier]")
@click.option("--as2-id", required=True, help="The AS2 identifier.")
@setting("--url", metavar="URL")
@click.option("--email", help="Where its people are reached.")
@click.option("--default", "is_default", is_flag=True, help="It sends what names no station.")
@json_option
def add(name: str | None, as2_id: str, email: str | None, *, is_default: bool, as_json: bool) -> None:
    """Add a station with a fresh RSA-2048 key pair."""
    from acuse.services.manage_stations import add_station

    with open_session() as session:
        made = add_station(
            session.ports,
            space=session.space,
            name=name or as2_id,
            as2_id=as2_id,
            url=_public_url(session),
            email=email,
            is_default=is_default,
        )
        _show(session, made, as_json=as_json)


@station.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the stations."""
    with open_session() as session:
        stations = session.ports.views.stations(session.space)
        if as_json:
            print_json([_object(session, entry) for entry in stations])
            return
        print_table(
            ("id", "AS2 id", "name", "receives at", "certificate until"),
            [
                (f"stn_{entry.handle:06d}", entry.as2_id, entry.name, entry.receive_url, _last_day(session, entry))
                for entry in stations
            ],
            when_empty="No station yet. 'acuse station add' makes one.",
        )


@station.command()
@click.argument("name", required=False, metavar="[ID]")
@json_option
def show(name: str | None, *, as_json: bool) -> None:
    """Show a station by its id or AS2 identifier, or the first one. Its certificate is what partners need."""
    with open_session() as session:
        _show(session, session.station(name), as_json=as_json)


@station.command("set")
@click.argument("station_name", metavar="STATION")
@click.option("--url", help="Where partners reach this gateway; they post to its path /as2.")
@click.option("--name", help="A name for people.")
@click.option("--as2-id", help="The AS2 identifier; partners have to know the new one.")
@click.option("--email", help="Where its people are reached.")
@click.option("--default", "is_default", is_flag=True, help="It sends what names no station.")
@json_option
def set_(
    station_name: str,
    url: str | None,
    name: str | None,
    as2_id: str | None,
    email: str | None,
    *,
    is_default: bool,
    as_json: bool,
) -> None:
    """Change a station. It holds at once, also for a gateway that runs."""
    from acuse.services.manage_stations import StationChange, change_station, receive_url_at

    if not is_default and all(value is None for value in (url, name, as2_id, email)):
        raise click.UsageError("Give --url, --name, --as2-id, --email or --default.")
    with open_session() as session:
        change = StationChange(
            name=name,
            as2_id=as2_id,
            receive_url=None if url is None else receive_url_at(url),
            email=email,
            is_default=is_default or None,
        )
        changed = change_station(session.ports, session.station(station_name).id, change)
        _show(session, changed, as_json=as_json)


@station.command()
@click.argument("station_name", metavar="STATION")
@json_option
def delete(station_name: str, *, as_json: bool) -> None:
    """Remove a station. Its messages stay, and its AS2 identifier is free."""
    from acuse.services.remove_station import remove_station

    with open_session() as session:
        found = session.station(station_name)
        remove_station(session.ports, found.id, space=session.space)
        if as_json:
            print_json({"id": found.public_id, "deleted": True})
            return
        click.echo(f"{found.public_id} {found.as2_id} is deleted.")


def _show(session: Session, entry: "Station", *, as_json: bool) -> None:
    shown = _object(session, entry)
    if as_json:
        print_json(shown)
        return
    print_facts(
        [
            ("id", shown["id"]),
            ("AS2 id", entry.as2_id),
            ("name", entry.name),
            ("receives at", entry.receive_url),
            ("e-mail", entry.email),
            ("default", shown["default"]),
            ("certificate until", _last_day(session, entry)),
            ("created", f"{moment(entry.created_at)} UTC"),
        ]
    )
    click.echo(f"\n{str(shown['certificate']).strip()}")


def _object(session: Session, entry: "Station") -> dict[str, object]:
    from acuse.web.api.objects import station_object

    views = session.ports.views
    is_default = views.stations(session.space)[0].id == entry.id
    return station_object(entry, views.certificates(entry.id), is_default=is_default)


def _last_day(session: Session, entry: "Station") -> str:
    certificates: tuple[Certificate, ...] = session.ports.views.certificates(entry.id)
    days = (certificate.x509_certificate.not_valid_after_utc for certificate in certificates)
    return f"{max(days):%Y-%m-%d}"


def _public_url(session: Session) -> str:
    """Where partners reach this gateway: as set, or else where they reach the first station."""
    from acuse.services.manage_stations import RECEIVE_PATH

    settings: Settings = session.gateway.settings
    is_set = settings.url != replace(settings, url="").url
    stations = session.ports.views.stations(session.space)
    return settings.url if is_set or not stations else stations[0].receive_url.removesuffix(RECEIVE_PATH)
