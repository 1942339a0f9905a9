"""Tenants: the separate spaces of an account.

Rule: an account is never without a tenant, and a tenant that has anything in it is not removed.
"""

from collections.abc import Collection
from dataclasses import replace
from itertools import count
from uuid import UUID

from acuse.domain.account import LONGEST_SLUG, Tenant, check_slug, slug_of
from acuse.domain.station import check_name
from acuse.errors import AlreadyExists, TenantInUse
from acuse.ports import Handle, Ports, Unit

MOST_TENANTS = 1000


def add_tenant(ports: Ports, account_id: UUID, *, name: str, slug: str | None = None) -> Tenant:
    """Make a tenant; without a slug it gets one that is made from its name.

    Raises InvalidInput for a bad name or slug, AlreadyExists for a slug that is taken, and TenantInUse when the account
    has MOST_TENANTS.
    """
    name, now, new_id = check_name("name", name), ports.world.now(), ports.world.new_id()
    chosen = None if slug is None else check_slug(slug)

    def decide(unit: Unit) -> Tenant:
        taken = {tenant.slug for tenant in unit.directory.tenants(account_id)}
        if len(taken) >= MOST_TENANTS:
            raise TenantInUse(f"An account may have {MOST_TENANTS} tenants. Remove one first.")
        tenant = Tenant(
            id=new_id,
            handle=unit.next_handle(account_id, Handle.TENANT),
            account_id=account_id,
            name=name,
            slug=_refuse_taken(chosen, taken) if chosen else _free_slug(name, taken),
            created_at=now,
            updated_at=now,
        )
        unit.directory.add_tenant(tenant)
        return tenant

    return ports.units.run(decide)


def change_tenant(ports: Ports, tenant: Tenant, *, name: str | None = None, slug: str | None = None) -> Tenant:
    """Change what is named. Raises InvalidInput, TenantNotFound, and AlreadyExists for a slug that is taken."""
    changed = replace(
        tenant,
        name=tenant.name if name is None else check_name("name", name),
        slug=tenant.slug if slug is None else check_slug(slug),
        updated_at=ports.world.now(),
    )

    def decide(unit: Unit) -> Tenant:
        others = [other for other in unit.directory.tenants(tenant.account_id) if other.id != tenant.id]
        _refuse_taken(changed.slug, {other.slug for other in others})
        unit.directory.save_tenant(changed)
        return changed

    return ports.units.run(decide)


def remove_tenant(ports: Ports, tenant: Tenant) -> None:
    """Remove a tenant that is empty. Raises TenantInUse, which tells what is in it, and TenantNotFound."""

    def decide(unit: Unit) -> None:
        if {other.id for other in unit.directory.tenants(tenant.account_id)} == {tenant.id}:
            raise TenantInUse("An account has one tenant at least. Make another one first.")
        contents = unit.directory.contents(tenant.id)
        if contents:
            raise TenantInUse(contents=contents)
        unit.directory.remove_tenant(tenant.id)

    ports.units.run(decide)


def _refuse_taken(slug: str, taken: Collection[str]) -> str:
    if slug in taken:
        raise AlreadyExists(f"A tenant with the slug {slug!r} exists already.")
    return slug


def _free_slug(name: str, taken: Collection[str]) -> str:
    slug = slug_of(name)
    numbered = (f"{slug[: LONGEST_SLUG - 5]}-{number}" for number in count(2))
    return slug if slug not in taken else next(candidate for candidate in numbered if candidate not in taken)
