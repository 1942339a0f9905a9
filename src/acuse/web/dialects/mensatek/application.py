"""`/v7/<Function>`: who calls, what is asked, and in which form it is answered.

Rule: a call that reaches a function is answered with HTTP 200 and its `Res`. Other statuses are for calls that reach
none: 401 for a bad login, 404 for an unknown function, 405 for another method, 413 and 429 for too much.
"""

import hashlib
import logging
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import Receive, Scope, Send

from acuse.domain.access import ApiKey, key_digest
from acuse.domain.access import Scope as KeyScope
from acuse.domain.account import Space
from acuse.domain.dialect import Dialect
from acuse.errors import InsufficientScope, InvalidApiKey, InvalidInput, RateLimited, ServiceError
from acuse.ports import Ports
from acuse.web.access_log import request_id
from acuse.web.asgi import ClientGone, ClientStalled, Reply, body_pieces, header, note, refuse
from acuse.web.dialects.mensatek import functions
from acuse.web.dialects.mensatek.abuse import AbuseGuard
from acuse.web.dialects.mensatek.calls import MensatekCall
from acuse.web.dialects.mensatek.codes import RES_TEXTS, Res
from acuse.web.dialects.mensatek.parameters import Parameters, Refused
from acuse.web.dialects.mensatek.replies import Form, Value, write_reply
from acuse.web.dialects.mensatek.sending import send as send_email
from acuse.web.lanes import BULK_FROM, Lanes
from acuse.web.options import WebOptions
from acuse.web.shared.form import read_form
from acuse.web.shared.key_uses import KeyUses
from acuse.web.spool import Spool

logger = logging.getLogger("acuse.web.mensatek")

LARGEST_BODY = 40 << 20
"""Bytes: the largest attachments in base64, the largest text, and a thousand recipients."""
LARGEST_FROM_STRANGERS = 64 * 1024
"""Bytes that are read of a call without a good login, to answer it in the form that it asked for."""

_FORM = "acuse.mensatek.form"
"""The key in the scope that tells in which form to answer, once the body was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Function:
    run: Callable[[MensatekCall], Mapping[str, Value] | Reply]
    needs: KeyScope
    is_bulk: bool = False


FUNCTIONS: Final[Mapping[str, _Function]] = {
    "enviaremailcertificado": _Function(run=send_email, needs=KeyScope.WRITE),
    "cancelaremailcertificado": _Function(run=functions.cancel, needs=KeyScope.WRITE),
    "reprogramaremailcertificado": _Function(run=functions.reschedule, needs=KeyScope.WRITE),
    "getcertificadoemailcertificado": _Function(run=functions.certificate, needs=KeyScope.READ, is_bulk=True),
    "getreportemailcertificado": _Function(run=functions.report, needs=KeyScope.READ),
    "getcreditos": _Function(run=functions.credits_left, needs=KeyScope.READ),
}
"""By their names in lower case."""


class _TooLarge(Exception):
    """The body has more bytes than a call may have."""


class MensatekAPI:
    """The ASGI application of the dialect."""

    def __init__(self, ports: Ports, options: WebOptions, lanes: Lanes) -> None:
        self._ports = ports
        self._lanes = lanes
        self._uses = KeyUses(ports, lanes)
        self._guard = AbuseGuard(limit=options.like_calls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._handle(scope, receive)
        except ClientGone:
            return
        except ClientStalled:
            reply = Reply.text(408, "The body stopped arriving.")
        except _TooLarge:
            reply = _refusal(Refused(Res.BAD_PARAMETER, "La llamada es demasiado grande"), Form.JSON, status=413)
        except RateLimited as error:
            wait = (("Retry-After", str(error.details["retry_after"])),)
            reply = _refusal(Refused(Res.ABUSE), await _form_of(scope, receive), status=429, headers=wait)
        except (InvalidApiKey, InsufficientScope) as error:
            note(scope, error=error.code)
            ask = (("WWW-Authenticate", 'Basic realm="acuse", charset="UTF-8"'),)
            reply = _refusal(Refused(Res.BAD_LOGIN), await _form_of(scope, receive), status=401, headers=ask)
        except Exception:
            logger.exception("call failed", extra={"fields": {"id": request_id(scope)}})
            reply = _refusal(Refused(Res.BAD_PARAMETER, "Error interno; inténtelo de nuevo"), Form.JSON, status=503)
        await refuse(scope, receive, send, reply)

    async def _handle(self, scope: Scope, receive: Receive) -> Reply:
        name = scope["path"].removeprefix("/v7").strip("/")
        if scope["method"] != "POST":
            return Reply.text(405, "Use POST.", ("Allow", "POST"))
        function = FUNCTIONS.get(name.casefold())
        if function is None:
            return Reply.text(404, "There is no such function.")
        now, address = self._ports.world.now(), scope["client"] and scope["client"][0]
        self._guard.check(address, now=now)
        try:
            key, space = await self._lanes.run(lambda: _identify(self._ports, scope, address))
        except ServiceError as error:
            self._guard.count(address, "login", now=now)
            raise InvalidApiKey from error
        key.require(function.needs)
        note(scope, key=f"key_{key.handle:06d}", function=name)
        self._uses.note(key, address)
        self._guard.check(key.id, now=now)
        body = await _read_body(scope, receive, limit=LARGEST_BODY)
        scope[_FORM] = Form.LEGACY
        try:
            parameters = await self._parse(scope, body)
            scope[_FORM] = parameters.form
            self._guard.count(key.id, (name.casefold(), hashlib.sha256(parameters.canonical()).digest()), now=now)
            call = MensatekCall(
                ports=self._ports, space=space, parameters=parameters, body_sha256=hashlib.sha256(body).hexdigest()
            )
            size = max(len(body), BULK_FROM if function.is_bulk else 0)
            done = await self._lanes.run(lambda: function.run(call), size=size)
        except Refused as refused:
            note(scope, res=int(refused.res))
            self._guard.count(key.id, "refused", now=now)
            return _refusal(refused, scope[_FORM])
        return done if isinstance(done, Reply) else write_reply(done, scope[_FORM])

    async def _parse(self, scope: Scope, body: bytes) -> Parameters:
        content_type = header(scope, b"content-type") or ""
        kind = content_type.partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            return await self._parse_multipart(content_type, body)
        is_json = kind == "application/json" or (not kind.startswith("application/x-www") and body[:1] in (b"{", b"["))
        return Parameters.of_json(body) if is_json else Parameters.of_form(body)

    async def _parse_multipart(self, content_type: str, body: bytes) -> Parameters:
        async def pieces() -> AsyncIterator[bytes]:
            yield body

        def no_spool() -> Spool:
            return Spool(self._ports.blobs.scratch(), limit=0, lanes=self._lanes)

        try:
            form = await read_form(
                pieces(),
                content_type,
                limit=LARGEST_BODY,
                new_spool=no_spool,
                file_fields=(),
                longest_field=LARGEST_BODY,
            )
        except InvalidInput:
            raise Refused(Res.BAD_PARAMETER, "El formulario no se puede leer") from None
        return Parameters(form.fields)


def _identify(ports: Ports, scope: Scope, address: str | None) -> tuple[ApiKey, Space]:
    """Raises InvalidApiKey, ApiKeyExpired and AddressNotAllowed."""
    scheme, _, encoded = (header(scope, b"authorization") or "").strip().partition(" ")
    try:
        user, separator, token = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (Base64Error, UnicodeDecodeError, ValueError):
        raise InvalidApiKey from None
    if scheme.lower() != "basic" or not separator:
        raise InvalidApiKey
    # The lookup is by SHA-256 of the token: how long it takes says nothing about the text of any.
    digest = key_digest(token)
    access = ports.views.access(digest)
    if access is None or access.key.dialect is not Dialect.MENSATEK or access.key.token_id != user:
        raise InvalidApiKey
    key = access.key
    key.admit(digest, address=address, now=ports.world.now())
    tenants = [tenant for tenant in access.tenants if key.tenant_id in (None, tenant.id)]
    if not tenants:
        raise InvalidApiKey
    tenant = min(tenants, key=lambda tenant: tenant.handle)
    return key, Space(account_id=key.account_id, tenant_id=tenant.id, mode=key.mode)


async def _read_body(scope: Scope, receive: Receive, *, limit: int) -> bytes:
    """Raises _TooLarge, as soon as that is known."""
    announced = header(scope, b"content-length")
    if announced is not None and int(announced) > limit:
        raise _TooLarge
    body = bytearray()
    async for piece in body_pieces(scope, receive):
        body += piece
        if len(body) > limit:
            raise _TooLarge
    return bytes(body)


async def _form_of(scope: Scope, receive: Receive) -> Form:
    """The form of the answer that a refused call asked for, as far as a short body says it."""
    if _FORM in scope:
        return Form(scope[_FORM])
    kind = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    try:
        body = await _read_body(scope, receive, limit=LARGEST_FROM_STRANGERS)
        if kind == "multipart/form-data":
            return Form.JSON
        return (Parameters.of_json(body) if kind == "application/json" else Parameters.of_form(body)).form
    except (_TooLarge, Refused, ClientGone, ClientStalled):
        return Form.JSON


def _refusal(refused: Refused, form: Form, *, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    fields: dict[str, Value] = {"Res": int(refused.res), "Error": refused.text or RES_TEXTS[refused.res]}
    return write_reply(fields, form, status=status, headers=headers)
