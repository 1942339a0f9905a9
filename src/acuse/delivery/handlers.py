"""The jobs that talk to partners and webhooks: a unit before, the network, a unit after.

Rule: what belongs to test mode is given to the simulated partner and never to the transport.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

from acuse.delivery.embedded import Handler
from acuse.domain.access import Mode
from acuse.domain.connection import NO_CREDENTIALS
from acuse.domain.webhook import WebhookEndpoint, WebhookTest
from acuse.errors import PartnerUnreachable
from acuse.mime import Literal, Source
from acuse.ports import Destination, EventView, HTTPReply, Job, JobKind, Ports, Relation, Transport
from acuse.services.answer_as_partner import answer_as_partner, post_simulated_receipt, take_receipt_as_partner
from acuse.services.begin_attempt import Attempt, begin_attempt
from acuse.services.deliver_event import begin_event_delivery, settle_event_delivery
from acuse.services.deliver_receipt import ReceiptDelivery, begin_receipt_delivery, settle_receipt_delivery
from acuse.services.settle_attempt import settle_attempt
from acuse.services.try_webhook import begin_webhook_test, settle_webhook_test

P = ParamSpec("P")
T = TypeVar("T")


EVENT_ANSWER_LIMIT = 4 * 1024
"""Bytes that are read of what a webhook says: only its status counts."""


def handlers(
    ports: Ports,
    transport: Transport,
    threads: Executor,
    *,
    render: Callable[[EventView], bytes],
    render_test: Callable[[WebhookEndpoint, WebhookTest], bytes],
) -> Mapping[JobKind, Handler]:
    """What the engine does for each kind of job. Services run in `threads`, the network in the event loop; `render`
    writes the body that tells an event, `render_test` the one that tries an endpoint.
    """

    in_thread = _InThreads(threads)
    roads = _Roads(ports, transport, in_thread)

    async def send_message(job: Job) -> Mapping[str, object]:
        attempt = await in_thread(begin_attempt, ports, job.subject_id)
        if attempt is None:
            return {"outcome": "nothing to send"}
        message, reply = attempt.message, await roads.send(attempt)
        expired = attempt.expired + await in_thread(settle_attempt, ports, attempt, reply)
        told = {"message": message.public_id, "wire_id": message.wire_id, "attempt": message.attempts, **_told(reply)}
        return told | ({"expired_certificates": " ".join(expired)} if expired else {})

    async def deliver_receipt(job: Job) -> Mapping[str, object]:
        delivery = await in_thread(begin_receipt_delivery, ports, job.subject_id)
        if delivery is None:
            return {"outcome": "nothing to deliver"}
        reply = await roads.send_receipt(delivery)
        await in_thread(settle_receipt_delivery, ports, delivery, reply)
        return {"message": delivery.message.public_id, "wire_id": delivery.message.wire_id, **_told(reply)}

    async def simulate_receipt(job: Job) -> Mapping[str, object]:
        is_posted = await in_thread(post_simulated_receipt, ports, job.subject_id)
        return {"outcome": "simulated" if is_posted else "nothing to answer"}

    async def deliver_event(job: Job) -> Mapping[str, object]:
        attempt = await in_thread(begin_event_delivery, ports, job.subject_id, render)
        if attempt is None:
            return {"outcome": "nothing to deliver"}
        reply = await _tell(transport, attempt.endpoint, attempt.headers, attempt.body)
        await in_thread(settle_event_delivery, ports, attempt, reply)
        endpoint, event = attempt.endpoint, attempt.event.event
        # No URL: in many products it is the password.
        told = {"endpoint": endpoint.public_id, "event": event.public_id, "event_kind": event.kind.value}
        return {**told, "attempt": attempt.delivery.attempts, **_told(reply)}

    async def test_webhook(job: Job) -> Mapping[str, object]:
        trial = await in_thread(begin_webhook_test, ports, job.subject_id, render_test)
        if trial is None:
            return {"outcome": "nothing to test"}
        reply = await _tell(transport, trial.endpoint, trial.headers, trial.body)
        await in_thread(settle_webhook_test, ports, trial, reply)
        return {"endpoint": trial.endpoint.public_id, **_told(reply)}

    return {
        JobKind.TEST_WEBHOOK: test_webhook,
        JobKind.SEND_MESSAGE: send_message,
        JobKind.DELIVER_RECEIPT: deliver_receipt,
        JobKind.DELIVER_EVENT: deliver_event,
        JobKind.SIMULATE_RECEIPT: simulate_receipt,
    }


class _InThreads:
    """Calls a service in one of the engine's threads."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads

    async def __call__(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(call, *args, **kwargs))


class _Roads:
    """The way to a partner: over the network, or in test mode to the simulated one."""

    def __init__(self, ports: Ports, transport: Transport, in_thread: _InThreads) -> None:
        self._ports = ports
        self._transport = transport
        self._in_thread = in_thread

    async def send(self, attempt: Attempt) -> HTTPReply | PartnerUnreachable:
        relation = attempt.relation
        if relation.mode is Mode.LIVE:
            return await _post(self._transport, relation.partner.url, attempt.headers, attempt.body, relation)
        answer = await self._in_thread(answer_as_partner, self._ports, attempt)
        await asyncio.sleep(answer.after.total_seconds())
        return answer.outcome

    async def send_receipt(self, delivery: ReceiptDelivery) -> HTTPReply | PartnerUnreachable:
        if delivery.relation.mode is Mode.LIVE:
            headers = delivery.receipt.wire.headers
            return await _post(self._transport, delivery.url, headers, delivery.body, delivery.relation)
        return await self._in_thread(take_receipt_as_partner, self._ports, delivery)


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


async def _tell(
    transport: Transport, endpoint: WebhookEndpoint, headers: Sequence[tuple[str, str]], body: bytes
) -> HTTPReply | PartnerUnreachable:
    """Unlike a partner with its large messages, an endpoint has one time-out for everything."""
    destination = Destination(
        url=endpoint.url,
        is_vouched=endpoint.url_is_vouched,
        timeout=endpoint.timeout,
        needs_tls=True,
        answer_limit=EVENT_ANSWER_LIMIT,
    )
    try:
        async with asyncio.timeout(endpoint.timeout.total_seconds()):
            return await transport.post(destination, headers=headers, body=Literal(body))
    except PartnerUnreachable as unreachable:
        return unreachable
    except TimeoutError:
        return PartnerUnreachable(error_details="timeout")


def _told(reply: HTTPReply | PartnerUnreachable) -> Mapping[str, object]:
    """What the log says of an answer, or of its absence."""
    if isinstance(reply, HTTPReply):
        return {"status": reply.status}
    return {"unreachable": reply.details.get("error_details", reply.message)}
