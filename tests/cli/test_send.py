"""`acuse send`, on a home where no gateway runs: with --wait the command does the work itself."""

import os
import subprocess
from pathlib import Path

import pytest

from acuse.storage import Home
from tests.cli.shell import Shell
from tests.peers.gateway import COMMAND, SOURCES
from tests.peers.listener import Answer, listening
from tests.peers.pyas2 import Pyas2Peer
from tests.peers.receipts import confirm
from tests.peers.wire import Reply

PLAIN = ("--sign", "none", "--encrypt", "none", "--mdn", "none")
WITH_RECEIPT = ("--sign", "none", "--encrypt", "none", "--mdn-unsigned")


def test_without_wait_the_message_is_kept_for_the_next_gateway(
    shell: Shell, certificate_file: Path, order: Path
) -> None:
    shell.add_partner("--certificate", certificate_file)

    ended = shell("send", order, "--to", "GLOBEX")

    assert 0 == ended.code
    assert "msg_000001" == ended.output.split()[0]
    assert "it leaves when a gateway runs on this home: acuse serve" in ended.output
    assert "queued" == shell("show", "msg_000001", "--json").json["status"]


def test_a_gateway_without_an_engine_is_not_said_to_send(shell: Shell, order: Path) -> None:
    shell.add_partner(*WITH_RECEIPT)

    with Home(shell.home).lock("http://127.0.0.1:8080", has_engine=False):
        kept = shell("send", order, "--to", "GLOBEX")
        waited = shell("send", order, "--to", "GLOBEX", "--wait")

    line = "the gateway on this home runs without an engine: it leaves when one with role all or worker runs"
    assert kept.output.endswith(f"to GLOBEX; {line}\n")
    assert f"msg_000002 is kept; {line}." == waited.refusal


def test_with_wait_success_is_a_verified_receipt(
    shell: Shell, peer: Pyas2Peer, certificate_file: Path, order: Path
) -> None:
    shell.add_partner("--certificate", certificate_file, "--compress", url=peer.url)

    ended = shell("send", order, "--to", "GLOBEX", "--subject", "Order 7", "--wait")

    assert 0 == ended.code, ended.errors
    assert "msg_000001   delivered: the receipt of GLOBEX is positive (signed and verified)" in ended.output
    delivery = peer.deliveries[0]
    assert (True, True, True) == (delivery.is_signed, delivery.is_encrypted, delivery.is_compressed)
    assert "order.x12" == delivery.filename
    assert "application/edi-x12" == delivery.content_type


def test_with_wait_and_json_the_settled_object_is_printed(
    shell: Shell, peer: Pyas2Peer, certificate_file: Path, order: Path
) -> None:
    shell.add_partner("--certificate", certificate_file, url=peer.url)

    settled = shell("send", order, "--to", "GLOBEX", "--wait", "--json").json

    assert "delivered" == settled["status"]
    assert "received" == settled["mdn_status"]
    shown = shell("show", "msg_000001", "--json").json
    assert settled == {name: value for name, value in shown.items() if name != "timeline"}


def test_what_is_agreed_can_be_left_for_one_message(
    shell: Shell, peer: Pyas2Peer, certificate_file: Path, order: Path
) -> None:
    shell.add_partner("--certificate", certificate_file, "--compress", url=peer.url)

    options = ("--no-compress", "--no-encrypt", "--content-type", "application/octet-stream", "--wait")
    ended = shell("send", order, "--to", "prt_000001", *options)

    assert 0 == ended.code, ended.errors
    delivery = peer.deliveries[0]
    assert (True, False, False) == (delivery.is_signed, delivery.is_encrypted, delivery.is_compressed)
    assert order.read_bytes() == delivery.payload


@pytest.mark.parametrize(
    ("agreed", "options"), [(PLAIN, ()), (WITH_RECEIPT, ("--mdn", "none"))], ids=["agreed", "for-this-message"]
)
def test_waiting_where_no_receipt_is_asked_for_is_refused_before_anything_is_sent(
    shell: Shell, order: Path, agreed: tuple[str, ...], options: tuple[str, ...]
) -> None:
    shell.add_partner(*agreed)

    refusal = shell("send", order, "--to", "GLOBEX", *options, "--wait").refusal

    assert "no receipt is asked of GLOBEX, so there is none to wait for" in refusal
    assert [] == shell("outbox", "--json").json


def test_a_receipt_may_be_asked_for_to_wait_for_it(shell: Shell, order: Path) -> None:
    with listening(confirm) as partner:
        shell.add_partner(*PLAIN, "--mdn-unsigned", url=partner.url)
        ended = shell("send", order, "--to", "GLOBEX", "--mdn", "sync", "--wait")

    assert 0 == ended.code, ended.errors
    assert "msg_000001   delivered: the receipt of GLOBEX is positive (unsigned)" in ended.output


@pytest.mark.parametrize("disposition", ["processed/error: decryption-failed", "failed/failure: unsupported format"])
def test_a_negative_receipt_fails(shell: Shell, order: Path, disposition: str) -> None:
    with listening(
        lambda posted: confirm(posted, f"automatic-action/MDN-sent-automatically; {disposition}")
    ) as partner:
        shell.add_partner(*WITH_RECEIPT, url=partner.url)
        ended = shell("send", order, "--to", "GLOBEX", "--wait")

    assert "msg_000001 was refused by GLOBEX" in ended.refusal


def test_a_receipt_that_is_no_receipt_fails(shell: Shell, certificate_file: Path, order: Path) -> None:
    with listening(lambda _: Answer(reply=Reply(body=b"thank you"))) as partner:
        shell.add_partner("--certificate", certificate_file, url=partner.url)
        ended = shell("send", order, "--to", "GLOBEX", "--wait")

    assert "msg_000001 was not delivered" in ended.refusal
    assert "See 'acuse show msg_000001'." in ended.refusal


def test_a_partner_that_is_not_there_is_given_up_in_time(shell: Shell, order: Path) -> None:
    shell.add_partner(*WITH_RECEIPT, "--retry-first", "0.01", "--retry-for", "0.05")

    ended = shell("send", order, "--to", "GLOBEX", "--wait")

    assert "msg_000001 was not delivered: Cannot establish a connection" in ended.refusal


def test_a_failed_message_is_still_printed_as_json(shell: Shell, order: Path) -> None:
    shell.add_partner(*WITH_RECEIPT, "--retry-first", "0.01", "--retry-for", "0.05")

    ended = shell("send", order, "--to", "GLOBEX", "--wait", "--json")

    assert '"status": "failed"' in ended.output
    assert "msg_000001 was not delivered" in ended.refusal


def test_waiting_ends_with_the_timeout(shell: Shell, order: Path) -> None:
    shell.add_partner(*WITH_RECEIPT)

    ended = shell("send", order, "--to", "GLOBEX", "--wait", "--timeout", "0.3")

    assert "msg_000001 is not settled after 0.3 s" in ended.refusal
    assert "processing" == shell("show", "msg_000001", "--json").json["status"]


def test_waiting_for_a_receipt_that_nobody_would_take_in_is_refused(
    shell: Shell, certificate_file: Path, order: Path
) -> None:
    shell.add_partner("--certificate", certificate_file, "--mdn", "async")

    refusal = shell("send", order, "--to", "GLOBEX", "--wait").refusal

    assert "the receipt of GLOBEX would come to http://127.0.0.1:8080/as2" in refusal
    assert "Run 'acuse serve' first, or send without --wait." in refusal
    assert [] == shell("outbox", "--json").json
    assert 0 == shell("send", order, "--to", "GLOBEX").code


def test_a_terminal_sees_how_far_the_reading_is(shell: Shell, order: Path) -> None:
    shell.add_partner(*PLAIN)
    terminal, far_end = os.openpty()

    done = subprocess.run(
        [*COMMAND, "send", str(order), "--to", "GLOBEX", "--home", str(shell.home)],
        env={"PYTHONPATH": SOURCES},
        stdout=subprocess.PIPE,
        stderr=far_end,
        check=True,
    )

    os.close(far_end)
    assert b"reading" in os.read(terminal, 4096)
    assert b"msg_000001" == done.stdout.split()[0]
    os.close(terminal)


def test_a_station_can_be_chosen(shell: Shell, order: Path) -> None:
    shell.add_partner(*PLAIN)
    shell("station", "add", "--as2-id", "ACME-2")

    shell("send", order, "--to", "GLOBEX", "--from", "ACME-2")

    assert "ACME-2" == shell("outbox", "--json").json[0]["from_as2_id"]


def test_several_files_are_one_message(shell: Shell, order: Path, tmp_path: Path) -> None:
    second = tmp_path / "note.txt"
    second.write_text("beside it")
    shell.add_partner(*PLAIN)

    sent = shell("send", order, second, "--to", "GLOBEX", "--json").json

    assert ["order.x12", "note.txt"] == [entry["filename"] for entry in sent["attachments"]]
    assert ["application/edi-x12", "text/plain"] == [entry["content_type"] for entry in sent["attachments"]]


@pytest.mark.parametrize(
    ("name", "start", "content_type"),
    [
        ("a.edi", b"ISA*00*", "application/edi-x12"),
        ("a.edi", b"\r\nISA*00*", "application/edi-x12"),
        ("a.EDI", b"UNA:+.? '", "application/edifact"),
        ("a.edi", b"UNB+UNOC:3", "application/edifact"),
        ("a.edi", b"STX=ANA:1", "application/edi-consent"),
        ("a.x12", b"anything", "application/edi-x12"),
        ("a.edifact", b"anything", "application/edifact"),
        ("a.xml", b"<a/>", "application/xml"),
        ("a.json", b"{}", "application/json"),
        ("a.txt", b"text", "text/plain"),
        ("a.csv", b"a;b", "text/csv"),
        ("a.pdf", b"%PDF", "application/pdf"),
        ("a.zip", b"PK", "application/zip"),
        ("a.png", b"\x89PNG", "image/png"),
        ("a.jpg", b"\xff\xd8", "image/jpeg"),
        ("a.JPEG", b"\xff\xd8", "image/jpeg"),
        ("a.bin", b"ISA*00*", "application/octet-stream"),
        ("order", b"ISA*00*", "application/octet-stream"),
    ],
)
def test_the_content_type_follows_the_name(
    shell: Shell, tmp_path: Path, name: str, start: bytes, content_type: str
) -> None:
    file = tmp_path / name
    file.write_bytes(start)
    shell.add_partner(*PLAIN)

    assert content_type == shell("send", file, "--to", "GLOBEX", "--json").json["content_type"]


def test_bytes_beyond_one_piece_are_kept_as_they_are(shell: Shell, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * 3000)
    shell.add_partner(*PLAIN)

    shell("send", large, "--to", "GLOBEX")

    assert large.read_bytes() == shell("show", "msg_000001", "--payload", "-").raw_output


def test_an_empty_file_is_refused(shell: Shell, order: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.edi"
    empty.write_bytes(b"")
    shell.add_partner(*PLAIN)

    ended = shell("send", order, empty, "--to", "GLOBEX")

    assert f"{empty}: is empty, there is nothing to send" == ended.refusal
    assert [] == shell("outbox", "--json").json
    assert [] == list((shell.home / "staging").iterdir())


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--to", "NOBODY"], "There is no partner 'NOBODY'"),
        (["--to", "GLOBEX", "--from", "NOBODY"], "There is no station 'NOBODY'"),
        (["--to", "GLOBEX", "--content-type", "edi"], "The content type is not a media type"),
        (["--to", "GLOBEX", "--subject", "two\nlines"], "subject: 1 to 255 characters on one line"),
        (["--to", "GLOBEX", "--encrypt"], "cannot be encrypted"),
    ],
)
def test_what_cannot_be_sent_is_refused(shell: Shell, order: Path, options: list[str], reason: str) -> None:
    shell.add_partner(*PLAIN)

    assert reason in shell("send", order, *options).refusal
    assert [] == shell("outbox", "--json").json


@pytest.mark.parametrize(
    "arguments",
    [
        ["--to", "GLOBEX"],
        ["/nowhere/at-all.edi", "--to", "GLOBEX"],
        ["/", "--to", "GLOBEX"],
        [__file__],
        [__file__, "--to", "GLOBEX", "--mdn", "pigeon"],
        [__file__, "--to", "GLOBEX", "--timeout", "never"],
    ],
)
def test_a_line_that_cannot_be_read_is_misuse(shell: Shell, arguments: list[str]) -> None:
    assert "See 'acuse send --help'." in shell("send", *arguments).misuse
