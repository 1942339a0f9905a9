"""What a command works on: the gateway of its home, and the part of the data that it may see."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from acuse.cli.options import gateway_of, given_settings, variables_of
from acuse.config import Settings
from acuse.errors import HomeMissing, MessageNotFound, PartnerNotFound, StationNotFound

if TYPE_CHECKING:
    from acuse.bootstrap import Gateway
    from acuse.domain.account import Account, Space
    from acuse.domain.partner import Partner
    from acuse.domain.station import Station
    from acuse.ports import MessageView, Ports

_MESSAGE_ID = re.compile(r"(?:msg_)?(\d{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open home with its account."""

    gateway: "Gateway"
    account: "Account"
    space: "Space"

    @property
    def ports(self) -> "Ports":
        return self.gateway.ports

    def station(self, name: str | None) -> "Station":
        """The station with this AS2 identifier or public id, or the first one. Raises StationNotFound."""
        stations = self.ports.views.stations(self.space)
        for station in stations:
            if name in (None, station.as2_id, f"stn_{station.handle:06d}"):
                return station
        raise StationNotFound(f"There is no station '{name}'. 'acuse station list' shows those that exist.")

    def partner(self, name: str) -> "Partner":
        """The partner with this AS2 identifier or public id. Raises PartnerNotFound."""
        for partner in self.ports.views.partners(self.space):
            if name in (partner.as2_id, f"prt_{partner.handle:06d}"):
                return partner
        raise PartnerNotFound(f"There is no partner '{name}'. 'acuse partner list' shows those that exist.")

    def message(self, name: str) -> "MessageView":
        """The message with this public id, or its bare number. Raises MessageNotFound."""
        number = _MESSAGE_ID.fullmatch(name)
        if number is None:
            raise MessageNotFound(f"'{name}' is not the id of a message. 'acuse inbox' and 'acuse outbox' show them.")
        return self.ports.views.message(self.space, int(number[1]))


def load_settings() -> Settings:
    """The settings that hold for the command that runs. Raises SettingUnknown and SettingInvalid."""
    context = click.get_current_context()
    if gateway_of(context) is not None:
        raise click.UsageError(
            "this works on a home of this machine only; leave out --gateway, and the variable ACUSE_GATEWAY", context
        )
    known = variables_of(context.find_root().command)
    return Settings.load(given_settings(context), os.environ, also_known=known)


@contextmanager
def open_session() -> Iterator[Session]:
    """Open the home of the command that runs. Raises HomeMissing and whatever keeps a home from being opened."""
    from acuse.bootstrap import open_gateway

    with open_gateway(load_settings()) as gateway:
        yield session_of(gateway)


def session_of(gateway: "Gateway") -> Session:
    """The session of the first account and its first tenant. Raises HomeMissing when there is none."""
    from acuse.domain.account import Space

    account = gateway.ports.views.account()
    if account is None:
        raise HomeMissing
    tenant = gateway.ports.views.tenants(account.id)[0]
    return Session(gateway=gateway, account=account, space=Space(account_id=account.id, tenant_id=tenant.id))
