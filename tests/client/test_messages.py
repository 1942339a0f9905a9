"""The client sends, lists, downloads, decides and waits, against a gateway with a partner."""

import hashlib
import io
import os
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

import acuse_client
from acuse_client import Acuse, AsyncAcuse, Conflict, Invalid, NotFound, NotSettled, Unauthorized
from acuse_client.wishes import Content
from tests.client.conftest import Pair
from tests.peers.samples import AWKWARD
from tests.peers.waiting import wait_until


def arrived(pair: Pair, message_id: str) -> bytes:
    row = wait_until(lambda: pair.globex.inbound(message_id))[0]
    return pair.globex.payload(row["id"]).body


@pytest.mark.parametrize("kind", ["path", "bytes", "text", "file"])
def test_content_of_every_kind_arrives(pair: Pair, acuse: Acuse, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "order 7.edi"
    file.write_bytes(b"UNB+UNOC:3+\xc3\xbc'\n")
    content: dict[str, Content] = {
        "path": file,
        "bytes": file.read_bytes(),
        "text": file.read_text(),
        "file": io.BytesIO(file.read_bytes()),
    }

    sent = acuse.messages.send(
        pair.partner,
        content[kind],
        content_type="application/edifact",
        subject="Bestellung ü",
        priority="high",
        compress=True,
        headers={"X-Order": "7"},
        metadata={"order": 7},
    )
    message = acuse.messages.wait(sent["id"], timeout=20)

    assert ("delivered", "Bestellung ü", "high", True) == (
        message["status"],
        message["subject"],
        message["priority"],
        message["compressed"],
    )
    assert {"order": 7} == message["metadata"]
    assert file.read_bytes() == arrived(pair, message["message_id"])
    assert message["attachments"][0]["filename"] == ("order 7.edi" if kind == "path" else "payload")


async def test_asynchronous_client_does_the_same(pair: Pair, async_acuse: AsyncAcuse, tmp_path: Path) -> None:
    file = tmp_path / "order.x12"
    file.write_bytes(AWKWARD)

    sent = await async_acuse.messages.send(pair.partner, file, content_type="application/edi-x12")
    message = await async_acuse.messages.wait(sent["id"], timeout=20)
    pieces = [piece async for piece in async_acuse.messages.payload(sent["id"])]
    newest = await anext(async_acuse.messages.list(direction="outbound"))

    assert ("delivered", "order.x12") == (message["status"], message["attachments"][0]["filename"])
    assert AWKWARD == b"".join(pieces) == arrived(pair, message["message_id"])
    assert sent["id"] == newest["id"]


def test_several_files_are_one_message(pair: Pair, acuse: Acuse, tmp_path: Path) -> None:
    sent = acuse.messages.send(pair.partner, [b"one", b"two"], content_type="text/plain")
    acuse.messages.wait(sent["id"])

    size = acuse.messages.download(sent["id"], tmp_path / "second", attachment=2)

    assert (3, b"two") == (size, (tmp_path / "second").read_bytes())


def test_large_file_goes_and_comes_in_pieces(pair: Pair, acuse: Acuse, tmp_path: Path) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(os.urandom(1 << 20) * 24)

    tracemalloc.start()
    sent = acuse.messages.send(pair.partner, file, encrypt=False, compress=False, sign=False)
    size = acuse.messages.download(sent["id"], tmp_path / "back.bin")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    digests = [hashlib.sha256(path.read_bytes()).digest() for path in (file, tmp_path / "back.bin")]
    assert 24 << 20 == size
    assert digests[0] == digests[1]
    assert peak < 8 << 20


def test_list_goes_through_all_pages(pair: Pair, acuse: Acuse) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    sent = [acuse.messages.send(pair.partner, b"P", subject="paged", scheduled_at=later)["id"] for _ in range(5)]

    page = acuse.messages.page(search="paged", per_page=2)
    rows = list(acuse.messages.list(search="paged", per_page=2))

    assert (5, 2) == (page.total, len(page.rows))
    assert sent[::-1] == [row["id"] for row in rows]
    assert sent[:2:-1] == [row["id"] for row in islice(acuse.messages.list(search="paged"), 2)]


def test_what_waits_is_cancelled_and_sent_again(pair: Pair, acuse: Acuse) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    waiting = acuse.messages.send(pair.partner, b"W", scheduled_at=later)

    cancelled = acuse.messages.cancel(waiting["id"])
    again = acuse.messages.resend(waiting["id"])

    assert cancelled["error"]
    assert "CANCELLED" == cancelled["error"]["code"]
    assert waiting["id"] == again["resend_of"]
    assert "delivered" == acuse.messages.wait(again["id"])["status"]
    with pytest.raises(Conflict, match="NOT_RETRYABLE"):
        acuse.messages.retry(again["id"], force=True)
    assert "accepted" == acuse.messages.timeline(again["id"])[0]["step"]


def test_wait_that_is_too_short_says_where_the_message_is(pair: Pair, acuse: Acuse) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    waiting = acuse.messages.send(pair.partner, b"W", scheduled_at=later)

    with pytest.raises(NotSettled) as caught:
        acuse.messages.wait(waiting["id"], timeout=0.1)

    assert "queued" == caught.value.message["status"]


def test_same_key_sends_once(pair: Pair, acuse: Acuse) -> None:
    first, second = (acuse.messages.send(pair.partner, b"K", idempotency_key="order-4711") for _ in range(2))

    assert first == second
    with pytest.raises(Conflict, match="IDEMPOTENCY_KEY_REUSED"):
        acuse.messages.send(pair.partner, b"L", idempotency_key="order-4711")


def test_refusals_are_exceptions_with_code_and_fields(pair: Pair, acuse: Acuse) -> None:
    with pytest.raises(Invalid) as invalid:
        acuse.messages.send(pair.partner, b"X", subject="s" * 256)
    with pytest.raises(NotFound) as unknown:
        acuse.messages.get("msg_999999")
    with Acuse(pair.acme.url, "pk_live_wrong") as stranger, pytest.raises(Unauthorized):
        stranger.messages.page()

    assert (422, "VALIDATION_FAILED", ["subject"]) == (
        invalid.value.status,
        invalid.value.code,
        list(invalid.value.fields),
    )
    assert ("MESSAGE_NOT_FOUND", "resource_error") == (unknown.value.code, unknown.value.type)


def test_package_needs_nothing_of_the_gateway() -> None:
    program = "import sys; sys.modules['acuse'] = None; import acuse_client; print(acuse_client.Acuse.__name__)"
    path = str(Path(acuse_client.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )

    assert ("Acuse\n", "") == (done.stdout, done.stderr)
