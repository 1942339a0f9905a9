"""Accounts: who owns everything on a home.

Rule: a home has one account, and an account is never without a tenant: both are made in one unit.
"""

from collections.abc import Callable
from dataclasses import replace

from acuse.domain.account import Account, Space, Tenant, check_slug, slug_of
from acuse.domain.plan import PlanName
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
    account = Account(id=ports.world.new_id(), handle=1, name=name, slug=slug_of(name), created_at=now, updated_at=now)
    tenant_id = ports.world.new_id()

    def record(unit: Unit) -> tuple[Account, Tenant]:
        unit.directory.add_account(account)
        tenant = Tenant(
            id=tenant_id,
            handle=unit.next_handle(account.id, Handle.TENANT),
            account_id=account.id,
            name=_FIRST_TENANT,
            slug=slug_of(_FIRST_TENANT),
            created_at=now,
            updated_at=now,
        )
        unit.directory.add_tenant(tenant)
        return account, tenant

    return Space(account_id=account.id, tenant_id=tenant_id), record


def change_account(
    ports: Ports, account: Account, *, name: str | None = None, slug: str | None = None, plan: PlanName | None = None
) -> Account:
    """Change what is named; only the operator may name a plan. Raises InvalidInput."""
    changed = replace(
        account,
        name=account.name if name is None else check_name("name", name),
        slug=account.slug if slug is None else check_slug(slug),
        plan=plan or account.plan,
        updated_at=ports.world.now(),
    )
    ports.units.run(lambda unit: unit.directory.save_account(changed))
    return changed
