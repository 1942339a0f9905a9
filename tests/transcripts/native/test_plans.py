"""How many calls at once a plan allows, as documented: so many may be under way, and the next is refused."""

import http.client
from contextlib import ExitStack

import pytest

from tests.peers.waiting import wait_until
from tests.transcripts.native.conftest import Market


def begin_upload(market: Market) -> http.client.HTTPConnection:
    """A call whose body has not ended."""
    connection = http.client.HTTPConnection("127.0.0.1", market.ours.port, timeout=20)
    connection.putrequest("POST", "/v1/messages")
    connection.putheader("Authorization", f"Bearer {market.ours.api_key}")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"{")
    return connection


@pytest.mark.parametrize(("plan", "limit"), [("free", 5), ("starter", 10), ("professional", 25)])
@pytest.mark.documented("Plans", "5, 10 and 25 concurrent requests; Enterprise as the operator says")
def test_calls_at_once_are_as_many_as_the_plan_allows(market: Market, plan: str, limit: int) -> None:
    assert 0 == market.ours.cli("account", "set", "--plan", plan).code

    with ExitStack() as uploads:
        for _ in range(limit):
            uploads.callback(begin_upload(market).close)
        refused = wait_until(
            lambda: reply if (reply := market.ours.api("GET", "/v1/messages")).status != 200 else None,
            what="a refusal while all places are taken",
        )
    freed = wait_until(lambda: market.ours.api("GET", "/v1/messages").status == 200, what="a free place")

    assert 0 == market.ours.cli("account", "set", "--plan", "enterprise").code
    assert freed
    assert (429, "RATE_LIMITED") == (refused.status, refused.json["error"]["code"])
    assert int(refused.header("Retry-After") or "0") >= 1
