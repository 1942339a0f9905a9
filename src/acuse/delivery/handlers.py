"""The jobs that talk to partners and webhooks: a unit before, the network, a unit after."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

from acuse.delivery.embedded import Handler
from acuse.domain.connection import NO_CREDENTIALS
from acuse.errors import PartnerUnreachable
from acuse.mime import Literal, Source
from acuse.ports import Destination, EventView, HTTPReply, Job, JobKind, Ports, Relation, Transport
from acuse.services.begin_attempt import begin_attempt
from acuse.services.deliver_event import EventAttempt, begin_event_delivery, settle_event_delivery
from acuse.services.deliver_receipt import begin_receipt_delivery, settle_receipt_delivery
from acuse.services.settle_attempt import settle_attempt

P = ParamSpec("P")
T = TypeVar("T")


EVENT_ANSWER_LIMIT = 4 * 1024
"""Bytes that are read of what a webhook says: only its status counts."""


def handlers(
    ports: Ports, transport: Transport, threads: Executor, *, render: Callable[[EventView], bytes]
) -> Mapping[JobKind, Handler]:
    """What the engine does for each kind of job. Services run in `threads`, the network in the event loop; `render`
    writes the body that tells an event.
    """

    async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, partial(call, *args, **kwargs))

    async def send_message(job: Job) -> Mapping[str, object]:
        attempt = await in_thread(begin_attempt, ports, job.subject_id)
        if attempt is None:
            return {"outcome": "nothing to send"}
        message, url = attempt.message, attempt.relation.partner.url
        reply = await _post(transport, url, attempt.headers, attempt.body, attempt.relation)
        expired = attempt.expired + await in_thread(settle_attempt, ports, attempt, reply)
        told = {"message": message.public_id, "wire_id": message.wire_id, "attempt": message.attempts, **_told(reply)}
        return told | ({"expired_certificates": " ".join(expired)} if expired else {})

    async def deliver_receipt(job: Job) -> Mapping[str, object]:
        delivery = await in_thread(begin_receipt_delivery, ports, job.subject_id)
        if delivery is None:
            return {"outcome": "nothing to deliver"}
        headers = delivery.receipt.wire.headers
        reply = await _post(transport, delivery.url, headers, delivery.body, delivery.relation)
        await in_thread(settle_receipt_delivery, ports, delivery, reply)
        return {"message": delivery.message.public_id, "wire_id": delivery.message.wire_id, **_told(reply)}

    async def deliver_event(job: Job) -> Mapping[str, object]:
        attempt = await in_thread(begin_event_delivery, ports, job.subject_id, render)
        if attempt is None:
            return {"outcome": "nothing to deliver"}
        reply = await _tell(transport, attempt)
        await in_thread(settle_event_delivery, ports, attempt, reply)
        endpoint, event = attempt.endpoint, attempt.event.event
        # No URL: in many products it is the password.
        told = {"endpoint": endpoint.public_id, "event": event.public_id, "event_kind": event.kind.value}
        return {**told, "attempt": attempt.delivery.attempts, **_told(reply)}

    return {
        JobKind.SEND_MESSAGE: send_message,
        JobKind.DELIVER_RECEIPT: deliver_receipt,
        JobKind.DELIVER_EVENT: deliver_event,
    }


async def _post(
    transport: Transport, url: str, headers: Sequence[tuple[str, str]], body: Source, relation: Relation
) -> HTTPReply | PartnerUnreachable:
    try:
        return await transport.post(destination_of(relation, url), headers=headers, body=body)
    except PartnerUnreachable as unreachable:
        return unreachable


def destination_of(relation: Relation, url: str) -> Destination:
    """The partner's own address, or one that it named for its receipts: our credentials go to the former alone."""
    partner = relation.partner
    return Destination(
        url=url,
        is_vouched=partner.url_is_vouched,
        timeout=partner.terms.timeout,
        http=partner.terms.http,
        redirect_hosts=partner.redirect_hosts,
        credentials=relation.credentials if partner.may_see_credentials(url) else NO_CREDENTIALS,
    )


async def _tell(transport: Transport, attempt: EventAttempt) -> HTTPReply | PartnerUnreachable:
    """Unlike a partner with its large messages, an endpoint has one time-out for everything."""
    endpoint = attempt.endpoint
    destination = Destination(
        url=endpoint.url,
        is_vouched=endpoint.url_is_vouched,
        timeout=endpoint.timeout,
        needs_tls=True,
        answer_limit=EVENT_ANSWER_LIMIT,
    )
    try:
        async with asyncio.timeout(endpoint.timeout.total_seconds()):
            return await transport.post(destination, headers=attempt.headers, body=Literal(attempt.body))
    except PartnerUnreachable as unreachable:
        return unreachable
    except TimeoutError:
        return PartnerUnreachable(error_details="timeout")


def _told(reply: HTTPReply | PartnerUnreachable) -> Mapping[str, object]:
    """What the log says of an answer, or of its absence."""
    if isinstance(reply, HTTPReply):
        return {"status": reply.status}
    return {"unreachable": reply.details.get("error_details", reply.message)}
