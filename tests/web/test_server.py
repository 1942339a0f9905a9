"""The server around the faces: roles, health, TLS, proxies, stopping."""

import os
import shutil
import signal
import socket
import ssl
import threading
from pathlib import Path

import pytest
import uvloop

from acuse.config import Role, Settings
from acuse.web.app import ROLES, build_app
from acuse.web.options import MAX_HEAD
from acuse.web.server import ListenFailed, TLSUnusable, load_tls, open_listener, run_server
from acuse.web.tls import ServerTLS
from tests.peers.identity import Identity, make_identity
from tests.peers.waiting import wait_until
from tests.peers.wire import free_port
from tests.web.client import Client, read_all
from tests.web.conftest import StartServer, World, logged_request


def test_every_role_has_its_faces() -> None:
    assert set(Role) == ROLES.keys()


@pytest.mark.parametrize(
    ("role", "as2", "api"),
    [("all", 200, 401), ("as2", 200, 404), ("api", 404, 401), ("worker", 404, 404), ("console", 404, 404)],
)
def test_a_role_serves_its_own_paths_and_health(start: StartServer, role: str, as2: int, api: int) -> None:
    client = start(role=Role(role))

    assert (as2, api) == (client.request("HEAD", "/as2").status, client.request("GET", "/v1/messages").status)
    assert (200, {"status": "ok"}) == (client.request("GET", "/health").status, client.request("GET", "/health").json)


def test_health_is_503_without_a_database(world: World, client: Client) -> None:
    world.gateway.database.close()

    answer = client.request("GET", "/health")

    assert (503, {"status": "unavailable"}) == (answer.status, answer.json)


@pytest.mark.parametrize("path", ["/", "/as2x", "/v1x", "/health/x", "//"])
def test_other_paths_are_not_found(shared_client: Client, path: str) -> None:
    assert 404 == shared_client.request("GET", path).status


def test_the_server_does_not_tell_what_it_is_made_of(shared_client: Client) -> None:
    assert "acuse" == shared_client.request("GET", "/health").headers["server"]


def test_a_connection_is_kept_after_an_error_that_left_no_body_unread(shared_client: Client) -> None:
    request = b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"

    with shared_client.connect() as connection:
        for _ in range(3):
            connection.sendall(request)
            assert connection.recv(4096).startswith(b"HTTP/1.1 404")


def test_a_head_may_come_in_many_small_pieces(shared_client: Client) -> None:
    with shared_client.connect() as connection:
        for piece in (b"GET /hea", b"lth HT", b"TP/1.1\r\nHo", b"st: x\r\nX-A: ", b"x" * (MAX_HEAD - 100), b"\r\n\r\n"):
            connection.sendall(piece)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


# ── Proxies ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("trusted", "seen"), [("127.0.0.0/8", "203.0.113.7"), ("10.0.0.0/8", "127.0.0.1")])
def test_the_client_address_of_a_proxy_is_believed_only_when_it_is_trusted(
    start: StartServer, caplog: pytest.LogCaptureFixture, trusted: str, seen: str
) -> None:
    caplog.set_level("INFO", "acuse.web")
    settings = Settings.load({"trusted_proxy": trusted}, {})

    start(trusted_proxy=settings.trusted_proxy).request("GET", "/x", headers={"X-Forwarded-For": "203.0.113.7"})

    assert seen == logged_request(caplog)["client"]


# ── TLS ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def write(folder: Path, identity: Identity) -> tuple[Path, Path]:
    certificate, key = folder / "server.pem", folder / "server.key"
    certificate.write_bytes(identity.certificate)
    key.write_bytes(identity.key)
    return certificate, key


def shown_certificate(port: int) -> bytes:
    return ssl.get_server_certificate(("127.0.0.1", port)).encode()


def test_a_changed_certificate_is_shown_and_a_broken_one_is_not(world: World, tmp_path: Path) -> None:
    first, second = make_identity("first.test"), make_identity("second.test")
    certificate, key = write(tmp_path, first)
    options = Settings(port=0, tls_certificate=certificate, tls_key=key)
    tls = load_tls(options)
    assert tls is not None
    with _tls_listener(tls) as port:
        assert first.certificate == shown_certificate(port)

        certificate.write_bytes(second.certificate)  # not yet with its key
        tls.reload_if_changed()
        assert first.certificate == shown_certificate(port)

        key.write_bytes(second.key)
        tls.reload_if_changed()
        assert second.certificate == shown_certificate(port)

        key.write_text("broken")
        tls.reload_if_changed()
        assert second.certificate == shown_certificate(port)

        certificate.unlink()
        tls.reload_if_changed()
        assert second.certificate == shown_certificate(port)


class _tls_listener:  # noqa: N801
    """A bare TLS server with the context of a `ServerTLS`."""

    def __init__(self, tls: ServerTLS) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> int:
        self._thread.start()
        port: int = self._socket.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                try:
                    self._tls.context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    continue


@pytest.mark.parametrize("broken", ["certificate", "key", "missing"])
def test_a_certificate_that_cannot_be_used_keeps_the_server_from_starting(tmp_path: Path, broken: str) -> None:
    certificate, key = write(tmp_path, make_identity("a.test"))
    if broken == "missing":
        key.unlink()
    else:
        (certificate if broken == "certificate" else key).write_text("nonsense")

    with pytest.raises(TLSUnusable, match=r"server\.pem"):
        load_tls(Settings(tls_certificate=certificate, tls_key=key))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x00\x01nothing", "both as PEM"),
        (make_identity("b.test").key, "the key belongs to another certificate"),
        (None, r"server\.key: No such file or directory"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_with_files_and_reason_at_the_start_and_while_running(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | None, reason: str
) -> None:
    certificate, key = write(tmp_path, make_identity("a.test"))
    tls = ServerTLS(certificate, key)
    if content is None:
        key.unlink()
    else:
        key.write_bytes(content)

    tls.reload_if_changed()
    with pytest.raises(TLSUnusable, match=rf"Cannot load .*server\.pem with .*server\.key: .*{reason}") as caught:
        ServerTLS(certificate, key)

    fields = {"file": str(certificate), "problem": caught.value.message}
    assert [fields] == [record.__dict__["fields"] for record in caplog.records]


# ── Starting and stopping ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_in_use_is_told_with_what_to_do() -> None:
    with open_listener(Settings(port=0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ListenFailed, match=rf"127\.0\.0\.1:{port}.*--port"):
            open_listener(Settings(port=port))


def test_a_signal_lets_a_running_request_end_and_returns(world: World) -> None:
    options = Settings(port=free_port())
    answers: list[bytes] = []
    threads: list[threading.Thread] = []

    def client() -> None:
        with socket.create_connection(("127.0.0.1", options.port), timeout=10) as connection:
            try:
                connection.sendall(b"POST /as2 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 500_000)
                wait_until(lambda: world.staged_files, what="a body under way")
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
            wait_until(lambda: not _accepts(options.port), what="no new connections")
            connection.sendall(b"x" * 500_000)
            answers.append(read_all(connection))

    def started() -> None:
        threads.append(threading.Thread(target=client))
        threads[0].start()

    uvloop.run(run_server(build_app(world.ports, options), options, started=started))
    threads[0].join(10)

    assert answers[0].startswith(b"HTTP/1.1 400")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def test_the_tls_files_are_watched_while_the_server_runs(world: World, tmp_path: Path) -> None:
    first, second = make_identity("first.test"), make_identity("second.test")
    certificate, key = write(tmp_path, first)
    options = Settings(port=free_port(), tls_certificate=certificate, tls_key=key)
    seen: list[bytes] = []

    def client() -> None:
        try:
            seen.append(shown_certificate(options.port))
            (tmp_path / "new").mkdir()
            for fresh, old in zip(write(tmp_path / "new", second), (certificate, key), strict=True):
                shutil.move(fresh, old)
            wait_until(lambda: shown_certificate(options.port) == second.certificate, what="the new certificate")
            seen.append(shown_certificate(options.port))
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    def started() -> None:
        threading.Thread(target=client).start()

    uvloop.run(run_server(build_app(world.ports, options), options, started=started))

    assert [first.certificate, second.certificate] == seen
