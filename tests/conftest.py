"""Fixtures that more than one folder uses: identities, gateways and the openssl command."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import settings

from tests.peers import openssl
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity, make_identity

# How long an example takes says nothing about the code on a machine that does other work too.
settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")

FOLDERS_WITH_GATEWAYS = {"interop", "journeys", "promises"}
FIXTURES_WITH_GATEWAYS = {"start_gateway", "new_gateway"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts a gateway process, so that it can be left out."""
    for item in items:
        if item.path.parent.name in FOLDERS_WITH_GATEWAYS or FIXTURES_WITH_GATEWAYS & set(_fixtures(item)):
            item.add_marker(pytest.mark.gateway)


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else ()


@pytest.fixture(scope="session")
def partner_identity() -> Identity:
    """The key pair of the other party."""
    return make_identity("partner.test")


@pytest.fixture(scope="session")
def stranger_identity() -> Identity:
    """A key pair that nobody was told of."""
    return make_identity("stranger.test")


@pytest.fixture(scope="session")
def openssl_is_there() -> None:
    openssl.require_openssl()


@pytest.fixture(scope="module")
def start_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Gateway]]:
    """Makes gateways that run until the module ends."""
    started: list[Gateway] = []

    def start(as2_id: str, *, within: Mapping[str, str] = {}) -> Gateway:
        gateway = Gateway(tmp_path_factory.mktemp(as2_id), as2_id=as2_id)
        started.append(gateway)
        gateway.start(within=within)
        return gateway

    yield start
    for gateway in started:
        gateway.stop()


@pytest.fixture
def new_gateway(tmp_path: Path) -> Iterator[Callable[[str], Gateway]]:
    """The same for gateways of one test."""
    made: list[Gateway] = []

    def make(as2_id: str) -> Gateway:
        (tmp_path / as2_id).mkdir()
        gateway = Gateway(tmp_path / as2_id, as2_id=as2_id)
        made.append(gateway)
        gateway.start()
        return gateway

    yield make
    for gateway in made:
        gateway.stop()
