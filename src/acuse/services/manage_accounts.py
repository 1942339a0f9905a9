"""Accounts: who owns everything on a home.

Rule: a home has one account, and an account is never without a tenant: both are made in one unit.
"""

from collections.abc import Callable

from acuse.domain.account import Account, Space, Tenant
from acuse.domain.station import check_name
from acuse.errors import AlreadyExists
from acuse.ports import Handle, Ports, Unit

_FIRST_TENANT = "Default"


def create_account(ports: Ports, *, name: str) -> tuple[Account, Tenant]:
    """Make the account of a new home and its first tenant.

    Raises what `prepare_account` raises.
    """
    _, record = prepare_account(ports, name=name)
    return ports.units.run(record)


def prepare_account(ports: Ports, *, name: str) -> tuple[Space, Callable[[Unit], tuple[Account, Tenant]]]:
    """What the account and its tenant will be known by, and the decision that makes both.

    Raises InvalidInput for a bad name and AlreadyExists when the home has an account.
    """
    name = check_name("name", name)
    if ports.views.account() is not None:
        raise AlreadyExists("This home has an account already. Use it, or choose another home.")
    now = ports.world.now()
    account = Account(id=ports.world.new_id(), handle=1, name=name, created_at=now)
    tenant_id = ports.world.new_id()

    def record(unit: Unit) -> tuple[Account, Tenant]:
        unit.directory.add_account(account)
        handle = unit.next_handle(account.id, Handle.TENANT)
        tenant = Tenant(id=tenant_id, handle=handle, account_id=account.id, name=_FIRST_TENANT, created_at=now)
        unit.directory.add_tenant(tenant)
        return account, tenant

    return Space(account_id=account.id, tenant_id=tenant_id), record
