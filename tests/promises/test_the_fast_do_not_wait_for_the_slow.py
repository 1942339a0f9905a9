"""Slow clients and a slow disk: whoever is quick gets an answer while they are still at it, and memory stays."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.outgoing import Letter, Posting, Sender, encrypted, signed
from tests.peers.receipts import read_receipt
from tests.peers.slow_disk import compiler, slow_disk
from tests.peers.waiting import wait_until

pytestmark = [pytest.mark.gateway, pytest.mark.usefixtures("openssl_is_there")]

MB = 1024 * 1024
ANNOUNCED = 8 * MB
A_PIECE = b"x" * 1024
SLOW_CLIENTS = 12
GROWTH_ALLOWED = 64 * MB


@dataclass
class SlowClient:
    """Posts 1 KB a second, or reads as slowly, until it is told to stop."""

    url: str
    request: bytes
    reads: bool = False
    moved: int = 0
    ended: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        parts = urlsplit(self.url)
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60) as connection:
            if self.reads:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(self.request)
            while not self._stop.wait(1.0):
                try:
                    moved = len(connection.recv(1024)) if self.reads else connection.send(A_PIECE)
                except OSError:
                    moved = 0
                if not moved:
                    self.ended = True
                    return
                self.moved += moved

    def stop(self) -> None:
        self._stop.set()


@contextmanager
def at_work(clients: list[SlowClient]) -> Iterator[None]:
    """All of them under way, each past its first piece."""
    with ExitStack() as stack:
        for client in clients:
            thread = threading.Thread(target=client.run)
            thread.start()
            stack.callback(thread.join)
            stack.callback(client.stop)
        wait_until(lambda: all(client.moved for client in clients), timeout=30, what="every slow client's first piece")
        yield


def memory_of(pid: int) -> int:
    """Bytes that the process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    gateway: Gateway
    identity: Identity

    def posting(self) -> Posting:
        letter = encrypted(signed(Letter.plain(b"UNB+UNOA:1'\r\nUNZ'\r\n"), self.identity), self.gateway.certificate)
        return Sender(as2_id="GLOBEX", to="ACME", url=self.gateway.receive_url).prepare(letter)

    def exchange(self) -> None:
        """A partner who is quick: message in, verified receipt out."""
        reply = self.posting().post()
        assert "processed" == read_receipt(reply.headers, reply.body).status

    def slow_partners(self) -> list[SlowClient]:
        parts = urlsplit(self.gateway.receive_url)
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAS2-From: GLOBEX\r\nAS2-To: ACME\r\n"
            f"Message-ID: <slow@example>\r\nAS2-Version: 1.1\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {ANNOUNCED}\r\n\r\n"
        )
        return [SlowClient(self.gateway.receive_url, head.encode()) for _ in range(SLOW_CLIENTS)]

    def slow_readers(self, message_id: str) -> list[SlowClient]:
        head = (
            f"GET /v1/messages/{message_id}/payload HTTP/1.1\r\nHost: {urlsplit(self.gateway.url).netloc}\r\n"
            f"Authorization: Bearer {self.gateway.api_key}\r\n\r\n"
        )
        return [SlowClient(self.gateway.url, head.encode(), reads=True) for _ in range(4)]

    def keep_large(self, size: int) -> str:
        """A message that lies in the store for long: it is scheduled."""
        boundary = "----b"
        fields = {"partner_id": "prt_000001", "content_type": "text/plain", "scheduled_at": "2099-01-01T00:00:00Z"}
        parts = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        body = parts.encode() + file.encode() + b"x" * size + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        reply = self.gateway.api("POST", "/v1/messages", body=body, headers=headers)
        assert 202 == reply.status, reply.body
        message_id: str = reply.json["data"]["id"]
        return message_id


@pytest.fixture
def party(tmp_path: Path, partner_identity: Identity) -> Iterator[Party]:
    gateway = Gateway(tmp_path, as2_id="ACME")
    gateway.add_partner(as2_id="GLOBEX", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)
    yield Party(gateway=gateway, identity=partner_identity)
    gateway.stop()


def test_quick_partners_are_answered_while_slow_ones_still_send_and_read(party: Party) -> None:
    party.gateway.start()
    message_id = party.keep_large(16 * MB)
    party.exchange()
    before = memory_of(party.gateway.pid)
    slow = [*party.slow_partners(), *party.slow_readers(message_id)]

    with at_work(slow):
        for _ in range(10):
            party.exchange()
        assert not [client for client in slow if client.ended]
        assert all(client.moved < MB for client in slow)
        assert memory_of(party.gateway.pid) - before < GROWTH_ALLOWED


@pytest.mark.skipif(compiler() is None and "CI" not in os.environ, reason="no C compiler, which makes the slow disk")
def test_a_small_message_is_acknowledged_while_a_large_one_waits_for_a_slow_disk(party: Party, tmp_path: Path) -> None:
    party.gateway.start(within=slow_disk(tmp_path, sync_us=5_000, bytes_a_second=4 * MB))
    party.exchange()
    before = memory_of(party.gateway.pid)
    kept: list[str] = []
    large = threading.Thread(target=lambda: kept.append(party.keep_large(64 * MB)))
    large.start()
    staging = party.gateway.home / "staging"
    wait_until(lambda: any(file.stat().st_size > MB for file in _files(staging)), what="the large message's first part")

    try:
        party.exchange()
        assert not kept, "the large message was kept before the small one was answered: the disk was not slow"
        assert memory_of(party.gateway.pid) - before < GROWTH_ALLOWED
    finally:
        large.join()
    assert 64 * MB == len(party.gateway.payload(kept[0]).body)


def _files(folder: Path) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if file.is_file()]
    except FileNotFoundError:
        return []
