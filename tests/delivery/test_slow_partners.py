"""One partner's silence is nobody else's: the real engine, the real transport, and hundreds of messages."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from acuse.as2 import MDNMode
from acuse.delivery.embedded import EmbeddedRunner
from acuse.delivery.handlers import handlers
from acuse.domain.connection import HTTPTerms
from acuse.domain.message import Transmission
from acuse.domain.partner import Partner, Terms
from acuse.ports import MessageFilter
from acuse.services.manage_partners import add_partner
from acuse.testing import FixedWorld
from acuse.transports.http import HTTPTransport
from tests.delivery.conftest import PATIENCE
from tests.services.house import House
from tests.transports.server import Server, SilentServer, running

EACH = 100
PLAIN = Terms(
    sign=None,
    encrypt=None,
    mdn=MDNMode.NONE,
    demand_signed=False,
    demand_encrypted=False,
    timeout=timedelta(minutes=5),
    http=HTTPTerms(connect_timeout=timedelta(minutes=5)),
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, "ACME", FixedWorld())
    yield house
    house.database.close()


def meet(house: House, name: str, url: str, *, concurrency: int) -> Partner:
    return add_partner(
        house.ports,
        space=house.space,
        name=name,
        as2_id=name,
        url=url,
        certificates=[],
        terms=replace(PLAIN, http=replace(PLAIN.http, concurrency=concurrency)),
        url_is_vouched=True,
    )


def sent_to(house: House, partner: Partner) -> int:
    """How many messages this partner took."""
    wanted = MessageFilter(partner_id=partner.id)
    rows = house.ports.views.messages(house.space, wanted, limit=EACH, offset=0).rows
    return sum(row.message.transmission is Transmission.TRANSMITTED for row in rows)


@asynccontextmanager
async def working(house: House) -> AsyncIterator[asyncio.Event]:
    """The engine at work until the event is set and what is under way then has come to its end."""
    stopping = asyncio.Event()
    with ThreadPoolExecutor(4) as threads:
        async with HTTPTransport(user_agent="acuse", allow_private_networks=False) as transport:
            jobs = handlers(house.ports, transport, threads, render=lambda _: b"", render_test=lambda *_: b"")
            task = asyncio.create_task(EmbeddedRunner(house.database.jobs, house.world, jobs).run(stopping))
            try:
                yield stopping
            finally:
                stopping.set()
                async with asyncio.timeout(PATIENCE):
                    await task


async def test_two_partners_who_say_nothing_do_not_hold_up_a_third(house: House) -> None:
    silent, quick = SilentServer(), Server()
    async with working(house) as stopping:
        with socket.create_server(("127.0.0.1", 0), backlog=128) as dead:  # TCP comes about, TLS never begins
            async with running(silent) as silent_url, running(quick) as quick_url:
                dead_url = f"https://127.0.0.1:{dead.getsockname()[1]}/as2"
                partners = [
                    meet(house, "SILENT", silent_url, concurrency=3),
                    meet(house, "DEAD", dead_url, concurrency=8),
                    meet(house, "QUICK", quick_url, concurrency=2),
                ]
                for number in range(EACH * len(partners)):
                    house.partner = partners[number % len(partners)]
                    await asyncio.to_thread(house.accept, b"ST*850*0001~")

                async with asyncio.timeout(PATIENCE):
                    while await asyncio.to_thread(sent_to, house, partners[2]) < EACH:
                        await asyncio.sleep(0.05)

                assert [0, 0, EACH] == [sent_to(house, partner) for partner in partners]
                assert EACH == len(quick.requests)
                assert 3 == silent.connections
                assert quick.connections <= 2
                stopping.set()
