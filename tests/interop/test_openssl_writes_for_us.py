"""Messages made by hand and with the openssl command, in every order of layers that RFC 4130 and RFC 5402 know.

Each asks for a signed receipt, which openssl verifies, and whose MIC must cover the bytes that the RFCs name: the
sender knows them because it built them.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.peers import openssl
from tests.peers.entities import BOUNDARY, build_entity, split_multipart
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.outgoing import Letter, Posting, Sender, compressed, encrypted, signed
from tests.peers.receipts import Receipt, read_receipt
from tests.peers.samples import AWKWARD, PAYLOADS
from tests.peers.wire import Reply

pytestmark = pytest.mark.usefixtures("openssl_is_there")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A gateway, and who writes to it by hand."""

    gateway: Gateway
    sender: Sender
    identity: Identity

    def receipt_of(self, posting: Posting, reply: Reply) -> Receipt:
        """The signed receipt in an answer, once openssl has verified it."""
        assert 200 == reply.status, reply
        report, signature = split_multipart(reply.header("Content-Type") or "", reply.body)
        openssl.verify(report, openssl.signature_of(signature), certificate=self.gateway.certificate)
        receipt = read_receipt(reply.headers, reply.body)
        assert posting.message_id == receipt.original_message_id
        return receipt

    def delivered(self, posting: Posting) -> bytes:
        [message] = self.gateway.inbound(posting.message_id)
        assert "received" == message["status"]
        return self.gateway.payload(message["id"]).body


@pytest.fixture(scope="module")
def meeting(start_gateway: Callable[[str], Gateway], partner_identity: Identity) -> Meeting:
    gateway = start_gateway("ACUSE")
    gateway.add_partner(
        "--demand", "none", as2_id="HAND", url="http://127.0.0.1:9/", certificate=partner_identity.certificate
    )
    sender = Sender(as2_id="HAND", to="ACUSE", url=gateway.receive_url)
    return Meeting(gateway=gateway, sender=sender, identity=partner_identity)


Build = Callable[[Letter, Identity, bytes], Letter]
ORDERS: dict[str, Build] = {
    "plain": lambda letter, _identity, _certificate: letter,
    "signed": lambda letter, identity, _certificate: signed(letter, identity),
    "encrypted": lambda letter, _identity, certificate: encrypted(letter, certificate),
    "signed, encrypted": lambda letter, identity, certificate: encrypted(signed(letter, identity), certificate),
    "compressed": lambda letter, _identity, _certificate: compressed(letter),
    "compressed, encrypted": lambda letter, _identity, certificate: encrypted(compressed(letter), certificate),
    "compressed, signed": lambda letter, identity, _certificate: signed(compressed(letter), identity),
    "signed, compressed": lambda letter, identity, _certificate: compressed(signed(letter, identity)),
    "compressed, signed, encrypted": lambda letter, identity, certificate: encrypted(
        signed(compressed(letter), identity), certificate
    ),
    "signed, compressed, encrypted": lambda letter, identity, certificate: encrypted(
        compressed(signed(letter, identity)), certificate
    ),
}


@pytest.mark.rfc(4130, "7.3.1")
@pytest.mark.rfc(5402, "4")
@pytest.mark.parametrize("order", ORDERS)
def test_every_order_of_layers_is_taken_and_the_receipt_covers_the_right_bytes(meeting: Meeting, order: str) -> None:
    letter = ORDERS[order](Letter.plain(AWKWARD), meeting.identity, meeting.gateway.certificate)
    posting = meeting.sender.prepare(letter)

    receipt = meeting.receipt_of(posting, posting.post())

    assert ("processed", letter.mic) == (receipt.status, receipt.mic)
    assert "sha-256" == receipt.mic_algorithm
    assert AWKWARD == meeting.delivered(posting)


@pytest.mark.parametrize("stream", [False, True], ids=["definite", "indefinite"])
@pytest.mark.parametrize("cipher", ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc"])
def test_every_cipher_is_read_in_der_and_in_ber(meeting: Meeting, cipher: str, stream: bool) -> None:
    payload = PAYLOADS["large"]
    letter = signed(Letter.plain(payload), meeting.identity)
    posting = meeting.sender.prepare(encrypted(letter, meeting.gateway.certificate, cipher=cipher, stream=stream))

    receipt = meeting.receipt_of(posting, posting.post())

    assert ("processed", letter.mic) == (receipt.status, receipt.mic)
    assert payload == meeting.delivered(posting)


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_signature_without_signed_attributes_is_verified(meeting: Meeting, digest: str) -> None:
    plain = Letter.plain(AWKWARD)
    signature = openssl.sign(plain.entity, meeting.identity, digest=digest, attributes=False)
    posting = meeting.sender.prepare(_signed_by(plain.entity, signature, micalg=digest))

    assert "processed" == meeting.receipt_of(posting, posting.post()).status
    assert AWKWARD == meeting.delivered(posting)


def test_digest_of_the_signature_counts_when_micalg_names_another(meeting: Meeting) -> None:
    plain = Letter.plain(AWKWARD)
    signature = openssl.sign(plain.entity, meeting.identity, digest="sha512")
    posting = meeting.sender.prepare(_signed_by(plain.entity, signature, micalg="sha-256"))

    assert "processed" == meeting.receipt_of(posting, posting.post()).status


def test_signature_in_base64_and_loosely_spelled_headers_are_read(meeting: Meeting) -> None:
    entity = b"content-type:  Application/EDI-X12\r\nX-Folded: one\r\n\ttwo\r\n\r\n" + PAYLOADS["lf"]
    signature = base64.encodebytes(openssl.sign(entity, meeting.identity)).replace(b"\n", b"\r\n")
    part = (
        b"content-type: Application/pkcs7-signature; name=EDIINTSIG.p7s\r\n"
        b"content-transfer-encoding: BASE64\r\n\r\n" + signature
    )
    posting = meeting.sender.prepare(_multipart(entity, part, "multipart/Signed; MICALG=SHA256"))

    assert "processed" == meeting.receipt_of(posting, posting.post()).status
    assert PAYLOADS["lf"] == meeting.delivered(posting)


@pytest.mark.rfc(5402, "4.2")
def test_base64_payload_is_hashed_as_it_came_and_delivered_decoded(meeting: Meeting) -> None:
    headers = {"Content-Type": "application/edifact", "Content-Transfer-Encoding": "base64"}
    encoded = base64.encodebytes(AWKWARD).replace(b"\n", b"\r\n")
    letter = encrypted(signed(Letter.plain(encoded, headers), meeting.identity), meeting.gateway.certificate)
    posting = meeting.sender.prepare(letter)

    receipt = meeting.receipt_of(posting, posting.post())

    assert ("processed", letter.mic) == (receipt.status, receipt.mic)
    assert AWKWARD == meeting.delivered(posting)


def test_empty_payload_in_a_message_is_legal(meeting: Meeting) -> None:
    letter = encrypted(signed(Letter.plain(b""), meeting.identity), meeting.gateway.certificate)
    posting = meeting.sender.prepare(letter)

    receipt = meeting.receipt_of(posting, posting.post())

    assert ("processed", letter.mic) == (receipt.status, receipt.mic)
    assert b"" == meeting.delivered(posting)


def _signed_by(entity: bytes, signature: bytes, *, micalg: str) -> bytes:
    part = build_entity(
        {"Content-Type": "application/pkcs7-signature", "Content-Transfer-Encoding": "binary"}, signature
    )
    return _multipart(entity, part, f"multipart/signed; micalg={micalg}")


def _multipart(entity: bytes, signature_part: bytes, content_type: str) -> bytes:
    delimiter = f"--{BOUNDARY}".encode()
    body = b"\r\n".join([delimiter, entity, delimiter, signature_part, delimiter + b"--", b""])
    full_type = f'{content_type}; protocol="application/pkcs7-signature"; boundary="{BOUNDARY}"'
    return build_entity({"Content-Type": full_type}, body)
