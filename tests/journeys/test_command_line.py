"""What an operator does at the command line, on one home, with a gateway running on it or not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.gateway import Finished, Gateway, run_acuse
from tests.peers.identity import Identity
from tests.peers.wire import free_port


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[[str], Gateway]) -> Gateway:
    return start_gateway("ACME")


def assert_refused(finished: Finished, *, naming: str = "") -> None:
    """Non-zero, and one line on standard error that names the trouble."""
    assert 0 != finished.code
    assert "" == finished.output
    complaint, *more = finished.errors.splitlines()
    assert [] == more
    assert complaint.startswith("acuse: ")
    assert naming in complaint


def test_init_gives_the_account_the_station_and_the_key(gateway: Gateway) -> None:
    assert {"account", "station", "api_key"} == set(gateway.init)
    station = gateway.init["station"]
    assert ("stn_000001", "ACME") == (station["id"], station["as2_id"])
    assert station["certificate"].startswith("-----BEGIN CERTIFICATE-----")
    assert station["receive_url"].startswith(gateway.url)
    assert gateway.init["api_key"].startswith("pk_live_")


def test_init_refuses_a_home_that_is_in_use(gateway: Gateway) -> None:
    finished = gateway.cli("init", "--name", "AGAIN", "--as2-id", "AGAIN")

    assert_refused(finished, naming="home")


def test_commands_say_that_there_is_no_home(tmp_path: Path) -> None:
    finished = run_acuse("inbox", environment={"ACUSE_HOME": str(tmp_path / "nowhere")})

    assert_refused(finished, naming="acuse init")


def test_unknown_setting_in_the_environment_is_refused(gateway: Gateway) -> None:
    finished = run_acuse("inbox", environment={"ACUSE_HOME": str(gateway.home), "ACUSE_COLOUR": "blue"})

    assert_refused(finished, naming="ACUSE_COLOUR")


def test_home_may_come_from_the_option(gateway: Gateway) -> None:
    assert 0 == run_acuse("inbox", "--home", str(gateway.home), environment={}).code


def test_partner_gets_the_documented_defaults(gateway: Gateway, partner_identity: Identity) -> None:
    added = gateway.add_partner(
        as2_id="DEFAULTS", url="http://127.0.0.1:9/as2", certificate=partner_identity.certificate
    )

    assert {
        "as2_id": "DEFAULTS",
        "name": "DEFAULTS",
        "url": "http://127.0.0.1:9/as2",
        "active": True,
        "sign": True,
        "sign_algorithm": "SHA256withRSA",
        "encrypt": True,
        "encrypt_algorithm": "AES128_CBC",
        "compress": False,
        "mdn_mode": "sync",
        "mdn_signed": True,
        "demand": ["signed", "encrypted"],
        "timeout": 60,
    }.items() <= added.items()
    assert added["id"].startswith("prt_")


def test_what_is_demanded_of_a_partner_is_what_we_send_it(gateway: Gateway, partner_identity: Identity) -> None:
    added = gateway.add_partner(
        *["--encrypt", "none"], as2_id="OPEN", url="http://127.0.0.1:9/", certificate=partner_identity.certificate
    )

    assert ["signed"] == added["demand"]
    assert (False, None) == (added["encrypt"], added["encrypt_algorithm"])


def test_show_and_list_print_what_add_printed(gateway: Gateway, partner_identity: Identity) -> None:
    added = gateway.add_partner(as2_id="SHOWN", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)

    assert added == gateway.cli("partner", "show", added["id"], "--json").json
    assert added == gateway.cli("partner", "show", "SHOWN", "--json").json
    assert added in gateway.cli("partner", "list", "--json").json
    assert gateway.init["station"] == gateway.cli("station", "show", "ACME", "--json").json
    assert gateway.init["station"] in gateway.cli("station", "list", "--json").json


def test_partner_with_a_file_that_is_no_certificate_is_refused(gateway: Gateway, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("not a certificate")

    finished = gateway.cli(
        *["partner", "add", "--as2-id", "BAD", "--name", "BAD", "--url", "http://127.0.0.1:9/"],
        *["--certificate", str(nonsense)],
    )

    assert_refused(finished, naming="nonsense.pem")


@pytest.mark.parametrize("url", ["ftp://partner.test/", "partner.test", "http://user:secret@partner.test/"])
def test_partner_with_a_url_that_cannot_be_posted_to_is_refused(gateway: Gateway, url: str) -> None:
    finished = gateway.cli("partner", "add", "--as2-id", "URL", "--name", "URL", "--url", url)

    assert_refused(finished, naming="url")


def test_second_partner_with_the_same_as2_id_is_refused(gateway: Gateway, partner_identity: Identity) -> None:
    gateway.add_partner(as2_id="TWICE", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)

    finished = gateway.cli(
        *["partner", "add", "--as2-id", "TWICE", "--url", "http://127.0.0.1:9/"],
        *["--certificate", str(gateway.home.parent / "TWICE.pem")],
    )

    assert_refused(finished, naming="TWICE")


def test_send_to_an_unknown_partner_is_refused(gateway: Gateway, tmp_path: Path) -> None:
    file = tmp_path / "order.edi"
    file.write_bytes(b"ISA~")

    assert_refused(gateway.cli("send", str(file), "--to", "NOBODY"), naming="NOBODY")


def test_send_of_an_empty_file_is_refused(gateway: Gateway, partner_identity: Identity, tmp_path: Path) -> None:
    gateway.add_partner(as2_id="EMPTY", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)
    file = tmp_path / "empty.edi"
    file.write_bytes(b"")

    assert_refused(gateway.cli("send", str(file), "--to", "EMPTY"), naming="empty")


@pytest.mark.parametrize(
    "arguments",
    [
        ["send", "no-such-file", "--to", "ACME"],
        ["show", "msg_999999"],
        ["show", "nonsense"],
        ["partner", "show", "prt_999999"],
        ["partner", "add", "--as2-id", "X"],
        ["key", "create", "--mode", "live", "--scopes", "everything"],
        ["serve", "--port", "http"],
    ],
)
def test_wrong_arguments_are_one_line_and_no_traceback(gateway: Gateway, arguments: list[str]) -> None:
    assert_refused(gateway.cli(*arguments))


def test_second_gateway_on_the_same_home_is_refused(gateway: Gateway) -> None:
    finished = gateway.cli("serve", "--host", "127.0.0.1", "--port", "0")

    assert_refused(finished, naming="home")


def test_new_key_holds_at_once_and_only_for_its_scopes(gateway: Gateway) -> None:
    made = gateway.cli("key", "create", "--mode", "live", "--scopes", "read", "--json").json
    text = made["api_key"]

    assert 200 == gateway.api("GET", "/v1/messages", key=text).status
    assert 403 == gateway.api("POST", "/v1/messages", body={}, key=text).status


def test_doctor_finds_nothing_wrong_with_a_fresh_home(tmp_path: Path) -> None:
    environment = {"ACUSE_HOME": str(tmp_path / "home"), "ACUSE_PORT": str(free_port())}
    run_acuse("init", "--name", "ACME", "--as2-id", "ACME", environment=environment)

    finished = run_acuse("doctor", environment=environment)

    assert 0 == finished.code, finished.output + finished.errors
    for word in ("clock", "disk", "key", "port", "certificate"):
        assert word in finished.output.lower()


def test_doctor_finds_nothing_wrong_while_the_gateway_runs(gateway: Gateway) -> None:
    finished = gateway.cli("doctor")

    assert 0 == finished.code, finished.output + finished.errors


def test_doctor_names_what_is_wrong(tmp_path: Path) -> None:
    environment = {"ACUSE_HOME": str(tmp_path / "home"), "ACUSE_PORT": str(free_port())}
    run_acuse("init", "--name", "ACME", "--as2-id", "ACME", environment=environment)
    (tmp_path / "home" / "master.key").chmod(0o644)

    finished = run_acuse("doctor", environment=environment)

    assert "master.key" in next(line for line in finished.output.splitlines() if not line.startswith("ok"))


def test_lists_of_a_fresh_home_are_empty_in_json(new_gateway: Callable[[str], Gateway]) -> None:
    gateway = new_gateway("FRESH")

    assert [] == json.loads(gateway.cli("inbox", "--json").output)
    assert [] == json.loads(gateway.cli("outbox", "--json").output)
    assert [] == json.loads(gateway.cli("partner", "list", "--json").output)


def test_private_keys_and_the_api_key_do_not_lie_open_in_the_home(gateway: Gateway) -> None:
    secret = gateway.api_key.encode()

    for file in gateway.home.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert secret not in content, file
        assert b"PRIVATE KEY" not in content, file
    assert secret.decode() not in gateway.log
    open_to_others = [file for file in gateway.home.rglob("*key*") if file.is_file() and file.stat().st_mode & 0o077]
    assert [] == open_to_others
