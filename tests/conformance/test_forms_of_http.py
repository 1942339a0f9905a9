"""Forms of HTTP that some partners use, towards a real gateway: requirements 16 and 22 of the index."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.journeys.meeting import Meeting
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.listener import Answer, listening
from tests.peers.outgoing import Posting, Sender
from tests.peers.samples import AWKWARD, send_body
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply

pytestmark = pytest.mark.usefixtures("openssl_is_there")


@pytest.fixture(scope="module")
def meeting(
    start_gateway: Callable[[str], Gateway], partner_identity: Identity, stranger_identity: Identity
) -> Meeting:
    gateway = start_gateway("ACME")
    gateway.add_partner(as2_id="GLOBEX", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)
    sender = Sender(as2_id="GLOBEX", to="ACME", url=gateway.receive_url)
    return Meeting(gateway=gateway, sender=sender, identity=partner_identity, stranger=stranger_identity)


def exchange(posting: Posting, head: bytes, body: bytes) -> bytes:
    """The whole answer to these bytes."""
    parts = urlsplit(posting.url)
    answer = b""
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=20) as connection:
        connection.sendall(head + b"\r\n\r\n" + body)
        while piece := connection.recv(65536):
            answer += piece
    return answer


def head_of(posting: Posting, *lines: str) -> bytes:
    fields = [f"{name}: {value}" for name, value in posting.headers.items()]
    start = ["POST /as2 HTTP/1.1", "Host: acuse", "Connection: close"]
    return "\r\n".join([*start, *fields, *lines]).encode()


@pytest.mark.parametrize("blanks", [b" ", b"    "])
def test_blanks_after_the_size_of_a_chunk_do_not_matter(meeting: Meeting, blanks: bytes) -> None:
    posting = meeting.sender.prepare(meeting.good_letter())
    chunked = b"%x%s\r\n%s\r\n0%s\r\n\r\n" % (len(posting.body), blanks, posting.body, blanks)

    answer = exchange(posting, head_of(posting, "Transfer-Encoding: chunked"), chunked)

    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert b"MDN-sent-automatically; processed\r\n" in answer


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_says_that_the_message_was_transferred(meeting: Meeting, status: int) -> None:
    with listening(lambda _: Answer(reply=Reply(status=status))) as listener:
        partner = meeting.gateway.add_partner(
            as2_id=f"ANSWERS-{status}", url=listener.url, certificate=meeting.identity.certificate
        )
        sent = meeting.gateway.send(send_body(partner["id"], AWKWARD, mdn_mode="async"))

        wait_until(lambda: meeting.gateway.message(sent["id"])["status"] == "sent", what="sent")
