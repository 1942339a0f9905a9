"""Stations: our own AS2 identities.

Rule: a station is never without a key pair, so both are made in one unit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from acuse.cms import KeyPair, self_signed
from acuse.domain.account import Space
from acuse.domain.keyring import Certificate, fitting_uses
from acuse.domain.partner import check_url
from acuse.domain.station import Station, check_as2_id, check_email, check_name
from acuse.errors import StationNotFound
from acuse.ports import Handle, Ports, Unit
from acuse.services.remove_station import refuse_with_open_messages

RECEIVE_PATH = "/as2"
_VALIDITY = timedelta(days=730)
_BACKDATED = timedelta(hours=1)
"""A partner whose clock runs behind ours must not find a certificate that is not valid yet."""


def add_station(
    ports: Ports,
    *,
    space: Space,
    name: str,
    as2_id: str,
    url: str = "",
    receive_url: str | None = None,
    email: str | None = None,
    is_default: bool = False,
    key_pair: KeyPair | None = None,
) -> Station:
    """Make a station with this key pair; None: a fresh one of RSA-2048, signed by itself and valid for two years.

    `url` is where partners reach this gateway; they post to its path `/as2`, unless the whole `receive_url` is given.
    The default station sends what names none. Raises InvalidInput, and AlreadyExists when the tenant has a station with
    that AS2 identifier.
    """
    return ports.units.run(
        prepare_station(
            ports,
            space=space,
            name=name,
            as2_id=as2_id,
            url=url,
            receive_url=receive_url,
            email=email,
            is_default=is_default,
            key_pair=key_pair,
        )
    )


def prepare_station(
    ports: Ports,
    *,
    space: Space,
    name: str,
    as2_id: str,
    url: str = "",
    receive_url: str | None = None,
    email: str | None = None,
    is_default: bool = False,
    key_pair: KeyPair | None = None,
) -> Callable[[Unit], Station]:
    """The decision that makes a station, with its key pair ready: see `add_station`. Raises InvalidInput."""
    name = check_name("name", name)
    as2_id = check_as2_id("as2_id", as2_id)
    address = receive_url_at(url) if receive_url is None else check_url("receive_url", receive_url)
    email = None if email is None else check_email("email", email)
    now = ports.world.now()
    pair = key_pair or self_signed(as2_id, not_before=now - _BACKDATED, not_after=now + _VALIDITY)
    station_id, certificate_id = ports.world.new_id(), ports.world.new_id()

    def record(unit: Unit) -> Station:
        station = Station(
            id=station_id,
            handle=unit.next_handle(space.account_id, Handle.STATION),
            account_id=space.account_id,
            tenant_id=space.tenant_id,
            name=name,
            as2_id=as2_id,
            receive_url=address,
            created_at=now,
            updated_at=now,
            email=email,
        )
        unit.directory.add_station(station)
        if is_default:
            station = replace(station, is_default=True)
            unit.directory.save_station(station)
        certificate = Certificate(
            id=certificate_id,
            handle=unit.next_handle(space.account_id, Handle.CERTIFICATE),
            tenant_id=space.tenant_id,
            owner_id=station_id,
            name=name,
            uses=fitting_uses(pair.certificate),
            x509_certificate=pair.certificate,
            key_pair=pair,
            active_from=now,
            active_until=None,
            created_at=now,
            updated_at=now,
        )
        unit.directory.add_certificate(certificate)
        return station

    return record


@dataclass(frozen=True, slots=True, kw_only=True)
class StationChange:
    """What of a station is to change; None leaves it."""

    name: str | None = None
    as2_id: str | None = None
    receive_url: str | None = None
    email: str | None = None
    has_no_email: bool = False
    is_default: bool | None = None


def change_station(ports: Ports, station_id: UUID, change: StationChange) -> Station:
    """Change a station.

    Messages that are made from now on ask for their asynchronous receipts at the new address; those that wait to be
    sent keep their bytes, and with them the old one. Raises InvalidInput, StationNotFound, AlreadyExists for the AS2
    identifier of another one, and InUse for a new AS2 identifier while receipts for the old one are to come.
    """
    now = ports.world.now()

    def decide(unit: Unit) -> Station:
        known = unit.directory.get_station(station_id)
        if known.removed_at is not None:
            raise StationNotFound(station_id=known.public_id)
        changed = _changed(known, change)
        if changed == known:
            return known
        if changed.as2_id != known.as2_id:
            refuse_with_open_messages(unit, known)
        changed = replace(changed, updated_at=now)
        unit.directory.save_station(changed)
        return changed

    return ports.units.run(decide)


def _changed(known: Station, change: StationChange) -> Station:
    email = known.email if change.email is None else check_email("email", change.email)
    address = known.receive_url if change.receive_url is None else check_url("receive_url", change.receive_url)
    return replace(
        known,
        name=known.name if change.name is None else check_name("name", change.name),
        as2_id=known.as2_id if change.as2_id is None else check_as2_id("as2_id", change.as2_id),
        receive_url=address,
        email=None if change.has_no_email else email,
        is_default=known.is_default if change.is_default is None else change.is_default,
    )


def receive_url_at(url: str) -> str:
    """Where partners post to when they reach the gateway at `url`. Raises InvalidInput."""
    return check_url("url", url).rstrip("/") + RECEIVE_PATH
