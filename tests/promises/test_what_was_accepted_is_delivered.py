"""After the 202 a message is ours: it reaches the partner's application, once, whatever happens to the process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.listener import Answer, Posted, listening
from tests.peers.pyas2 import Pyas2Peer
from tests.peers.samples import AWKWARD, send_body
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply, free_port


@pytest.fixture(scope="module")
def port() -> int:
    """Where the partner is going to listen."""
    return free_port()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, partner_identity: Identity, port: int) -> Gateway:
    """Knows one partner, who does not listen yet."""
    gateway = Gateway(tmp_path_factory.mktemp("prepared"), as2_id="ACUSE")
    gateway.add_partner(
        *["--compress", "--retry-first", "0.5"],
        as2_id="PYAS2",
        url=f"http://127.0.0.1:{port}/as2",
        certificate=partner_identity.certificate,
    )
    return gateway


@pytest.fixture
def gateway(prepared: Gateway, tmp_path: Path) -> Iterator[Gateway]:
    gateway = prepared.copied_to(tmp_path)
    gateway.start()
    yield gateway
    gateway.stop()


@contextmanager
def partner_at(
    port: int, gateway: Gateway, identity: Identity, *, hold: threading.Event | None = None, loses: int = 0
) -> Iterator[Pyas2Peer]:
    peer = Pyas2Peer(as2_ids=["PYAS2"], identity=identity, port=port, hold=hold, loses=loses)
    peer.meet(gateway.station)
    try:
        yield peer
    finally:
        peer.close()


def accept(gateway: Gateway, payload: bytes = AWKWARD, **fields: object) -> str:
    handle: str = gateway.send(send_body("prt_000001", payload, **fields))["id"]
    return handle


def test_message_accepted_just_before_a_kill_is_delivered_within_ten_seconds_of_the_restart(
    gateway: Gateway, partner_identity: Identity, port: int
) -> None:
    handle = accept(gateway)
    gateway.kill()

    with partner_at(port, gateway, partner_identity) as peer:
        gateway.restart()
        message = gateway.wait_for_end(handle, timeout=10)

        assert "delivered" == message["status"]
        assert [AWKWARD] == [delivery.payload for delivery in peer.deliveries]


def test_attempt_cut_off_by_a_kill_is_repeated_with_the_same_bytes(
    gateway: Gateway, partner_identity: Identity, port: int
) -> None:
    hold = threading.Event()
    with partner_at(port, gateway, partner_identity, hold=hold) as peer:
        handle = accept(gateway)
        wait_until(lambda: peer.listener.posted, what="the first attempt")
        gateway.kill()
        hold.set()
        gateway.restart()
        message = gateway.wait_for_end(handle, timeout=10)

        first, *repeats = peer.listener.posted
        assert repeats
        assert all(_on_the_wire(first) == _on_the_wire(repeat) for repeat in repeats)
        assert "delivered" == message["status"]
        assert [AWKWARD] == [delivery.payload for delivery in peer.deliveries]


@pytest.mark.slow
def test_no_message_is_lost_in_twenty_kills_right_after_the_202(
    gateway: Gateway, partner_identity: Identity, port: int
) -> None:
    with partner_at(port, gateway, partner_identity) as peer:
        handles = []
        for number in range(20):
            handles.append(accept(gateway, b"round %d" % number))
            gateway.kill()
            gateway.restart()

        ends = [gateway.wait_for_end(handle) for handle in handles]

        assert {"delivered"} == {message["status"] for message in ends}
        assert sorted(b"round %d" % number for number in range(20)) == sorted(
            delivery.payload for delivery in peer.deliveries
        )


@pytest.mark.slow
def test_large_message_accepted_just_before_a_kill_is_delivered_whole(
    gateway: Gateway, partner_identity: Identity, port: int
) -> None:
    payload = bytes(range(256)) * 20_000
    handle = accept(gateway, payload)
    gateway.kill()

    with partner_at(port, gateway, partner_identity) as peer:
        gateway.restart()

        assert "delivered" == gateway.wait_for_end(handle)["status"]
        assert [payload] == [delivery.payload for delivery in peer.deliveries]


def test_message_for_a_partner_who_is_down_is_delivered_when_it_is_back(
    gateway: Gateway, partner_identity: Identity, port: int
) -> None:
    handle = accept(gateway)
    wait_until(lambda: gateway.message(handle)["attempts"] >= 2, what="a second attempt")
    assert "processing" == gateway.message(handle)["status"]

    with partner_at(port, gateway, partner_identity) as peer:
        message = gateway.wait_for_end(handle)

        assert "delivered" == message["status"]
        assert 1 == len(peer.deliveries)


def test_wait_for_a_retry_survives_a_kill(gateway: Gateway, partner_identity: Identity, port: int) -> None:
    handle = accept(gateway)
    wait_until(lambda: gateway.message(handle)["attempts"] >= 1, what="the first attempt")
    gateway.kill()

    with partner_at(port, gateway, partner_identity) as peer:
        gateway.restart()

        assert "delivered" == gateway.wait_for_end(handle, timeout=10)["status"]
        assert 1 == len(peer.deliveries)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_trouble_that_passes_is_tried_again(
    gateway: Gateway, partner_identity: Identity, port: int, status: int
) -> None:
    with listening(lambda _: Answer(reply=Reply(status=status)), port=port) as troubled:
        handle = accept(gateway)
        wait_until(lambda: troubled.posted, what="the first attempt")
    with partner_at(port, gateway, partner_identity) as peer:
        assert "delivered" == gateway.wait_for_end(handle)["status"]
        assert _on_the_wire(troubled.posted[0]) == _on_the_wire(peer.listener.posted[0])


def test_message_whose_answer_was_lost_is_repeated_and_reaches_the_application_once(
    gateway: Gateway, partner_identity: Identity, port: int
) -> None:
    with partner_at(port, gateway, partner_identity, loses=2) as peer:
        message = gateway.wait_for_end(accept(gateway))

        assert ("delivered", 3) == (message["status"], message["attempts"])
        assert 3 == len(peer.listener.posted)
        assert 1 == len({_on_the_wire(posted) for posted in peer.listener.posted})
        assert [AWKWARD] == [delivery.payload for delivery in peer.deliveries]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_to_a_host_that_was_not_named_is_not_followed(gateway: Gateway, port: int, status: int) -> None:
    with listening() as elsewhere:
        other_host = elsewhere.url.replace("127.0.0.1", "localhost")
        redirect = Answer(reply=Reply(status=status, headers=(("Location", other_host),)))
        with listening(lambda _: redirect, port=port):
            message = gateway.wait_for_end(accept(gateway))

        assert "failed" == message["status"]
        assert [] == elsewhere.posted


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refusal_by_http_is_final(gateway: Gateway, port: int, status: int) -> None:
    with listening(lambda _: Answer(reply=Reply(status=status)), port=port) as refusing:
        message = gateway.wait_for_end(accept(gateway))

        assert "failed" == message["status"]
        assert str(status) in message["error"]["message"] + str(message["error"]["details"])
        assert 1 == len(refusing.posted)


def test_answer_without_a_receipt_is_no_success(gateway: Gateway, port: int) -> None:
    with listening(lambda _: Answer(reply=Reply(body=b"thank you")), port=port) as polite:
        handle = accept(gateway)
        wait_until(lambda: polite.posted)
        wait_until(lambda: gateway.message(handle)["attempts"] >= 1)

        assert "delivered" != gateway.message(handle)["status"]


def test_receipt_signed_by_a_stranger_is_no_success(gateway: Gateway, stranger_identity: Identity, port: int) -> None:
    with partner_at(port, gateway, stranger_identity):
        message = gateway.wait_for_end(accept(gateway, encrypt=False))

        assert ("failed", "failed") == (message["status"], message["mdn_status"])


def test_negative_receipt_ends_the_sending(gateway: Gateway, stranger_identity: Identity, port: int) -> None:
    """The partner cannot decrypt, because it has another key than the one we were given."""
    with partner_at(port, gateway, stranger_identity) as peer:
        message = gateway.wait_for_end(accept(gateway))

        assert "failed" == message["status"]
        assert 1 == len(peer.listener.posted)


def test_sending_is_given_up_after_the_agreed_time(gateway: Gateway, partner_identity: Identity, port: int) -> None:
    impatient = gateway.add_partner(
        *["--retry-first", "0.2", "--retry-for", "1"],
        as2_id="DOWN",
        url=f"http://127.0.0.1:{port}/",
        certificate=partner_identity.certificate,
    )

    message = gateway.wait_for_end(gateway.send(send_body(impatient["id"], AWKWARD))["id"])

    assert ("failed", "PARTNER_UNREACHABLE") == (message["status"], message["error"]["code"])
    assert message["attempts"] >= 2


def test_message_given_to_a_home_without_a_gateway_leaves_when_one_starts(
    gateway: Gateway, partner_identity: Identity, port: int, tmp_path: Path
) -> None:
    gateway.kill()
    file = tmp_path / "order.edi"
    file.write_bytes(AWKWARD)
    accepted = gateway.cli("send", str(file), "--to", "PYAS2", "--json").json

    with partner_at(port, gateway, partner_identity) as peer:
        gateway.restart()

        assert "delivered" == gateway.wait_for_end(accepted["id"], timeout=10)["status"]
        assert [AWKWARD] == [delivery.payload for delivery in peer.deliveries]


def test_scheduled_message_leaves_when_it_is_due_and_not_before(
    gateway: Gateway, partner_identity: Identity, port: int
) -> None:
    due = time.time() + 2
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(due)) + f".{int(due % 1 * 1e6):06d}Z"
    with partner_at(port, gateway, partner_identity):
        handle = accept(gateway, scheduled_at=moment)
        assert "queued" == gateway.message(handle)["status"]

        message = gateway.wait_for_end(handle)

        assert "delivered" == message["status"]
        assert moment <= message["sent_at"]


def _on_the_wire(posted: Posted) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """RFC 4130 section 5.5: a Message-ID is used again only with the same content, Date included."""
    return posted.headers, posted.body
