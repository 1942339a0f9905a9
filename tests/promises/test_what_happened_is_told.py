"""What was committed is told to every webhook, in order for each message, whatever happens to either side."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks

from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.listener import Answer, Listener, Posted, listening
from tests.peers.pyas2 import Pyas2Peer
from tests.peers.samples import AWKWARD, send_body
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply, free_port

ALL = ["message.queued", "message.processing", "message.sent", "message.delivered"]


@pytest.fixture(scope="module")
def hook_port() -> int:
    """Where the receiver is going to listen."""
    return free_port()


@pytest.fixture(scope="module")
def peer(partner_identity: Identity) -> Iterator[Pyas2Peer]:
    peer = Pyas2Peer(as2_ids=["PYAS2"], identity=partner_identity)
    yield peer
    peer.close()


@pytest.fixture(scope="module")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, partner_identity: Identity, peer: Pyas2Peer, hook_port: int
) -> Gateway:
    """Knows a partner who answers, and a webhook where nobody listens yet."""
    gateway = Gateway(tmp_path_factory.mktemp("prepared"), as2_id="ACUSE")
    peer.meet(gateway.station)
    gateway.add_partner(as2_id="PYAS2", url=peer.listener.url, certificate=partner_identity.certificate)
    hook = gateway.cli("webhook", "add", "--url", f"http://127.0.0.1:{hook_port}/hook", "--json").json
    (gateway.home.parent / "secret").write_text(hook["secret"])
    return gateway


@pytest.fixture
def secret(prepared: Gateway) -> str:
    return (prepared.home.parent / "secret").read_text()


@pytest.fixture
def gateway(prepared: Gateway, tmp_path: Path) -> Iterator[Gateway]:
    gateway = prepared.copied_to(tmp_path)
    gateway.start()
    patience = {"retry_first": 0.2, "retry_longest": 0.5, "timeout": 0.5}
    assert 200 == gateway.api("PATCH", "/v1/webhook-endpoints/wh_000001", body=patience).status
    yield gateway
    gateway.stop()


def accept(gateway: Gateway) -> str:
    handle: str = gateway.send(send_body("prt_000001", AWKWARD))["id"]
    return handle


def told(listener: Listener, secret: str) -> dict[str, list[str]]:
    """Kinds by message in the order in which they came, each event once; every signature is verified."""
    events: dict[str, dict[str, Any]] = {}
    for posted in list(listener.posted):
        headers = {name.lower(): value for name, value in posted.headers}
        event = standardwebhooks.Webhook(secret).verify(posted.body, headers)
        assert event == json.loads(posted.body)
        assert event["id"] == headers["webhook-id"]
        events.setdefault(event["id"], event)
    kinds: dict[str, list[str]] = {}
    for event in events.values():
        kinds.setdefault(event["data"]["id"], []).append(event["event"])
    return kinds


def wait_until_told(listener: Listener, secret: str, handles: list[str], *, timeout: float = 15) -> None:
    expected = dict.fromkeys(handles, ALL)
    wait_until(lambda: told(listener, secret) == expected, timeout=timeout, what=f"all events of {handles}")


def deliveries(gateway: Gateway, endpoint: str = "wh_000001", **query: str) -> list[dict[str, Any]]:
    wanted = "&".join(f"{name}={value}" for name, value in {"per_page": "100", **query}.items())
    reply = gateway.api("GET", f"/v1/webhook-endpoints/{endpoint}/deliveries?{wanted}")
    assert reply.status == 200, reply.body
    rows: list[dict[str, Any]] = reply.json["data"]
    return rows


def test_each_event_is_posted_once_and_in_order(gateway: Gateway, hook_port: int, secret: str) -> None:
    with listening(port=hook_port) as receiver:
        handles = [accept(gateway) for _ in range(5)]
        wait_until_told(receiver, secret, handles)
        wait_until(lambda: not deliveries(gateway, state="pending"), what="an empty queue")

        assert 20 == len(receiver.posted)
        assert {1} == {line["attempts"] for line in deliveries(gateway)}


def test_a_receiver_that_is_down_for_a_while_misses_nothing(gateway: Gateway, hook_port: int, secret: str) -> None:
    handles = [accept(gateway) for _ in range(3)]
    for handle in handles:
        gateway.wait_for_end(handle)
    wait_until(lambda: all(line["attempts"] >= 2 for line in deliveries(gateway) if line["event"] == ALL[0]))
    assert {0} == {line["attempts"] for line in deliveries(gateway) if line["event"] != ALL[0]}

    with listening(port=hook_port) as receiver:
        wait_until_told(receiver, secret, handles)


def troubled(kind: str, posted: Posted, hold: threading.Event) -> Answer:
    if kind == "hangs":
        hold.wait(5)
    if kind == "closes inside its answer":
        return Answer(reply=Reply(status=200, headers=(("Content-Length", "1000"),), body=b"half of it"))
    return Answer(reply=None) if kind in ("closes", "hangs") else Answer(reply=Reply(status=int(kind)))


@pytest.mark.parametrize("kind", ["500", "404", "410", "302", "hangs", "closes", "closes inside its answer"])
def test_a_receiver_in_trouble_misses_nothing(gateway: Gateway, hook_port: int, secret: str, kind: str) -> None:
    hold, refused = threading.Event(), set[bytes]()

    def answer(posted: Posted) -> Answer:
        """Trouble at the first attempt of each event."""
        if posted.header("webhook-id") in {json.loads(body)["id"] for body in refused}:
            return Answer()
        refused.add(posted.body)
        return troubled(kind, posted, hold)

    with listening(answer, port=hook_port) as receiver:
        handles = [accept(gateway) for _ in range(2)]
        wait_until_told(receiver, secret, handles)
        wait_until(lambda: not deliveries(gateway, state="pending"), what="an empty queue")
        hold.set()

        assert {("delivered", 2)} == {(line["state"], line["attempts"]) for line in deliveries(gateway)}


def test_an_event_that_was_committed_before_a_kill_is_told_after_the_restart(
    gateway: Gateway, hook_port: int, secret: str
) -> None:
    handle = accept(gateway)
    gateway.kill()

    with listening(port=hook_port) as receiver:
        gateway.restart()
        wait_until_told(receiver, secret, [handle])


def test_an_attempt_cut_off_by_a_kill_is_repeated_with_the_same_id(
    gateway: Gateway, hook_port: int, secret: str
) -> None:
    hold = threading.Event()

    def answer(_: Posted) -> Answer:
        hold.wait(10)
        return Answer()

    with listening(answer, port=hook_port) as receiver:
        handle = accept(gateway)
        wait_until(lambda: receiver.posted, what="the first attempt")
        gateway.kill()
        hold.set()
        gateway.restart()
        wait_until_told(receiver, secret, [handle])

        assert receiver.posted[0].body == receiver.posted[1].body


def test_a_dead_endpoint_holds_up_no_other_one(gateway: Gateway, hook_port: int, secret: str) -> None:
    hold = threading.Event()

    def hang(_: Posted) -> Answer:
        hold.wait(30)
        return Answer(reply=None)

    with listening(hang) as dead, listening(port=hook_port) as receiver:
        gateway.cli("webhook", "add", "--url", dead.url, "--json")
        handles = [accept(gateway) for _ in range(10)]
        wait_until_told(receiver, secret, handles)

        assert not deliveries(gateway, "wh_000002", state="delivered")
        hold.set()


def test_a_redirect_is_not_followed(gateway: Gateway, hook_port: int) -> None:
    with listening() as elsewhere:
        redirect = Answer(reply=Reply(status=307, headers=(("Location", elsewhere.url),)))
        with listening(lambda _: redirect, port=hook_port) as receiver:
            accept(gateway)
            wait_until(lambda: len(receiver.posted) >= 2)

        assert [] == elsewhere.posted


def test_a_name_that_leads_into_a_private_network_is_not_called(gateway: Gateway) -> None:
    """The URL is refused by its name where that can be told, and by its address when it is called."""
    for url in ("http://example.com/", "https://localhost/", "https://127.0.0.1/", "https://[::1]/"):
        assert 422 == gateway.api("POST", "/v1/webhook-endpoints", body={"url": url}).status
    with listening() as receiver:
        made = gateway.api("POST", "/v1/webhook-endpoints", body={"url": f"https://0x7f000001:{receiver.port}/"})
        assert 201 == made.status
        accept(gateway)

        def first_error() -> object:
            return deliveries(gateway, made.json["data"]["id"])[-1]["error"]

        assert "private network" == wait_until(first_error)
        assert [] == receiver.posted


def test_a_secret_is_in_no_log_and_no_file_of_the_home(gateway: Gateway, hook_port: int, secret: str) -> None:
    with listening(port=hook_port) as receiver:
        wait_until_told(receiver, secret, [accept(gateway)])

    assert "event_kind=message.delivered" in gateway.log
    assert secret not in gateway.log
    files = [file for file in gateway.home.rglob("*") if file.is_file()]
    assert [] == [file for file in files if secret.encode() in file.read_bytes()]


def test_a_test_tells_what_the_endpoint_answered(gateway: Gateway, hook_port: int, secret: str) -> None:
    with listening(port=hook_port) as receiver:
        good = gateway.api("POST", "/v1/webhook-endpoints/wh_000001/test").json["data"]
        (posted,) = receiver.posted
    bad = gateway.api("POST", "/v1/webhook-endpoints/wh_000001/test").json["data"]

    headers = {name.lower(): value for name, value in posted.headers}
    body = standardwebhooks.Webhook(secret).verify(posted.body, headers)
    assert ("webhook.test", "webhook.test", "wh_000001") == (body["type"], body["event"], body["data"]["id"])
    assert (True, 200, None, body["id"]) == tuple(
        good[name] for name in ("success", "status_code", "error", "event_id")
    )
    assert (False, None, True) == (bad["success"], bad["status_code"], bool(bad["error"]))
    assert "webhook.test" not in {event["type"] for event in gateway.api("GET", "/v1/events").json["data"]}


def test_what_was_given_up_is_told_when_it_is_replayed(gateway: Gateway, hook_port: int, secret: str) -> None:
    endpoint = "/v1/webhook-endpoints/wh_000001"
    assert 200 == gateway.api("PATCH", endpoint, body={"retry_first": 0.1, "retry_for": 0.1}).status
    handle = accept(gateway)
    gateway.wait_for_end(handle)
    wait_until(lambda: len(deliveries(gateway, state="given_up")) == len(ALL), what="all events given up")

    with listening(port=hook_port) as receiver:
        assert {"deliveries": len(ALL)} == gateway.api("POST", f"{endpoint}/replay").json["data"]
        wait_until_told(receiver, secret, [handle])

        kinds = [json.loads(posted.body)["type"] for posted in receiver.posted]
        assert ALL == kinds


def test_after_a_rotation_both_secrets_verify(gateway: Gateway, hook_port: int, secret: str) -> None:
    rotated = gateway.api("POST", "/v1/webhook-endpoints/wh_000001/rotate-secret").json["data"]["secret"]

    with listening(port=hook_port) as receiver:
        handle = accept(gateway)
        wait_until_told(receiver, secret, [handle])
        wait_until_told(receiver, rotated, [handle])

        assert None not in {posted.header("X-Signature-Replaced") for posted in receiver.posted}
