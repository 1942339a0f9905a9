"""The one way through which every call goes: route, token, scope, body, handler, errors.

Rule: a handler raises and never catches; what it raises becomes an answer here and nowhere else.
"""

import logging
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from acuse.domain.access import Mode, key_digest
from acuse.domain.account import Space
from acuse.domain.dialect import Dialect
from acuse.errors import AcuseError, ApiKeyExpired, InvalidApiKey, NotBuilt, NotInTestMode, TenantNotFound
from acuse.ports import Access, Ports
from acuse.web.access_log import request_id
from acuse.web.asgi import ClientGone, ClientStalled, Reply, client_address, header, note, refuse
from acuse.web.dialects.as2expert.calls import Call, success
from acuse.web.dialects.as2expert.errors import (
    MethodNotAllowed,
    PathUnknown,
    error_reply,
    language_of,
    unexpected_reply,
)
from acuse.web.dialects.as2expert.routes import NOT_BUILT, ROOT, ROUTES, Route
from acuse.web.dialects.as2expert.translate import Given
from acuse.web.lanes import Lanes
from acuse.web.options import WebOptions
from acuse.web.shared.json_body import parse_object, read_json
from acuse.web.shared.key_uses import KeyUses
from acuse.web.shared.limiter import Limiter

logger = logging.getLogger("acuse.web.as2expert")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sender:
    """Who a body comes from."""

    scope: Scope
    receive: Receive
    options: WebOptions


class AS2ExpertApplication:
    """The ASGI application of this API."""

    def __init__(self, ports: Ports, options: WebOptions, lanes: Lanes, limiter: Limiter) -> None:
        self._ports = ports
        self._options = options
        self._lanes = lanes
        self._limiter = limiter
        self._uses = KeyUses(ports, lanes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        language = language_of(header(scope, b"accept-language"))
        told: list[tuple[str, str]] = []
        try:
            reply = await self._handle(scope, receive, told)
        except ClientGone:
            return
        except ClientStalled:
            reply = Reply.text(408, "The body stopped arriving.")
        except AcuseError as error:
            note(scope, error=error.code)
            reply = error_reply(error, language=language, request_id=request_id(scope))
            if reply.status in (500, 503):
                logger.exception("call failed", extra={"fields": {"id": request_id(scope)}})
        except Exception:
            logger.exception("call failed", extra={"fields": {"id": request_id(scope)}})
            reply = unexpected_reply(language=language, request_id=request_id(scope))
        whole = Reply(status=reply.status, body=reply.body, headers=(*reply.headers, *told))
        await refuse(scope, receive, send, whole)

    async def _handle(self, scope: Scope, receive: Receive, told: list[tuple[str, str]]) -> Reply:
        path = scope["path"].removeprefix(ROOT).rstrip("/")
        access = await self._let_in(scope)
        key, plan = access.key, self._options.plans[access.account.plan_name]
        note(scope, key=f"key_{key.handle:06d}")
        self._limiter.count(access.account.id, plan, told, now=self._ports.world.now())
        self._uses.note(key, client_address(scope))
        if path in NOT_BUILT:
            raise NotBuilt
        if path not in ROUTES:
            raise PathUnknown(path=scope["path"])
        if scope["method"] != "POST":
            raise MethodNotAllowed
        route = ROUTES[path]
        _require(access, route, path=scope["path"])
        with self._limiter.running(access.account.id, plan):
            body = await read_json(_Sender(scope=scope, receive=receive, options=self._options))
            call = Call(
                ports=self._ports,
                lanes=self._lanes,
                options=self._options,
                key=key,
                plan=plan,
                space=_space(access),
                given=Given(parse_object(body) if body.strip() else {}),
            )
            return success(await route.handler(call))

    async def _let_in(self, scope: Scope) -> Access:
        try:
            return await self._lanes.run(lambda: self._identify(scope))
        except (InvalidApiKey, ApiKeyExpired):
            self._limiter.note_failure(client_address(scope), now=self._ports.world.now())
            raise

    def _identify(self, scope: Scope) -> Access:
        """Who calls. Raises InvalidApiKey, ApiKeyExpired and AddressNotAllowed."""
        scheme, _, text = (header(scope, b"authorization") or "").strip().partition(" ")
        digest = key_digest(text.strip())
        access = self._ports.views.access(digest) if scheme.lower() == "bearer" and text.strip() else None
        if access is None or access.key.dialect is not Dialect.AS2EXPERT:
            raise InvalidApiKey
        access.key.admit(digest, address=client_address(scope), now=self._ports.world.now())
        return access


def _require(access: Access, route: Route, *, path: str) -> None:
    """Raises InsufficientScope, and NotInTestMode where a test token would change what live messages go by."""
    access.key.require(route.scope)
    if route.is_configuration and access.key.mode is Mode.TEST:
        raise NotInTestMode(path=path)


def _space(access: Access) -> Space:
    """The tenant of the token, or the account's first."""
    key = access.key
    tenants = [tenant for tenant in access.tenants if key.tenant_id in (None, tenant.id)]
    if not tenants:
        raise TenantNotFound
    tenant = min(tenants, key=lambda tenant: tenant.handle)
    return Space(account_id=key.account_id, tenant_id=tenant.id, mode=key.mode)
