"""The form in which a partner signs is found out once, told with the message, and tried first from then on."""

import hashlib
from collections.abc import Callable, Sequence

from acuse import as2
from acuse.as2 import Mic, SignedForm, Weakness, disposition
from acuse.cms import DecrepitDigest, Digest, KeyPair, sign
from acuse.domain.message import ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.services.receive_message import Answer
from tests.as2 import handmade
from tests.services.conftest import Neighbours
from tests.services.house import House

OPEN = Terms(encrypt=None, demand_encrypted=False)
FLAT = handmade.entity(b"one\ntwo\n")
CANONICAL = FLAT.replace(b"one\ntwo\n", b"one\r\ntwo\r\n")


def key_of(house: House) -> KeyPair:
    pair = house.ports.views.certificates(house.station.id)[0].key_pair
    assert pair
    return pair


def headers_of(whole: bytes, message_id: str) -> tuple[list[tuple[str, str]], bytes]:
    envelope, body = handmade.open_message(whole, AS2_From="ACME", AS2_To="GLOBEX", Message_ID=message_id)
    return list(envelope.headers), handmade.bytes_of(body)


def post(acme: House, globex: House, signed: bytes, message_id: str) -> Answer:
    signature = sign(hashlib.sha256(signed).digest(), key_of(acme), Digest.SHA256, signing_time=handmade.NOW)
    return globex.take(*headers_of(handmade.with_signature(FLAT, signature), message_id))


def test_form_is_told_with_the_message_and_remembered_for_the_partner(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(OPEN)

    post(acme, globex, FLAT, "<1@acme>")
    as_sent = globex.ports.views.partners(globex.space)[0].form
    post(acme, globex, CANONICAL, "<2@acme>")
    found = globex.ports.views.partners(globex.space)[0].form
    post(acme, globex, FLAT, "<3@acme>")

    assert (SignedForm.AS_RECEIVED, SignedForm.LINE_ENDS) == (as_sent, found)
    assert SignedForm.LINE_ENDS is globex.ports.views.partners(globex.space)[0].form
    assert [SignedForm.AS_RECEIVED, SignedForm.LINE_ENDS, SignedForm.AS_RECEIVED] == [
        view.message.form for view in globex.inbound()
    ]
    assert [[b"one\ntwo\n"], [b"one\r\ntwo\r\n"], [b"one\ntwo\n"]] == [
        globex.payloads(view) for view in globex.inbound()
    ]


def test_refused_message_teaches_nothing(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(OPEN)

    post(acme, globex, b"something else", "<1@acme>")

    [view] = globex.inbound()
    assert (Transmission.FAILED, None) == (view.message.transmission, view.message.form)
    assert SignedForm.AS_RECEIVED is globex.ports.views.partners(globex.space)[0].form


# ── Receipts behind further layers ────────────────────────────────────────────────────────────────────────────────────


def receipt_for(acme: House, globex: House, message_id: str, mic: Mic) -> bytes:
    """The receipt of GLOBEX as an entity of its own."""
    envelope, _ = handmade.open_message(FLAT, AS2_From="ACME", AS2_To="GLOBEX", Message_ID=message_id)
    written = as2.write_receipt(
        envelope,
        disposition=disposition.PROCESSED,
        mic=mic,
        text="taken",
        signer=key_of(globex),
        digest=Digest.SHA256,
        message_id="<receipt@globex>",
        boundary="B",
        reporting_ua="x",
        now=handmade.NOW,
    )
    return f"Content-Type: {dict(written.headers)['Content-Type']}\r\n\r\n".encode() + written.body


def test_receipt_that_came_encrypted_or_compressed_settles_its_message(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(mdn=as2.MDNMode.ASYNC))
    wraps: Sequence[Callable[[bytes], bytes]] = (
        lambda whole: handmade.encrypted(whole, key_of(acme)),
        handmade.compressed,
        lambda whole: handmade.encrypted(handmade.compressed(whole), key_of(acme)),
    )
    for wrap in wraps:
        message = acme.accept()
        attempt = acme.send(message, globex)
        assert attempt.message.exchange
        mic = Mic(attempt.message.exchange.mics[Digest.SHA256], "sha-256")
        whole = wrap(receipt_for(acme, globex, message.wire_id, mic))
        envelope, body = handmade.open_message(whole, AS2_From="GLOBEX", AS2_To="ACME", Message_ID="<r@globex>")

        answer = acme.take(list(envelope.headers), handmade.bytes_of(body))

        assert (200, b"") == (answer.status, answer.body)
        assert ReceiptState.POSITIVE is acme.message(message).receipt
        assert () == acme.inbound()


def test_wrapped_receipt_that_proves_nothing_is_answered_like_a_good_one(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    report = handmade.entity(b"--r--\r\n", "Content-Type: multipart/report; boundary=r")
    envelope, body = handmade.open_message(
        handmade.encrypted(report, key_of(acme)), AS2_From="GLOBEX", AS2_To="ACME", Message_ID="<r@globex>"
    )

    answer = acme.take(list(envelope.headers), handmade.bytes_of(body))

    assert (200, b"", ()) == (answer.status, answer.body, acme.inbound())


def test_weak_signature_is_taken_by_a_partner_who_may_use_it(neighbours: Neighbours) -> None:
    acme, globex = neighbours.acme, neighbours.globex
    for house, other in ((acme, globex), (globex, acme)):
        house.meet(other, Terms(encrypt=None, demand_encrypted=False, accept=frozenset({Weakness.SHA1})))
    whole = handmade.signed(FLAT, key_of(acme), digest=DecrepitDigest.SHA1)

    globex.take(*headers_of(whole, "<1@acme>"))

    [view] = globex.inbound()
    assert Transmission.RECEIVED is view.message.transmission
