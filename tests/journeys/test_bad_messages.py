"""Bad AS2 messages: each gets the answer of RFC 4130, and none of them is ever delivered."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.peers import openssl, wire
from tests.peers.entities import split_multipart
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.listener import Listener
from tests.peers.outgoing import Letter, Posting, Sender, encrypted, signed
from tests.peers.receipts import Receipt, read_receipt

pytestmark = pytest.mark.usefixtures("openssl_is_there")
PAYLOAD = b"ISA*00*          *00*          *ZZ*GLOBEX         *ZZ*ACME           *~\r\nIEA*1*000000001~\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A gateway whose partner GLOBEX writes by hand; signed and encrypted messages are agreed."""

    gateway: Gateway
    sender: Sender
    identity: Identity
    stranger: Identity

    def good_letter(self) -> Letter:
        return encrypted(signed(Letter.plain(PAYLOAD), self.identity), self.gateway.certificate)

    def refusal(self, posting: Posting) -> Receipt:
        """The signed, negative receipt that a posting gets. Nothing of the message is delivered."""
        reply = posting.post()
        assert 200 == reply.status, reply
        report, signature = split_multipart(reply.header("Content-Type") or "", reply.body)
        openssl.verify(report, openssl.signature_of(signature), certificate=self.gateway.certificate)
        receipt = read_receipt(reply.headers, reply.body)
        assert posting.message_id == receipt.original_message_id
        self.assert_not_delivered(posting.message_id)
        return receipt

    def assert_not_delivered(self, message_id: str) -> None:
        for message in self.gateway.inbound(message_id):
            assert "received" != message["status"], message
            reply = self.gateway.api("GET", f"/v1/messages/{message['id']}/payload")
            assert 404 == reply.status


@pytest.fixture(scope="module")
def meeting(
    start_gateway: Callable[[str], Gateway], partner_identity: Identity, stranger_identity: Identity
) -> Meeting:
    gateway = start_gateway("ACME")
    gateway.add_partner(as2_id="GLOBEX", url="http://127.0.0.1:9/", certificate=partner_identity.certificate)
    sender = Sender(as2_id="GLOBEX", to="ACME", url=gateway.receive_url)
    return Meeting(gateway=gateway, sender=sender, identity=partner_identity, stranger=stranger_identity)


def test_good_message_is_taken(meeting: Meeting) -> None:
    reply = meeting.sender.prepare(meeting.good_letter()).post()

    assert "processed" == read_receipt(reply.headers, reply.body).status


# ── Content that cannot be trusted ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "7.5.3")
def test_message_encrypted_for_another_key_is_decryption_failed(meeting: Meeting) -> None:
    letter = encrypted(signed(Letter.plain(PAYLOAD), meeting.identity), meeting.stranger.certificate)

    receipt = meeting.refusal(meeting.sender.prepare(letter))

    assert "processed/error: decryption-failed" == receipt.status
    assert receipt.mic is None


@pytest.mark.rfc(4130, "7.5.3")
def test_message_signed_by_a_stranger_is_authentication_failed(meeting: Meeting) -> None:
    letter = encrypted(signed(Letter.plain(PAYLOAD), meeting.stranger), meeting.gateway.certificate)

    receipt = meeting.refusal(meeting.sender.prepare(letter))

    assert "processed/error: authentication-failed" == receipt.status


@pytest.mark.rfc(4130, "7.5.3")
def test_signed_content_with_one_byte_changed_fails_the_integrity_check(meeting: Meeting) -> None:
    genuine = signed(Letter.plain(PAYLOAD), meeting.identity)
    tampered = Letter(entity=genuine.entity.replace(b"000000001", b"000000002"), covered=b"")

    receipt = meeting.refusal(meeting.sender.prepare(encrypted(tampered, meeting.gateway.certificate)))

    assert receipt.status in (
        "processed/error: integrity-check-failed",
        "processed/error: authentication-failed",
    )


def test_signature_over_another_message_is_refused(meeting: Meeting) -> None:
    genuine = signed(Letter.plain(PAYLOAD), meeting.identity)
    body = genuine.entity.replace(b"Content-Type: application/edi-x12", b"Content-Type: text/html")

    receipt = meeting.refusal(
        meeting.sender.prepare(encrypted(Letter(entity=body, covered=b""), meeting.gateway.certificate))
    )

    assert receipt.status.startswith("processed/error: ")


def test_no_changed_byte_changes_what_is_delivered(meeting: Meeting) -> None:
    """Not every byte is protected (RFC 4130 protects the signed entity, not the headers around it), but whatever is
    changed: either the message is refused, or what is delivered is what was signed."""
    letter = meeting.good_letter()
    outcomes = set()
    for position in range(5, len(letter.body), len(letter.body) // 40):
        changed = bytearray(letter.body)
        changed[position] ^= 1
        posting = meeting.sender.prepare(letter, change=lambda _, changed=bytes(changed): changed)  # type: ignore[misc]
        receipt = read_receipt(*_headers_and_body(posting))
        outcomes.add(receipt.status)
        if receipt.status == "processed":
            [message] = meeting.gateway.inbound(posting.message_id)
            assert (PAYLOAD, letter.mic) == (meeting.gateway.payload(message["id"]).body, receipt.mic), position
        else:
            meeting.assert_not_delivered(posting.message_id)
    assert {"processed/error: decryption-failed"} < outcomes, outcomes


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_message_that_ends_too_early_gets_a_negative_receipt(meeting: Meeting, kept: float) -> None:
    posting = meeting.sender.prepare(meeting.good_letter(), change=lambda body: body[: int(len(body) * kept)])

    assert meeting.refusal(posting).status.startswith("processed/error: ")


@pytest.mark.rfc(4130, "7.5.3")
def test_message_that_is_not_as_secure_as_agreed_is_refused(meeting: Meeting) -> None:
    letters = {
        "not encrypted": signed(Letter.plain(PAYLOAD), meeting.identity),
        "not signed": encrypted(Letter.plain(PAYLOAD), meeting.gateway.certificate),
        "neither": Letter.plain(PAYLOAD),
    }
    for name, letter in letters.items():
        receipt = meeting.refusal(meeting.sender.prepare(letter))

        assert "processed/error: insufficient-message-security" == receipt.status, name


def test_payload_with_broken_base64_gets_a_negative_receipt(meeting: Meeting) -> None:
    headers = {"Content-Type": "application/edi-x12", "Content-Transfer-Encoding": "base64"}
    letter = encrypted(signed(Letter.plain(b"SVNB@@@@*\r\n=A", headers), meeting.identity), meeting.gateway.certificate)

    assert "processed/error: unexpected-processing-error" == meeting.refusal(meeting.sender.prepare(letter)).status


def test_refused_message_is_kept_and_visible_with_its_reason(meeting: Meeting) -> None:
    letter = encrypted(signed(Letter.plain(PAYLOAD), meeting.stranger), meeting.gateway.certificate)
    posting = meeting.sender.prepare(letter)

    meeting.refusal(posting)

    [message] = meeting.gateway.inbound(posting.message_id)
    assert "failed" == message["status"]
    assert message["error"]["message"]


@pytest.mark.rfc(4130, "7.3")
def test_receipt_that_asks_for_an_unknown_algorithm_is_told_so(meeting: Meeting) -> None:
    options = "signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=required, md4"
    reply = meeting.sender.prepare(meeting.good_letter(), receipt=options).post()

    receipt = read_receipt(reply.headers, reply.body)
    assert "failed/failure: unsupported mic-algorithms" == receipt.status


# ── Who does not belong here ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("sender", "to"), [("GLOBEX", "NOBODY"), ("NOBODY", "ACME"), ("globex", "ACME")])
@pytest.mark.rfc(4130, "6.2")
def test_unknown_relation_gets_an_unsigned_negative_receipt(meeting: Meeting, sender: str, to: str) -> None:
    posting = Sender(as2_id=sender, to=to, url=meeting.gateway.receive_url).prepare(meeting.good_letter())

    reply = posting.post()

    receipt = read_receipt(reply.headers, reply.body)
    assert (200, False) == (reply.status, receipt.is_signed)
    assert receipt.status.startswith("processed/error: ")
    assert posting.message_id == receipt.original_message_id
    assert [] == meeting.gateway.inbound(posting.message_id)


def test_unknown_relation_that_asks_for_no_receipt_is_refused_by_http(meeting: Meeting) -> None:
    posting = Sender(as2_id="GLOBEX", to="NOBODY", url=meeting.gateway.receive_url).prepare(
        meeting.good_letter(), receipt=None
    )

    assert posting.post().status in (403, 404)


def test_unknown_relation_does_not_make_us_call_the_address_it_names(meeting: Meeting) -> None:
    listener = Listener()
    try:
        posting = Sender(as2_id="NOBODY", to="ACME", url=meeting.gateway.receive_url).prepare(
            meeting.good_letter(), receipt_url=listener.url
        )

        assert posting.post().status in (403, 404)
        assert [] == listener.posted
    finally:
        listener.close()


def test_receipt_address_at_a_host_that_was_not_agreed_is_refused(meeting: Meeting) -> None:
    listener = Listener()
    try:
        elsewhere = f"http://localhost:{listener.port}/"
        posting = meeting.sender.prepare(meeting.good_letter(), receipt_url=elsewhere)

        assert posting.post().status in (400, 403)
        assert [] == listener.posted
        assert [] == meeting.gateway.inbound(posting.message_id)
    finally:
        listener.close()


def test_message_for_another_station_than_the_path_names_is_404(meeting: Meeting) -> None:
    posting = Sender(as2_id="GLOBEX", to="ACME", url=f"{meeting.gateway.url}/as2/stn_999999").prepare(
        meeting.good_letter()
    )

    assert 404 == posting.post().status
    assert [] == meeting.gateway.inbound(posting.message_id)


def test_path_may_name_the_station_by_its_id_or_its_as2_id(meeting: Meeting) -> None:
    for name in ("stn_000001", "ACME"):
        posting = Sender(as2_id="GLOBEX", to="ACME", url=f"{meeting.gateway.url}/as2/{name}").prepare(
            meeting.good_letter()
        )

        reply = posting.post()

        assert "processed" == read_receipt(reply.headers, reply.body).status


# ── What is no AS2 message ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("missing", ["AS2-From", "AS2-To", "Message-ID"])
def test_message_without_an_as2_header_is_400(meeting: Meeting, missing: str) -> None:
    reply = meeting.sender.prepare(meeting.good_letter(), without=(missing,)).post()

    assert 400 == reply.status
    assert missing.lower() in reply.body.decode().lower()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/json", b"{}"), ("text/plain", b"hello"), ("application/x-www-form-urlencoded", b"a=b")],
)
def test_post_that_is_not_as2_is_400(meeting: Meeting, content_type: str, body: bytes) -> None:
    assert 400 == wire.post(meeting.gateway.receive_url, headers={"Content-Type": content_type}, body=body).status


def test_get_and_head_say_nothing_secret(meeting: Meeting) -> None:
    for method in ("GET", "HEAD"):
        reply = wire.request(method, meeting.gateway.receive_url)

        assert 200 == reply.status
        assert b"GLOBEX" not in reply.body


@pytest.mark.rfc(4130, "5.1")
def test_body_that_breaks_off_leaves_nothing_and_the_repeat_is_taken(meeting: Meeting) -> None:
    posting = meeting.sender.prepare(meeting.good_letter())
    half = len(posting.body) // 2

    answer = wire.post_and_break_off(
        posting.url, headers=posting.headers, body=posting.body[:half], announced=len(posting.body)
    )

    assert not answer.startswith(b"HTTP/1.1 2")
    assert [] == meeting.gateway.inbound(posting.message_id)
    reply = posting.post()
    assert "processed" == read_receipt(reply.headers, reply.body).status


def test_same_message_id_with_other_bytes_is_refused_and_the_first_stays(meeting: Meeting) -> None:
    first = meeting.sender.prepare(meeting.good_letter())
    assert "processed" == read_receipt(*_headers_and_body(first)).status
    second = meeting.sender.prepare(meeting.good_letter(), message_id=first.message_id)

    receipt = read_receipt(*_headers_and_body(second))

    assert "processed/error: unexpected-processing-error" == receipt.status
    messages = meeting.gateway.inbound(first.message_id)
    assert ["received"] == [message["status"] for message in messages]


def test_receipt_for_a_message_that_we_never_sent_is_taken_with_200(meeting: Meeting) -> None:
    posting = meeting.sender.prepare(meeting.good_letter())
    reply = posting.post()
    headers = {name: value for name, value in reply.headers if name.lower() in ("content-type", "mime-version")}
    headers |= {"AS2-From": "GLOBEX", "AS2-To": "ACME", "AS2-Version": "1.1", "Message-ID": "<stray@globex.test>"}

    assert 200 == wire.post(meeting.gateway.receive_url, headers=headers, body=reply.body).status


def _headers_and_body(posting: Posting) -> tuple[wire.Headers, bytes]:
    reply = posting.post()
    return reply.headers, reply.body
