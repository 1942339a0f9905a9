"""What an operator decides over messages while the gateway works, and what both sides see then.

The partner is another gateway; while it is stopped, nobody listens there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.peers.gateway import Gateway
from tests.peers.samples import AWKWARD, send_body
from tests.peers.waiting import wait_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """ACME sends, GLOBEX receives."""

    acme: Gateway
    globex: Gateway
    partner_id: str

    def send(self) -> str:
        return str(self.acme.send(send_body(self.partner_id, AWKWARD))["id"])

    def send_in_vain(self) -> str:
        """A message that waits for its next attempt."""
        public_id = self.send()
        wait_until(lambda: self.acme.message(public_id)["next_attempt_at"], what="an attempt that failed")
        return public_id

    def decide(self, public_id: str, act: str) -> dict[str, Any]:
        reply = self.acme.api("POST", f"/v1/messages/{public_id}/{act}")
        assert reply.status in (200, 202), reply.body
        shown: dict[str, Any] = reply.json["data"]
        return shown


@pytest.fixture(scope="module")
def met(start_gateway: Callable[[str], Gateway]) -> Pair:
    acme, globex = start_gateway("ACME"), start_gateway("GLOBEX")
    partner = acme.add_partner(as2_id="GLOBEX", url=globex.receive_url, certificate=globex.certificate)
    globex.add_partner(as2_id="ACME", url=acme.receive_url, certificate=acme.certificate)
    return Pair(acme=acme, globex=globex, partner_id=partner["id"])


@pytest.fixture
def deaf(met: Pair) -> Pair:
    """GLOBEX is stopped; the test starts it."""
    met.globex.stop()
    return met


def test_resent_message_arrives_as_another_one_and_both_are_linked(met: Pair) -> None:
    old = met.acme.wait_for_end(met.send())

    new = met.acme.wait_for_end(met.decide(old["id"], "resend")["id"])

    arrivals = [met.globex.inbound(message["message_id"]) for message in (old, new)]
    assert [1, 1] == [len(rows) for rows in arrivals]
    assert [AWKWARD, AWKWARD] == [met.globex.payload(rows[0]["id"]).body for rows in arrivals]
    assert ("delivered", old["id"]) == (new["status"], new["resend_of"])
    assert [new["id"]] == met.acme.message(old["id"])["resent_as"]


def test_both_sides_have_the_same_bytes_of_message_and_receipt(met: Pair) -> None:
    sent = met.acme.wait_for_end(met.send())
    [arrived] = met.globex.inbound(sent["message_id"])

    ours, theirs = (
        {what: gateway.api("GET", f"/v1/messages/{public_id}/{what}").body for what in ("raw", "mdn")}
        for gateway, public_id in ((met.acme, sent["id"]), (met.globex, arrived["id"]))
    )

    assert ours["raw"].partition(b"\r\n\r\n")[2] == theirs["raw"].partition(b"\r\n\r\n")[2]
    assert ours["mdn"] == theirs["mdn"]


def test_retried_message_arrives_once_and_at_once(deaf: Pair) -> None:
    public_id = deaf.send_in_vain()
    before = deaf.acme.message(public_id)

    deaf.globex.start()
    deaf.decide(public_id, "retry")

    after = deaf.acme.wait_for_end(public_id)
    assert ("delivered", before["message_id"]) == (after["status"], after["message_id"])
    assert 1 == len(deaf.globex.inbound(after["message_id"]))


def test_cancelled_message_never_arrives(deaf: Pair) -> None:
    public_id = deaf.send_in_vain()

    cancelled = deaf.decide(public_id, "cancel")
    deaf.globex.start()
    deaf.acme.wait_for_end(deaf.send())

    assert ("failed", "CANCELLED", None) == (
        cancelled["status"],
        cancelled["error"]["code"],
        cancelled["next_attempt_at"],
    )
    assert [] == deaf.globex.inbound(cancelled["message_id"])
    assert cancelled["updated_at"] == deaf.acme.message(public_id)["updated_at"]
