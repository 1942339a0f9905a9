"""Test mode from outside: a real gateway, a test key, and nobody at the partner's address."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.listener import Listener, listening
from tests.peers.samples import AWKWARD, send_body
from tests.peers.waiting import wait_until

SECONDS = 15


@pytest.fixture(scope="module")
def partner_server() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def gateway(
    tmp_path_factory: pytest.TempPathFactory, partner_identity: Identity, partner_server: Listener
) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("test-mode"), as2_id="ACUSE")
    gateway.add_partner(as2_id="GLOBEX", url=partner_server.url, certificate=partner_identity.certificate)
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> str:
    made = gateway.cli("key", "create", "--mode", "test", "--scopes", "read,write,delete", "--json").json
    text: str = made["api_key"]
    return text


def send(gateway: Gateway, key: str, **fields: object) -> str:
    made = gateway.api("POST", "/v1/messages", key=key, body={**send_body("prt_000001", AWKWARD), **fields})
    assert 202 == made.status, made.body
    handle: str = made.json["data"]["id"]
    return handle


def ended(gateway: Gateway, key: str, handle: str, *, late: bool) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        shown: dict[str, Any] = gateway.api("GET", f"/v1/messages/{handle}", key=key).json["data"]
        is_over = shown["late_receipt"] if late else shown["status"] in ("delivered", "failed")
        return shown if is_over else None

    return wait_until(look, timeout=SECONDS, what=f"the end of {handle}")


def test_each_error_path_shows_within_seconds_and_nothing_reaches_the_partner(
    gateway: Gateway, key: str, partner_server: Listener
) -> None:
    wanted = {
        "positive": ("delivered", "received", None),
        "mic-mismatch": ("failed", "failed", "MIC_MISMATCH"),
        "authentication-failed": ("failed", "received", "MDN_NEGATIVE"),
        "timeout": ("failed", "pending", "PARTNER_UNREACHABLE"),
        "http-500": ("failed", "pending", "PARTNER_REFUSED"),
        "http-503-once": ("delivered", "received", None),
        "late-receipt": ("failed", "received", "MDN_TIMEOUT"),
    }
    handles = {
        name: send(gateway, key, simulate=name, mdn_mode="async" if name == "late-receipt" else "sync")
        for name in wanted
    }

    found = {name: ended(gateway, key, handle, late=name == "late-receipt") for name, handle in handles.items()}

    assert wanted == {
        name: (shown["status"], shown["mdn_status"], shown["error"] and shown["error"]["code"])
        for name, shown in found.items()
    }
    assert [] == partner_server.posted
    assert "acuse simulated partner" == found["positive"]["mdn_data"]["reporting_ua"]


def test_webhooks_of_test_mode_are_posted_and_live_ones_hear_nothing(gateway: Gateway, key: str) -> None:
    with listening() as live:
        gateway.cli("webhook", "add", "--url", live.url, "--json")
        handle = send(gateway, key)
        ended(gateway, key, handle, late=False)
        feed = gateway.api("GET", "/v1/events?per_page=100", key=key).json["data"]

        kinds = [event["type"] for event in feed if event["data"]["id"] == handle]
        assert ["message.queued", "message.processing", "message.sent", "message.delivered"] == kinds
        assert [] == gateway.api("GET", "/v1/webhook-endpoints/wh_000001/deliveries").json["data"]
        assert [] == live.posted
