"""The command line on a gateway elsewhere: the same words and objects as on its home."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers.gateway import Finished, Gateway, run_acuse
from tests.peers.samples import AWKWARD
from tests.peers.wire import free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """ACME, used from another machine; GLOBEX is its partner."""

    acme: Gateway
    globex: Gateway

    def __call__(self, *arguments: str, key: str | None = None) -> Finished:
        environment = {"ACUSE_GATEWAY": self.acme.url, "ACUSE_API_KEY": self.acme.api_key if key is None else key}
        return run_acuse(*arguments, environment=environment)


@pytest.fixture(scope="module")
def remote(start_gateway: Callable[[str], Gateway]) -> Elsewhere:
    acme, globex = start_gateway("ACME"), start_gateway("GLOBEX")
    acme.add_partner(as2_id="GLOBEX", url=globex.receive_url, certificate=globex.certificate)
    globex.add_partner(as2_id="ACME", url=acme.receive_url, certificate=acme.certificate)
    return Elsewhere(acme=acme, globex=globex)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "order.x12"
    path.write_bytes(AWKWARD)
    return str(path)


def test_file_is_sent_and_waited_for(remote: Elsewhere, file: str, tmp_path: Path) -> None:
    sent = remote("send", file, "--to", "GLOBEX", "--subject", "Order 7", "--wait", "--json").json
    told = remote("send", file, "--to", "GLOBEX", "--no-compress")

    assert ("delivered", "Order 7", "application/edi-x12") == (sent["status"], sent["subject"], sent["content_type"])
    [row] = remote.globex.inbound(sent["message_id"])
    assert AWKWARD == remote.globex.payload(row["id"]).body
    assert "to GLOBEX; the gateway is sending it" in told.output
    back = tmp_path / "back"
    assert 0 == remote("show", sent["id"], "--payload", str(back)).code
    assert AWKWARD == back.read_bytes()


def test_message_that_is_not_delivered_is_a_failure(remote: Elsewhere, file: str) -> None:
    remote.acme.add_partner(
        *("--retry-for", "1", "--retry-first", "0.2"),
        as2_id="AWAY",
        url="http://127.0.0.1:9/",
        certificate=remote.globex.certificate,
    )

    ended = remote("send", file, "--to", "AWAY", "--wait", "--timeout", "20")

    assert 1 == ended.code
    assert "was not delivered" in ended.errors


@pytest.mark.parametrize(
    "line",
    [
        "outbox",
        "outbox --json",
        "outbox --limit 1",
        "inbox --json",
        "partner list",
        "partner list --json",
        "webhook list --json",
    ],
)
def test_lists_are_those_of_the_home(remote: Elsewhere, file: str, line: str) -> None:
    remote("send", file, "--to", "GLOBEX", "--wait")

    there, here = remote(*line.split()), remote.acme.cli(*line.split())

    assert (0, here.output) == (there.code, there.output), there.errors


def test_messages_are_shown_and_decided_over(remote: Elsewhere, file: str) -> None:
    sent = remote("send", file, "--to", "GLOBEX", "--wait", "--json").json

    shown, here = (where("show", sent["id"], "--json").json for where in (remote, remote.acme.cli))
    again = remote("resend", sent["id"], "--json").json
    refused = [remote(command, sent["id"]).errors for command in ("retry", "cancel")]

    assert here == shown
    assert sent["id"] == again["resend_of"]
    assert ["NOT_RETRYABLE" in refused[0], "NOT_CANCELLABLE" in refused[1]] == [True, True]


@pytest.mark.parametrize(
    "line", ["doctor", "station list", "partner show GLOBEX", "key list", "webhook test wh_000001"]
)
def test_what_needs_a_home_says_so(remote: Elsewhere, line: str) -> None:
    ended = remote(*line.split())

    assert 2 == ended.code
    assert "a home of this machine only" in ended.errors


def test_key_that_is_missing_or_wrong_is_told(remote: Elsewhere) -> None:
    missing, wrong = remote("inbox", key=""), remote("inbox", key="pk_live_wrong")

    assert (2, 1) == (missing.code, wrong.code)
    assert "ACUSE_API_KEY" in missing.errors
    assert "INVALID_API_KEY" in wrong.errors


def test_option_names_the_gateway_too(remote: Elsewhere) -> None:
    away = f"http://127.0.0.1:{free_port()}"

    ended = remote("--gateway", remote.acme.url, "outbox", "--json")
    nobody = run_acuse("inbox", "--gateway", away, environment={"ACUSE_API_KEY": "pk_live_x"})

    assert 0 == ended.code
    assert 1 == nobody.code
    assert away in nobody.errors
    assert "Traceback" not in nobody.errors
