"""`acuse inbox`, `acuse outbox` and `acuse show`."""

import json
from pathlib import Path

import pytest

from acuse.web.api.status import Status
from tests.cli.shell import Shell
from tests.peers.pyas2 import Pyas2Peer

PLAIN = ("--sign", "none", "--encrypt", "none", "--mdn", "none")


@pytest.fixture
def delivered(shell: Shell, peer: Pyas2Peer, certificate_file: Path, order: Path) -> Shell:
    """A home with one message that was delivered, and confirmed."""
    shell.add_partner("--certificate", certificate_file, "--compress", url=peer.url)
    assert 0 == shell("send", order, "--to", "GLOBEX", "--subject", "Order 7", "--wait").code
    return shell


def test_the_outbox_lists_what_was_sent_newest_first(delivered: Shell, order: Path) -> None:
    delivered("send", order, "--to", "GLOBEX")

    listed = delivered("outbox", "--json").json

    assert ["msg_000002", "msg_000001"] == [entry["id"] for entry in listed]
    assert ["queued", "delivered"] == [entry["status"] for entry in listed]
    assert [] == delivered("inbox", "--json").json


def test_a_list_can_be_cut_and_says_so(delivered: Shell, order: Path) -> None:
    delivered("send", order, "--to", "GLOBEX")

    assert 1 == len(delivered("outbox", "--limit", "1", "--json").json)
    assert "1 of 2; --limit shows more." in delivered("outbox", "--limit", "1").output


def test_a_list_can_be_of_one_status(delivered: Shell, order: Path) -> None:
    delivered("send", order, "--to", "GLOBEX")

    assert ["msg_000001"] == [entry["id"] for entry in delivered("outbox", "--status", "delivered", "--json").json]
    assert ["msg_000002"] == [entry["id"] for entry in delivered("outbox", "--status", "QUEUED", "--json").json]
    assert "No message is failed.\n" == delivered("outbox", "--status", "failed").output


def test_a_status_that_does_not_exist_is_misuse(shell: Shell) -> None:
    misuse = shell("outbox", "--status", "lost").misuse

    assert all(status in misuse for status in Status)


def test_people_see_one_line_for_each_message(delivered: Shell) -> None:
    heading, line = delivered("outbox").output.splitlines()

    assert ["id", "time", "(UTC)", "from", "to", "subject", "bytes", "status", "receipt"] == heading.split()
    assert ["ACME", "GLOBEX", "Order", "7", "18", "delivered", "received"] == line.split()[3:]


def test_everything_known_of_a_message_is_shown(delivered: Shell) -> None:
    known = json.loads(delivered("show", "msg_000001", "--json").output)
    shown = delivered("show", "msg_000001").output

    names = ("accepted", "compress", "sign", "encrypt", "store", "http", "receipt")
    assert list(names) == [step["step"] for step in known["timeline"]]
    assert all(f" {name} " in shown for name in names)
    assert known["message_id"] in shown
    assert "compressed, signed sha256, encrypted aes128_cbc" in shown
    assert known["mdn_data"]["disposition"] in shown
    assert 2 == shown.count(known["mdn_data"]["received_content_mic"])
    assert known["attachments"][0]["sha256"] in shown
    assert 3 == shown.count(f"{delivered.home}/acuse.db, table blob, id x'")
    assert "Disposition-Notification-To" in shown


def test_large_bytes_lie_in_files_that_are_named(shell: Shell, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(100_000))
    shell.add_partner(*PLAIN)
    shell("send", large, "--to", "GLOBEX")

    shown = shell("show", "msg_000001").output

    place = next(line.split()[-1] for line in shown.splitlines() if line.strip().startswith("file 1"))
    assert large.read_bytes() == Path(place).read_bytes()


def test_the_payload_is_written_to_a_file(delivered: Shell, order: Path, tmp_path: Path) -> None:
    ended = delivered("show", "1", "--payload", tmp_path / "copy")

    assert 0 == ended.code
    assert order.read_bytes() == (tmp_path / "copy").read_bytes()


def test_several_payloads_are_written_to_a_folder_under_safe_names(shell: Shell, order: Path, tmp_path: Path) -> None:
    strange = tmp_path / ". .hidden;rm -rf.txt"
    strange.write_bytes(b"strange")
    shell.add_partner(*PLAIN)
    shell("send", order, strange, "--to", "GLOBEX")

    shell("show", "msg_000001", "--payload", tmp_path / "out")

    assert ["01-order.x12", "02-hidden_rm_-rf.txt"] == sorted(file.name for file in (tmp_path / "out").iterdir())
    assert b"strange" == (tmp_path / "out" / "02-hidden_rm_-rf.txt").read_bytes()


@pytest.mark.parametrize("name", ["msg_000009", "9"])
def test_an_unknown_message_is_refused(shell: Shell, name: str) -> None:
    assert "message does not exist" in shell("show", name).refusal


@pytest.mark.parametrize("name", ["prt_000001", "order", "msg_", "-1.5", "<MSG@acuse>"])
def test_what_is_no_message_id_is_refused(shell: Shell, name: str) -> None:
    assert "is not the id of a message" in shell("show", "--", name).refusal


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_bad_limit_is_misuse(shell: Shell, limit: str) -> None:
    assert "Invalid value for '--limit'" in shell("inbox", "--limit", limit).misuse


def test_a_name_with_control_characters_does_not_reach_the_terminal(shell: Shell, tmp_path: Path) -> None:
    strange = tmp_path / "red\x1b[31m.bin"
    strange.write_bytes(b"x")
    shell.add_partner(*PLAIN)
    shell("send", strange, "--to", "GLOBEX")

    assert "\x1b" not in shell("show", "msg_000001").output
