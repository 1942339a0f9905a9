"""Header fields over several lines, over a bare connection to the real server: read where it is safe, else refused."""

from collections.abc import Iterator

import pytest

from acuse.domain.partner import Partner
from acuse.web.options import MAX_HEAD
from acuse.web.unfolding import HeadLines
from tests.web.client import Client
from tests.web.conftest import World
from tests.web.test_as2in import OPEN, head, received

BODY = b"UNB+UNOA\r\n folded?: no\r\n\r\n"
LENGTH = f"Content-Length: {len(BODY)}"
CLOSE = "Connection: close"


@pytest.fixture
def partner(world: World) -> Partner:
    """A partner who may send in the clear."""
    return world.new_partner("OPEN", OPEN)


def sizes(world: World) -> list[int]:
    return [view.message.size for view in received(world)]


# ── What is read ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(9112, "5.2")
@pytest.mark.parametrize("fold", ["\r\n ", "\r\n\t", " \r\n  \t "], ids=["blank", "tab", "both"])
def test_folded_field_is_read_as_if_it_stood_on_one_line(
    world: World, partner: Partner, client: Client, fold: str
) -> None:
    folded = head(LENGTH, CLOSE, f"Subject: Order{fold}No.{fold}7", AS2_To=f"{fold}ACME")

    answer = client.raw(folded + BODY)

    assert answer.startswith(b"HTTP/1.1 200 "), answer
    [view] = received(world)
    assert ["Order", "No.", "7"] == (view.message.subject or "").split()
    assert len(BODY) == view.message.size


@pytest.mark.rfc(9112, "5.2")
def test_folded_field_may_arrive_byte_by_byte_and_on_each_request_of_a_connection(
    world: World, partner: Partner, client: Client
) -> None:
    with client.connect() as connection:
        for number in (1, 2):
            request = head(LENGTH, "Subject: Order\r\n 7", message_id=f"<{number}@open>") + BODY
            for place in range(len(request)):
                connection.sendall(request[place : place + 1])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")

    assert [len(BODY)] * 2 == sizes(world)


def test_bytes_of_a_body_are_never_taken_for_folds(world: World, partner: Partner, client: Client) -> None:
    body = b"A: b\r\n c\r\nUpgrade: x\r\n\r\nPOST /as2 HTTP/1.1\r\n d"
    with client.connect() as connection:
        connection.sendall(head(f"Content-Length: {len(body)}", "X: 1\r\n 2"))
        for place in range(len(body)):
            connection.sendall(body[place : place + 1])
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")

    [view] = received(world)
    with world.ports.blobs.open(view.attachments[0].blob_id) as file:
        assert body == file.read()


# ── What is refused ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(9112, "11.2")
@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length:\r\n 5",
        "Content-Length: 5\r\n 5",
        "Transfer-Encoding:\r\n chunked",
        "Transfer-Encoding: chunked\r\n , identity",
        "Transfer-Encoding\r\n : chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nX: a\rb",
        "Content-Length: 5\r\nX: a\r\n \rb",
        "Content-Length: 5\r\nX: a\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nX: a\n b",
        "Content-Length: 5\r\nX: a\0b",
        "Content-Length: 5\r\nX: a\r\n \0b",
        "Content-Length: 5\r\nX: a\x01b",
        "Content-Length: 5\r\nX: a\r\n\x0bb",
        "Content-Length: 5\r\nX: a\r\n \r\n b",
        "Content-Length: 5\r\nX: a\r\n \t",
        "Content-Length: 5\r\nX\r\n b: c",
        "Content-Length: 5\r\nConnection:\r\n upgrade",
        "Content-Length: 5\r\nX-Forwarded-For:\r\n 1.2.3.4",
    ],
)
def test_head_that_two_servers_could_read_in_two_ways_is_refused(
    world: World, partner: Partner, client: Client, lines: str
) -> None:
    request = head(lines, CLOSE) + b"5\r\nhello\r\n0\r\n\r\n"

    answer = client.raw(request)

    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert 1 == answer.count(b"HTTP/1.1 ")
    assert [] == sizes(world)


@pytest.mark.parametrize("start", ["POST /as2 HTTP/1.1\r\n Host: x", "POST /as2 HTTP/1.1\r\n\tX: y\r\nHost: x"])
def test_blank_before_the_first_field_is_refused(shared_client: Client, start: str) -> None:
    assert shared_client.raw(f"{start}\r\n{CLOSE}\r\n\r\n".encode()).startswith(b"HTTP/1.1 400 ")


def test_field_that_is_folded_without_end_is_cut_off(shared_client: Client) -> None:
    request = b"POST /as2 HTTP/1.1\r\nHost: x\r\nX: a\r\n" + b" b\r\n" * MAX_HEAD

    assert shared_client.raw(request)[:12] in (b"HTTP/1.1 431", b"")


# ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def taken(pieces: Iterator[bytes]) -> tuple[bytes, bytes]:
    lines, head_bytes = HeadLines(), b""
    for piece in pieces:
        text, rest = lines.take(piece)
        head_bytes += text
        if rest is not None:
            return head_bytes, rest + b"".join(pieces)
    raise AssertionError("the head has no end")


@pytest.mark.parametrize("start", [b"", b"\r\n"])
def test_head_is_the_same_however_it_is_cut(start: bytes) -> None:
    request = (
        start + b"POST / HTTP/1.1\r\nA: b\r\n\tc\r\nHost:\r\n x\r\nUpgrade: h2c\r\nD:e\r\n\r\nbody\r\n body\r\n\r\n"
    )
    expected = (
        start + b"POST / HTTP/1.1\r\nA: b c\r\nHost:\r\n x\r\nx-Upgrade: h2c\r\nD:e\r\n\r\n",
        b"body\r\n body\r\n\r\n",
    )

    for first in range(len(request)):
        for second in range(first, len(request)):
            pieces = (request[:first], request[first:second], request[second:])
            assert expected == taken(piece for piece in pieces if piece)
