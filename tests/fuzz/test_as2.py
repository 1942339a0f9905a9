"""Damaged messages and receipts of every structure: told as refused, never as an exception, and nothing is delivered or
proved that the partner did not sign.

The damage is done to the bytes on the wire, and to any layer before the next one is put around it.
"""

from collections.abc import Sequence
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse import as2
from acuse.as2 import Agreement, Arrival, Envelope, NotAS2, ReadReceipt, ReceiptUnreadable, Weakness, disposition
from acuse.cms import Cipher, Digest, KeyPair
from acuse.errors import CoreError
from acuse.mime import Headers, Literal, Source, field_text
from tests.as2 import handmade
from tests.as2.handmade import LENIENT, NOW, OPTIONS, STRICT, Memory, Station
from tests.fuzz.bounds import bounded, fuzzed
from tests.fuzz.mutations import Mutation, damaged, mutations

STRUCTURES = ["E", "SE", "XE", "CE", "XSE", "SCE", "CSE", "XSCE", "XCSE", "XCE", "CSCE", "SXE", "SSE", "XXSE", "CCCE"]
LIMITS = as2.Limits(expanded_size=1 << 20, attachments=20)
FILES = {
    b"ISA*00*~\r\nIEA*1~\r\n": handmade.entity(b"ISA*00*~\r\nIEA*1~\r\n"),
    b"one\n": handmade.entity(b"b25lCg==", "Content-Type: text/plain; name=a", "Content-Transfer-Encoding: base64"),
}
SEVERAL = handmade.related(*FILES.values())
PAYLOADS = [*FILES.values(), SEVERAL]
WEAK = Agreement(
    our_id="ACME", their_id="Globex", demand_signed=False, demand_encrypted=False, accept=frozenset(Weakness)
)


def wrap(layer: str, whole: bytes, ours: KeyPair, theirs: KeyPair, *, depth: int) -> bytes:
    """One more layer. Signatures have a boundary each, so that they may stand inside each other."""
    if layer == "S":
        return handmade.signed(whole, theirs, boundary="sig" * depth)
    if layer == "C":
        return handmade.compressed(whole)
    return handmade.encrypted(whole, ours, cipher=Cipher.AES128_GCM if depth % 2 else Cipher.AES128_CBC)


def open_anything(whole: bytes, headers: Sequence[tuple[str, str]] = ()) -> tuple[Envelope, Source]:
    """A message whose headers need not be any; NotAS2 when they are none."""
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = [line.partition(":") for line in field_text(head).split("\r\n")]
    fields = [(name, value.strip()) for name, _, value in lines]
    given = [*headers, *fields, ("AS2-From", "Globex"), ("AS2-To", "ACME"), ("Message-ID", "<1@globex>")]
    return as2.open_envelope(Headers(tuple(given))), Literal(body)


@pytest.fixture(scope="module")
def stations(ours: KeyPair, theirs: KeyPair) -> list[Station]:
    return [Station(keys=[ours], knows=[theirs], agreement=terms, limits=LIMITS) for terms in (STRICT, LENIENT, WEAK)]


def take(station: Station, whole: bytes) -> Arrival[Memory] | None:
    """What becomes of it; None for what is no AS2 message or is a receipt."""
    station.stages.clear()
    try:
        envelope, body = open_anything(whole, ASKING)
    except NotAS2:
        return None
    return None if as2.is_receipt(envelope, body) else station.take(envelope, body)


ASKING = [("Disposition-Notification-To", "x"), ("Disposition-Notification-Options", OPTIONS)]


@fuzzed(200)
@given(structure=st.sampled_from(STRUCTURES), payload=st.sampled_from(PAYLOADS), data=st.data())
def test_message_damaged_in_any_layer_is_taken_or_refused_and_no_more(
    structure: str, payload: bytes, data: st.DataObject, ours: KeyPair, theirs: KeyPair, stations: list[Station]
) -> None:
    whole = payload
    damage = data.draw(st.lists(st.integers(0, len(structure) - 1), min_size=1, max_size=2))
    for depth, layer in enumerate(reversed(structure)):
        whole = whole if layer == "E" else wrap(layer, whole, ours, theirs, depth=depth)
        if depth in damage:
            whole = damaged(whole, data.draw(mutations(*PAYLOADS)))

    for station in stations:
        with bounded():
            arrival = take(station, whole)
        assert sum(len(stage.data) for stage in station.stages) <= LIMITS.expanded_size
        if arrival is None:
            continue
        assert arrival.is_accepted or () == arrival.attachments
        assert arrival.is_accepted or (arrival.mic is None and arrival.reason and arrival.cause)
        assert arrival.is_accepted is (disposition.PROCESSED == arrival.disposition)
        if arrival.is_accepted and station.agreement is STRICT:
            assert arrival.signature is not None
            assert arrival.is_encrypted


@lru_cache
def genuine(structure: str, number: int, ours: KeyPair, theirs: KeyPair) -> bytes:
    whole = PAYLOADS[number]
    for depth, layer in enumerate(reversed(structure[:-1]), start=1):
        whole = wrap(layer, whole, ours, theirs, depth=depth)
    return whole


@fuzzed(200)
@given(
    structure=st.sampled_from(["XSE", "XSCE", "XCSE", "SXE", "SE", "SCE", "CSE"]),
    number=st.integers(0, 2),
    by=mutations(*PAYLOADS, b"--sigsig\r\n\r\nX\r\n--sig"),
)
def test_message_damaged_on_its_way_delivers_what_was_signed_or_nothing(
    structure: str, number: int, by: Sequence[Mutation], ours: KeyPair, theirs: KeyPair
) -> None:
    terms = Agreement(our_id="ACME", their_id="Globex", demand_encrypted="X" in structure)
    station = Station(keys=[ours], knows=[theirs], agreement=terms, limits=LIMITS)
    whole = damaged(genuine(structure, number, ours, theirs), by)

    with bounded():
        arrival = take(station, whole)

    if arrival is not None and arrival.is_accepted:
        delivered = [attachment.stage.data for attachment in arrival.attachments]
        assert delivered == (list(FILES) if number == 2 else [list(FILES)[number]])


GOOD = {
    "AS2-From": b"Globex",
    "AS2-To": b'"a \\" b"',
    "AS2-Version": b"1.2",
    "Content-Type": b'multipart/signed; boundary="sig"; micalg=sha1',
    "Disposition-Notification-Options": OPTIONS.encode(),
    "Disposition-Notification-To": b"x",
    "Message-ID": b"<1@globex>",
    "Receipt-Delivery-Option": b"http://127.0.0.1:1/x?y=z",
    "Subject": b"=?utf-8?B?w6Q=?=",
}


@fuzzed(250)
@given(
    names=st.lists(st.sampled_from(list(GOOD)), min_size=1, max_size=2),
    by=mutations(*GOOD.values()),
    is_signed=st.booleans(),
)
def test_headers_of_any_kind_are_an_envelope_that_can_be_answered_or_no_as2(
    names: list[str], by: Sequence[Mutation], is_signed: bool, theirs: KeyPair
) -> None:
    values = {name: damaged(value, by) if name in names else value for name, value in GOOD.items()}
    on_one_line = [(name, " ".join(field_text(value).replace("\0", "").split())) for name, value in values.items()]

    with bounded():
        try:
            envelope = as2.open_envelope(Headers(tuple(on_one_line)))
        except NotAS2:
            return
        as2.is_receipt(envelope, Literal(b"--sig\r\n\r\n--sig--\r\n"))
        as2.speaks_modern(envelope.version)
        written = as2.write_receipt(
            envelope,
            disposition=disposition.UNKNOWN_TRADING_PARTNER,
            mic=None,
            text=f"{envelope.subject} {envelope.message_id}",
            signer=theirs if is_signed else None,
            digest=Digest.SHA256,
            message_id="<m@acme>",
            boundary="B",
            reporting_ua="acuse",
            now=NOW,
        )
        for name, value in written.headers:
            assert f"{name}: {value}".encode("ascii")
        read = as2.read_receipt(Headers(written.headers), Literal(written.body), [theirs.certificate])
    assert envelope.message_id.strip() == read.original_message_id


@pytest.fixture(scope="module")
def receipts(theirs: KeyPair) -> list[tuple[str, bytes]]:
    """Signed and unsigned, good and bad: the Content-Type and the body."""
    envelope, _ = handmade.open_message(handmade.entity(b""), Message_ID="<1@acme>")
    made = [
        as2.write_receipt(
            envelope,
            disposition=said,
            mic=as2.Mic("AAA=", "sha-256"),
            text="text",
            signer=signer,
            digest=Digest.SHA256,
            message_id="<m@acme>",
            boundary="sig",
            reporting_ua="acuse",
            now=NOW,
        )
        for said in (disposition.PROCESSED, disposition.DECRYPTION_FAILED)
        for signer in (theirs, None)
    ]
    return [(dict(receipt.headers)["Content-Type"], receipt.body) for receipt in made]


@fuzzed(200)
@given(number=st.integers(0, 3), other=st.integers(0, 3), layers=st.sampled_from(["", "C", "X", "CX"]), data=st.data())
def test_damaged_receipt_is_read_or_unreadable_and_verified_only_for_what_was_signed(
    number: int,
    other: int,
    layers: str,
    data: st.DataObject,
    receipts: list[tuple[str, bytes]],
    ours: KeyPair,
    theirs: KeyPair,
) -> None:
    kind, body = receipts[number]
    whole = damaged(handmade.entity(body, f"Content-Type: {kind}"), data.draw(mutations(receipts[other][1])))
    for depth, layer in enumerate(layers):
        whole = damaged(wrap(layer, whole, ours, theirs, depth=depth), data.draw(mutations(most=1)))

    with bounded():
        receipt = read(whole, ours, theirs)

    if receipt is None:
        return
    exchange = as2.Exchange(
        message_id="<1@acme>",
        our_id="ACME",
        their_id="Globex",
        mics={Digest.SHA256: "AAA="},
        digest=Digest.SHA256,
        mdn=as2.MDNMode.SYNC,
        mdn_signed=True,
    )
    verdict = as2.settle(exchange, receipt)
    if receipt.is_verified:
        assert ("AAA=", "<1@acme>") == (receipt.mic and receipt.mic.value, receipt.original_message_id)
        assert receipt.disposition in (disposition.PROCESSED, disposition.DECRYPTION_FAILED)
    assert receipt.is_verified or verdict.judgement is not as2.Judgement.POSITIVE


def read(whole: bytes, ours: KeyPair, theirs: KeyPair) -> ReadReceipt | None:
    head, _, body = whole.partition(b"\r\n\r\n")
    try:
        headers = Headers.parse(head)
    except CoreError:
        return None
    try:
        return as2.read_receipt(headers, Literal(body), [theirs.certificate], keys=[ours])
    except ReceiptUnreadable:
        return None
