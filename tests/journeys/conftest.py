"""Fixtures of the journeys."""

from collections.abc import Callable

import pytest

from tests.journeys.meeting import Meeting
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.outgoing import Sender


@pytest.fixture(scope="module")
def meeting(
    start_gateway: Callable[[str], Gateway], partner_identity: Identity, stranger_identity: Identity
) -> Meeting:
    gateway = start_gateway("ACME")
    gateway.add_partner(as2_id="GLOBEX", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)
    sender = Sender(as2_id="GLOBEX", to="ACME", url=gateway.receive_url)
    return Meeting(gateway=gateway, sender=sender, identity=partner_identity, stranger=stranger_identity)
