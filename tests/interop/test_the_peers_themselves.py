"""The other parties agree with each other before they judge us: a harness that is wrong would prove nothing."""

from collections.abc import Iterator

import pytest

from tests.peers import openssl
from tests.peers.entities import split_multipart
from tests.peers.identity import Identity, make_identity
from tests.peers.pyas2 import Pyas2Peer, Station, Wrapping
from tests.peers.receipts import read_receipt
from tests.peers.waiting import wait_until

PAYLOAD = b"ISA*00*\n\r\n\x00\xff--\rend\r\n"


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Pyas2Peer, Pyas2Peer]]:
    one = Pyas2Peer(as2_ids=["ONE"], identity=make_identity("one.test"))
    two = Pyas2Peer(as2_ids=["TWO"], identity=make_identity("two.test"))
    one.meet(Station(as2_id="TWO", url=two.url, certificate=two.identity.certificate))
    two.meet(Station(as2_id="ONE", url=one.url, certificate=one.identity.certificate))
    yield one, two
    one.close()
    two.close()


@pytest.mark.parametrize("encrypt", [None, "aes_256_cbc"])
@pytest.mark.parametrize("sign", [True, False])
@pytest.mark.parametrize("mdn", ["SYNC", "ASYNC"])
def test_two_pyas2_peers_exchange_a_message_and_its_receipt(
    pair: tuple[Pyas2Peer, Pyas2Peer], *, mdn: str, sign: bool, encrypt: str | None
) -> None:
    one, two = pair

    sent = one.send(PAYLOAD, to="TWO", wrapping=Wrapping(mdn=mdn, sign=sign, encrypt=encrypt))

    delivery = wait_until(lambda: two.delivery(sent.message_id))
    judgement = sent.judgement or wait_until(lambda: one.judgement(sent.message_id))
    assert (PAYLOAD, "processed", None) == (delivery.payload, delivery.status, delivery.problem)
    assert ("processed", None) == (judgement.status, judgement.detail)
    assert delivery.mic == read_receipt(judgement.reply.headers, judgement.reply.body).mic


def test_openssl_verifies_the_signed_receipt_of_a_pyas2_peer(
    pair: tuple[Pyas2Peer, Pyas2Peer], openssl_is_there: None, stranger_identity: Identity
) -> None:
    one, two = pair

    reply = one.send(PAYLOAD, to="TWO").reply

    report, signature = split_multipart(reply.header("Content-Type") or "", reply.body)
    der = openssl.signature_of(signature)
    openssl.verify(report, der, certificate=two.identity.certificate)
    with pytest.raises(openssl.OpenSSLRefused):
        openssl.verify(report, der, certificate=stranger_identity.certificate)
    with pytest.raises(openssl.OpenSSLRefused):
        openssl.verify(report.replace(b"processed", b"processes"), der, certificate=two.identity.certificate)
