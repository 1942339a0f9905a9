"""`/webhooks`: each partner has one, which is told of its messages in the words of this API."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from acuse.domain.dialect import Dialect
from acuse.domain.event_names import known_names
from acuse.domain.partner import Partner
from acuse.domain.webhook import EVERYTHING, WebhookEndpoint
from acuse.ports import DeliveryView
from acuse.services.manage_webhooks import EndpointWish, add_endpoint, change_endpoint
from acuse.services.try_webhook import ask_for_test
from acuse.web.dialects.as2expert.calls import Call
from acuse.web.dialects.as2expert.errors import WebhookInactive, WebhookMissing
from acuse.web.dialects.as2expert.events import SPANISH, TRIED
from acuse.web.dialects.as2expert.translate import in_these_words, local_time

USUAL_NUMBER, MOST = 50, 500
_PARTNER = ("partner_id", "socio_id", "partner", "socio")
_LOOK_SECONDS = 0.05
_GRACE = timedelta(seconds=5)
"""How long the answer waits beyond the endpoint's own time-out: the engine may have other work."""


def configure(call: Call) -> Mapping[str, object]:
    """Make or change the webhook of a partner; what is not named stays."""
    given = call.given
    partner = _partner(call)
    known = _find(call, partner)
    url = given.text("webhook_url", "url", longest=2000)
    if known is None and url is None:
        url = given.required_text("webhook_url", "url")
    wish = EndpointWish(
        url=url,
        secret=given.text("webhook_secret", "secret"),
        active=given.flag("webhook_enabled", "webhook_activo"),
        events=given.texts("webhook_events", "webhook_eventos"),
    )
    options = {"url_is_vouched": False, "allows_private": call.options.allow_private_networks}
    with in_these_words(url="webhook_url", secret="webhook_secret", events="webhook_events"):  # noqa: S106 - names
        if known is None:
            made = add_endpoint(
                call.ports, wish, space=call.space, dialect=Dialect.AS2EXPERT, scope_id=partner.id, **options
            )
        else:
            made = change_endpoint(call.ports, known.id, wish, **options)
    shown = _object(made, partner)
    # A secret that was made here is shown this once.
    return {"msg": "Webhook configured", "data": shown if wish.secret or known else {**shown, **_secret(made)}}


def show(call: Call) -> Mapping[str, object]:
    """The webhook of a partner, without its secret."""
    partner = _partner(call)
    return {"data": _object(_required(call, partner), partner)}


async def try_out(call: Call) -> Mapping[str, object]:
    """Post a signed event that tells of no message, and tell what came back."""

    def ask() -> WebhookEndpoint:
        endpoint = _required(call, _partner(call))
        if not endpoint.active:
            raise WebhookInactive
        ask_for_test(call.ports, endpoint.id)
        return endpoint

    endpoint = await call.lanes.run(ask)
    for _ in range(int((endpoint.timeout + _GRACE).total_seconds() / _LOOK_SECONDS)):
        current = await call.lanes.run(lambda: call.ports.views.webhooks.endpoint(call.space, endpoint.handle))
        if current.last_test is not None and current.last_test.ended_at is not None:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    test = current.last_test
    assert test is not None
    return {
        "data": {
            "status": "ok" if test.is_success else "error" if test.ended_at else "pending",
            "http_code": test.status,
            "error": test.error,
            "requested_event_name": TRIED,
            "event_name": SPANISH[TRIED],
            "event": TRIED,
        }
    }


def list_logs(call: Call) -> Mapping[str, object]:
    """What became of each event, the newest first."""
    limit = call.given.within("limit", default=USUAL_NUMBER, least=1, most=MOST)
    offset = call.given.within("offset", default=0, least=0, most=10**9)
    endpoint = _required(call, _partner(call))
    page = call.ports.views.webhooks.deliveries(endpoint.id, limit=limit, offset=offset)
    return {"data": [_line(view) for view in page.rows], "total": page.total}


def _partner(call: Call) -> Partner:
    return call.partner(call.given.number(*_PARTNER))


def _find(call: Call, partner: Partner) -> WebhookEndpoint | None:
    for endpoint in call.ports.views.webhooks.endpoints(call.space):
        if endpoint.dialect is Dialect.AS2EXPERT and endpoint.scope_id == partner.id:
            return endpoint
    return None


def _required(call: Call, partner: Partner) -> WebhookEndpoint:
    endpoint = _find(call, partner)
    if endpoint is None:
        raise WebhookMissing(partner_id=partner.handle)
    return endpoint


def _object(endpoint: WebhookEndpoint, partner: Partner) -> dict[str, object]:
    events = list(known_names(Dialect.AS2EXPERT) if EVERYTHING in endpoint.events else endpoint.events)
    return {
        "partner_id": partner.handle,
        "socio_id": partner.handle,
        "webhook_url": endpoint.url,
        "webhook_enabled": endpoint.active,
        "webhook_activo": endpoint.active,
        "webhook_events": events,
        "webhook_eventos": events,
    }


def _secret(endpoint: WebhookEndpoint) -> dict[str, object]:
    return {"webhook_secret": endpoint.secret}


def _line(view: DeliveryView) -> dict[str, object]:
    delivery = view.delivery
    return {
        "id": delivery.public_id,
        "event": delivery.told_as,
        "event_name": SPANISH[delivery.told_as],
        "message_id": view.subject_handle,
        "status": delivery.state.value,
        "http_code": delivery.status,
        "error": delivery.error,
        "attempts": delivery.attempts,
        "fecha": local_time(delivery.created_at),
        "date": local_time(delivery.created_at),
    }
