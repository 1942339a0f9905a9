"""The examples run as they stand; and the client that waits is made from the one for asyncio."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.draw_sync_client import TARGET, draw
from tests.client.conftest import Pair
from tests.peers.gateway import ROOT, SOURCES
from tests.peers.samples import send_body

PAGE = ROOT / "docs" / "howto" / "use-the-python-client.md"
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.py"))


def run(pair: Pair, name: str, *arguments: str) -> list[str]:
    """The lines that an example prints."""
    environment = {"PYTHONPATH": SOURCES, "ACUSE_GATEWAY": pair.acme.url, "ACUSE_API_KEY": pair.acme.api_key}
    line = [sys.executable, str(ROOT / "examples" / name), *arguments]
    done = subprocess.run(
        line, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout.splitlines()


def test_file_is_sent_and_waited_for(pair: Pair, tmp_path: Path) -> None:
    file = tmp_path / "order.x12"
    file.write_bytes(b"ISA~")

    [line] = run(pair, "send_and_wait.py", pair.partner, str(file))

    name, status = line.split()
    assert ("delivered", "Order in order.x12") == (status, pair.acme.message(name)["subject"])


def test_inbox_is_fetched_once(pair: Pair, tmp_path: Path) -> None:
    back = pair.globex.api("GET", "/v1/partners").json["data"][0]["id"]
    pair.globex.wait_for_end(pair.globex.send(send_body(back, b"first"))["id"])

    [line] = run(pair, "fetch_inbox.py", str(tmp_path))

    name = line.split()[0]
    assert b"first" == (tmp_path / f"{name}.edi").read_bytes()
    assert [] == run(pair, "fetch_inbox.py", str(tmp_path))


def test_folder_is_sent_once(pair: Pair, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.edi").write_bytes(b"UNB" + bytes([65 + number]))

    first, second = (run(pair, "send_many.py", pair.partner, str(tmp_path)) for _ in range(2))

    assert {f"{number:02}.edi delivered" for number in range(12)} == set(first) == set(second)
    assert 12 == len(
        [row for row in pair.acme.messages(direction="outbound") if row["bytes"] == 4 and not row["subject"]]
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_page_shows_every_example_as_it_is(name: str) -> None:
    assert (ROOT / "examples" / name).read_text(encoding="utf-8") in PAGE.read_text(encoding="utf-8")


def test_client_that_waits_is_current() -> None:
    assert draw() == {path.name: path.read_text(encoding="utf-8") for path in TARGET.glob("*.py")}, (
        "run: python scripts/draw_sync_client.py"
    )
