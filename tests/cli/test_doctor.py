"""`acuse doctor`."""

import json
import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Shell
from tests.peers.gateway import Gateway
from tests.peers.identity import make_identity
from tests.peers.wire import free_port


@pytest.fixture
def examine(shell: Shell) -> Callable[..., dict[str, Any]]:
    """Findings by the name of the check; where there are several, the last one."""

    def run(*options: str, **variables: str) -> dict[str, Any]:
        return {finding["check"]: finding for finding in _findings(shell, *options, **variables)}

    return run


def _findings(shell: Shell, *options: str, **variables: str) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(shell("doctor", "--json", *options, **variables).output)
    return findings


@pytest.fixture
def port() -> str:
    return str(free_port())


def test_a_new_home_is_well(shell: Shell, port: str) -> None:
    ended = shell("doctor", "--port", port)

    assert 0 == ended.code, ended.output
    levels = [line.split()[0] for line in ended.output.splitlines()]
    assert set(levels) <= {"ok", "warn"}
    checks = {finding["check"] for finding in _findings(shell, "--port", port)}
    expected = {"home", "master key", "disk space", "disk", "database", "port", "keys", "certificate", "clock"}
    assert expected | {"messages", "files"} == checks


def test_no_home_fails_with_what_to_do(fresh_shell: Shell) -> None:
    ended = fresh_shell("doctor")

    assert "checks failed" in ended.refusal
    assert "does not exist. Run: acuse init" in ended.output
    assert not fresh_shell.home.exists()


def test_a_folder_without_a_database_fails(fresh_shell: Shell) -> None:
    fresh_shell.home.mkdir(mode=0o700)

    assert "acuse.db is missing. Run: acuse init" in fresh_shell("doctor").output


@pytest.mark.parametrize(("name", "check", "mode"), [(".", "home", "700"), ("master.key", "master key", "600")])
def test_what_others_can_read_fails_with_the_command_that_helps(shell: Shell, name: str, check: str, mode: str) -> None:
    path = shell.home / name
    path.chmod(0o755)

    found = {finding["check"]: finding for finding in _findings(shell)}[check]

    assert "fail" == found["level"]
    assert f"Run: chmod {mode} {path}" in found["message"]


def test_a_damaged_database_fails(shell: Shell, examine: Callable[..., dict[str, Any]]) -> None:
    database = shell.home / "acuse.db"
    damaged = bytearray(database.read_bytes())
    damaged[4096:8192] = bytes(4096)
    database.write_bytes(damaged)

    assert "fail" == examine()["database"]["level"]


def test_another_master_key_fails(examine: Callable[..., dict[str, Any]]) -> None:
    found = examine(ACUSE_MASTER_KEY="0" * 64)["keys"]

    assert "fail" == found["level"]
    assert "Put back the key" in found["message"]


def test_a_taken_port_fails(examine: Callable[..., dict[str, Any]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        found = examine("--port", str(other.getsockname()[1]))["port"]

    assert "fail" == found["level"]
    assert "choose another: --port" in found["message"]


def test_a_clock_behind_what_was_stored_fails(shell: Shell, examine: Callable[..., dict[str, Any]]) -> None:
    ahead = datetime.now(UTC) + timedelta(days=3)
    with closing(sqlite3.connect(shell.home / "acuse.db")) as database, database:
        database.execute("UPDATE account SET created_at = ?", (int(ahead.timestamp() * 1_000_000),))

    found = examine()["clock"]

    assert "fail" == found["level"]
    assert f"something was stored at {ahead:%Y-%m-%d}" in found["message"]


def test_a_partners_certificate_that_ends_within_a_month_is_a_warning(
    shell: Shell, tmp_path: Path, examine: Callable[..., dict[str, Any]], port: str
) -> None:
    ending = tmp_path / "ending.pem"
    ending.write_bytes(make_identity("GLOBEX", days=30).certificate)
    shell.add_partner("--certificate", ending)

    found = examine("--port", port)["certificate"]

    assert "warn" == found["level"]
    assert "partner GLOBEX: until" in found["message"]
    assert 0 == shell("doctor", "--port", port).code


def test_messages_that_nobody_sends_are_a_warning(
    shell: Shell, order: Path, examine: Callable[..., dict[str, Any]]
) -> None:
    shell.add_partner("--sign", "none", "--encrypt", "none", "--mdn", "none")
    shell("send", order, "--to", "GLOBEX")
    assert "ok" == examine()["messages"]["level"]
    with closing(sqlite3.connect(shell.home / "acuse.db")) as database, database:
        database.execute("UPDATE message SET updated_at = updated_at - 3600000000")

    found = examine()["messages"]

    assert "warn" == found["level"]
    assert "1 should have been tried by now, such as msg_000001. No gateway runs. Run: acuse serve" == found["message"]


@pytest.fixture
def orphan(shell: Shell) -> Path:
    """A file that a process kept two days ago, before it was killed."""
    file = shell.home / "blobs" / "0a" / f"{'0' * 31}a"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_bytes(b"ORDERS")
    two_days_ago = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(file, times=(two_days_ago, two_days_ago))
    return file


def test_a_file_that_a_killed_process_left_is_listed_and_stays(
    orphan: Path, shell: Shell, examine: Callable[..., dict[str, Any]], port: str
) -> None:
    found = examine("--port", port)["files"]

    assert "warn" == found["level"]
    assert f"1 that nothing stored names, 6 bytes, left by a process that was killed: {orphan}." in found["message"]
    assert found["message"].endswith("acuse doctor --repair")
    assert orphan.exists()
    assert 0 == shell("doctor", "--port", port).code


def test_repair_removes_what_a_killed_process_left_and_nothing_else(
    orphan: Path, shell: Shell, tmp_path: Path, examine: Callable[..., dict[str, Any]]
) -> None:
    large = tmp_path / "large.edi"
    large.write_bytes(b"x" * 100_000)
    shell.add_partner("--sign", "none", "--encrypt", "none", "--mdn", "none")
    shell("send", large, "--to", "GLOBEX")
    young = orphan.with_name(f"{'0' * 30}1a")
    young.write_bytes(b"on its way")
    named = {file for file in (shell.home / "blobs").rglob("*") if file.is_file()} - {orphan, young}
    for file in named:
        os.utime(file, times=(0, 0))

    found = examine("--repair")["files"]

    assert ("ok", "1 that nothing stored names, 6 bytes: removed") == (found["level"], found["message"])
    assert not orphan.exists()
    assert named
    assert all(file.exists() for file in (*named, young))
    assert "every file belongs to what is stored" == examine()["files"]["message"]


@pytest.mark.gateway
def test_a_running_gateway_is_asked(new_gateway: Callable[[str], Gateway]) -> None:
    gateway = new_gateway("ACME")

    found = {finding["check"]: finding for finding in gateway.cli("doctor", "--json").json}["gateway"]

    assert "ok" == found["level"]
    assert f"on {gateway.url} answers 200" in found["message"]
