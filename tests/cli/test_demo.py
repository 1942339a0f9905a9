"""`acuse demo`: it ends by itself, and what it tells is what both stations stored."""

import os
import re
import subprocess
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.peers.gateway import SOURCES, Finished, run_acuse

pytestmark = pytest.mark.gateway
DOCUMENTS = ("order-850.x12", "invoice-d96a.edi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    ended: Finished
    home: Path

    @property
    def text(self) -> str:
        return self.ended.output


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("demo")
    ended = run_acuse("demo", environment={"TMPDIR": str(folder)})
    return Shown(ended=ended, home=next(folder.glob("acuse-demo-*")))


def test_it_succeeds_and_says_nothing_on_standard_error(shown: Shown) -> None:
    assert (0, "") == (shown.ended.code, shown.ended.errors)
    assert "Both receipts are verified, both files arrived byte for byte." in shown.text


def test_it_tells_each_step(shown: Shown) -> None:
    assert 2 == len(re.findall(r"Message-ID <\S+@127\.0\.0\.1>", shown.text))
    assert 2 == shown.text.count("wrapped        compressed, signed sha256, encrypted aes128_cbc")
    assert 2 == len(re.findall(r"[\d ]+ bytes became [\d ]+ bytes on the wire", shown.text))
    assert 2 == shown.text.count("the same file, byte for byte")
    assert 2 == len(re.findall(r"signed by (BUYER|SELLER), verified", shown.text))
    assert 2 == len(re.findall(r"took\s+[\d.]+ ms in all", shown.text))
    assert 6 == shown.text.count("acuse.db, table blob, id x'")


def test_the_mic_that_came_back_is_the_one_that_was_sent(shown: Shown) -> None:
    sent = re.findall(r"MIC sent\s+(\S+), sha-256", shown.text)
    returned = re.findall(r"MIC returned\s+(\S+), sha-?256   \(equal\)", shown.text)

    assert 2 == len(set(sent))
    assert sent == returned


def test_a_certified_mail_is_sent_captured_and_proved(shown: Shown) -> None:
    (proof,) = re.findall(r"proof\s+(\S+ntc_000001\.pdf)", shown.text)
    (mail,) = re.findall(r"mail\s+(\S+\.eml)", shown.text)

    assert Path(proof).read_bytes().startswith(b"%PDF-")
    assert b"Delivered-To: ana@demo.example" in Path(mail).read_bytes()
    assert "delivered; nothing left this machine" in shown.text


def test_its_home_can_be_looked_at_afterwards(shown: Shown) -> None:
    shell = Shell(shown.home)

    assert ["delivered", "delivered"] == [entry["status"] for entry in shell("outbox", "--json").json]
    received = shell("inbox", "--json").json
    assert [("SELLER", "BUYER"), ("BUYER", "SELLER")] == [
        (entry["from_as2_id"], entry["to_as2_id"]) for entry in received
    ]
    for document, entry in zip(DOCUMENTS, reversed(received), strict=True):
        original = (files("acuse.web.api.samples") / document).read_bytes()
        assert original == shell("show", entry["id"], "--payload", "-").raw_output


def test_an_inbound_message_is_shown_with_our_receipt(shown: Shown) -> None:
    seen = Shell(shown.home)("show", "msg_000002").output

    assert re.search(r"^direction\s+inbound$", seen, re.MULTILINE)
    assert re.search(r"^wrapped\s+compressed, signed, encrypted$", seen, re.MULTILINE)
    assert "automatic-action/MDN-sent-automatically; processed" in seen


def test_what_it_proposes_can_be_run_as_it_is_written(shown: Shown) -> None:
    proposed = re.findall(r"^ +(?:look around)? +(\S.*--home .*)$", shown.text, re.MULTILINE)

    assert 3 == len(proposed)
    for line, expected in zip(proposed, ("msg_000001", "msg_000001", "Contract C-7"), strict=True):
        done = subprocess.run(
            ["/bin/sh", "-c", line], env={"PYTHONPATH": SOURCES}, capture_output=True, text=True, check=False
        )
        assert (0, "") == (done.returncode, done.stderr)
        assert expected in done.stdout


@pytest.mark.parametrize("arguments", [("demo", "--home", "mine"), ("--home", "mine", "demo")])
def test_a_home_of_yours_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ended = Shell(tmp_path / "mine")(*arguments)

    assert "The demo makes a home of its own, leave --home out. See 'acuse demo --help'." == ended.misuse


def test_its_gateway_is_gone(shown: Shown) -> None:
    process = int(re.findall(r"process (\d+)", shown.text)[0])

    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_settings_of_other_homes_do_not_reach_it(tmp_path: Path) -> None:
    other = {"ACUSE_HOME": str(tmp_path / "mine"), "ACUSE_PORT": "1", "TMPDIR": str(tmp_path)}

    ended = run_acuse("demo", environment=other)

    assert 0 == ended.code, ended.errors
    assert not (tmp_path / "mine").exists()
