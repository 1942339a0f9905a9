"""Requests made to harm: each gets the answer that it deserves, and then the gateway serves the next good message from
the same process, without a 500 and without having grown.
"""

import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from asn1crypto import cms as asn1

from tests.journeys.meeting import PAYLOAD, Meeting
from tests.peers import openssl, wire
from tests.peers.entities import build_entity, build_pkcs7, build_signed, read_entity
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity, make_identity
from tests.peers.listener import Listener, listening
from tests.peers.outgoing import Letter, Sender, encrypted, signed
from tests.peers.receipts import PROCESSED, build_receipt, read_receipt
from tests.peers.samples import AWKWARD, send_body
from tests.peers.waiting import wait_until

pytestmark = pytest.mark.usefixtures("openssl_is_there")

VECTORS = sorted((Path(__file__).parents[1] / "vectors" / "requests").glob("*.http"))
BOMB_SIZE = 600 * 1024 * 1024
GROWTH = 96 * 1024 * 1024
"""Bytes that the process may have held above what it held before: far less than any of the bombs."""


@pytest.fixture(scope="module")
def met(start_gateway: Callable[[str], Gateway], partner_identity: Identity, stranger_identity: Identity) -> Meeting:
    gateway = start_gateway("ACME")
    gateway.add_partner(as2_id="GLOBEX", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)
    sender = Sender(as2_id="GLOBEX", to="ACME", url=gateway.receive_url)
    return Meeting(gateway=gateway, sender=sender, identity=partner_identity, stranger=stranger_identity)


@pytest.fixture
def meeting(met: Meeting) -> Iterator[Meeting]:
    """Whatever a test does: afterwards the same process takes a good message, and nothing went wrong inside it."""
    met.receipt(met.sender.prepare(met.good_letter()))
    pid, log = met.gateway.pid, len(met.gateway.log)
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak of memory begins anew
    before = peak_memory(pid)
    yield met
    assert "processed" == met.receipt(met.sender.prepare(met.good_letter())).status
    assert pid == met.gateway.pid
    assert peak_memory(pid) - before < GROWTH
    written = met.gateway.log[log:]
    assert "Traceback" not in written, written
    assert '"status": 500' not in written, written
    assert " 500 " not in written, written


def peak_memory(pid: int) -> int:
    """Bytes that the process has held at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [peak] = [line for line in lines if line.startswith("VmHWM:")]
    return int(peak.split()[1]) * 1024


def raw(gateway: Gateway, request: bytes) -> bytes:
    """What comes back for these bytes; nothing where the connection is cut while they are still being sent."""
    parts = urlsplit(gateway.url)
    answer = b""
    address = (parts.hostname or "", parts.port or 80)
    with socket.create_connection(address, timeout=20) as connection, suppress(ConnectionError):
        connection.sendall(request)
        while piece := connection.recv(65536):
            answer += piece
    return answer


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.stem)
def test_request_that_once_broke_the_gateway_is_answered(meeting: Meeting, vector: Path) -> None:
    answer = raw(meeting.gateway, vector.read_bytes())

    assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 ")), answer[:500]


# ── Content that unfolds ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """An entity whose content is a thousand times as large."""
    pressed = zlib.compressobj(9)
    pieces = [pressed.compress(b"Content-Type: text/plain\r\n\r\n")]
    pieces += [pressed.compress(bytes(1 << 20)) for _ in range(BOMB_SIZE >> 20)]
    content = {
        "version": "v0",
        "compression_algorithm": {"algorithm": "zlib"},
        "encap_content_info": {"content_type": "data", "content": b"".join([*pieces, pressed.flush()])},
    }
    info = asn1.ContentInfo({"content_type": "compressed_data", "content": asn1.CompressedData(content)})
    return build_pkcs7("compressed-data", info.dump())


def test_bomb_of_a_partner_is_decompression_failed(meeting: Meeting, bomb: bytes) -> None:
    letter = encrypted(signed(Letter(entity=bomb, covered=b""), meeting.identity), meeting.gateway.certificate)

    receipt = meeting.refusal(meeting.sender.prepare(letter))

    assert "processed/error: decompression-failed" == receipt.status


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_bomb_of_somebody_who_cannot_sign_is_refused(meeting: Meeting, bomb: bytes, is_encrypted: bool) -> None:
    letter = Letter(entity=bomb, covered=b"")
    if is_encrypted:
        letter = encrypted(letter, meeting.gateway.certificate)

    receipt = meeting.refusal(meeting.sender.prepare(letter))

    assert receipt.status.startswith("processed/error: "), receipt


def several(count: int, kind: str) -> bytes:
    body = b"".join(b"--p\r\nContent-Type: text/plain\r\n\r\nx\r\n" for _ in range(count)) + b"--p--\r\n"
    return build_entity({"Content-Type": f'{kind}; boundary="p"'}, body)


def test_ten_thousand_files_are_refused(meeting: Meeting) -> None:
    letter = Letter(entity=several(10_000, "multipart/related"), covered=b"")

    receipt = meeting.refusal(
        meeting.sender.prepare(encrypted(signed(letter, meeting.identity), meeting.gateway.certificate))
    )

    assert "processed/error: unexpected-processing-error" == receipt.status


@pytest.mark.parametrize("kind", ["multipart/signed", "multipart/related", "multipart/mixed", "multipart/report"])
def test_ten_thousand_parts_that_nobody_signed_are_refused(meeting: Meeting, kind: str) -> None:
    posting = meeting.sender.prepare(several(10_000, kind))

    reply = posting.post()

    assert 200 == reply.status
    meeting.assert_not_delivered(posting.message_id)


@pytest.mark.parametrize("nested", [b"\x30\x80", b"\x24\x80", b"\xa0\x80", b"\x30\x84\x7f\xff\xff\xff", b"\x04\0"])
def test_structure_nested_without_end_is_refused(meeting: Meeting, nested: bytes) -> None:
    opening = bytes.fromhex("3080 06092a864886f70d010703 a080 3080 020100 3180".replace(" ", ""))
    for start in (b"", opening):
        letter = build_pkcs7("enveloped-data", start + nested * 200_000)

        receipt = meeting.refusal(meeting.sender.prepare(letter))

        assert "processed/error: decryption-failed" == receipt.status


def test_nested_signature_is_refused(meeting: Meeting) -> None:
    entity = Letter.plain(PAYLOAD).entity
    letter = Letter(entity=build_signed(entity, b"\x30\x80" * 400_000), covered=b"")

    receipt = meeting.refusal(meeting.sender.prepare(encrypted(letter, meeting.gateway.certificate)))

    assert receipt.status.startswith("processed/error: ")


def test_layers_without_end_are_refused(meeting: Meeting) -> None:
    letter = meeting.good_letter()
    for _ in range(12):
        letter = encrypted(letter, meeting.gateway.certificate)

    assert "processed/error: decryption-failed" == meeting.refusal(meeting.sender.prepare(letter)).status


# ── Headers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_header_of_a_mebibyte_is_refused(meeting: Meeting) -> None:
    head = b"POST /as2 HTTP/1.1\r\nHost: x\r\nAS2-From: GLOBEX\r\nX: " + b"x" * (1 << 20)

    assert raw(meeting.gateway, head + b"\r\n\r\n")[:12] in (b"HTTP/1.1 431", b"")


@pytest.mark.parametrize(
    "header", [b"X: " + b"x" * (1 << 20), b"X: x\r\n" * 200_000, b"X: x\r\n" + b" x\r\n" * 200_000]
)
def test_header_of_a_mebibyte_inside_of_the_message_is_refused(meeting: Meeting, header: bytes) -> None:
    letter = Letter(entity=header.rstrip() + b"\r\n\r\n" + PAYLOAD, covered=b"")

    receipt = meeting.refusal(
        meeting.sender.prepare(encrypted(signed(letter, meeting.identity), meeting.gateway.certificate))
    )

    assert "processed/error: unexpected-processing-error" == receipt.status


@pytest.mark.parametrize(
    "message_id",
    [
        "<" + "x" * 996 + ">",
        "../../../../etc/passwd",
        "<../up@x>",
        "C:\\x:y|z",
        "<%2e%2e%2f@x>",
        "/",
        ".",
        "a\tb",
        "'--;",
    ],
    ids=lambda message_id: message_id[:12],
)
def test_message_id_of_any_shape_is_a_name_and_nothing_else(meeting: Meeting, message_id: str) -> None:
    posting = meeting.sender.prepare(meeting.good_letter(), message_id=message_id)

    receipt = meeting.receipt(posting)

    assert ("processed", message_id) == (receipt.status, receipt.original_message_id)
    [message] = meeting.gateway.inbound(message_id)
    assert PAYLOAD == meeting.gateway.payload(message["id"]).body
    names = {path.name for path in meeting.gateway.home.parent.rglob("*")}
    assert not {name for name in names if "passwd" in name or "xxx" in name or "2e" == name}


def test_longer_message_id_is_no_as2_message(meeting: Meeting) -> None:
    assert 400 == meeting.sender.prepare(meeting.good_letter(), message_id="x" * 999).post().status


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Transfer-Encoding: identity, chunked, identity",
        "Transfer-Encoding: xchunked",
    ],
)
@pytest.mark.rfc(9112, "6.3")
def test_body_whose_end_is_open_to_doubt_is_refused(meeting: Meeting, framing: str) -> None:
    smuggled = "5\r\nhello\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    head = "POST /as2 HTTP/1.1\r\nHost: x\r\nAS2-From: GLOBEX\r\nAS2-To: ACME\r\nMessage-ID: <1@x>\r\n"

    answer = raw(meeting.gateway, f"{head}Content-Type: text/plain\r\n{framing}\r\n\r\n{smuggled}".encode())

    assert answer.startswith(b"HTTP/1.1 4"), answer
    assert 1 == answer.count(b"HTTP/1.1 ")


# ── Receipts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://127.0.0.1@10.0.0.1/",
        "http://10.0.0.1#@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
    ],
)
def test_receipt_into_another_network_is_forbidden(meeting: Meeting, url: str) -> None:
    with listening() as listener:
        posting = meeting.sender.prepare(meeting.good_letter(), receipt_url=url.format(port=listener.port))

        assert 403 == posting.post().status
        assert [] == listener.posted
        assert [] == meeting.gateway.inbound(posting.message_id)


@pytest.fixture(scope="module")
def rival(met: Meeting) -> Identity:
    """A second partner, with a key of its own."""
    identity = make_identity("rival.test")
    met.gateway.add_partner(as2_id="RIVAL", url="http://127.0.0.1:9/", certificate=identity.certificate)
    return identity


@pytest.mark.parametrize("claims_to_be", ["RIVAL", "GLOBEX"])
def test_receipt_for_a_message_to_somebody_else_does_not_deliver_it(
    meeting: Meeting, rival: Identity, claims_to_be: str
) -> None:
    listener = Listener()
    try:
        victim = meeting.gateway.add_partner(
            as2_id=f"VICTIM-{claims_to_be}", url=listener.url, certificate=meeting.identity.certificate
        )
        sent = meeting.gateway.send(send_body(victim["id"], AWKWARD, mdn_mode="async"))
        wait_until(lambda: listener.posted, what="the message at the victim")
        message_id = listener.posted[0].header("Message-ID") or ""
        report = build_receipt({"Original-Message-ID": message_id, "Disposition": PROCESSED})
        entity = read_entity(build_signed(report, openssl.sign(report, rival)))

        reply = wire.post(
            meeting.gateway.receive_url,
            headers={"AS2-From": claims_to_be, "AS2-To": "ACME", "Message-ID": "<m@rival>", **entity.headers},
            body=entity.body,
        )

        assert 200 == reply.status
        message = meeting.gateway.message(sent["id"])
        assert ("sent", "pending") == (message["status"], message["mdn_status"]), message
    finally:
        listener.close()


def test_receipt_of_a_receipt_is_no_message(meeting: Meeting) -> None:
    reply = meeting.sender.prepare(meeting.good_letter()).post()
    receipt = read_receipt(reply.headers, reply.body)
    kept = {name: value for name, value in reply.headers if name.lower() in ("content-type", "mime-version")}
    headers = {"AS2-From": "GLOBEX", "AS2-To": "ACME", "Message-ID": "<again@x>", "Disposition-Notification-To": "x"}

    again = wire.post(meeting.gateway.receive_url, headers=headers | kept, body=reply.body)

    assert "processed" == receipt.status
    assert (200, False) == (again.status, b"disposition-notification" in again.body)
    assert [] == meeting.gateway.inbound("<again@x>")
