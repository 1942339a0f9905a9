"""`GET /v1/partners/{id}/health`: how the exchange with a partner goes."""

from acuse.services.judge_partner_health import judge_partner_health
from acuse.web.api.calls import Call, json_reply
from acuse.web.api.objects import iso
from acuse.web.api.partners import named_partner
from acuse.web.asgi import Reply


async def show_partner_health(call: Call) -> Reply:
    """What is stored of the exchange, as a score and as what it is made of."""

    def work() -> Reply:
        partner = named_partner(call)
        health = judge_partner_health(call.ports, partner, mode=call.caller.key.mode)
        shown = {
            "partner_id": partner.public_id,
            "health_status": health.status.value,
            "health_score": health.score,
            "successes_24h": health.successes,
            "failures_24h": health.failures,
            "open_messages": health.open_messages,
            "last_success_at": iso(health.last_success_at),
            "certificate_expires_at": iso(health.certificate_expires_at),
            "issues": list(health.issues),
        }
        return json_reply(200, {"data": shown})

    return await call.lanes.run(work)
