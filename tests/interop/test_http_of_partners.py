"""HTTP and AS2 headers as other products write them: all of these are messages, and all get the right receipt."""

import base64
import hashlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.outgoing import Letter, Posting, Sender, signed
from tests.peers.receipts import Receipt, read_receipt
from tests.peers.samples import AWKWARD
from tests.peers.wire import Reply

pytestmark = pytest.mark.usefixtures("openssl_is_there")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A gateway, and who writes to it in its own way."""

    gateway: Gateway
    sender: Sender
    identity: Identity

    def prepare(self, **changes: str) -> Posting:
        return self.sender.prepare(signed(Letter.plain(AWKWARD), self.identity), **changes)  # type: ignore[arg-type]

    def receipt(self, reply: Reply, posting: Posting) -> Receipt:
        assert 200 == reply.status, reply
        receipt = read_receipt(reply.headers, reply.body)
        assert "processed" == receipt.status, receipt
        [message] = self.gateway.inbound(posting.message_id)
        assert AWKWARD == self.gateway.payload(message["id"]).body
        return receipt


@pytest.fixture(scope="module")
def meeting(start_gateway: Callable[[str], Gateway], partner_identity: Identity) -> Meeting:
    gateway = start_gateway("ACUSE")
    for as2_id in ("HAND", "Hand & Sohne #7", 'quote " and \\ slash'):
        file = gateway.home.parent / "partner.pem"
        file.write_bytes(partner_identity.certificate)
        options = ["--demand", "none", "--url", "http://127.0.0.1:9/", "--certificate", str(file)]
        assert 0 == gateway.cli("partner", "add", "--as2-id", as2_id, *options).code
    sender = Sender(as2_id="HAND", to="ACUSE", url=gateway.receive_url)
    return Meeting(gateway=gateway, sender=sender, identity=partner_identity)


# ── Headers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "6.2")
@pytest.mark.parametrize(
    "written", ['"HAND"', '"Hand & Sohne #7"', "Hand & Sohne #7", r'"quote \" and \\ slash"'], ids=str
)
def test_as2_names_are_read_quoted_or_not_and_swapped_in_the_receipt(meeting: Meeting, written: str) -> None:
    posting = meeting.prepare(AS2_From=written, AS2_To='"ACUSE"')

    reply = posting.post()

    meeting.receipt(reply, posting)
    assert "ACUSE" == (reply.header("AS2-From") or "").strip('"')
    sent_to = (reply.header("AS2-To") or "").removeprefix('"').removesuffix('"').replace('\\"', '"')
    assert written.removeprefix('"').removesuffix('"').replace('\\"', '"') == sent_to


@pytest.mark.rfc(4130, "5.3.3")
@pytest.mark.parametrize(
    "message_id",
    [
        "<usual@hand.test>",
        "no-brackets@hand.test",
        "<no-at-sign>",
        "neither",
        f"<{'long' * 60}@hand.test>",
        "<a b@c d>",
    ],
    ids=lambda value: value[:12],
)
def test_message_id_of_any_shape_comes_back_as_it_was(meeting: Meeting, message_id: str) -> None:
    posting = meeting.sender.prepare(signed(Letter.plain(AWKWARD), meeting.identity), message_id=message_id)

    assert message_id == meeting.receipt(posting.post(), posting).original_message_id


@pytest.mark.parametrize(
    "changes",
    [
        {"Date": "not a date"},
        {"Date": "Donnerstag, 19. November 2026"},
        {"AS2_Version": "1.9"},
        {"Disposition_Notification_To": "mailto:nobody;;; <>"},
        {"Authorization": "Basic dW5hc2tlZDpmb3I="},
        {"Subject": "Bestellung =?utf-8?q?N=C2=B0_7?="},
        {"EDIINT_Features": "multiple-attachments, CEM, AS2-Reliability, unheard-of"},
        {"User_Agent": ""},
        {"Mime_Version": "1.0", "From": "orders@hand.test", "Recipient_Address": "http://acuse.test/as2"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_oddities_in_headers_do_not_matter(meeting: Meeting, changes: dict[str, str]) -> None:
    posting = meeting.prepare(**changes)

    meeting.receipt(posting.post(), posting)


def test_blanks_after_the_values_of_headers_do_not_matter(meeting: Meeting) -> None:
    posting = meeting.prepare()
    padded = Posting(
        url=posting.url,
        message_id=posting.message_id,
        headers={name: f"{value} \t " for name, value in posting.headers.items()},
        body=posting.body,
    )

    meeting.receipt(padded.post(), padded)


def test_date_and_version_may_be_missing(meeting: Meeting) -> None:
    posting = meeting.sender.prepare(
        signed(Letter.plain(AWKWARD), meeting.identity), without=("Date", "AS2-Version", "Subject")
    )

    meeting.receipt(posting.post(), posting)


@pytest.mark.rfc(4130, "7.3")
@pytest.mark.parametrize(
    "options",
    [
        "signed-receipt-protocol=optional,pkcs7-signature;signed-receipt-micalg=optional,sha-256",
        "Signed-Receipt-Protocol = required , PKCS7-Signature ; Signed-Receipt-MICalg = required , SHA-256 , md5",
        "signed-receipt-micalg=optional, md5, sha256, sha512; signed-receipt-protocol=optional, pkcs7-signature",
        "signed-receipt-protocol=optional, pkcs7-signature;\tsigned-receipt-micalg=optional, sha-256;",
    ],
)
def test_options_of_the_receipt_are_read_however_they_are_written(meeting: Meeting, options: str) -> None:
    posting = meeting.sender.prepare(signed(Letter.plain(AWKWARD), meeting.identity), receipt=options)

    receipt = meeting.receipt(posting.post(), posting)

    assert (True, "sha256") == (receipt.is_signed, (receipt.mic_algorithm or "").replace("-", ""))


@pytest.mark.rfc(4130, "7.4.3")
@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_mic_of_an_unsigned_message_uses_the_first_algorithm_of_the_list(meeting: Meeting, algorithm: str) -> None:
    wanted = f"signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {algorithm}, sha-256"
    posting = meeting.sender.prepare(Letter.plain(AWKWARD), receipt=wanted)

    receipt = meeting.receipt(posting.post(), posting)

    expected = base64.b64encode(hashlib.new(algorithm, AWKWARD).digest()).decode()
    assert (expected, algorithm) == (receipt.mic, (receipt.mic_algorithm or "").replace("-", ""))


# ── HTTP ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def exchange(posting: Posting, *pieces: bytes) -> Reply:
    """Write pieces of a request one by one to a connection, and read one answer."""
    parts = urlsplit(posting.url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        return read_reply(connection)


def read_reply(connection: socket.socket) -> Reply:
    """One answer with Content-Length, informational ones left out."""
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536) or pytest.fail(f"the connection was closed after {data!r}")
        head, _, data = data.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status >= 200:
            break
    lines = [line.decode("latin-1").partition(":") for line in head.split(b"\r\n")[1:]]
    reply = Reply(status=status, headers=tuple((name, value.strip()) for name, _, value in lines))
    length = int(reply.header("Content-Length") or 0)
    while len(data) < length:
        data += connection.recv(65536) or pytest.fail("the body of the answer breaks off")
    return Reply(status=status, headers=reply.headers, body=data)


def head_of(posting: Posting, *lines: str, version: str = "HTTP/1.1") -> bytes:
    parts = urlsplit(posting.url)
    fields = [f"{name}: {value}" for name, value in posting.headers.items()]
    return "\r\n".join([f"POST {parts.path} {version}", f"Host: {parts.netloc}", *fields, *lines, "", ""]).encode()


def test_chunked_message_is_taken(meeting: Meeting) -> None:
    posting = meeting.prepare()
    chunks = [posting.body[start : start + 700] for start in range(0, len(posting.body), 700)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"

    reply = exchange(posting, head_of(posting, "Transfer-Encoding: chunked"), body)

    meeting.receipt(reply, posting)


def test_sender_who_waits_for_100_continue_gets_it(meeting: Meeting) -> None:
    posting = meeting.prepare()
    parts = urlsplit(posting.url)
    head = head_of(posting, f"Content-Length: {len(posting.body)}", "Expect: 100-continue")

    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        connection.sendall(head)
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")
        connection.sendall(posting.body)
        reply = read_reply(connection)

    meeting.receipt(reply, posting)


@pytest.mark.parametrize("length", ["000%d", "%d "], ids=["leading zeros", "trailing blank"])
def test_content_length_may_be_written_loosely(meeting: Meeting, length: str) -> None:
    posting = meeting.prepare()

    reply = exchange(posting, head_of(posting, f"Content-Length: {length % len(posting.body)}"), posting.body)

    meeting.receipt(reply, posting)


def test_bytes_may_arrive_one_by_one(meeting: Meeting) -> None:
    posting = meeting.prepare()
    whole = head_of(posting, f"Content-Length: {len(posting.body)}") + posting.body

    reply = exchange(posting, *[whole[at : at + 1] for at in range(1500)], whole[1500:])

    meeting.receipt(reply, posting)


def test_http_1_0_is_answered_and_the_connection_ends(meeting: Meeting) -> None:
    posting = meeting.prepare()
    parts = urlsplit(posting.url)
    head = head_of(posting, f"Content-Length: {len(posting.body)}", version="HTTP/1.0")

    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        connection.sendall(head + posting.body)
        reply = read_reply(connection)
        assert b"" == connection.recv(1)

    meeting.receipt(reply, posting)


def test_several_messages_share_a_connection(meeting: Meeting) -> None:
    postings = [meeting.prepare() for _ in range(3)]
    parts = urlsplit(meeting.gateway.receive_url)

    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        for posting in postings:
            connection.sendall(head_of(posting, f"Content-Length: {len(posting.body)}") + posting.body)
            meeting.receipt(read_reply(connection), posting)


def test_length_given_twice_in_two_ways_is_refused(meeting: Meeting) -> None:
    posting = meeting.prepare()
    head = head_of(posting, f"Content-Length: {len(posting.body)}", "Transfer-Encoding: chunked")

    reply = exchange(posting, head, b"0\r\n\r\n")

    assert 400 == reply.status
    assert [] == meeting.gateway.inbound(posting.message_id)


def test_folded_header_is_read(meeting: Meeting) -> None:
    posting = meeting.prepare()
    head = head_of(posting, f"Content-Length: {len(posting.body)}").replace(b"; micalg", b";\r\n\tmicalg")

    reply = exchange(posting, head, posting.body)

    meeting.receipt(reply, posting)
