"""`/v1/accounts` and `/v1/tenants`: the account of the key, and the separate spaces inside it.

Rule: a tenant's key sees its tenant and no other, and changes neither the account nor any tenant.
"""

from acuse.domain.account import Account, Tenant
from acuse.errors import InsufficientScope, TenantNotFound
from acuse.services.manage_accounts import change_account
from acuse.services.manage_tenants import add_tenant, change_tenant, remove_tenant
from acuse.web.api.calls import MOST_PAGES, Call, json_reply, pagination
from acuse.web.api.handles import parse_id, public_id
from acuse.web.api.objects import account_object, tenant_object
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json


async def show_account(call: Call) -> Reply:
    """The account of the key."""
    return json_reply(200, {"data": await call.lanes.run(lambda: _account_shown(call, call.caller.account))})


async def put_account(call: Call) -> Reply:
    """Change the name or the slug; the plan is the operator's."""
    _require_account_key(call)
    fields = FieldReader(parse_object(await read_json(call)))
    name, slug = fields.text("name"), fields.text("slug")
    fields.finish()

    def work() -> Reply:
        changed = change_account(call.ports, call.caller.account, name=name, slug=slug)
        return json_reply(200, {"message": "Account updated successfully", "data": _account_shown(call, changed)})

    return await call.lanes.run(work)


async def list_tenants(call: Call) -> Reply:
    """The tenants that the key reaches."""
    query = FieldReader(call.query)
    page = query.whole("page", default=1, least=1, most=MOST_PAGES)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    query.finish()
    found = await call.lanes.run(lambda: _reached(call))
    shown = found[(page - 1) * per_page : page * per_page]
    return json_reply(
        200,
        {
            "data": [tenant_object(tenant, call.caller.account) for tenant in shown],
            "pagination": pagination(page=page, per_page=per_page, total=len(found)),
        },
    )


async def show_current_tenant(call: Call) -> Reply:
    """The tenant that this request works in."""
    found = await call.lanes.run(lambda: _reached(call))
    current = next(tenant for tenant in found if tenant.id == call.caller.space.tenant_id)
    return json_reply(200, {"data": tenant_object(current, call.caller.account)})


async def show_tenant(call: Call) -> Reply:
    """One tenant."""
    tenant = await call.lanes.run(lambda: _find(call))
    return json_reply(200, {"data": tenant_object(tenant, call.caller.account)})


async def create_tenant(call: Call) -> Reply:
    """Make a tenant, which is empty: it has no station yet."""
    _require_account_key(call)
    fields = FieldReader(parse_object(await read_json(call)))
    name, slug = fields.text("name", required=True), fields.text("slug")
    fields.finish()

    def work() -> Reply:
        made = add_tenant(call.ports, call.caller.account.id, name=name or "", slug=slug)
        note(call.scope, tenant=public_id("tnt", made.handle))
        shown = tenant_object(made, call.caller.account)
        return json_reply(201, {"message": "Tenant created successfully", "data": shown})

    return await call.lanes.run(work)


async def put_tenant(call: Call) -> Reply:
    """Change the name or the slug."""
    _require_account_key(call)
    fields = FieldReader(parse_object(await read_json(call)))
    name, slug = fields.text("name"), fields.text("slug")
    fields.finish()

    def work() -> Reply:
        changed = change_tenant(call.ports, _find(call), name=name, slug=slug)
        shown = tenant_object(changed, call.caller.account)
        return json_reply(200, {"message": "Tenant updated successfully", "data": shown})

    return await call.lanes.run(work)


async def delete_tenant(call: Call) -> Reply:
    """Remove a tenant that is empty."""
    _require_account_key(call)
    await call.lanes.run(lambda: remove_tenant(call.ports, _find(call)))
    return json_reply(200, {"message": "Tenant deleted successfully"})


def _account_shown(call: Call, account: Account) -> dict[str, object]:
    return account_object(account, plan=call.plan, tenants_count=len(_reached(call)))


def _reached(call: Call) -> tuple[Tenant, ...]:
    key = call.caller.key
    tenants = call.ports.views.tenants(key.account_id)
    return tuple(tenant for tenant in tenants if key.tenant_id in (None, tenant.id))


def _find(call: Call) -> Tenant:
    handle = parse_id("tnt", call.path["id"])
    for tenant in _reached(call):
        if tenant.handle == handle:
            return tenant
    raise TenantNotFound("There is no such tenant in this account. Verify its id.", tenant_id=call.path["id"])


def _require_account_key(call: Call) -> None:
    if call.caller.key.tenant_id is not None:
        raise InsufficientScope("A key of one tenant changes neither its account nor tenants. Use an account's key.")
