"""The routes of this API, and the one way through which every call goes: route, token, handler, errors.

Rule: a handler raises and never catches; what it raises becomes an answer here and nowhere else. The parts of a path
are taken apart before they are decoded, because a Message-ID may hold a slash.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from starlette.types import Receive, Scope, Send

from acuse.domain.access import Mode
from acuse.domain.access import Scope as KeyScope
from acuse.domain.account import Space
from acuse.domain.dialect import Dialect
from acuse.errors import AcuseError, ApiKeyExpired, InvalidApiKey, NotInTestMode, TenantNotFound
from acuse.ports import Access, Ports
from acuse.services.renew_session import session_access
from acuse.web.access_log import request_id
from acuse.web.asgi import ClientGone, ClientStalled, Reply, client_address, header, note, refuse
from acuse.web.dialects.mft.calls import Call, Caller, Handler
from acuse.web.dialects.mft.downloads import ROOT as DOWNLOAD
from acuse.web.dialects.mft.downloads import Visit, follow
from acuse.web.dialects.mft.errors import MethodUnknown, NothingHere, error_reply, http_status, unexpected_reply
from acuse.web.dialects.mft.routes import ENTRANCES, ROUTES, VARIABLE, Route
from acuse.web.dialects.mft.sessions import Entrance, new_semaphore
from acuse.web.dialects.mft.tokens import TokenKind, read_token
from acuse.web.lanes import Lanes
from acuse.web.options import WebOptions
from acuse.web.shared.key_uses import KeyUses
from acuse.web.shared.limiter import Limiter
from acuse.web.shared.signed_links import SignedLinks

logger = logging.getLogger("acuse.web.mft")

T = TypeVar("T")


class MFTApplication:
    """The ASGI application of this API."""

    def __init__(self, ports: Ports, options: WebOptions, lanes: Lanes, limiter: Limiter) -> None:
        self._ports = ports
        self._options = options
        self._lanes = lanes
        self._limiter = limiter
        self._uses = KeyUses(ports, lanes)
        self._token_key = ports.signing_keys.derive("mft tokens")
        self._links = SignedLinks(ports.signing_keys.derive("mft links"))
        self._hashing: asyncio.Semaphore = new_semaphore()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._handle(scope, receive, send)
        except ClientGone:
            return
        except ClientStalled:
            await refuse(scope, receive, send, Reply.text(408, "The body stopped arriving."))
        except AcuseError as error:
            note(scope, error=error.code)
            if http_status(error) >= 500:
                logger.exception("call failed", extra={"fields": {"id": request_id(scope)}})
            await refuse(scope, receive, send, error_reply(error, request_id=request_id(scope)))
        except Exception:
            logger.exception("call failed", extra={"fields": {"id": request_id(scope)}})
            await refuse(scope, receive, send, unexpected_reply(request_id=request_id(scope)))
        else:
            if reply is not None:
                await refuse(scope, receive, send, reply)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> Reply | None:
        parts = _parts(scope)
        enter = ENTRANCES.get("/".join(parts))
        if enter is not None:
            if scope["method"] != "POST":
                raise MethodUnknown(allowed="POST")
            return await self._let_in(scope, lambda: enter(self._entrance(scope, receive)))
        if parts[0] == DOWNLOAD:
            await self._follow(scope, send)
            return None
        route, names = find_route(parts, ROUTES)
        handler = route.handlers.get("GET" if scope["method"] == "HEAD" else scope["method"])
        if handler is None:
            raise MethodUnknown(allowed=", ".join(route.handlers))
        return await self._call(handler, route, names, scope, receive, send)

    async def _follow(self, scope: Scope, send: Send) -> None:
        """Whoever has a link needs no token."""
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodUnknown(allowed="GET")
        visit = Visit(ports=self._ports, lanes=self._lanes, links=self._links, scope=scope, send=send)
        await follow(visit)

    async def _call(
        self, handler: Handler, route: Route, names: Sequence[str], scope: Scope, receive: Receive, send: Send
    ) -> Reply | None:
        access = await self._let_in(scope, lambda: self._lanes.run(lambda: self._identify(scope)))
        key, plan = access.key, self._options.plans[access.account.plan_name]
        note(scope, key=f"key_{key.handle:06d}")
        told: list[tuple[str, str]] = []
        self._limiter.count(access.account.id, plan, told, now=self._ports.world.now())
        self._uses.note(key, client_address(scope))
        _require(access, route, scope["method"], path=scope["path"])
        call = Call(
            ports=self._ports,
            lanes=self._lanes,
            options=self._options,
            links=self._links,
            caller=Caller(key=key, space=_space(access), plan=plan),
            scope=scope,
            receive=receive,
            send=send,
            names=names,
        )
        with self._limiter.running(access.account.id, plan):
            return await handler(call)

    def _entrance(self, scope: Scope, receive: Receive) -> Entrance:
        return Entrance(
            ports=self._ports,
            lanes=self._lanes,
            options=self._options,
            key=self._token_key,
            hashing=self._hashing,
            scope=scope,
            receive=receive,
        )

    def _identify(self, scope: Scope) -> Access:
        """Who calls: the token stands alone in its field, or behind the word Bearer. Raises InvalidApiKey."""
        text = (header(scope, b"authorization") or "").strip()
        scheme, _, rest = text.partition(" ")
        shown = rest.strip() if scheme.lower() == "bearer" else text
        claims = read_token(TokenKind.API, shown, key=self._token_key, now=self._ports.world.now())
        access = session_access(self._ports, claims.session_id, address=client_address(scope))
        if access.key.dialect is not Dialect.MFT:
            raise InvalidApiKey
        return access

    async def _let_in(self, scope: Scope, enter: Callable[[], Awaitable[T]]) -> T:
        try:
            return await enter()
        except (InvalidApiKey, ApiKeyExpired):
            self._limiter.note_failure(client_address(scope), now=self._ports.world.now())
            raise


def find_route(parts: Sequence[str], routes: Mapping[tuple[str, ...], Route]) -> tuple[Route, tuple[str, ...]]:
    """The route of a path and what its variable parts hold. A fixed name goes before a variable one.

    Raises NothingHere.
    """
    fitting = [pattern for pattern in routes if _fits(pattern, parts)]
    if not fitting:
        raise NothingHere
    pattern = min(fitting, key=lambda pattern: pattern.count(VARIABLE))
    return routes[pattern], tuple(part for part, name in zip(parts, pattern, strict=True) if name == VARIABLE)


def _fits(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    return len(pattern) == len(parts) and all(
        name in (VARIABLE, part) and part for name, part in zip(pattern, parts, strict=True)
    )


def _parts(scope: Scope) -> tuple[str, ...]:
    raw: bytes = scope["raw_path"]
    return tuple(unquote_to_bytes(part).decode("utf-8", "surrogateescape") for part in raw.split(b"/")[1:])


def _require(access: Access, route: Route, method: str, *, path: str) -> None:
    """Raises InsufficientScope, and NotInTestMode where a test key would change what live messages go by."""
    is_reading = method in ("GET", "HEAD")
    access.key.require(KeyScope.READ if is_reading else KeyScope.WRITE)
    if route.is_configuration and not is_reading:
        if method == "DELETE":
            access.key.require(KeyScope.DELETE)
        if access.key.mode is Mode.TEST:
            raise NotInTestMode(path=path)


def _space(access: Access) -> Space:
    """The tenant of the credential, or the account's first."""
    key = access.key
    tenants = [tenant for tenant in access.tenants if key.tenant_id in (None, tenant.id)]
    if not tenants:
        raise TenantNotFound
    tenant = min(tenants, key=lambda tenant: tenant.handle)
    return Space(account_id=key.account_id, tenant_id=tenant.id, mode=key.mode)
