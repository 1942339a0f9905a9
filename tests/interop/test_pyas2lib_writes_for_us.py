"""Every way that pyas2lib wraps a message, received by us; every receipt of ours, judged by pyas2lib.

`processed` is pyas2lib's word for: the signature of the receipt held and the MIC in it is the one that was sent.
Left out, because pyas2lib cannot: compressing after signing, and sending several files in one message.
"""

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.pyas2 import Judgement, Pyas2Peer, Sent, Wrapping
from tests.peers.receipts import read_receipt
from tests.peers.samples import AWKWARD, PAYLOADS
from tests.peers.waiting import wait_until

Meeting = tuple[Gateway, Pyas2Peer]


@pytest.fixture(scope="module")
def meeting(start_gateway: Callable[[str], Gateway], partner_identity: Identity) -> Iterator[Meeting]:
    gateway = start_gateway("ACUSE-IN")
    peer = Pyas2Peer(as2_ids=["PYAS2"], identity=partner_identity)
    peer.meet(gateway.station)
    gateway.add_partner("--demand", "none", as2_id="PYAS2", url=peer.url, certificate=partner_identity.certificate)
    yield gateway, peer
    peer.close()


def judgement_of(peer: Pyas2Peer, sent: Sent) -> Judgement:
    return sent.judgement or wait_until(lambda: peer.judgement(sent.message_id), what="the asynchronous receipt")


COMBINATIONS = list(
    itertools.product(
        (True, False),
        (None, "aes_128_cbc", "aes_192_cbc", "aes_256_cbc"),
        (True, False),
        ("SYNC", "ASYNC"),
        (True, False),
    )
)


@pytest.mark.rfc(4130, "7.3.1")
@pytest.mark.parametrize(("sign", "encrypt", "compress", "mdn", "mdn_signed"), COMBINATIONS)
def test_we_read_what_pyas2lib_sent_and_it_accepts_our_receipt(
    meeting: Meeting, *, sign: bool, encrypt: str | None, compress: bool, mdn: str, mdn_signed: bool
) -> None:
    gateway, peer = meeting
    wrapping = Wrapping(sign=sign, encrypt=encrypt, compress=compress, mdn=mdn, mdn_signed=mdn_signed)

    sent = peer.send(AWKWARD, to="ACUSE-IN", wrapping=wrapping)

    judgement = judgement_of(peer, sent)
    receipt = read_receipt(judgement.reply.headers, judgement.reply.body)
    assert ("processed", None) == (judgement.status, judgement.detail)
    assert (mdn_signed, sent.message_id) == (receipt.is_signed, receipt.original_message_id.strip("<>"))
    assert sent.mic is None or sent.mic == receipt.mic
    [message] = gateway.inbound(sent.message_id)
    assert "received" == message["status"]
    assert (sign, encrypt is not None, compress) == (message["signed"], message["encrypted"], message["compressed"])
    assert AWKWARD == gateway.payload(message["id"]).body


@pytest.mark.rfc(4130, "7.6")
@pytest.mark.parametrize("sign", [True, False])
@pytest.mark.parametrize("encrypt", ["aes_128_cbc", None])
def test_no_receipt_is_given_where_none_was_asked_for(meeting: Meeting, *, sign: bool, encrypt: str | None) -> None:
    gateway, peer = meeting

    sent = peer.send(AWKWARD, to="ACUSE-IN", wrapping=Wrapping(sign=sign, encrypt=encrypt, mdn=None))

    assert sent.reply.status in (200, 204)
    assert b"" == sent.reply.body
    [message] = gateway.inbound(sent.message_id)
    assert ("received", "none") == (message["status"], message["mdn_status"])
    assert AWKWARD == gateway.payload(message["id"]).body


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_receipt_uses_the_digest_of_the_signature(meeting: Meeting, digest: str) -> None:
    _, peer = meeting

    sent = peer.send(AWKWARD, to="ACUSE-IN", wrapping=Wrapping(digest=digest))

    assert sent.judgement is not None
    assert ("processed", None) == (sent.judgement.status, sent.judgement.detail)
    receipt = read_receipt(sent.reply.headers, sent.reply.body)
    assert (sent.mic, digest) == (receipt.mic, (receipt.mic_algorithm or "").replace("-", ""))


@pytest.mark.parametrize("name", PAYLOADS)
def test_payload_arrives_byte_for_byte(meeting: Meeting, name: str) -> None:
    gateway, peer = meeting

    sent = peer.send(PAYLOADS[name], to="ACUSE-IN")

    [message] = gateway.inbound(sent.message_id)
    stored = gateway.payload(message["id"])
    assert PAYLOADS[name] == stored.body
    assert ("application/octet-stream", str(len(PAYLOADS[name]))) == (
        stored.header("Content-Type"),
        stored.header("Content-Length"),
    )
    assert "order.bin" in (stored.header("Content-Disposition") or "")
