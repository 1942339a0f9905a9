"""The routes of `/v1`, and the one way through which every call goes: route, key, handler, errors.

Rule: a handler raises and never catches; what it raises becomes an answer here and nowhere else.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acuse.errors import AcuseError, ApiKeyExpired, InvalidApiKey, NotBuilt
from acuse.ports import Ports
from acuse.web.access_log import request_id
from acuse.web.api.access import Caller, identify
from acuse.web.api.accounts import (
    create_tenant,
    delete_tenant,
    list_tenants,
    put_account,
    put_tenant,
    show_account,
    show_current_tenant,
    show_tenant,
)
from acuse.web.api.again import cancel, resend, retry
from acuse.web.api.batch import send_batch
from acuse.web.api.calls import Call, Handler
from acuse.web.api.certificate_keys import download_certificate, generate_csr, generate_identity
from acuse.web.api.certificates import (
    activate,
    delete_certificate,
    list_certificates,
    list_partner_certificates,
    patch_certificate,
    show_certificate,
    upload_certificate,
    upload_partner_certificate,
    validate_certificate,
)
from acuse.web.api.errors import MethodNotAllowed, PathUnknown, error_reply, http_status, unexpected_reply
from acuse.web.api.events import list_deliveries, list_events
from acuse.web.api.keys import create_api_key, delete_key, list_keys, patch_key, rotate_api_key, show_key
from acuse.web.api.message_list import list_messages
from acuse.web.api.modes import require_mode
from acuse.web.api.notice_settings import put_settings, show_settings
from acuse.web.api.notices import cancel as cancel_one_notice
from acuse.web.api.notices import list_notices, reschedule, send_notice, show_notice, show_proof, unlock
from acuse.web.api.once import once
from acuse.web.api.partner_health import show_partner_health
from acuse.web.api.partners import create_partner, delete_partner, list_partners, patch_partner, show_partner
from acuse.web.api.payload import download_attachment, download_payload, list_attachments
from acuse.web.api.read import show_message
from acuse.web.api.sandbox import (
    clear,
    list_test_messages,
    send_test_message,
    show_info,
    show_sample,
    simulate_arrival,
)
from acuse.web.api.send import send_message
from acuse.web.api.senders import create_sender, delete_sender, list_senders, show_credits, show_sender, validate
from acuse.web.api.stations import create_station, delete_station, list_stations, patch_station, show_station
from acuse.web.api.strays import list_stray_receipts, show_stray_receipt
from acuse.web.api.timeline import show_timeline
from acuse.web.api.unbuilt import UNBUILT
from acuse.web.api.validate import validate_message
from acuse.web.api.webhook_work import replay_all, replay_one, rotate_endpoint_secret, show_stats, try_endpoint
from acuse.web.api.webhooks import create_endpoint, delete_endpoint, list_endpoints, patch_endpoint, show_endpoint
from acuse.web.api.wire import download_raw, show_receipt
from acuse.web.asgi import ClientGone, ClientStalled, Reply, answer, client_address, note, refuse
from acuse.web.lanes import Lanes
from acuse.web.options import TURN_SECONDS, WebOptions
from acuse.web.shared.key_uses import KeyUses
from acuse.web.shared.limiter import Limiter
from acuse.web.turns import Turns

logger = logging.getLogger("acuse.web.api")


async def say_not_built(_: Call) -> Reply | None:
    """The answer of every documented path that is not there yet."""
    raise NotBuilt


BUILT: Mapping[str, Mapping[str, Handler]] = {
    "/v1/messages": {"GET": list_messages, "POST": once(send_message)},
    "/v1/messages/batch": {"POST": send_batch},
    "/v1/messages/validate": {"POST": validate_message},
    "/v1/messages/{id}": {"GET": show_message},
    "/v1/messages/{id}/payload": {"GET": download_payload},
    "/v1/messages/{id}/attachments": {"GET": list_attachments},
    "/v1/messages/{id}/attachments/{number}": {"GET": download_attachment},
    "/v1/messages/{id}/raw": {"GET": download_raw},
    "/v1/messages/{id}/mdn": {"GET": show_receipt},
    "/v1/messages/{id}/resend": {"POST": once(resend)},
    "/v1/messages/{id}/retry": {"POST": retry},
    "/v1/messages/{id}/cancel": {"POST": cancel},
    "/v1/messages/{id}/timeline": {"GET": show_timeline},
    "/v1/messages/test": {"POST": once(send_test_message)},
    "/v1/sandbox/info": {"GET": show_info},
    "/v1/sandbox/messages": {"GET": list_test_messages},
    "/v1/sandbox/simulate-incoming": {"POST": simulate_arrival},
    "/v1/sandbox/samples/{type}": {"GET": show_sample},
    "/v1/sandbox/clear": {"POST": clear, "DELETE": clear},
    "/v1/partners": {"GET": list_partners, "POST": create_partner},
    "/v1/partners/{id}": {"GET": show_partner, "PATCH": patch_partner, "DELETE": delete_partner},
    "/v1/partners/{id}/health": {"GET": show_partner_health},
    "/v1/partners/{id}/certificates": {"GET": list_partner_certificates, "POST": upload_partner_certificate},
    "/v1/stations": {"GET": list_stations, "POST": create_station},
    "/v1/stations/{id}": {"GET": show_station, "PATCH": patch_station, "DELETE": delete_station},
    "/v1/certificates": {"GET": list_certificates, "POST": upload_certificate},
    "/v1/certificates/generate-identity": {"POST": generate_identity},
    "/v1/certificates/generate-csr": {"POST": generate_csr},
    "/v1/certificates/{id}": {"GET": show_certificate, "PATCH": patch_certificate, "DELETE": delete_certificate},
    "/v1/certificates/{id}/validate": {"POST": validate_certificate},
    "/v1/certificates/{id}/activate": {"POST": activate},
    "/v1/certificates/{id}/download": {"GET": download_certificate},
    "/v1/webhook-endpoints": {"GET": list_endpoints, "POST": create_endpoint},
    "/v1/webhook-endpoints/{id}": {"GET": show_endpoint, "PATCH": patch_endpoint, "DELETE": delete_endpoint},
    "/v1/webhook-endpoints/{id}/deliveries": {"GET": list_deliveries},
    "/v1/webhook-endpoints/{id}/deliveries/{delivery}/replay": {"POST": replay_one},
    "/v1/webhook-endpoints/{id}/replay": {"POST": replay_all},
    "/v1/webhook-endpoints/{id}/rotate-secret": {"POST": rotate_endpoint_secret},
    "/v1/webhook-endpoints/{id}/test": {"POST": try_endpoint},
    "/v1/webhook-endpoints-stats": {"GET": show_stats},
    "/v1/notices": {"GET": list_notices, "POST": once(send_notice)},
    "/v1/notices/settings": {"GET": show_settings, "PUT": put_settings},
    "/v1/notices/{id}": {"GET": show_notice},
    "/v1/notices/{id}/cancel": {"POST": cancel_one_notice},
    "/v1/notices/{id}/reschedule": {"POST": reschedule},
    "/v1/notices/{id}/unlock": {"POST": unlock},
    "/v1/notices/{id}/proof": {"GET": show_proof},
    "/v1/senders": {"GET": list_senders, "POST": create_sender},
    "/v1/senders/{id}": {"GET": show_sender, "DELETE": delete_sender},
    "/v1/senders/{id}/validate": {"POST": validate},
    "/v1/credits": {"GET": show_credits},
    "/v1/events": {"GET": list_events},
    "/v1/stray-receipts": {"GET": list_stray_receipts},
    "/v1/stray-receipts/{id}": {"GET": show_stray_receipt},
    "/v1/accounts": {"GET": show_account, "PUT": put_account},
    "/v1/tenants": {"GET": list_tenants, "POST": create_tenant},
    "/v1/tenants/current": {"GET": show_current_tenant},
    "/v1/tenants/{id}": {"GET": show_tenant, "PUT": put_tenant, "DELETE": delete_tenant},
    "/v1/api-keys": {"GET": list_keys, "POST": create_api_key},
    "/v1/api-keys/{id}": {"GET": show_key, "PATCH": patch_key, "DELETE": delete_key},
    "/v1/api-keys/{id}/rotate": {"POST": rotate_api_key},
}


def api_application(ports: Ports, options: WebOptions, lanes: Lanes, limiter: Limiter) -> ASGIApp:
    """The ASGI application of the native API."""
    unbuilt = {path: dict.fromkeys(methods.split(), say_not_built) for path, methods in UNBUILT.items()}
    # A fixed name before a variable one: `/messages/batch` is not a message.
    table = sorted({**BUILT, **unbuilt}.items(), key=lambda entry: entry[0].replace("{", "~"))
    shared = _Shared(
        ports=ports,
        options=options,
        lanes=lanes,
        uses=KeyUses(ports, lanes),
        limiter=limiter,
        turns=Turns(patience=TURN_SECONDS),
    )
    routes = [Route(path, _Endpoint(shared, handlers)) for path, handlers in table]
    return Router(routes, default=_unknown_path, redirect_slashes=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What all paths have in common."""

    ports: Ports
    options: WebOptions
    lanes: Lanes
    uses: KeyUses
    limiter: Limiter
    turns: Turns


class _Endpoint:
    """The ASGI application of one path."""

    def __init__(self, shared: _Shared, handlers: Mapping[str, Handler]) -> None:
        self._shared = shared
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told: list[tuple[str, str]] = []
        try:
            reply = await self._handle(scope, receive, send, told)
        except ClientGone:
            return
        except ClientStalled:
            await refuse(scope, receive, send, Reply.text(408, "The body stopped arriving."))
        except AcuseError as error:
            note(scope, error=error.code)
            if http_status(error) >= 500 and not isinstance(error, NotBuilt):
                logger.exception("call failed", extra={"fields": {"id": request_id(scope)}})
            await refuse(scope, receive, send, _with(told, error_reply(error, request_id=request_id(scope))))
        except Exception:
            logger.exception("call failed", extra={"fields": {"id": request_id(scope)}})
            await refuse(scope, receive, send, _with(told, unexpected_reply(request_id=request_id(scope))))
        else:
            if reply is not None:
                await answer(send, _with(told, reply))

    async def _handle(self, scope: Scope, receive: Receive, send: Send, told: list[tuple[str, str]]) -> Reply | None:
        """`told` takes the header fields that every answer to this caller has."""
        handler = self._handlers.get("GET" if scope["method"] == "HEAD" else scope["method"])
        if handler is None:
            raise MethodNotAllowed(allowed=", ".join(self._handlers))
        shared = self._shared
        caller = await self._let_in(scope)
        note(scope, key=f"key_{caller.key.handle:06d}")
        account = caller.account
        plan = shared.options.plans[account.plan_name]
        shared.limiter.count(account.id, plan, told, now=shared.ports.world.now())
        shared.uses.note(caller.key, client_address(scope))
        require_mode(caller, method=scope["method"], path=scope["path"])
        call = Call(
            ports=shared.ports,
            lanes=shared.lanes,
            options=shared.options,
            caller=caller,
            scope=scope,
            receive=receive,
            send=_telling(send, told) if told else send,
            turns=shared.turns,
            plan=plan,
        )
        with shared.limiter.running(account.id, plan):
            return await handler(call)

    async def _let_in(self, scope: Scope) -> Caller:
        shared = self._shared
        try:
            return await shared.lanes.run(lambda: identify(shared.ports, scope))
        except (InvalidApiKey, ApiKeyExpired):
            shared.limiter.note_failure(client_address(scope), now=shared.ports.world.now())
            raise


def _with(told: list[tuple[str, str]], reply: Reply) -> Reply:
    return replace(reply, headers=(*reply.headers, *told)) if told else reply


def _telling(send: Send, told: list[tuple[str, str]]) -> Send:
    """The same for a handler that sends its answer itself."""
    fields = [(name.lower().encode(), value.encode()) for name, value in told]

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *fields]}
        await send(message)

    return tell


async def _unknown_path(scope: Scope, receive: Receive, send: Send) -> None:
    await refuse(scope, receive, send, error_reply(PathUnknown(path=scope["path"]), request_id=request_id(scope)))
