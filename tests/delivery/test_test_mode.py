"""Test mode in the whole engine, with the transport that opens real sockets: nothing leaves but webhooks."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from acuse.as2 import MDNMode
from acuse.delivery.embedded import EmbeddedRunner
from acuse.delivery.handlers import handlers
from acuse.domain.access import Mode
from acuse.domain.partner import Terms
from acuse.domain.simulation import RECEIPT_AFTER, Behaviour
from acuse.mime import Source
from acuse.ports import Destination, HTTPReply
from acuse.services.accept_message import OutgoingFile
from acuse.services.manage_partners import add_partner
from acuse.services.manage_webhooks import EndpointWish, add_endpoint
from acuse.services.simulate_incoming import SimulatedMessage, simulate_incoming
from acuse.testing import FixedWorld
from acuse.transports.http import HTTPTransport
from acuse.web.api.event_objects import event_body, webhook_test_body
from tests.delivery.conftest import PATIENCE
from tests.peers.listener import Listener, listening
from tests.services.house import INVOICE, House


class Recorded:
    """The real transport, with a note of every address that it was given."""

    def __init__(self, transport: HTTPTransport) -> None:
        self._transport = transport
        self.urls: set[str] = set()

    async def post(self, destination: Destination, *, headers: Sequence[tuple[str, str]], body: Source) -> HTTPReply:
        self.urls.add(destination.url)
        return await self._transport.post(destination, headers=headers, body=body)


@pytest.fixture
def partner_server() -> Iterator[Listener]:
    """Where the partner of live messages listens."""
    with listening() as listener:
        yield listener


@pytest.fixture
def hook() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def house(tmp_path: Path, partner_server: Listener) -> Iterator[House]:
    house = House(tmp_path / "acme", "ACME", FixedWorld())
    house.space = replace(house.space, mode=Mode.TEST)
    house.partner = add_partner(
        house.ports,
        space=house.space,
        name="Globex",
        as2_id="GLOBEX",
        url=partner_server.url,
        certificates=[house.certificate],
        terms=Terms(),
        url_is_vouched=True,
    )
    yield house
    house.database.close()


async def test_nothing_of_test_mode_leaves_but_its_webhooks(
    house: House, partner_server: Listener, hook: Listener
) -> None:
    assert house.partner is not None
    test_hook, live_hook = f"{hook.url}/test", f"{hook.url}/live"
    for url, mode in [(test_hook, Mode.TEST), (live_hook, Mode.LIVE)]:
        space = replace(house.space, mode=mode)
        add_endpoint(house.ports, EndpointWish(url=url), space=space, url_is_vouched=True)
    async with HTTPTransport(user_agent="acuse", allow_private_networks=True) as transport:
        recorded = Recorded(transport)
        with ThreadPoolExecutor(2) as threads:
            stopping = asyncio.Event()
            work = handlers(house.ports, recorded, threads, render=event_body, render_test=webhook_test_body)
            task = asyncio.create_task(EmbeddedRunner(house.database.jobs, house.world, work).run(stopping))
            for wishes in ({}, {"simulate": Behaviour.CONNECTION_REFUSED}, {"mdn": MDNMode.ASYNC}):
                await asyncio.to_thread(house.accept, **wishes)
            file = OutgoingFile(filename=None, content_type="application/edifact", stage=house.stage(INVOICE))
            wish = SimulatedMessage(space=house.space, partner_id=house.partner.id, file=file, mdn=MDNMode.ASYNC)
            await asyncio.to_thread(simulate_incoming, house.ports, wish)
            async with asyncio.timeout(PATIENCE):
                while _kinds(hook).count("message.delivered") < 2 or "message.failed" not in _kinds(hook):
                    house.world.advance(RECEIPT_AFTER)
                    await asyncio.sleep(0.02)
            stopping.set()
            await task

    assert {test_hook} == recorded.urls
    assert [] == partner_server.posted
    assert "message.received" in _kinds(hook)


def _kinds(hook: Listener) -> list[str]:
    return [json.loads(posted.body)["type"] for posted in list(hook.posted)]
