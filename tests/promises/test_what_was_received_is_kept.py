"""A receipt is a promise: what it acknowledges is stored, once, and whoever asks again gets the same bytes again."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers import wire
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.listener import Answer, Posted, listening
from tests.peers.outgoing import Letter, Posting, Sender, encrypted, signed
from tests.peers.receipts import read_receipt
from tests.peers.samples import AWKWARD
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply, free_port

pytestmark = pytest.mark.usefixtures("openssl_is_there")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A gateway and its partner GLOBEX, who writes by hand."""

    gateway: Gateway
    identity: Identity

    def prepare(self, *, receipt_url: str | None = None, payload: bytes = AWKWARD) -> Posting:
        letter = encrypted(signed(Letter.plain(payload), self.identity), self.gateway.certificate)
        sender = Sender(as2_id="GLOBEX", to="ACME", url=self.gateway.receive_url)
        return sender.prepare(letter, receipt_url=receipt_url)

    def assert_kept_once(self, posting: Posting, *, payload: bytes = AWKWARD) -> None:
        [message] = self.gateway.inbound(posting.message_id)
        assert "received" == message["status"]
        assert payload == self.gateway.payload(message["id"]).body


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, partner_identity: Identity) -> Gateway:
    """Knows GLOBEX."""
    gateway = Gateway(tmp_path_factory.mktemp("prepared"), as2_id="ACME")
    gateway.add_partner(as2_id="GLOBEX", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)
    return gateway


@pytest.fixture
def meeting(prepared: Gateway, tmp_path: Path, partner_identity: Identity) -> Iterator[Meeting]:
    gateway = prepared.copied_to(tmp_path)
    gateway.start()
    yield Meeting(gateway=gateway, identity=partner_identity)
    gateway.stop()


def receipt_bytes(reply: Reply) -> tuple[int, str | None, str | None, bytes]:
    """What makes two receipts the same to the partner: status, media type with its boundary, Message-ID and body."""
    assert "processed" == read_receipt(reply.headers, reply.body).status
    return reply.status, reply.header("Content-Type"), reply.header("Message-ID"), reply.body


@pytest.mark.rfc(4130, "5.5")
def test_repeated_message_gets_the_same_receipt_and_is_delivered_once(meeting: Meeting) -> None:
    posting = meeting.prepare()

    replies = [posting.post() for _ in range(3)]

    assert 1 == len({receipt_bytes(reply) for reply in replies})
    meeting.assert_kept_once(posting)


@pytest.mark.rfc(4130, "5.5")
def test_repeats_at_the_same_time_get_one_receipt_and_are_delivered_once(meeting: Meeting) -> None:
    posting = meeting.prepare()

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: posting.post(), range(8)))

    taken = [reply for reply in replies if reply.status != 503]
    assert taken
    assert 1 == len({receipt_bytes(reply) for reply in taken})
    meeting.assert_kept_once(posting)


def test_receipt_given_before_a_kill_is_given_again_after_it(meeting: Meeting) -> None:
    posting = meeting.prepare()
    before = posting.post()
    meeting.gateway.kill()
    meeting.gateway.restart()

    after = posting.post()

    assert receipt_bytes(before) == receipt_bytes(after)
    meeting.assert_kept_once(posting)


@pytest.mark.slow
def test_message_whose_receiving_was_cut_off_by_a_kill_is_delivered_once_when_it_is_repeated(meeting: Meeting) -> None:
    postings = []
    for milliseconds in (0, 2, 5, 10, 20, 40):
        posting = meeting.prepare()
        postings.append(posting)
        wire.post_and_hang_up(posting.url, headers=posting.headers, body=posting.body)
        threading.Event().wait(milliseconds / 1000)
        meeting.gateway.kill()
        meeting.gateway.restart()

        first, second = posting.post(), posting.post()

        assert receipt_bytes(first) == receipt_bytes(second)
    for posting in postings:
        meeting.assert_kept_once(posting)


@pytest.mark.slow
def test_large_message_is_whole_after_a_kill_right_after_its_receipt(meeting: Meeting) -> None:
    payload = bytes(range(256)) * 20_000
    posting = meeting.prepare(payload=payload)
    reply = posting.post()
    meeting.gateway.kill()
    meeting.gateway.restart()

    assert "processed" == read_receipt(reply.headers, reply.body).status
    meeting.assert_kept_once(posting, payload=payload)


def test_message_that_never_arrived_whole_leaves_nothing_after_a_kill(meeting: Meeting) -> None:
    posting = meeting.prepare(payload=bytes(range(256)) * 2000)
    half = posting.body[: len(posting.body) // 2]
    wire.post_and_break_off(posting.url, headers=posting.headers, body=half, announced=len(posting.body))
    meeting.gateway.kill()
    meeting.gateway.restart()

    assert [] == meeting.gateway.inbound(posting.message_id)
    assert "processed" == read_receipt(*_headers_and_body(posting.post())).status


def test_asynchronous_receipt_waits_for_a_partner_who_is_down_even_over_a_kill(meeting: Meeting) -> None:
    port = free_port()
    posting = meeting.prepare(receipt_url=f"http://127.0.0.1:{port}/receipts?order=7")
    reply = posting.post()
    meeting.gateway.kill()

    with listening(port=port) as listener:
        meeting.gateway.restart()
        arrived: Posted = wait_until(lambda: listener.posted, timeout=15, what="the receipt")[0]

    assert (200, b"") == (reply.status, reply.body)
    assert "/receipts?order=7" == arrived.path
    assert ("ACME", "GLOBEX") == (arrived.header("AS2-From"), arrived.header("AS2-To"))
    receipt = read_receipt(arrived.headers, arrived.body)
    assert ("processed", True) == (receipt.status, receipt.is_signed)
    meeting.assert_kept_once(posting)


def test_asynchronous_receipt_is_posted_again_with_the_same_bytes_for_a_repeat(meeting: Meeting) -> None:
    with listening() as listener:
        posting = meeting.prepare(receipt_url=listener.url)
        posting.post()
        wait_until(lambda: len(listener.posted) == 1, what="the receipt")
        posting.post()
        wait_until(lambda: len(listener.posted) == 2, what="the receipt again")

        first, second = listener.posted
        assert (first.body, first.header("Message-ID")) == (second.body, second.header("Message-ID"))
    meeting.assert_kept_once(posting)


def test_answer_to_a_message_with_asynchronous_receipt_ends_before_the_receipt_is_posted(meeting: Meeting) -> None:
    answered = threading.Event()
    in_order: list[bool] = []

    def note(_: Posted) -> Answer:
        in_order.append(answered.wait(5))
        return Answer()

    with listening(note) as listener:
        posting = meeting.prepare(receipt_url=listener.url)
        posting.post()
        answered.set()
        wait_until(lambda: in_order, what="the receipt")

    assert [True] == in_order


def _headers_and_body(reply: Reply) -> tuple[wire.Headers, bytes]:
    return reply.headers, reply.body
