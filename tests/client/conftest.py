"""Two gateways, and clients of the first one."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import pytest

from acuse_client import Acuse, AsyncAcuse
from tests.peers.gateway import Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """ACME, whose clients are tested, and GLOBEX, its partner."""

    acme: Gateway
    globex: Gateway
    partner: str


@pytest.fixture(scope="module")
def pair(start_gateway: Callable[[str], Gateway]) -> Pair:
    acme, globex = start_gateway("ACME"), start_gateway("GLOBEX")
    partner = acme.add_partner(as2_id="GLOBEX", url=globex.receive_url, certificate=globex.certificate)
    globex.add_partner(as2_id="ACME", url=acme.receive_url, certificate=acme.certificate)
    return Pair(acme=acme, globex=globex, partner=partner["id"])


@pytest.fixture
def acuse(pair: Pair) -> Iterator[Acuse]:
    with Acuse(pair.acme.url, pair.acme.api_key) as client:
        yield client


@pytest.fixture
async def async_acuse(pair: Pair) -> AsyncIterator[AsyncAcuse]:
    async with AsyncAcuse(pair.acme.url, pair.acme.api_key) as client:
        yield client
