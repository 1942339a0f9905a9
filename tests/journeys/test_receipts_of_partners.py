"""Receipts as partners write them: which of them make a message delivered, and which do not."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.peers import openssl, wire
from tests.peers.entities import build_signed, read_entity, split_multipart
from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.listener import Answer, Listener, Posted, listening
from tests.peers.receipts import PROCESSED, build_receipt
from tests.peers.samples import AWKWARD, send_body
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply

pytestmark = pytest.mark.usefixtures("openssl_is_there")
Fields = dict[str, str]


@dataclass(slots=True)
class HandWriter:
    """A partner whose receipts are made by hand, as the test in hand wants them."""

    identity: Identity
    change: Callable[[Fields], Fields] = lambda fields: fields
    signer: Identity | None = None
    is_signed: bool = True
    wrap: Callable[[bytes], bytes] = lambda entity: entity
    is_early: bool = False
    """An asynchronous receipt is posted before the message has its HTTP answer."""
    asynchronous: list[Reply] = field(default_factory=list)

    def answer(self, posted: Posted) -> Answer:
        entity = read_entity(self.receipt(posted))
        url = posted.header("Receipt-Delivery-Option")
        if url is None:
            return Answer(reply=Reply(headers=tuple(entity.headers.items()), body=entity.body))
        headers = {
            "AS2-From": posted.header("AS2-To") or "",
            "AS2-To": posted.header("AS2-From") or "",
            "AS2-Version": "1.1",
            **entity.headers,
        }

        def deliver() -> None:
            self.asynchronous.append(wire.post(url, headers=headers, body=entity.body))

        if self.is_early:
            deliver()
            return Answer()
        return Answer(afterwards=deliver)

    def receipt(self, posted: Posted) -> bytes:
        covered = split_multipart(posted.header("Content-Type") or "", posted.body)[0]
        mic = base64.b64encode(hashlib.sha256(covered).digest()).decode()
        fields = {
            "Reporting-UA": "by hand",
            "Original-Recipient": "rfc822; HAND",
            "Final-Recipient": "rfc822; HAND",
            "Original-Message-ID": posted.header("Message-ID") or "",
            "Disposition": PROCESSED,
            "Received-Content-MIC": f"{mic}, sha-256",
        }
        entity = build_receipt(self.change(fields))
        if self.is_signed:
            entity = build_signed(entity, openssl.sign(entity, self.signer or self.identity))
        return self.wrap(entity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A gateway, and the partner it sends signed and otherwise open messages to."""

    gateway: Gateway
    partner_id: str
    writer: HandWriter

    def send(self, **fields: object) -> dict[str, object]:
        """Send, and wait for the end that the receipt makes."""
        handle = self.gateway.send(send_body(self.partner_id, AWKWARD, encrypt=False, **fields))["id"]
        return self.gateway.wait_for_end(handle)


@pytest.fixture(scope="module")
def everything(
    start_gateway: Callable[[str], Gateway], partner_identity: Identity
) -> Iterator[tuple[Gateway, str, list[HandWriter]]]:
    writers = [HandWriter(partner_identity)]

    def latest(posted: Posted) -> Answer:
        return writers[-1].answer(posted)

    listener = Listener(latest)
    gateway = start_gateway("ACUSE")
    added = gateway.add_partner(as2_id="HAND", url=listener.url, certificate=partner_identity.certificate)
    yield gateway, added["id"], writers
    listener.close()


@pytest.fixture
def meeting(everything: tuple[Gateway, str, list[HandWriter]], partner_identity: Identity) -> Meeting:
    gateway, partner_id, writers = everything
    writers.append(HandWriter(partner_identity))
    return Meeting(gateway=gateway, partner_id=partner_id, writer=writers[-1])


def spelled(value: str) -> Callable[[Fields], Fields]:
    return lambda fields: fields | {"Disposition": value}


def without(name: str) -> Callable[[Fields], Fields]:
    return lambda fields: {key: value for key, value in fields.items() if key != name}


GOOD: dict[str, Callable[[Fields], Fields]] = {
    "as the RFC has it": lambda fields: fields,
    "no blank after the semicolon": spelled("Automatic-action/mdn-sent-automatically;processed"),
    "capitals": spelled("AUTOMATIC-ACTION/MDN-SENT-AUTOMATICALLY; PROCESSED"),
    "sent by hand": spelled("manual-action/MDN-sent-manually; processed"),
    "with a warning": spelled("automatic-action/MDN-sent-automatically; processed/warning: duplicate-document"),
    "no blank in the MIC": lambda fields: (
        fields | {"Received-Content-MIC": fields["Received-Content-MIC"].replace(", ", ",")}
    ),
    "another spelling of the algorithm": lambda fields: (
        fields | {"Received-Content-MIC": fields["Received-Content-MIC"].replace("sha-256", "SHA256")}
    ),
    "message id without brackets": lambda fields: (
        fields | {"Original-Message-ID": fields["Original-Message-ID"].strip("<>")}
    ),
    "no original recipient": without("Original-Recipient"),
    "another final recipient": lambda fields: fields | {"Final-Recipient": "rfc822; somebody else"},
    "names of fields in lower case": lambda fields: {name.lower(): value for name, value in fields.items()},
}


@pytest.mark.rfc(4130, "7.4.3")
@pytest.mark.parametrize("mdn", ["sync", "async"])
@pytest.mark.parametrize("name", GOOD)
def test_positive_receipt_makes_a_message_delivered_however_it_is_spelled(
    meeting: Meeting, name: str, mdn: str
) -> None:
    meeting.writer.change = GOOD[name]

    message = meeting.send(mdn_mode=mdn)

    assert ("delivered", "received") == (message["status"], message["mdn_status"]), message["error"]


@pytest.mark.rfc(4130, "7.5.3")
@pytest.mark.parametrize(
    "disposition",
    [
        "automatic-action/MDN-sent-automatically; processed/error: authentication-failed",
        "automatic-action/MDN-sent-automatically; processed/Error: decryption-failed",
        "automatic-action/MDN-sent-automatically;processed/error:unexpected-processing-error",
        "automatic-action/MDN-sent-automatically; failed/failure: unsupported format",
        "automatic-action/MDN-sent-automatically; processed/error: something-new",
    ],
)
def test_negative_receipt_fails_the_message_with_the_partners_words(meeting: Meeting, disposition: str) -> None:
    meeting.writer.change = spelled(disposition)

    message = meeting.send()

    assert ("failed", "received") == (message["status"], message["mdn_status"])
    assert disposition.rpartition(":")[2].strip() in str(message["error"])


BAD: dict[str, Callable[[Fields], Fields]] = {
    "the MIC of something else": lambda fields: (
        fields | {"Received-Content-MIC": base64.b64encode(b"x" * 32).decode() + ", sha-256"}
    ),
    "the MIC under another algorithm's name": lambda fields: (
        fields | {"Received-Content-MIC": fields["Received-Content-MIC"].replace("sha-256", "sha-512")}
    ),
    "no MIC": without("Received-Content-MIC"),
    "no disposition": without("Disposition"),
    "an unknown disposition": spelled("automatic-action/MDN-sent-automatically; dispatched"),
    "the id of another message": lambda fields: fields | {"Original-Message-ID": "<another@partner.test>"},
}


@pytest.mark.rfc(4130, "7.3.1")
@pytest.mark.parametrize("name", BAD)
def test_receipt_that_proves_nothing_does_not_make_a_message_delivered(meeting: Meeting, name: str) -> None:
    meeting.writer.change = BAD[name]

    message = meeting.send()

    assert "failed" == message["status"]
    assert message["error"]


def test_receipt_signed_by_a_stranger_fails_the_message(meeting: Meeting, stranger_identity: Identity) -> None:
    meeting.writer.signer = stranger_identity

    message = meeting.send()

    assert ("failed", "failed") == (message["status"], message["mdn_status"])


def test_receipt_that_was_changed_after_it_was_signed_fails_the_message(meeting: Meeting) -> None:
    meeting.writer.change = spelled("automatic-action/MDN-sent-automatically; processed/error: refused")
    meeting.writer.wrap = lambda entity: entity.replace(b"processed/error: refused", b"processed               ")

    message = meeting.send()

    assert ("failed", "failed") == (message["status"], message["mdn_status"])


def test_unsigned_receipt_is_refused_when_a_signed_one_was_agreed(meeting: Meeting) -> None:
    meeting.writer.is_signed = False

    message = meeting.send()

    assert "failed" == message["status"]


@pytest.mark.parametrize("is_early", [False, True], ids=["after the answer", "before the answer"])
def test_asynchronous_receipt_settles_whenever_it_comes(meeting: Meeting, is_early: bool) -> None:
    meeting.writer.is_early = is_early

    message = meeting.send(mdn_mode="async")

    assert "delivered" == message["status"]
    wait_until(lambda: meeting.writer.asynchronous, what="our answer to the receipt")
    assert [200] == [reply.status for reply in meeting.writer.asynchronous]


def test_genuine_receipt_after_a_forged_one_delivers_the_message(meeting: Meeting, stranger_identity: Identity) -> None:
    genuine, forger = meeting.writer, HandWriter(stranger_identity, is_early=True)

    def forged_first(posted: Posted) -> Answer:
        forger.answer(posted)
        return genuine.answer(posted)

    with listening(forged_first) as listener:
        added = meeting.gateway.add_partner(as2_id="FORGED", url=listener.url, certificate=genuine.identity.certificate)
        sent = meeting.gateway.send(send_body(added["id"], AWKWARD, encrypt=False, mdn_mode="async"))
        wait_until(lambda: genuine.asynchronous, what="both receipts")
        message = meeting.gateway.wait_for_end(sent["id"])

    assert ("delivered", "received", False) == (message["status"], message["mdn_status"], message["late_receipt"])
    assert [200, 200] == [reply.status for reply in forger.asynchronous + genuine.asynchronous]
