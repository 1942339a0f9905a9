"""What we put on the wire, taken apart layer by layer by the openssl command."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.peers import openssl, outgoing
from tests.peers.entities import Entity, parameter, read_entity, split_multipart
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.listener import Listener, Posted, listening
from tests.peers.outgoing import Letter, Sender
from tests.peers.receipts import read_receipt
from tests.peers.samples import AWKWARD, send_body
from tests.peers.waiting import wait_until

pytestmark = pytest.mark.usefixtures("openssl_is_there")
CIPHERS = ("aes128_cbc", "aes192_cbc", "aes256_cbc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A gateway and a recorder that is one partner to it for each cipher, all with one key pair."""

    gateway: Gateway
    recorder: Listener
    partners: dict[str, str]
    identity: Identity

    def send(self, *, encrypt: str | None, **overrides: object) -> Posted:
        body = send_body(
            self.partners[encrypt or CIPHERS[0]], AWKWARD, encrypt=encrypt is not None, mdn_mode="none", **overrides
        )
        message_id = self.gateway.send(body)["message_id"].strip("<>")
        return wait_until(lambda: next((one for one in self.recorder.posted if _id_of(one) == message_id), None))

    @property
    def sender(self) -> Sender:
        return Sender(as2_id=f"REC-{CIPHERS[0]}", to=self.gateway.as2_id, url=self.gateway.receive_url)


def _id_of(posted: Posted) -> str:
    return (posted.header("Message-ID") or "").strip("<>")


@pytest.fixture(scope="module")
def meeting(start_gateway: Callable[[str], Gateway], partner_identity: Identity) -> Iterator[Meeting]:
    gateway = start_gateway("ACUSE WITH BLANKS")
    with listening() as recorder:
        partners = {
            cipher: gateway.add_partner(
                *["--encrypt", cipher, "--mdn", "none", "--demand", "none"],
                as2_id=f"REC-{cipher}",
                url=recorder.url,
                certificate=partner_identity.certificate,
            )["id"]
            for cipher in CIPHERS
        }
        yield Meeting(gateway=gateway, recorder=recorder, partners=partners, identity=partner_identity)


def smime_type(entity: Entity) -> str | None:
    return parameter(entity.headers["content-type"], "smime-type")


@pytest.mark.rfc(4130, "4.2")
@pytest.mark.rfc(5402, "3")
@pytest.mark.parametrize(
    ("sign", "encrypt", "compress"), list(itertools.product((True, False), (None, *CIPHERS), (True, False)))
)
def test_openssl_opens_every_layer_of_what_we_send(
    meeting: Meeting, *, sign: bool, encrypt: str | None, compress: bool
) -> None:
    posted = meeting.send(encrypt=encrypt, sign=sign, compress=compress)

    entity = Entity(headers={name.lower(): value for name, value in posted.headers}, body=posted.body)
    if encrypt:
        assert "enveloped-data" == smime_type(entity)
        assert f"aes-{encrypt[3:6]}-cbc" in openssl.describe(entity.body)
        entity = read_entity(openssl.decrypt(entity.body, meeting.identity))
    if sign:
        content_type = entity.headers["content-type"]
        assert "sha-256" == parameter(content_type, "micalg")
        assert "application/pkcs7-signature" == parameter(content_type, "protocol")
        content, signature = split_multipart(content_type, entity.body)
        openssl.verify(content, openssl.signature_of(signature), certificate=meeting.gateway.certificate)
        entity = read_entity(content)
    if compress:
        assert "compressed-data" == smime_type(entity)
        entity = read_entity(openssl.uncompress(entity.body))
    assert "application/octet-stream" == entity.headers["content-type"]
    assert AWKWARD == entity.body


@pytest.mark.rfc(4130, "6.2")
def test_as2_names_with_blanks_are_quoted_and_no_header_is_folded(meeting: Meeting) -> None:
    posted = meeting.send(encrypt="aes128_cbc")

    assert '"ACUSE WITH BLANKS"' == posted.header("AS2-From")
    assert "REC-aes128_cbc" == posted.header("AS2-To")
    assert [] == [name for name, value in posted.headers if "\n" in value or "\r" in value]


@pytest.mark.rfc(4130, "7.4.2")
@pytest.mark.parametrize("is_async", [False, True])
def test_openssl_verifies_our_receipts(meeting: Meeting, is_async: bool) -> None:
    letter = outgoing.signed(Letter.plain(AWKWARD), meeting.identity)
    sender = Sender(as2_id=meeting.sender.as2_id, to='"ACUSE WITH BLANKS"', url=meeting.gateway.receive_url)
    posting = sender.prepare(letter, receipt_url=meeting.recorder.url if is_async else None)

    reply = posting.post()

    headers, body = reply.headers, reply.body
    if is_async:
        arrived = wait_until(
            lambda: [one for one in meeting.recorder.posted if posting.message_id.encode() in one.body]
        )
        headers, body = arrived[0].headers, arrived[0].body
    content_type = next(value for name, value in headers if name.lower() == "content-type")
    report, signature = split_multipart(content_type, body)
    openssl.verify(report, openssl.signature_of(signature), certificate=meeting.gateway.certificate)
    receipt = read_receipt(headers, body)
    assert ("processed", posting.message_id, letter.mic) == (receipt.status, receipt.original_message_id, receipt.mic)
