"""`acuse serve`, as a process: how it begins, what it says and how it ends."""

import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peers import wire
from tests.peers.gateway import COMMAND, SOURCES, Gateway, run_acuse
from tests.peers.listener import Answer, Posted, listening
from tests.peers.samples import send_body
from tests.peers.waiting import wait_until

PLAIN = ("--sign", "none", "--encrypt", "none", "--mdn", "none")

pytestmark = pytest.mark.gateway


@contextmanager
def serving(home: Path, *options: str) -> Iterator[tuple["subprocess.Popen[bytes]", Callable[[], str]]]:
    """A process, and what it has said so far; ready when the block begins."""
    port = wire.free_port()
    log = home.parent / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--home", str(home), "--port", str(port), *options],
            env={"PYTHONPATH": SOURCES},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: "Running." in log.read_text() or process.poll() is not None, timeout=30)
        yield process, log.read_text
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_home_that_does_not_exist_is_made_and_the_key_is_shown_once(tmp_path: Path, ending: signal.Signals) -> None:
    home = tmp_path / "home"

    with serving(home) as (process, said):
        first = said()
        key = re.findall(r"pk_live_\w+", first)[0]
        url = re.findall(r"^API\s+(\S+)$", first, re.MULTILINE)[0]
        listed = wire.request("GET", f"{url}/messages", headers={"Authorization": f"Bearer {key}"})
        process.send_signal(ending)
        code = process.wait(15)
    with serving(home) as (_, said):
        second = said()

    assert 0 == code
    assert 200 == listed.status
    assert re.search(r"^AS2\s+http://127\.0\.0\.1:\d+/as2$", first, re.MULTILINE)
    assert re.search(r"^health\s+http://127\.0\.0\.1:\d+/health$", first, re.MULTILINE)
    assert "Running." in second
    assert "pk_live_" not in second


def test_a_new_home_may_be_named(tmp_path: Path) -> None:
    with serving(tmp_path / "home", "--name", "Acme", "--as2-id", "ACME"):
        pass

    command = [*COMMAND, "station", "list", "--home", str(tmp_path / "home")]
    listed = subprocess.run(command, env={"PYTHONPATH": SOURCES}, capture_output=True, text=True, check=True)
    assert "stn_000001   ACME     Acme" in listed.stdout


@pytest.mark.parametrize(
    ("role", "shown"), [("all", ["API", "AS2"]), ("api", ["API"]), ("as2", ["AS2"]), ("worker", [])]
)
def test_only_what_the_role_serves_is_shown(tmp_path: Path, role: str, shown: list[str]) -> None:
    with serving(tmp_path / "home", "--role", role) as (_, said):
        labels = re.findall(r"^(API|AS2|health) +http", said(), re.MULTILINE)

    assert [*shown, "health"] == labels


def test_the_console_is_refused_in_one_line(tmp_path: Path) -> None:
    with serving(tmp_path / "home", "--role", "console") as (process, said):
        code = process.wait(15)

    assert (1, "acuse: the console is not built yet\n") == (code, said())
    assert not (tmp_path / "home").exists()


def test_a_partner_that_never_answers_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    order = tmp_path / "order.edi"
    order.write_text("ISA*00*")
    over = threading.Event()

    def never(_: Posted) -> Answer:
        over.wait(60)
        return Answer(reply=None)

    with listening(never) as partner:
        with serving(tmp_path / "home") as (process, said):
            commands = [
                ["partner", "add", "--as2-id", "GLOBEX", "--name", "G", "--url", partner.url, *PLAIN],
                ["send", str(order), "--to", "GLOBEX"],
            ]
            for command in commands:
                run_acuse(*command, environment={"ACUSE_HOME": str(tmp_path / "home")})
            wait_until(lambda: partner.posted, what="the attempt")
            process.send_signal(signal.SIGTERM)
            code = process.wait(20)
            ends = said().splitlines()
        over.set()

    assert 0 == code
    assert "Stopping…" in ends
    assert "Stopped." == ends[-1]


def test_a_second_gateway_on_a_home_is_refused_in_one_line(new_gateway: Callable[[str], Gateway]) -> None:
    gateway = new_gateway("ACME")

    second = gateway.cli("serve", "--port", str(wire.free_port()))

    assert 1 == second.code
    assert [
        "acuse: Another gateway runs on this home. Stop it first, or use another home."
    ] == second.errors.splitlines()


def test_a_taken_port_is_refused_in_one_line(new_gateway: Callable[[str], Gateway], tmp_path: Path) -> None:
    gateway = new_gateway("ACME")

    with serving(tmp_path / "other", "--port", str(gateway.port)) as (process, said):
        code = process.wait(15)

    assert 1 == code
    assert 1 == len([line for line in said().splitlines() if line.startswith("acuse: ")]), said()
    assert "Traceback" not in said()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--role", "boss"], "--role must be one of all, api, as2, worker, console"),
        (["--trusted-proxy", "everybody"], "--trusted-proxy must be addresses or networks"),
        (["--tls-certificate", "/nowhere/tls.pem"], "tls_key is needed too"),
        (["--as2-id", "ACMÉ"], "as2_id: 1 to 128 printable ASCII characters"),
    ],
)
def test_a_bad_setting_is_refused_before_anything_is_made(tmp_path: Path, options: list[str], reason: str) -> None:
    with serving(tmp_path / "home", *options) as (process, said):
        code = process.wait(15)

    assert 1 == code
    assert reason in said()
    assert not (tmp_path / "home").exists()


def test_what_a_command_changes_holds_at_once(new_gateway: Callable[[str], Gateway]) -> None:
    gateway = new_gateway("ACME")

    key = gateway.cli("key", "create", "--mode", "live", "--scopes", "read", "--json").json["api_key"]

    assert 200 == gateway.api("GET", "/v1/messages", key=key).status
    assert 401 == gateway.api("GET", "/v1/messages", key=key + "x").status


def test_a_station_that_is_reached_elsewhere_is_named_with_the_command_that_changes_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    founding = ("init", "--name", "Acme", "--as2-id", "ACME", "--url", "http://127.0.0.1:1")
    assert 0 == run_acuse(*founding, environment={"ACUSE_HOME": str(home)}).code

    with serving(home) as (_, said):
        first = said()
        command = re.findall(r"^Station ACME is not reached at .*: acuse (station set .*)$", first, re.MULTILINE)[0]
        changed = run_acuse(*command.split(), "--json", environment={"ACUSE_HOME": str(home)}).json

    assert "ACME receives at http://127.0.0.1:1/as2\n" in first
    assert re.findall(r"^AS2\s+(\S+)$", first, re.MULTILINE) == [changed["receive_url"]]


def test_nothing_is_noted_where_stations_are_reached_at_the_gateway(new_gateway: Callable[[str], Gateway]) -> None:
    gateway = new_gateway("ACME")

    assert f"ACME receives at {gateway.receive_url}\n" in gateway.log
    assert "is not reached at" not in gateway.log


def test_a_moved_station_asks_for_receipts_at_its_new_address_at_once(new_gateway: Callable[[str], Gateway]) -> None:
    gateway = new_gateway("ACME")
    with listening() as partner:
        terms = ("--sign", "none", "--encrypt", "none", "--mdn", "async", "--mdn-unsigned")
        gateway.cli("partner", "add", "--as2-id", "GLOBEX", "--url", partner.url, *terms, "--json")
        asked_at = []
        for _ in range(2):
            partner.posted.clear()
            gateway.send(send_body("prt_000001", b"ISA"))
            wait_until(lambda: partner.posted, what="the message")
            asked_at.append(partner.posted[0].header("Receipt-Delivery-Option"))
            gateway.cli("station", "set", "ACME", "--url", "http://new.example.com", "--json")

    assert [gateway.receive_url, "http://new.example.com/as2"] == asked_at
