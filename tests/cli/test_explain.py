"""`acuse explain`: captures are explained without a home, stored messages with the keys of theirs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Shell
from tests.peers import openssl
from tests.peers.gateway import SOURCES
from tests.peers.identity import Identity, make_identity
from tests.peers.pyas2 import Pyas2Peer

EDI = b"ISA*00*~\nIEA*1~\n"
HEAD = b"POST /as2 HTTP/1.1\r\nAS2-From: GLOBEX\r\nAS2-To: ACME\r\nMessage-ID: <1@globex>\r\n"


@pytest.fixture(scope="module")
def acme() -> Identity:
    return make_identity("acme")


@pytest.fixture(scope="module")
def globex() -> Identity:
    return make_identity("globex")


@pytest.fixture
def folder(tmp_path: Path, acme: Identity, globex: Identity) -> Path:
    """A folder with the keys of both."""
    for name, identity in (("acme", acme), ("globex", globex)):
        (tmp_path / f"{name}.key").write_bytes(identity.key)
        (tmp_path / f"{name}.pem").write_bytes(identity.certificate)
    return tmp_path


def captured(acme: Identity, globex: Identity, filename: str = "order.x12") -> bytes:
    """A signed and encrypted message, made by openssl and by hand."""
    head = f'Content-Type: application/edi-x12\r\nContent-Disposition: attachment; filename="{filename}"\r\n\r\n'
    part = head.encode() + EDI
    signature = openssl.sign(part, globex)
    signed = (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="b"\r\n\r\n'
        b"--b\r\n"
        + part
        + b"\r\n--b\r\nContent-Type: Application/pkcs7-signature\r\n\r\n"
        + signature
        + b"\r\n--b--\r\n"
    )
    sealed = openssl.encrypt(signed, certificate=acme.certificate)
    return HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\n" + sealed


def explain(folder: Path, *arguments: str) -> tuple[int, Any, str]:
    """Exit code, JSON and standard error of the command in a process of its own, without any home."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ACUSE_")}
    done = subprocess.run(
        [sys.executable, "-m", "acuse.cli", "explain", *arguments, "--json"],
        cwd=folder,
        env={**environment, "PYTHONPATH": SOURCES, "HOME": str(folder)},
        capture_output=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr.decode()


KEYS = ("--key", "acme.key", "--certificate", "acme.pem", "--partner-certificate", "globex.pem")


def test_capture_is_explained_without_a_home(folder: Path, acme: Identity, globex: Identity) -> None:
    (folder / "message.http").write_bytes(captured(acme, globex))

    code, told, errors = explain(folder, "message.http", *KEYS, "--extract", "files")

    assert (0, "") == (code, errors)
    assert "message" == told["kind"]
    assert ["http", "encrypted", "signed", "payload"] == [layer["kind"] for layer in told["layers"]]
    assert [None, "aes128_cbc", "sha256", None] == [layer["algorithm"] for layer in told["layers"]]
    assert [None, "CN=acme", "CN=globex", None] == [
        layer["certificate"] and layer["certificate"]["subject"] for layer in told["layers"]
    ]
    signature = told["signature"]
    assert (True, "sha256", "as_received", None) == tuple(
        signature[name] for name in ("verified", "digest", "form", "reason")
    )
    [file] = told["attachments"]
    assert ("order.x12", "application/edi-x12", len(EDI)) == (file["filename"], file["content_type"], file["size"])
    assert told["mic"].endswith(", sha-256")
    assert (None, []) == (told["disposition"], told["findings"])
    assert EDI == (folder / "files" / "order.x12").read_bytes()
    assert {"acme.key", "acme.pem", "globex.key", "globex.pem", "message.http", "files"} == {
        path.name for path in folder.iterdir()
    }


def test_names_of_partners_lead_nowhere_and_nothing_is_written_over(
    folder: Path, acme: Identity, globex: Identity
) -> None:
    names = ["../../order.x12", "order.x12", "/etc/passwd", "..", ".hidden", "C:\\temp\\x.txt", "a b/\x01?.x"]
    for number, name in enumerate(names):
        (folder / f"{number}.http").write_bytes(captured(acme, globex, name))

        code, _, errors = explain(folder, f"{number}.http", *KEYS, "--extract", "files")
        assert (0, "") == (code, errors)

    written = sorted(path.name for path in (folder / "files").iterdir())
    assert sorted(["order.x12", "order-2.x12", "passwd", "file-1", "hidden", "x.txt", "x"]) == written
    assert all(path.read_bytes() == EDI for path in (folder / "files").iterdir())


def test_without_keys_it_says_what_it_could_not_open(folder: Path, acme: Identity, globex: Identity) -> None:
    (folder / "message.http").write_bytes(captured(acme, globex))

    code, told, _ = explain(folder, "message.http")

    assert 0 == code
    assert ["http", "encrypted"] == [layer["kind"] for layer in told["layers"]]
    assert "no private key was given" in told["findings"][0]
    assert (None, None, []) == (told["signature"], told["mic"], told["attachments"])


@pytest.mark.parametrize("raw", [b"", b"\x00\xff" * 5000, b"no header", HEAD, HEAD + b"Content-Type: x\r\n\r\nx"])
def test_what_cannot_be_read_is_a_finding_and_an_exit_code(folder: Path, raw: bytes) -> None:
    (folder / "message.http").write_bytes(raw)

    code, told, errors = explain(folder, "message.http", *KEYS)

    assert (1, "") == (code, errors)
    assert told["findings"]
    assert told["layers"] is not None


def test_receipt_is_compared_with_the_message_that_it_is_about(folder: Path, acme: Identity, globex: Identity) -> None:
    (folder / "message.http").write_bytes(captured(acme, globex))
    mic = explain(folder, "message.http", *KEYS)[1]["mic"]
    report = (
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=r\r\n\r\n"
        b"--r\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Original-Message-ID: <1@globex>\r\nDisposition: automatic-action/MDN-sent-automatically; processed\r\n"
        b"Received-Content-MIC: " + mic.encode() + b"\r\n\r\n--r--\r\n"
    )
    (folder / "receipt.http").write_bytes(b"HTTP/1.1 200 OK\n" + report)

    code, told, _ = explain(folder, "receipt.http", *KEYS, "--message", "message.http")

    assert 0 == code
    assert ("mdn", mic, "<1@globex>") == (told["kind"], told["mic"], told["original_message_id"])
    assert "automatic-action/MDN-sent-automatically; processed" == told["disposition"]
    assert ["The partner hashed exactly what was sent, and the MIC matches."] == told["findings"]


def test_key_without_its_certificate_is_refused_in_one_line(folder: Path) -> None:
    (folder / "message.http").write_bytes(b"x")

    code, told, errors = explain(folder, "message.http", "--key", "acme.key")

    assert (1, None) == (code, told)
    assert "Give its certificate with --certificate." in errors
    assert 1 == len(errors.splitlines())


def test_people_get_a_tree(shell: Shell, folder: Path, acme: Identity, globex: Identity) -> None:
    (folder / "message.http").write_bytes(captured(acme, globex, "o\x1b[31m.x12"))

    ended = shell(
        "explain", folder / "message.http", "--key", folder / "acme.key", "--certificate", folder / "acme.pem"
    )

    assert 0 == ended.code
    assert "   └─ signed   sha256" in ended.output
    assert "not verified: None of the partner's certificates made this signature" in ended.output
    assert "CN=globex" in ended.output
    assert "\x1b" not in ended.output


def test_stored_message_is_explained_with_its_receipt(shell: Shell, peer: Pyas2Peer, order: Path) -> None:
    file = shell.home / "globex.pem"
    file.write_bytes(peer.identity.certificate)
    shell.add_partner("--certificate", file, url=peer.url)
    assert 0 == shell("send", order, "--to", "GLOBEX", "--wait").code

    told = shell("explain", "msg_000001", "--json").json

    assert ["http", "encrypted"] == [layer["kind"] for layer in told["layers"]]
    assert ["http", "signed", "receipt"] == [layer["kind"] for layer in told["receipt"]["layers"]]
    assert told["receipt"]["signature"]["verified"]
    assert ["The partner hashed exactly what was sent, and the MIC matches."] == told["receipt"]["findings"]


def test_what_is_neither_a_file_nor_an_id_is_refused(shell: Shell) -> None:
    assert "'nowhere.http' is neither a file nor the id of a message." == shell("explain", "nowhere.http").refusal
