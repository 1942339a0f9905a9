"""`/v1/api-keys`: the keys of the API, for keys with the scope `admin`.

Rule: the text of a key is in the answer that made it, and in no other; and a key sees and gives no more than it has.
"""

from acuse.domain.access import ApiKey, Mode, parse_networks, parse_scopes
from acuse.domain.account import Tenant
from acuse.domain.dialect import Dialect
from acuse.errors import KeyNotFound, TenantNotFound
from acuse.ports import KeyView
from acuse.services.issue_credential import USUAL_SCOPES, issue_credential
from acuse.services.manage_keys import (
    USUAL_GRACE,
    KeyChange,
    change_key,
    find_key,
    revoke_key,
    rotate_key,
    visible_keys,
)
from acuse.web.api.calls import MOST_PAGES, Call, json_reply, pagination
from acuse.web.api.handles import parse_id
from acuse.web.api.key_objects import key_object, key_texts
from acuse.web.asgi import Reply, header, note
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json


async def list_keys(call: Call) -> Reply:
    """The keys that the caller's key governs, by their numbers."""
    query = FieldReader(call.query)
    page = query.whole("page", default=1, least=1, most=MOST_PAGES)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    query.finish()
    key = call.caller.key
    found = await call.lanes.run(lambda: visible_keys(call.ports, key.account_id, by=key))
    shown = found[(page - 1) * per_page : page * per_page]
    return json_reply(
        200,
        {
            "data": [key_object(view) for view in shown],
            "pagination": pagination(page=page, per_page=per_page, total=len(found)),
        },
    )


async def show_key(call: Call) -> Reply:
    """One key."""
    view = await call.lanes.run(lambda: _find(call))
    return json_reply(200, {"data": key_object(view)})


async def create_api_key(call: Call) -> Reply:
    """Make a key; what is not said is as with the key that makes it."""
    own = call.caller.key
    fields = FieldReader(parse_object(await read_json(call)))
    name = fields.text("name", required=True)
    mode = fields.choice("mode", Mode)
    scopes = fields.texts("scopes")
    dialect = fields.choice("dialect", Dialect) or Dialect.NATIVE
    username = fields.text("username")
    if scopes is None and dialect is Dialect.NATIVE:
        fields.refuse("scopes", "This field is required.")
    expires_at = fields.moment("expires_at")
    networks = fields.texts("allowed_ips")
    tenant_id = fields.text("tenant_id")
    fields.finish()

    def work() -> Reply:
        tenant = _tenant(call, tenant_id)
        issued = issue_credential(
            call.ports,
            dialect=dialect,
            username=username,
            account_id=own.account_id,
            tenant_id=tenant.id if tenant else None,
            name=name or "",
            mode=mode or own.mode,
            scopes=USUAL_SCOPES if scopes is None else parse_scopes(scopes),
            expires_at=expires_at or own.expires_at,
            networks=own.networks if networks is None else parse_networks(networks),
            by=own,
        )
        note(call.scope, made=f"key_{issued.key.handle:06d}")
        view = KeyView(key=issued.key, tenant=tenant)
        return _with_texts(201, "API key created successfully", view, issued.text, issued.password)

    return await call.lanes.run(work)


async def patch_key(call: Call) -> Reply:
    """Change what the body names."""
    fields = FieldReader(parse_object(await read_json(call)))
    name, scopes = fields.text("name"), fields.texts("scopes")
    expires_at, networks = fields.moment("expires_at"), fields.texts("allowed_ips")
    fields.finish()

    def work() -> Reply:
        change = KeyChange(
            name=name,
            scopes=None if scopes is None else parse_scopes(scopes),
            expires_at=expires_at,
            networks=None if networks is None else parse_networks(networks),
        )
        changed = change_key(call.ports, _find(call).key.id, change, by=call.caller.key)
        return json_reply(200, {"message": "API key updated successfully", "data": key_object(_again(call, changed))})

    return await call.lanes.run(work)


async def rotate_api_key(call: Call) -> Reply:
    """Give the key a new text; the old one holds a while longer."""
    body = await read_json(call)
    fields = FieldReader(parse_object(body) if body else {})
    grace = fields.seconds("grace_seconds")
    fields.finish()

    def work() -> Reply:
        found = _find(call)
        rotated, text = rotate_key(
            call.ports, found.key.id, grace=USUAL_GRACE if grace is None else grace, by=call.caller.key
        )
        return _with_texts(200, "API key rotated successfully", _again(call, rotated), text)

    return await call.lanes.run(work)


async def delete_key(call: Call) -> Reply:
    """Revoke a key."""
    key = call.caller.key
    await call.lanes.run(lambda: revoke_key(call.ports, key.account_id, _handle(call), by=key))
    return json_reply(200, {"message": "API key deleted successfully"})


def _with_texts(status: int, message: str, view: KeyView, text: str, password: str | None = None) -> Reply:
    return json_reply(status, {"message": message, "data": {**key_object(view), **key_texts(view.key, text, password)}})


def _find(call: Call) -> KeyView:
    key = call.caller.key
    return find_key(call.ports, key.account_id, _handle(call), by=key)


def _again(call: Call, key: ApiKey) -> KeyView:
    """A changed key with what stands beside it."""
    return find_key(call.ports, key.account_id, key.handle)


def _handle(call: Call) -> int:
    text = call.path["id"]
    handle = parse_id("key", text)
    if handle is None:
        raise KeyNotFound(id=text)
    return handle


def _tenant(call: Call, wanted: str | None) -> Tenant | None:
    """Whose the new key shall be: as the body says, or the X-Tenant-ID, or as with the key that makes it."""
    own = call.caller.key
    tenants = call.ports.views.tenants(own.account_id)
    if wanted is not None:
        handle = parse_id("tnt", wanted)
        found = next((tenant for tenant in tenants if tenant.handle == handle), None)
        if found is None or own.tenant_id not in (None, found.id):
            raise TenantNotFound(tenant_id=wanted)
        return found
    is_chosen = own.tenant_id is not None or header(call.scope, b"x-tenant-id") is not None
    return next(tenant for tenant in tenants if tenant.id == call.caller.space.tenant_id) if is_chosen else None
