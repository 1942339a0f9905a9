"""schemathesis makes requests from the OpenAPI document, good and bad, alone and one after the other, and holds every
answer of a running gateway against the document: its status, its content type, its header fields, its shape.

`make test` takes half a minute for each mode, always with the same seed; `make fuzz` goes on for longer, with new ones.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.gateway import Gateway

pytestmark = [pytest.mark.gateway, pytest.mark.slow]

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
RULES = Path(__file__).with_name("schemathesis_rules.py")
_ASKED_FOR = int(os.environ.get("FUZZ_EXAMPLES", "0"))
EXAMPLES, SECONDS = 2, 20
"""For each route, and for all."""


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """With a partner whose server is never there. One for each test: the calls change even its first key."""
    gateway = Gateway(tmp_path, as2_id="ACME")
    gateway.start()
    gateway.add_partner(as2_id="GLOBEX", url="http://127.0.0.1:9/as2", certificate=gateway.certificate)
    yield gateway
    gateway.stop()


def key_of(gateway: Gateway, mode: str) -> str:
    """A key of its own for the calls, so that they may change the first one."""
    made = gateway.api("POST", "/v1/api-keys", body={"name": mode, "scopes": ["admin"], "mode": mode}).json
    text: str = made["data"]["api_key"]
    return text


@pytest.mark.parametrize(
    ("mode", "chosen"),
    [
        ("live", ("--exclude-tag", "Test mode")),
        ("test", ("--include-tag", "Test mode", "--include-tag", "Messages", "--include-tag", "Downloads")),
    ],
)
def test_every_answer_is_one_that_the_document_tells_of(gateway: Gateway, mode: str, chosen: tuple[str, ...]) -> None:
    key = key_of(gateway, mode)
    wish = {"partner_id": "prt_000001", "content_type": "text/plain", "payload": {"content": "x"}}
    assert 202 == gateway.api("POST", "/v1/messages", key=key, body=wish).status

    seconds = _ASKED_FOR // 20 or SECONDS
    amount = ["--max-examples", str(_ASKED_FOR // 200 or EXAMPLES), "--max-time", str(seconds)]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(CONFIGURATION)),
            *("run", f"{gateway.url}/openapi.json", "--continue-on-failure", *chosen, *amount),
            *(() if _ASKED_FOR else ("--seed", "1")),
        ],
        env={**os.environ, "SCHEMATHESIS_KEY": key, "SCHEMATHESIS_RULES": str(RULES)},
        cwd=gateway.home.parent,
        capture_output=True,
        text=True,
        timeout=seconds + 120,
        check=False,
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert 200 == gateway.api("GET", "/v1/accounts", key=key).status, "the key was still good at the end"
