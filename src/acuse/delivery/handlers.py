"""The jobs that talk to partners: a unit before, the network, a unit after."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

from acuse.delivery.embedded import Handler
from acuse.errors import PartnerUnreachable
from acuse.mime import Source
from acuse.ports import HTTPReply, Job, JobKind, Ports, Relation, Transport
from acuse.services.begin_attempt import begin_attempt
from acuse.services.deliver_receipt import begin_receipt_delivery, settle_receipt_delivery
from acuse.services.settle_attempt import settle_attempt

P = ParamSpec("P")
T = TypeVar("T")


def handlers(ports: Ports, transport: Transport, threads: Executor) -> Mapping[JobKind, Handler]:
    """What the engine does for each kind of job. Services run in `threads`, the network in the event loop."""

    async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, partial(call, *args, **kwargs))

    async def send_message(job: Job) -> Mapping[str, object]:
        attempt = await in_thread(begin_attempt, ports, job.subject_id)
        if attempt is None:
            return {"outcome": "nothing to send"}
        message, url = attempt.message, attempt.relation.partner.url
        reply = await _post(transport, url, attempt.headers, attempt.body, attempt.relation)
        await in_thread(settle_attempt, ports, attempt, reply)
        return {"message": message.public_id, "wire_id": message.wire_id, "attempt": message.attempts, **_told(reply)}

    async def deliver_receipt(job: Job) -> Mapping[str, object]:
        delivery = await in_thread(begin_receipt_delivery, ports, job.subject_id)
        if delivery is None:
            return {"outcome": "nothing to deliver"}
        headers = delivery.receipt.wire.headers
        reply = await _post(transport, delivery.url, headers, delivery.body, delivery.relation)
        await in_thread(settle_receipt_delivery, ports, delivery, reply)
        return {"message": delivery.message.public_id, "wire_id": delivery.message.wire_id, **_told(reply)}

    return {JobKind.SEND_MESSAGE: send_message, JobKind.DELIVER_RECEIPT: deliver_receipt}


async def _post(
    transport: Transport, url: str, headers: Sequence[tuple[str, str]], body: Source, relation: Relation
) -> HTTPReply | PartnerUnreachable:
    partner = relation.partner
    seconds = partner.terms.timeout.total_seconds()
    try:
        return await transport.post(url, headers=headers, body=body, timeout=seconds, is_vouched=partner.url_is_vouched)
    except PartnerUnreachable as unreachable:
        return unreachable


def _told(reply: HTTPReply | PartnerUnreachable) -> Mapping[str, object]:
    """What the log says of an answer, or of its absence."""
    if isinstance(reply, HTTPReply):
        return {"status": reply.status}
    return {"unreachable": reply.details.get("error_details", reply.message)}
