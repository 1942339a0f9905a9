"""Finding the station that an address names."""

from acuse.domain.account import Space
from acuse.ports import Ports


def is_station(ports: Ports, name: str) -> bool:
    """Whether a station of this gateway has that AS2 identifier or that id, such as stn_000001."""
    account = ports.views.account()
    if account is None:
        return False
    for tenant in ports.views.tenants(account.id):
        for station in ports.views.stations(Space(account_id=account.id, tenant_id=tenant.id)):
            if name in (station.as2_id, f"stn_{station.handle:06d}"):
                return True
    return False
