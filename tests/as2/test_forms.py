"""Signatures over other forms of the content than the one that was transmitted."""

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse import as2
from acuse.as2 import Arrival, Mic, SignedForm, disposition
from acuse.as2.forms import ALL_FORMS, FormedHashes
from acuse.cms import Digest, KeyPair, sign
from acuse.mime import Headers, Literal, Reader
from tests.as2 import handmade
from tests.as2.handmade import LENIENT, NOW, STRICT, Memory, Station

FLAT = handmade.entity(b"one\ntwo\r\nthree\n\rfour\r\n")
FOLDED = handmade.entity(b"body\n", "Content-Type: application/edi-x12;", '\tname="a.edi"')
BASE64 = handmade.entity(
    b"SVNB\r\nKjAw\r\nfg==\r\n", "Content-Type: application/edi-x12", "Content-Transfer-Encoding: base64"
)


def canonical(whole: bytes) -> bytes:
    return re.sub(rb"(?<!\r)\n", b"\r\n", whole)


def unfolded(whole: bytes) -> bytes:
    head, blank, body = whole.partition(b"\r\n\r\n")
    return head.replace(b"\r\n\t", b"\t") + blank + body


def decoded(whole: bytes) -> bytes:
    head, blank, body = whole.partition(b"\r\n\r\n")
    return head + blank + b64decode(body)


FORMS: dict[SignedForm, tuple[bytes, Callable[[bytes], bytes], bytes]] = {
    SignedForm.AS_RECEIVED: (FLAT, lambda whole: whole, b"one\ntwo\r\nthree\n\rfour\r\n"),
    SignedForm.LINE_ENDS: (FLAT, canonical, b"one\r\ntwo\r\nthree\r\n\rfour\r\n"),
    SignedForm.UNFOLDED: (FOLDED, unfolded, b"body\n"),
    SignedForm.WITHOUT_LAST_BREAK: (FLAT, lambda whole: whole[:-2], b"one\ntwo\r\nthree\n\rfour"),
    SignedForm.WITH_EXTRA_BREAK: (FLAT, lambda whole: whole + b"\r\n", b"one\ntwo\r\nthree\n\rfour\r\n\r\n"),
    SignedForm.DECODED: (BASE64, decoded, b"ISA*00~"),
    SignedForm.BODY: (FLAT, lambda whole: whole.partition(b"\r\n\r\n")[2], b"one\ntwo\r\nthree\n\rfour\r\n"),
}


def signed_as(form: SignedForm, by: KeyPair, *, whole: bytes | None = None) -> bytes:
    """A message whose signature is over that form of it."""
    sent, transform, _ = FORMS[form]
    sent = whole or sent
    signature = sign(hashlib.sha256(transform(sent)).digest(), by, Digest.SHA256, signing_time=NOW)
    return handmade.with_signature(sent, signature)


def receive(whole: bytes, ours: KeyPair, theirs: KeyPair) -> Arrival[Memory]:
    return Station(keys=[ours], knows=[theirs]).receive(whole)


@pytest.mark.rfc(8551, "3.1.1")
@pytest.mark.parametrize("form", SignedForm)
def test_message_is_taken_in_the_form_that_was_signed_and_its_mic_is_of_that_form(
    form: SignedForm, ours: KeyPair, theirs: KeyPair
) -> None:
    sent, transform, delivered = FORMS[form]

    plain = receive(signed_as(form, theirs), ours, theirs)
    hidden = Station(keys=[ours], knows=[theirs], agreement=STRICT).receive(
        handmade.encrypted(signed_as(form, theirs), ours)
    )

    for arrival in (plain, hidden):
        assert disposition.PROCESSED == arrival.disposition
        assert form is arrival.form
        assert Mic(handmade.mic(transform(sent)), "sha-256") == arrival.mic
        assert [delivered] == [attachment.stage.data for attachment in arrival.attachments]


def test_unsigned_message_has_no_form(ours: KeyPair, theirs: KeyPair) -> None:
    assert receive(FLAT, ours, theirs).form is None


@pytest.mark.parametrize("form", SignedForm)
def test_other_content_or_another_signer_is_refused_in_every_form(
    form: SignedForm, ours: KeyPair, theirs: KeyPair, stranger: KeyPair
) -> None:
    message = signed_as(form, theirs)
    changed = message.replace(b"SVNB", b"SVNC").replace(b"one\n", b"two\n").replace(b"body\n", b"bogy\n")

    assert "processed/error: integrity-check-failed" == handmade.outcome(receive(changed, ours, theirs))
    assert "processed/error: authentication-failed" == handmade.outcome(
        receive(signed_as(form, stranger), ours, theirs)
    )


def test_genuine_signature_vouches_for_no_other_bytes(ours: KeyPair, theirs: KeyPair) -> None:
    """Somebody on the way holds a signed message and changes it into one that has the same form."""
    genuine = handmade.entity(b"T25l\r\n", "Content-Type: text/plain", "Content-Transfer-Encoding: base64")
    head, blank, body = genuine.partition(b"\r\n\r\n")
    signature = sign(hashlib.sha256(genuine).digest(), theirs, Digest.SHA256, signing_time=NOW)
    attempts = {
        "line ends": genuine.replace(b"T25l\r\n", b"T25l\n"),
        "one break less": genuine[:-2],
        "one break more": genuine + b"\r\n",
        "folded": genuine.replace(b"Type: text", b"Type:\r\n text"),
        "encoded once more": head + blank + handmade.lines_of_base64(body),
        "other headers before it": b"Content-Type: x/y\r\n\r\n" + genuine,
    }
    for attempt in attempts.values():
        arrival = receive(handmade.with_signature(attempt, signature), ours, theirs)

        assert {b"One"} >= {attachment.stage.data for attachment in arrival.attachments}


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Type: application/edi-x12", "Content-Transfer-Encoding: base64"),
        ("Content-Type: application/pkcs7-mime; smime-type=compressed-data",),
        ("Content-Type: multipart/related; boundary=x",),
        ("Content-Type: nonsense",),
        ("Content-Type: text/plain", "X: \x01"),
    ],
)
def test_headers_that_nobody_signed_cannot_change_what_the_body_is(
    lines: tuple[str, ...], ours: KeyPair, theirs: KeyPair
) -> None:
    whole = handmade.entity(b"T25l\r\n", *lines)

    arrival = receive(signed_as(SignedForm.BODY, theirs, whole=whole), ours, theirs)

    assert not arrival.is_accepted


@pytest.mark.parametrize("form", [SignedForm.UNFOLDED, SignedForm.BODY, SignedForm.DECODED])
def test_content_without_a_header_block_has_none_of_the_forms_of_headers(form: SignedForm) -> None:
    hashes = FormedHashes(digests={Digest.SHA256}, forms={form})
    hashes.update(b"x" * 70_000)

    assert [] == list(hashes.results())


# ── One more pass, and only one ───────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Counted:
    """A source that counts how often it is opened."""

    inner: Literal
    opened: list[None] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.inner.size

    def open(self) -> Reader:
        self.opened.append(None)
        return self.inner.open()


def passes(whole: bytes, ours: KeyPair, theirs: KeyPair, *, known: SignedForm) -> int:
    envelope, body = handmade.open_message(whole)
    assert isinstance(body, Literal)
    counted = Counted(body)
    as2.receive(
        envelope,
        counted,
        LENIENT,
        keys=[ours],
        certificates=[theirs.certificate],
        stage=Memory,
        form=known,
    )
    return len(counted.opened)


@pytest.mark.parametrize(
    ("signed", "known", "expected"),
    [
        (SignedForm.AS_RECEIVED, SignedForm.AS_RECEIVED, 1),
        (SignedForm.LINE_ENDS, SignedForm.AS_RECEIVED, 3),
        (SignedForm.LINE_ENDS, SignedForm.LINE_ENDS, 2),
        (SignedForm.AS_RECEIVED, SignedForm.LINE_ENDS, 1),
        (SignedForm.BODY, SignedForm.LINE_ENDS, 2),
    ],
)
def test_known_form_saves_the_pass_that_finds_it(
    signed: SignedForm, known: SignedForm, expected: int, ours: KeyPair, theirs: KeyPair
) -> None:
    assert expected == passes(signed_as(signed, theirs), ours, theirs, known=known)


def test_signature_of_a_stranger_costs_no_further_pass(ours: KeyPair, theirs: KeyPair, stranger: KeyPair) -> None:
    message = signed_as(SignedForm.LINE_ENDS, stranger)

    assert 1 == passes(message, ours, theirs, known=SignedForm.AS_RECEIVED)


def test_other_digest_and_other_form_are_found_together(ours: KeyPair, theirs: KeyPair) -> None:
    signature = sign(hashlib.sha512(canonical(FLAT)).digest(), theirs, Digest.SHA512, signing_time=NOW)

    arrival = receive(handmade.with_signature(FLAT, signature, micalg="sha-256"), ours, theirs)

    assert SignedForm.LINE_ENDS is arrival.form
    assert Mic(handmade.mic(canonical(FLAT), "sha512"), "sha-512") == arrival.mic


# ── Receipts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_receipt_is_verified_in_the_form_that_was_signed(theirs: KeyPair, stranger: KeyPair) -> None:
    notification = handmade.entity(
        b"Disposition: automatic-action/MDN-sent-automatically; processed\n",
        "Content-Type: message/disposition-notification",
    )
    report = handmade.entity(b"--r\r\n" + notification + b"\r\n--r--\r\n", "Content-Type: multipart/report; boundary=r")
    for form in (SignedForm.AS_RECEIVED, SignedForm.LINE_ENDS, SignedForm.WITHOUT_LAST_BREAK):
        head, _, body = signed_as(form, theirs, whole=report).partition(b"\r\n\r\n")

        read = as2.read_receipt(Headers.parse(head), Literal(body), [theirs.certificate])
        foreign = as2.read_receipt(Headers.parse(head), Literal(body), [stranger.certificate])

        assert (True, form) == (read.is_verified, read.form)
        assert (False, None) == (foreign.is_verified, foreign.form)


# ── Streaming ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def results(pieces: Sequence[bytes]) -> dict[SignedForm, bytes]:
    hashes = FormedHashes(digests={Digest.SHA256}, forms=ALL_FORMS)
    for piece in pieces:
        hashes.update(piece)
    return {form: hashed[Digest.SHA256] for form, hashed in hashes.results()}


@given(
    body=st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b" ", b"QUJD", b"Content-X: y\r\n"])).map(b"".join),
    cuts=st.lists(st.integers(0, 200), max_size=6),
)
def test_forms_do_not_depend_on_how_the_content_is_cut(body: bytes, cuts: list[int]) -> None:
    for lines in (("Content-Type: text/plain",), ("Content-Type: a/b;", " x=y", "Content-Transfer-Encoding: base64")):
        whole = handmade.entity(body, *lines)
        edges = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
        pieces = [whole[start:end] for start, end in pairwise(edges)]

        found = results(pieces)

        assert found == results([whole])
        assert hashlib.sha256(whole).digest() == found[SignedForm.AS_RECEIVED]
        assert hashlib.sha256(canonical(whole)).digest() == found[SignedForm.LINE_ENDS]
        assert hashlib.sha256(whole + b"\r\n").digest() == found[SignedForm.WITH_EXTRA_BREAK]
