"""The engine with its handlers: what was accepted goes out, and the receipt comes back, by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from acuse.as2 import MDNMode
from acuse.delivery.embedded import EmbeddedRunner
from acuse.delivery.handlers import handlers
from acuse.domain.message import Message, ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.errors import PartnerUnreachable
from acuse.mime import Source
from acuse.ports import Destination, HTTPReply
from acuse.testing import FixedWorld
from tests.delivery.conftest import PATIENCE
from tests.services.house import House, bytes_of, reply_of


class Carrier:
    """A transport between two houses in this process; the first `lost` posts get nowhere."""

    def __init__(self, *houses: House) -> None:
        self._houses = {house.station.receive_url: house for house in houses}
        self.lost = 0
        self.posted: list[str] = []

    async def post(self, destination: Destination, *, headers: Sequence[tuple[str, str]], body: Source) -> HTTPReply:
        url = destination.url
        self.posted.append(url)
        if self.lost:
            self.lost -= 1
            raise PartnerUnreachable(error_details="lost")
        return reply_of(await asyncio.to_thread(self._houses[url].take, headers, bytes_of(body)))


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[tuple[House, House]]:
    world = FixedWorld()
    with ExitStack() as stack:
        acme, globex = (House(tmp_path / name, name, world) for name in ("ACME", "GLOBEX"))
        for house in (acme, globex):
            stack.callback(house.database.close)
        yield acme, globex


@asynccontextmanager
async def engine(house: House, carrier: Carrier) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    with ThreadPoolExecutor(2) as threads:
        work = handlers(house.ports, carrier, threads, render=lambda _: b"", render_test=lambda *_: b"")
        task = asyncio.create_task(EmbeddedRunner(house.database.jobs, house.world, work).run(stopping))
        try:
            yield
        finally:
            stopping.set()
            async with asyncio.timeout(PATIENCE):
                await task


async def settled(house: House, message: Message, transmission: Transmission, receipt: ReceiptState) -> Message:
    async with asyncio.timeout(PATIENCE):
        while True:
            current = await asyncio.to_thread(house.message, message)
            if (transmission, receipt) == (current.transmission, current.receipt):
                return current
            await asyncio.sleep(0.01)


async def test_message_goes_out_and_its_receipt_comes_in_the_answer(houses: tuple[House, House]) -> None:
    acme, globex = houses
    carrier = Carrier(acme, globex)
    acme.meet(globex, Terms())
    globex.meet(acme, Terms())

    async with engine(acme, carrier):
        message = await asyncio.to_thread(acme.accept)
        await settled(acme, message, Transmission.TRANSMITTED, ReceiptState.POSITIVE)

    assert ([globex.station.receive_url], 1) == (carrier.posted, len(globex.inbound()))


async def test_lost_message_and_lost_receipt_are_posted_again(houses: tuple[House, House]) -> None:
    acme, globex = houses
    carrier = Carrier(acme, globex)
    acme.meet(globex, Terms(mdn=MDNMode.ASYNC))
    globex.meet(acme, Terms(mdn=MDNMode.ASYNC))

    async with engine(acme, carrier), engine(globex, carrier):
        carrier.lost = 1
        message = await asyncio.to_thread(acme.accept)
        waiting = await settled(acme, message, Transmission.RETRY_WAIT, ReceiptState.PENDING)
        assert waiting.next_attempt_at
        acme.world.present = waiting.next_attempt_at
        await settled(acme, message, Transmission.TRANSMITTED, ReceiptState.PENDING)
        [inbound] = globex.inbound()
        carrier.lost = 1
        acme.world.advance(timedelta(seconds=4))
        while not globex.message(inbound.message).attempts:
            await asyncio.sleep(0.01)
        acme.world.advance(timedelta(seconds=4))
        await settled(acme, message, Transmission.TRANSMITTED, ReceiptState.POSITIVE)
        await settled(globex, inbound.message, Transmission.RECEIVED, ReceiptState.POSITIVE)

    there, back = globex.station.receive_url, acme.station.receive_url
    assert [there, there, back, back] == carrier.posted
