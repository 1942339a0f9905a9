"""Posting over HTTP, against a real server on loopback."""

import socket
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from acuse.cms import self_signed
from acuse.errors import PartnerUnreachable
from acuse.mime import Literal, Reader, Source
from acuse.ports import Destination, HTTPReply
from acuse.transports.http import HTTPTransport
from tests.transports.server import Server, SilentServer, SlowServer, running

MIB = 1024 * 1024
HEADERS = (("AS2-From", '"Acme Inc"'), ("Message-ID", "<1@acme>"), ("Content-Type", "text/plain; x=ñ"))
PATIENCE = 0.4


@pytest.fixture
async def transport() -> AsyncIterator[HTTPTransport]:
    async with HTTPTransport(user_agent="acuse/test", allow_private_networks=False) as transport:
        yield transport


async def post(
    transport: HTTPTransport, url: str, body: Source | bytes = b"body", *, is_vouched: bool = True
) -> HTTPReply:
    source = Literal(body) if isinstance(body, bytes) else body
    destination = Destination(url=url, is_vouched=is_vouched, timeout=timedelta(seconds=PATIENCE))
    return await transport.post(destination, headers=HEADERS, body=source)


async def failure(
    transport: HTTPTransport, url: str, body: bytes = b"body", *, is_vouched: bool = True
) -> PartnerUnreachable:
    with pytest.raises(PartnerUnreachable) as raised:
        await post(transport, url, body, is_vouched=is_vouched)
    return raised.value


class Counted:
    """A large source that tells how much of it was held at once: never more than a piece."""

    size = 24 * MIB

    def __init__(self) -> None:
        self.largest = 0

    def open(self) -> Reader:
        return _CountedReader(self)


class _CountedReader:
    def __init__(self, source: Counted) -> None:
        self._source, self._random, self._left = source, Random(3), source.size

    def read(self, size: int, /) -> bytes:
        size = min(size, self._left)
        self._source.largest = max(self._source.largest, size)
        self._left -= size
        return self._random.randbytes(size)


# ── What is sent ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_request_has_our_headers_a_length_and_nothing_else(transport: HTTPTransport) -> None:
    async with running(server := Server()) as url:
        reply = await post(transport, url, b"a\0b\n")

    [request] = server.requests
    assert (200, b"ok") == (reply.status, reply.body)
    assert "POST /as2?x=1 HTTP/1.1" == request.line
    assert b"a\0b\n" == request.body
    assert sorted(
        [*HEADERS, ("Host", f"127.0.0.1:{server.port}"), ("User-Agent", "acuse/test"), ("Content-Length", "4")]
    ) == sorted(request.headers)


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 3 * MIB])
async def test_body_arrives_as_it_is(transport: HTTPTransport, size: int) -> None:
    body = Random(size).randbytes(size)

    async with running(server := Server()) as url:
        await post(transport, url, body)

    [request] = server.requests
    assert ([str(size)], []) == (request.values("Content-Length"), request.values("Transfer-Encoding"))
    assert body == request.body


async def test_large_body_streams_from_its_source(transport: HTTPTransport) -> None:
    source = Counted()

    async with running(server := Server()) as url:
        await post(transport, url, source)

    [request] = server.requests
    assert source.size == len(request.body)
    assert source.largest <= MIB


async def test_connection_is_used_again(transport: HTTPTransport) -> None:
    async with running(server := Server()) as url:
        for _ in range(3):
            await post(transport, url)

    assert (1, 3) == (server.connections, len(server.requests))


# ── What comes back ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_answer_is_kept_with_every_header_as_it_came(transport: HTTPTransport) -> None:
    head = b'HTTP/1.1 207 Odd\r\nX-A: 1\r\nx-a:  2 \r\nSet-Cookie: a=b\r\nAS2-From: "G \xc3\xb1"\r\n'
    server = Server(reply=head + b"Content-Length: 3\r\n\r\n\0\r\n")

    async with running(server) as url:
        reply = await post(transport, url)
        await post(transport, url)

    assert (207, b"\0\r\n") == (reply.status, reply.body)
    assert (
        ("X-A", "1"),
        ("x-a", "2"),
        ("Set-Cookie", "a=b"),
        ("AS2-From", '"G ñ"'),
        ("Content-Length", "3"),
    ) == reply.headers
    assert [] == server.requests[1].values("Cookie")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_handed_back_and_not_followed(transport: HTTPTransport, status: int) -> None:
    async with running(server := Server()) as url:
        server.reply = f"HTTP/1.1 {status} Moved\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()
        reply = await post(transport, url)

    assert (status, 1) == (reply.status, len(server.requests))


async def test_answer_is_cut_at_one_mebibyte(transport: HTTPTransport) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {3 * MIB}\r\n\r\n".encode()

    async with running(Server(reply=head + bytes(3 * MIB))) as url:
        reply = await post(transport, url)

    assert bytes(MIB) == reply.body


async def test_compressed_answer_is_not_expanded(transport: HTTPTransport) -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"

    async with running(Server(reply=reply)) as url:
        assert b"abc" == (await post(transport, url)).body


# ── When it does not work ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("takes_body", [True, False])
async def test_silence_is_waited_for_no_longer_than_said(transport: HTTPTransport, takes_body: bool) -> None:
    async with running(SilentServer(takes_body=takes_body)) as url:
        error = await failure(transport, url, bytes(16 * MIB))

    assert (False, "timeout", url) == (error.is_final, error.details["error_details"], error.details["endpoint_url"])


async def test_slow_transfer_may_take_longer_than_a_silence(transport: HTTPTransport) -> None:
    server = SlowServer(pause=0.1, step=2 * MIB)
    body, patience = bytes(32 * MIB), timedelta(seconds=1)

    async with running(server) as url:
        began = time.monotonic()
        destination = Destination(url=url, is_vouched=True, timeout=patience)
        reply = await transport.post(destination, headers=HEADERS, body=Literal(body))

    assert 200 == reply.status
    assert body == server.requests[0].body
    assert time.monotonic() - began > patience.total_seconds()


async def test_refused_connection_may_be_tried_again(transport: HTTPTransport) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = await failure(transport, f"http://127.0.0.1:{unused.getsockname()[1]}/")

    assert not error.is_final


async def test_connection_that_breaks_may_be_tried_again(transport: HTTPTransport) -> None:
    for reply in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", b"nonsense\r\n\r\n"):

        class Breaking(Server):
            async def answer(self, reader, writer) -> None:  # type: ignore[no-untyped-def]
                await reader.readuntil(b"\r\n\r\n")
                writer.write(self.reply)
                await writer.drain()

        async with running(Breaking(reply=reply)) as url:
            error = await failure(transport, url)

        assert not error.is_final


async def test_unknown_host_may_be_tried_again(transport: HTTPTransport) -> None:
    for is_vouched in (True, False):
        error = await failure(transport, "http://no-such-host.invalid/", is_vouched=is_vouched)

        assert not error.is_final


async def test_certificate_that_nobody_vouches_for_is_final(transport: HTTPTransport, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    pair = self_signed("localhost.test", not_before=now - timedelta(days=1), not_after=now + timedelta(days=1))
    file = tmp_path / "server.pem"
    key = pair.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(key + pair.certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    async with running(server := Server(), tls=context) as url:
        error = await failure(transport, url)

    assert (True, []) == (error.is_final, server.requests)
    assert "certificate" in str(error.details["error_details"]).lower()


# ── The guard ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_nothing_private_is_called_unless_the_operator_vouches_for_it(
    transport: HTTPTransport, host: str
) -> None:
    async with running(server := Server()) as url:
        private = url.replace("127.0.0.1", host)
        error = await failure(transport, private, is_vouched=False)
        assert (True, 0) == (error.is_final, server.connections)
        assert "private network" == error.details["error_details"]

        if not host.startswith("["):
            assert 200 == (await post(transport, private, is_vouched=True)).status


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[2002:a00:1::]",
    ],
)
async def test_literal_address_that_is_not_public_is_refused_at_once(transport: HTTPTransport, host: str) -> None:
    error = await failure(transport, f"http://{host}:9/", is_vouched=False)

    assert (True, "private network") == (error.is_final, error.details["error_details"])


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0177.0.0.1", "127.0.0.1.", "\uff11\uff12\uff17.0.0.1"])
async def test_odd_spelling_of_an_address_reaches_nothing(transport: HTTPTransport, host: str) -> None:
    async with running(server := Server()) as url:
        await failure(transport, url.replace("127.0.0.1", host), is_vouched=False)

    assert 0 == server.connections


async def test_plain_http_is_refused_where_tls_is_needed_unless_the_operator_vouches_for_it(
    transport: HTTPTransport,
) -> None:
    async def tell(url: str, *, is_vouched: bool) -> HTTPReply:
        destination = Destination(url=url, is_vouched=is_vouched, timeout=timedelta(seconds=PATIENCE), needs_tls=True)
        return await transport.post(destination, headers=HEADERS, body=Literal(b"x"))

    with pytest.raises(PartnerUnreachable) as refused:
        await tell("http://example.com/", is_vouched=False)
    async with running(Server()) as url:
        assert 200 == (await tell(url, is_vouched=True)).status

    assert "plain http" == refused.value.details["error_details"]


async def test_answer_is_read_up_to_the_limit_that_was_asked_for(transport: HTTPTransport) -> None:
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000

    async with running(Server(reply=long)) as url:
        destination = Destination(url=url, is_vouched=True, timeout=timedelta(seconds=PATIENCE), answer_limit=1000)
        reply = await transport.post(destination, headers=HEADERS, body=Literal(b"x"))

    assert b"x" * 1000 == reply.body


async def test_guard_can_be_lifted_for_the_whole_gateway() -> None:
    async with (
        HTTPTransport(user_agent="acuse", allow_private_networks=True) as transport,
        running(Server()) as url,
    ):
        assert 200 == (await post(transport, url, is_vouched=False)).status
