"""Every way that we wrap a message, read by pyas2lib; every receipt that it can give, settled by us.

Left out, because pyas2lib cannot: several files in one message (its parser takes the last part of multipart/related for
the whole), and a MIC of unsigned messages, which the peer computes for it.
"""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.pyas2 import Delivery, Pyas2Peer
from tests.peers.samples import AWKWARD, PAYLOADS, send_body
from tests.peers.waiting import wait_until

CIPHERS = ("aes128_cbc", "aes192_cbc", "aes256_cbc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A gateway and a pyas2lib peer that is several partners to it, one for each set of terms."""

    gateway: Gateway
    peer: Pyas2Peer
    partners: dict[tuple[str, bool], str]
    """Partner ids by cipher and by whether receipts are signed."""

    def send(self, payload: bytes, *, encrypt: str | None, mdn_signed: bool, **overrides: object) -> str:
        partner_id = self.partners[encrypt or CIPHERS[0], mdn_signed]
        body = send_body(partner_id, payload, encrypt=encrypt is not None, **overrides)
        handle: str = self.gateway.send(body)["id"]
        return handle

    def delivery(self, handle: str) -> Delivery:
        return wait_until(lambda: self.peer.delivery(self.gateway.message(handle)["message_id"]))


@pytest.fixture(scope="module")
def meeting(start_gateway: Callable[[str], Gateway], partner_identity: Identity) -> Iterator[Meeting]:
    gateway = start_gateway("ACUSE-OUT")
    terms = {(cipher, signed): f"PY-{cipher}-{signed}" for cipher in CIPHERS for signed in (True, False)}
    peer = Pyas2Peer(as2_ids=list(terms.values()), identity=partner_identity)
    peer.meet(gateway.station)

    def add(key: tuple[str, bool]) -> str:
        cipher, signed = key
        options = ["--encrypt", cipher, "--mdn-signed" if signed else "--mdn-unsigned"]
        added = gateway.add_partner(*options, as2_id=terms[key], url=peer.url, certificate=partner_identity.certificate)
        handle: str = added["id"]
        return handle

    with ThreadPoolExecutor(2) as pool:
        partners = dict(zip(terms, pool.map(add, terms), strict=True))
    yield Meeting(gateway=gateway, peer=peer, partners=partners)
    peer.close()


COMBINATIONS = list(itertools.product((True, False), (None, *CIPHERS), (True, False), ("sync", "async"), (True, False)))


@pytest.mark.rfc(4130, "7.3.1")
@pytest.mark.parametrize(("sign", "encrypt", "compress", "mdn", "mdn_signed"), COMBINATIONS)
def test_pyas2lib_reads_what_we_sent_and_we_settle_its_receipt(
    meeting: Meeting, *, sign: bool, encrypt: str | None, compress: bool, mdn: str, mdn_signed: bool
) -> None:
    handle = meeting.send(AWKWARD, encrypt=encrypt, mdn_signed=mdn_signed, sign=sign, compress=compress, mdn_mode=mdn)

    message = meeting.gateway.wait_for_end(handle)
    delivery = meeting.delivery(handle)
    assert (AWKWARD, "processed", None) == (delivery.payload, delivery.status, delivery.problem)
    assert (sign, encrypt is not None, compress) == (
        delivery.is_signed,
        delivery.is_encrypted,
        delivery.is_compressed,
    )
    assert ("delivered", "received") == (message["status"], message["mdn_status"]), message
    assert delivery.mic == message["mdn_data"]["received_content_mic"].partition(",")[0]


@pytest.mark.parametrize(
    ("sign", "encrypt", "compress"), list(itertools.product((True, False), (None, "aes128_cbc"), (True, False)))
)
def test_a_message_that_asks_for_no_receipt_is_sent_when_pyas2lib_took_it(
    meeting: Meeting, *, sign: bool, encrypt: str | None, compress: bool
) -> None:
    handle = meeting.send(AWKWARD, encrypt=encrypt, mdn_signed=True, sign=sign, compress=compress, mdn_mode="none")

    delivery = meeting.delivery(handle)
    message = wait_until(lambda: (found := meeting.gateway.message(handle))["status"] == "sent" and found)
    assert isinstance(message, dict)
    assert (AWKWARD, "processed", None) == (delivery.payload, delivery.status, delivery.problem)
    assert message["mdn_status"] == "none"


@pytest.mark.parametrize("name", PAYLOADS)
def test_payload_arrives_byte_for_byte(meeting: Meeting, name: str) -> None:
    handle = meeting.send(PAYLOADS[name], encrypt="aes128_cbc", mdn_signed=True, compress=True)

    assert meeting.gateway.wait_for_end(handle)["status"] == "delivered"
    assert PAYLOADS[name] == meeting.delivery(handle).payload


def test_content_type_and_file_name_reach_pyas2lib(meeting: Meeting) -> None:
    handle = meeting.send(
        b"ISA*00~", encrypt="aes128_cbc", mdn_signed=True, content_type="application/edi-x12", subject="Order 7"
    )

    delivery = meeting.delivery(handle)
    assert ("application/edi-x12", "order 7.edi") == (delivery.content_type, delivery.filename)
