"""`acuse stray-receipts`."""

import json
from pathlib import Path

from acuse.bootstrap import open_gateway
from acuse.config import Settings
from acuse.services.receive_message import receive
from tests.cli.shell import Shell

BODY = b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"
HEADERS = (
    ("AS2-From", "NOBODY"),
    ("AS2-To", "ACME"),
    ("Content-Type", "multipart/report; report-type=disposition-notification; boundary=b"),
)


def post_stray(shell: Shell) -> None:
    with open_gateway(Settings(home=shell.home)) as gateway:
        stage = gateway.ports.blobs.stage()
        stage.write(BODY)
        receive(gateway.ports, HEADERS, stage)


def test_stray_receipts_are_listed_and_written_for_explain(shell: Shell, tmp_path: Path) -> None:
    assert "No receipt came" in shell("stray-receipts").output
    post_stray(shell)

    [stray] = shell("stray-receipts", "--json").json
    assert ("rcp_000001", "NOBODY", "ACME") == (stray["id"], stray["from_as2_id"], stray["to_as2_id"])
    assert "rcp_000001" in shell("stray-receipts").output

    file = tmp_path / "stray"
    assert 0 == shell("stray-receipts", "rcp_000001", "--raw", str(file)).code
    assert file.read_bytes().endswith(b"\r\n\r\n" + BODY)
    assert "mdn" == json.loads(shell("explain", str(file), "--json").output)["kind"]


def test_stray_receipt_that_is_not_kept_is_told(shell: Shell, tmp_path: Path) -> None:
    file = str(tmp_path / "stray")

    assert 1 == shell("stray-receipts", "rcp_000009", "--raw", file).code
    assert 1 == shell("stray-receipts", "nothing", "--raw", file).code
    assert 2 == shell("stray-receipts", "rcp_000001").code
