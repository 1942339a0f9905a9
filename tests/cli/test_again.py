"""`acuse resend`, `acuse retry` and `acuse cancel`."""

from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.peers.pyas2 import Pyas2Peer

NO_GATEWAY = "it leaves when a gateway runs on this home: acuse serve"


def test_resend_makes_a_new_message_that_both_show(
    shell: Shell, peer: Pyas2Peer, certificate_file: Path, order: Path
) -> None:
    shell.add_partner("--certificate", certificate_file, url=peer.url)
    assert 0 == shell("send", order, "--to", "GLOBEX", "--wait").code

    ended = shell("resend", "msg_000001")

    assert f"msg_000002   sends msg_000001 again; {NO_GATEWAY}\n" == ended.output
    assert ["msg_000002"] == shell("show", "1", "--json").json["resent_as"]
    assert "msg_000001" == shell("show", "2", "--json").json["resend_of"]
    assert "resent as" in shell("show", "1").output
    assert "resend of" in shell("show", "2").output


def test_message_that_waits_is_cancelled_and_then_sent_as_a_new_one(shell: Shell, order: Path) -> None:
    shell.add_partner("--sign", "none", "--encrypt", "none", "--mdn-unsigned")
    shell("send", order, "--to", "GLOBEX")

    assert "msg_000001   is cancelled\n" == shell("cancel", "msg_000001").output
    assert "CANCELLED" == shell("show", "1", "--json").json["error"]["code"]
    assert "msg_000001" == shell("resend", "msg_000001", "--json").json["resend_of"]


def test_retry_of_a_message_that_failed_queues_it_again(shell: Shell, order: Path) -> None:
    shell.add_partner("--sign", "none", "--encrypt", "none", "--mdn-unsigned", url="http://127.0.0.1:9/as2")
    assert 1 == shell("send", order, "--to", "GLOBEX", "--wait", "--timeout", "1").code

    ended = shell("retry", "msg_000001")

    assert f"msg_000001   is tried again; {NO_GATEWAY}\n" == ended.output
    assert 1 == shell("show", "1", "--json").json["attempts"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("resend", "still on its way"),
        ("retry", "failed or waits for its next attempt"),
        ("cancel", "There is no message 'x'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(shell: Shell, order: Path, command: str, reason: str) -> None:
    shell.add_partner("--sign", "none", "--encrypt", "none", "--mdn-unsigned")
    shell("send", order, "--to", "GLOBEX")
    name = "x" if command == "cancel" else "msg_000001"

    refusal = shell(command, name).refusal

    assert (reason if command != "cancel" else "'x' is not the id of a message") in refusal
