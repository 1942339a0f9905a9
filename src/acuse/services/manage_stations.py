"""Stations: our own AS2 identities.

Rule: a station is never without a key pair, so both are made in one unit.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from acuse.cms import self_signed
from acuse.domain.account import Space
from acuse.domain.keyring import Certificate, Use
from acuse.domain.partner import check_url
from acuse.domain.station import Station, check_as2_id, check_name
from acuse.ports import Handle, Ports, Unit

RECEIVE_PATH = "/as2"
_VALIDITY = timedelta(days=730)
_BACKDATED = timedelta(hours=1)
"""A partner whose clock runs behind ours must not find a certificate that is not valid yet."""


def add_station(ports: Ports, *, space: Space, name: str, as2_id: str, url: str) -> Station:
    """Make a station with a fresh RSA-2048 key pair, signed by itself with SHA-256 and valid for two years.

    `url` is where partners reach this gateway; they post to its path `/as2`. Raises InvalidInput, and AlreadyExists
    when the tenant has a station with that AS2 identifier.
    """
    return ports.units.run(prepare_station(ports, space=space, name=name, as2_id=as2_id, url=url))


def prepare_station(ports: Ports, *, space: Space, name: str, as2_id: str, url: str) -> Callable[[Unit], Station]:
    """The decision that makes a station, with its key pair ready: see `add_station`. Raises InvalidInput."""
    name = check_name("name", name)
    as2_id = check_as2_id("as2_id", as2_id)
    receive_url = receive_url_at(url)
    now = ports.world.now()
    key_pair = self_signed(as2_id, not_before=now - _BACKDATED, not_after=now + _VALIDITY)
    station_id, certificate_id = ports.world.new_id(), ports.world.new_id()

    def record(unit: Unit) -> Station:
        station = Station(
            id=station_id,
            handle=unit.next_handle(space.account_id, Handle.STATION),
            account_id=space.account_id,
            tenant_id=space.tenant_id,
            name=name,
            as2_id=as2_id,
            receive_url=receive_url,
            created_at=now,
            updated_at=now,
        )
        unit.directory.add_station(station)
        certificate = Certificate(
            id=certificate_id,
            handle=unit.next_handle(space.account_id, Handle.CERTIFICATE),
            tenant_id=space.tenant_id,
            owner_id=station_id,
            name=name,
            uses=frozenset(Use),
            x509_certificate=key_pair.certificate,
            key_pair=key_pair,
            active_from=now,
            active_until=None,
            created_at=now,
            updated_at=now,
        )
        unit.directory.add_certificate(certificate)
        return station

    return record


def change_station(ports: Ports, station: Station, *, name: str | None = None, url: str | None = None) -> Station:
    """Change the name of a station, or where partners reach it; None leaves what is there.

    Messages that are made from now on ask for their asynchronous receipts at the new address; those that wait to be
    sent keep their bytes, and with them the old one. Raises InvalidInput and StationNotFound.
    """
    changed = replace(
        station,
        name=station.name if name is None else check_name("name", name),
        receive_url=station.receive_url if url is None else receive_url_at(url),
    )
    ports.units.run(lambda unit: unit.directory.save_station(changed))
    return changed


def receive_url_at(url: str) -> str:
    """Where partners post to when they reach the gateway at `url`. Raises InvalidInput."""
    return check_url("url", url).rstrip("/") + RECEIVE_PATH
