"""Founding a home: its account, its first station and its first API key.

Rule: all three are made in one unit. A home is founded whole, with the key that is shown this once, or not at all.
"""

from dataclasses import dataclass, field

from acuse.domain.access import Mode, Scope
from acuse.domain.account import Account
from acuse.domain.station import Station, check_as2_id, check_name
from acuse.ports import Ports, Unit
from acuse.services.manage_accounts import prepare_account
from acuse.services.manage_keys import prepare_key
from acuse.services.manage_stations import prepare_station, receive_url_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """What a new home begins with."""

    account: Account
    station: Station
    api_key: str = field(repr=False)


def found_home(ports: Ports, *, name: str, as2_id: str, url: str) -> Founded:
    """Make the account, the first station and a key with every scope.

    `url` is where partners reach this gateway. Raises InvalidInput, and AlreadyExists when the home has an account.
    """
    space, record_account = prepare_account(ports, name=name)
    record_station = prepare_station(ports, space=space, name=name, as2_id=as2_id, url=url)
    text, record_key = prepare_key(
        ports,
        account_id=space.account_id,
        tenant_id=None,
        name="first key",
        mode=Mode.LIVE,
        scopes=frozenset(Scope),
    )

    def decide(unit: Unit) -> Founded:
        account, _ = record_account(unit)
        station = record_station(unit)
        record_key(unit)
        return Founded(account=account, station=station, api_key=text)

    return ports.units.run(decide)


def check_founding(*, name: str, as2_id: str, url: str) -> None:
    """Whether a home can be founded so; to be asked before a folder is made. Raises InvalidInput."""
    check_name("name", name)
    check_as2_id("as2_id", as2_id)
    receive_url_at(url)
