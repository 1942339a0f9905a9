"""Who calls, and what of the data the caller may see and do.

Rule: every route asks here first, before a byte of the body is read, so that none can forget it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Scope

from acuse.domain.access import ApiKey, Mode, key_digest
from acuse.domain.access import Scope as KeyScope
from acuse.domain.account import Account, Space, Tenant
from acuse.domain.dialect import Dialect
from acuse.errors import InvalidApiKey, TenantNotFound
from acuse.ports import Access, Ports
from acuse.web.api.handles import parse_id
from acuse.web.asgi import client_address, header

_NEEDS: Mapping[str, KeyScope] = {"GET": KeyScope.READ, "HEAD": KeyScope.READ, "DELETE": KeyScope.DELETE}
_ADMIN_ONLY = "/v1/api-keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A key that was accepted, and the space that the request works in."""

    key: ApiKey
    account: Account
    space: Space

    @property
    def is_test(self) -> bool:
        return self.key.mode is Mode.TEST


def identify(ports: Ports, scope: Scope) -> Caller:
    """The caller of a request.

    Raises InvalidApiKey, ApiKeyExpired, AddressNotAllowed, InsufficientScope or TenantNotFound.
    """
    access = _access(ports, scope)
    key, tenants = access.key, access.tenants
    is_admins: bool = scope["path"].startswith(_ADMIN_ONLY)
    key.require(KeyScope.ADMIN if is_admins else _NEEDS.get(scope["method"], KeyScope.WRITE))
    if key.tenant_id is not None:
        tenants = tuple(tenant for tenant in tenants if tenant.id == key.tenant_id)
    tenant = _choose(tenants, header(scope, b"x-tenant-id"))
    space = Space(account_id=key.account_id, tenant_id=tenant.id, mode=key.mode)
    return Caller(key=key, account=access.account, space=space)


def _access(ports: Ports, scope: Scope) -> Access:
    """What the key that was shown leads to; it is admitted."""
    scheme, _, text = (header(scope, b"authorization") or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise InvalidApiKey
    # The lookup is by SHA-256: how long it takes says nothing about the text of any key.
    digest = key_digest(text.strip())
    access = ports.views.access(digest)
    if access is None or access.key.dialect is not Dialect.NATIVE:
        raise InvalidApiKey
    access.key.admit(digest, address=client_address(scope), now=ports.world.now())
    return access


def _choose(tenants: tuple[Tenant, ...], wanted: str | None) -> Tenant:
    if wanted is None and tenants:
        return min(tenants, key=lambda tenant: tenant.handle)
    handle = parse_id("tnt", (wanted or "").strip())
    for tenant in tenants:
        if tenant.handle == handle:
            return tenant
    raise TenantNotFound(tenant_id=wanted)
