"""A partner who writes by hand to a gateway, and what becomes of its messages."""

from dataclasses import dataclass

from tests.peers import openssl
from tests.peers.entities import split_multipart
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.outgoing import Letter, Posting, Sender, encrypted, signed
from tests.peers.receipts import Receipt, read_receipt

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

    def receipt(self, posting: Posting) -> Receipt:
        """The receipt in the answer, whatever it says."""
        reply = posting.post()
        return read_receipt(reply.headers, reply.body)
