"""Removing a station: its AS2 identifier is free again, and what was exchanged by it stays.

Rule: no message is lost by it, and no partner is left without anybody to speak to.
"""

from dataclasses import replace
from uuid import UUID

from acuse.domain.account import Space
from acuse.domain.station import Station
from acuse.errors import InUse
from acuse.ports import Ports, Unit


def remove_station(ports: Ports, station_id: UUID, *, space: Space) -> None:
    """Remove a station and retire its certificates. Nothing happens if it is removed already.

    Raises StationNotFound, and InUse while messages of it are under way or wait for their receipt, and for the last
    station of a tenant that has partners.
    """
    now = ports.world.now()
    certificate_ids = [entry.id for entry in ports.views.certificates(station_id)]
    is_last = all(station.id == station_id for station in ports.views.stations(space))
    partners = len(ports.views.partners(space)) if is_last else 0

    def decide(unit: Unit) -> None:
        station = unit.directory.get_station(station_id)
        if station.removed_at is not None:
            return
        refuse_with_open_messages(unit, station)
        if partners:
            raise InUse(
                f"It is the last station, and {partners} partners exchange messages with it. Make another one first.",
                station_id=station.public_id,
                partners=partners,
            )
        unit.directory.save_station(replace(station, is_default=False, removed_at=now, updated_at=now))
        for certificate_id in certificate_ids:
            known = unit.directory.get_certificate(certificate_id)
            if not known.is_retired(now):
                unit.directory.save_certificate(replace(known, active_until=now, updated_at=now))

    ports.units.run(decide)


def refuse_with_open_messages(unit: Unit, station: Station) -> None:
    """Raises InUse while messages of a station are still to be sent or wait for their receipt."""
    if left := unit.messages.open_of_station(station):
        raise InUse(
            f"{len(left)} messages of this station are still to be sent or wait for their receipt, such as "
            f"{left[0].public_id}. Wait for them, or cancel them.",
            station_id=station.public_id,
            open_messages=len(left),
        )
