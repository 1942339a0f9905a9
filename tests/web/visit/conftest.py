"""An office and a visitor, with the fixtures of the faces."""

import pytest

from tests.web.client import Client
from tests.web.conftest import World, client, founded_home, start, world
from tests.web.visit.office import Office, Visitor

__all__ = ["client", "founded_home", "start", "world"]


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


@pytest.fixture
def visitor(client: Client) -> Visitor:
    return Visitor(client=client)
