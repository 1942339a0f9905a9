"""`acuse account` and `acuse tenant`: who owns what on this home."""

from typing import TYPE_CHECKING

import click

from acuse.cli.options import Group, json_option
from acuse.cli.output import print_facts, print_json, print_table
from acuse.cli.session import Session, open_session
from acuse.errors import TenantNotFound

if TYPE_CHECKING:
    from acuse.domain.account import Tenant

PLANS = ("free", "starter", "professional", "enterprise")


@click.group(cls=Group)
def account() -> None:
    """The account: its name and its plan."""


@account.command("show")
@json_option
def show_account(*, as_json: bool) -> None:
    """Show the account."""
    with open_session() as session:
        _print_account(session, as_json=as_json)


@account.command("set")
@click.option("--name", help="A name for people.")
@click.option("--slug", help="A name for programs.")
@click.option("--plan", type=click.Choice(PLANS), help="How much of the gateway it may use.")
@json_option
def set_account(name: str | None, slug: str | None, plan: str | None, *, as_json: bool) -> None:
    """Change the account. A running gateway heeds a new plan at once."""
    from acuse.domain.plan import PlanName
    from acuse.services.manage_accounts import change_account

    if name is None and slug is None and plan is None:
        raise click.UsageError("Give --name, --slug or --plan.")
    with open_session() as session:
        chosen = None if plan is None else PlanName(plan)
        change_account(session.ports, session.account, name=name, slug=slug, plan=chosen)
        _print_account(session, as_json=as_json)


@click.group(cls=Group)
def tenant() -> None:
    """Tenants: the separate spaces of the account."""


@tenant.command("add")
@click.option("--name", required=True, help="A name for people.")
@click.option("--slug", help="A name for programs; made from the name when left out.")
@json_option
def add(name: str, slug: str | None, *, as_json: bool) -> None:
    """Make a tenant, which is empty."""
    from acuse.services.manage_tenants import add_tenant

    with open_session() as session:
        _print_tenants(session, (add_tenant(session.ports, session.account.id, name=name, slug=slug),), as_json=as_json)


@tenant.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the tenants."""
    with open_session() as session:
        tenants = session.ports.views.tenants(session.account.id)
        _print_tenants(session, tenants, as_json=as_json, is_list=True)


@tenant.command("remove")
@click.argument("name", metavar="ID")
def remove(name: str) -> None:
    """Remove a tenant that is empty."""
    from acuse.services.manage_tenants import remove_tenant

    with open_session() as session:
        remove_tenant(session.ports, find_tenant(session, name))
    click.echo(f"{name} is removed.")


def find_tenant(session: Session, name: str) -> "Tenant":
    """The tenant with this id. Raises TenantNotFound."""
    for entry in session.ports.views.tenants(session.account.id):
        if name == f"tnt_{entry.handle:06d}":
            return entry
    raise TenantNotFound(f"There is no tenant '{name}'. 'acuse tenant list' shows those that exist.")


def _print_account(session: Session, *, as_json: bool) -> None:
    from acuse.web.api.objects import account_object

    current = session.ports.views.account()
    assert current is not None
    plan = session.gateway.settings.plans[current.plan_name]
    shown = account_object(current, plan=plan, tenants_count=len(session.ports.views.tenants(current.id)))
    if as_json:
        print_json(shown)
        return
    names = {"plan_type": "plan", "tenants_count": "tenants"}
    print_facts((names.get(name, name), shown[name]) for name in ("id", "name", "slug", "plan_type", "tenants_count"))


def _print_tenants(session: Session, tenants: "tuple[Tenant, ...]", *, as_json: bool, is_list: bool = False) -> None:
    from acuse.web.api.objects import tenant_object

    shown = [tenant_object(entry, session.account) for entry in tenants]
    if as_json:
        print_json(shown if is_list else shown[0])
        return
    rows = [(entry["id"], entry["name"], entry["slug"], entry["created_at"]) for entry in shown]
    print_table(("id", "name", "slug", "created"), rows, when_empty="No tenant.")
