"""Explaining messages and receipts: as products write them, as tools capture them, and broken in every way."""

import hashlib
import random
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.as2 import Mic, SignedForm
from acuse.as2.capture import read_capture
from acuse.as2.examination import explain
from acuse.as2.explanation import Explanation, LayerKind, Tools
from acuse.cms import DecrepitCipher, DecrepitDigest, Digest, KeyPair, encrypt, sign
from acuse.cms.key_files import load_key_pair
from acuse.errors import CoreError
from acuse.mime import Literal
from tests.as2 import handmade
from tests.as2.handmade import NOW, Memory
from tests.as2.test_forms import FORMS, signed_as
from tests.peers import openssl
from tests.peers.identity import Identity

_K = LayerKind
HEAD = b"POST /as2 HTTP/1.1\r\nAS2-From: Globex\r\nAS2-To: ACME\r\nMessage-ID: <1@globex>\r\n"


def explained(raw: bytes, keys: Sequence[KeyPair] = (), knows: Sequence[KeyPair] = ()) -> Explanation[Memory]:
    """A raw HTTP message, with these keys and these certificates."""
    capture = read_capture(Literal(raw).open(), Memory)
    certificates = [pair.certificate for pair in knows]
    explanation = explain(capture.headers, capture.body, Tools(keys=keys, certificates=certificates, scratch=Memory))
    explanation.findings[:0] = capture.remarks
    return explanation


def kinds(explanation: Explanation[Memory]) -> list[LayerKind]:
    return [layer.kind for layer in explanation.layers]


# ── Layers ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_layer_is_told_with_its_algorithm_size_and_certificate(ours: KeyPair, theirs: KeyPair) -> None:
    part = handmade.entity(handmade.EDI, "Content-Type: application/edi-x12", "Content-Disposition: x; filename=a.x12")
    whole = handmade.encrypted(handmade.compressed(handmade.signed(part, theirs, digest=Digest.SHA384)), ours)

    explanation = explained(HEAD + whole, [ours], [theirs])

    assert [
        (_K.HTTP, None, None),
        (_K.ENCRYPTED, "aes128_cbc", ours.certificate),
        (_K.COMPRESSED, "zlib", None),
        (_K.SIGNED, "sha384", theirs.certificate),
        (_K.PAYLOAD, None, None),
    ] == [(layer.kind, layer.algorithm, layer.certificate) for layer in explanation.layers]
    assert len(handmade.EDI) == explanation.layers[-1].size
    assert explanation.signature
    assert (True, Digest.SHA384, SignedForm.AS_RECEIVED, "") == (
        explanation.signature.is_verified,
        explanation.signature.digest,
        explanation.signature.form,
        explanation.signature.reason,
    )
    assert Mic(handmade.mic(part, "sha384"), "sha-384") == explanation.mic
    [file] = explanation.attachments
    assert ("a.x12", "application/edi-x12", handmade.EDI) == (file.filename, file.content_type, file.place.data)
    assert (len(handmade.EDI), hashlib.sha256(handmade.EDI).hexdigest()) == (file.size, file.sha256)
    assert ([], False) == (explanation.findings, explanation.is_broken)


def test_several_files_are_one_multipart_and_a_payload_each() -> None:
    parts = [handmade.entity(body, "Content-Type: text/plain") for body in (b"one", b"two")]

    explanation = explained(HEAD + handmade.related(*parts))

    assert [_K.HTTP, _K.MULTIPART, _K.PAYLOAD, _K.PAYLOAD] == kinds(explanation)
    assert [b"one", b"two"] == [file.place.data for file in explanation.attachments]


def test_plain_message_has_the_mic_of_its_body_under_the_digest_that_was_asked_for() -> None:
    options = "Disposition-Notification-To: x\r\nDisposition-Notification-Options: signed-receipt-micalg=optional, sha1"
    raw = HEAD + options.encode() + b"\r\n" + handmade.entity(handmade.EDI, "Content-Type: application/edi-x12")

    assert Mic(handmade.mic(handmade.EDI, "sha1"), "sha1") == explained(raw).mic


def test_encrypted_unsigned_message_has_the_mic_of_its_entity(ours: KeyPair) -> None:
    part = handmade.entity(handmade.EDI)

    assert Mic(handmade.mic(part), "sha-256") == explained(HEAD + handmade.encrypted(part, ours), [ours]).mic


# ── What could not be opened ──────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_key_it_says_for_whom_the_content_is_encrypted(ours: KeyPair) -> None:
    explanation = explained(HEAD + handmade.encrypted(handmade.entity(b"x"), ours))

    assert [_K.HTTP, _K.ENCRYPTED] == kinds(explanation)
    [finding] = explanation.findings
    assert format(ours.certificate.serial_number, "x") in finding
    assert "no private key was given" in finding
    assert not explanation.is_broken


def test_with_another_key_it_names_both(ours: KeyPair, stranger: KeyPair) -> None:
    explanation = explained(HEAD + handmade.encrypted(handmade.entity(b"x"), ours), [stranger])

    assert explanation.is_broken
    told = " ".join(explanation.findings)
    assert all(format(pair.certificate.serial_number, "x") in told for pair in (ours, stranger))


def test_signature_of_a_certificate_that_came_with_it_is_not_verified_but_named(
    theirs: KeyPair, stranger: KeyPair
) -> None:
    explanation = explained(HEAD + handmade.signed(handmade.entity(b"x"), stranger), [], [theirs])

    assert explanation.signature
    assert not explanation.signature.is_verified
    assert explanation.signature.certificate is None
    assert "CN=stranger" in explanation.advice
    assert explanation.advice in explanation.findings
    assert [b"x"] == [file.place.data for file in explanation.attachments]


def test_changed_content_is_told_from_a_wrong_certificate(theirs: KeyPair) -> None:
    raw = HEAD + handmade.signed(handmade.entity(b"one"), theirs).replace(b"one", b"two")

    explanation = explained(raw, [], [theirs])

    assert explanation.signature
    assert explanation.signature.reason.startswith("The signature is right, but the content was changed")
    assert "changed" in explanation.advice


def test_signature_over_the_content_before_it_was_compressed_is_found_out(theirs: KeyPair) -> None:
    inner = handmade.entity(handmade.EDI)
    signature = sign(hashlib.sha256(inner).digest(), theirs, Digest.SHA256, signing_time=NOW)

    explanation = explained(HEAD + handmade.with_signature(handmade.compressed(inner), signature), [], [theirs])

    assert explanation.signature
    assert not explanation.signature.is_verified
    assert explanation.advice.startswith("The partner signed the content before it was compressed:")


@pytest.mark.parametrize("form", SignedForm)
def test_form_that_was_signed_is_told(form: SignedForm, theirs: KeyPair) -> None:
    explanation = explained(HEAD + signed_as(form, theirs), [], [theirs])

    assert explanation.signature
    assert (True, form) == (explanation.signature.is_verified, explanation.signature.form)
    assert (form is SignedForm.AS_RECEIVED) == (explanation.findings == [])
    assert explanation.mic == Mic(handmade.mic(FORMS[form][1](FORMS[form][0])), "sha-256")


# ── What is weak ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_weak_algorithms_are_taken_and_told(ours: KeyPair, theirs: KeyPair) -> None:
    part = handmade.entity(handmade.EDI)
    signature = sign(
        hashlib.sha1(part).digest(), theirs, DecrepitDigest.SHA1, signing_time=NOW, allow=[DecrepitDigest.SHA1]
    )
    whole = handmade.with_signature(part, signature, micalg="sha1")
    sealed = encrypt(
        Literal(whole), [ours.certificate], DecrepitCipher.DES_EDE3_CBC, allow=[DecrepitCipher.DES_EDE3_CBC]
    )
    head = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\n"

    explanation = explained(HEAD + head + handmade.bytes_of(sealed), [ours], [theirs])

    assert explanation.signature
    assert explanation.signature.is_verified
    assert ["--accept 3des", "--accept sha1"] == [
        finding.rpartition("(")[2].rstrip(").") for finding in explanation.findings
    ]
    assert [handmade.EDI] == [file.place.data for file in explanation.attachments]


# ── Receipts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def sterling(by: Identity, mic: str) -> bytes:
    """A receipt in the spellings of IBM Sterling: no signed attributes, a binary signature, a text without headers."""
    report = (
        b'content-type: multipart/report; Report-Type=disposition-notification; boundary="_=1"\r\n\r\n'
        b"--_=1\r\nYour message was received.\r\n\r\n--_=1\r\ncontent-type: message/disposition-notification\r\n\r\n"
        b"Reporting-UA: GIS\r\nOriginal-Message-ID: 1-globex\r\n"
        b"Disposition: Automatic-action/mdn-sent-automatically;processed\r\n"
        b"Received-Content-MIC: " + mic.encode() + b",sha1\r\n\r\n--_=1--\r\n"
    )
    signature = openssl.sign(report, by, digest="sha1", attributes=False)
    return (
        b"HTTP/1.1 200 OK\r\nMessage-ID: 4711-sterling\r\n"
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=SHA1; boundary="_=2"\r\n\r\n'
        b"--_=2\r\n" + report + b"\r\n--_=2\r\nContent-Type: Application/pkcs7-signature; name=EDIINTSIG.p7s\r\n\r\n"
        b"" + signature + b"\r\n--_=2--\r\n"
    )


def test_receipt_as_ibm_sterling_writes_it_is_read_and_verified(partner_identity: Identity) -> None:
    partner = load_key_pair(partner_identity.key + partner_identity.certificate)

    explanation = explained(sterling(partner_identity, "bWlj"), [], [partner])

    assert [_K.HTTP, _K.SIGNED, _K.RECEIPT] == kinds(explanation)
    assert explanation.signature
    assert (True, DecrepitDigest.SHA1) == (explanation.signature.is_verified, explanation.signature.digest)
    assert explanation.receipt
    assert ("1-globex", "Your message was received.") == (
        explanation.receipt.original_message_id,
        explanation.receipt.text,
    )
    assert Mic("bWlj", "sha1") == explanation.mic


@pytest.mark.parametrize(
    ("covered", "digest", "told"),
    [
        (lambda part: part, "sha256", "The partner hashed exactly what was sent"),
        (lambda part: part, "sha512", "agree on it with --sign sha512"),
        (lambda part: part.replace(b"\n", b"\r\n").replace(b"\r\r", b"\r"), "sha256", "--quirk base64-parts"),
        (lambda part: part.partition(b"\r\n\r\n")[2], "sha256", "without the headers of the part"),
        (lambda part: part + b"\r\n", "sha1", "with one more line break at its end"),
        (lambda part: part + b"something else", "sha256", "none of the forms"),
    ],
)
def test_receipt_is_compared_with_the_message_in_every_form(
    covered: Callable[[bytes], bytes], digest: str, told: str, theirs: KeyPair, partner_identity: Identity
) -> None:
    part = handmade.entity(b"one\ntwo\n")
    sent = explained(HEAD + handmade.signed(part, theirs), [], [theirs])
    receipt = explained(sterling(partner_identity, handmade.mic(covered(part), digest)))

    receipt.compare(sent)

    assert told in receipt.findings[-1]


def test_receipt_over_uncompressed_content_names_the_order_of_the_layers(
    theirs: KeyPair, partner_identity: Identity
) -> None:
    part = handmade.entity(handmade.EDI)
    sent = explained(HEAD + handmade.signed(handmade.compressed(part), theirs), [], [theirs])
    receipt = explained(sterling(partner_identity, handmade.mic(part)))

    receipt.compare(sent)

    assert "compress after signing instead of before" in receipt.findings[-1]


# ── Captures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_capture_with_lf_header_lines_and_folds_is_read(theirs: KeyPair) -> None:
    whole = handmade.signed(handmade.entity(b"x"), theirs)
    head, _, body = whole.partition(b"\r\n\r\n")
    raw = HEAD.replace(b"\r\n", b"\n") + head.replace(b"; micalg", b";\n\tmicalg") + b"\n\n" + body

    explanation = explained(raw, [], [theirs])

    assert explanation.signature
    assert explanation.signature.is_verified
    assert ["The header lines end in LF: the file was converted after it was captured, or cut together."] == (
        explanation.findings
    )


def test_capture_that_was_wholly_turned_into_lf_still_verifies(theirs: KeyPair) -> None:
    whole = handmade.signed(handmade.entity(b"one\r\ntwo\r\n"), theirs)

    explanation = explained((HEAD + whole).replace(b"\r\n", b"\n"), [], [theirs])

    assert explanation.signature
    assert (True, SignedForm.LINE_ENDS) == (explanation.signature.is_verified, explanation.signature.form)


@pytest.mark.parametrize("start", [b"", b"\r\n", b"POST http://host:1/as2?a=b HTTP/1.1\n", b"HTTP/1.1 200\r\n"])
def test_capture_begins_with_or_without_a_start_line(start: bytes) -> None:
    raw = start + HEAD.partition(b"\r\n")[2] + handmade.entity(b"x", "Content-Type: text/plain")

    explanation = explained(raw)

    assert [b"x"] == [file.place.data for file in explanation.attachments]
    assert [] == explanation.findings


def test_chunks_are_taken_out_of_the_body_where_the_capture_has_them() -> None:
    head = HEAD + b"Transfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n"

    chunked = explained(head + b"3;x=y\r\none\r\nA\r\n and a two\r\n0\r\n\r\n")
    plain = explained(head + b"one and a two")

    assert [b"one and a two"] == [file.place.data for file in chunked.attachments]
    assert [b"one and a two"] == [file.place.data for file in plain.attachments]
    assert "has no chunks" in plain.findings[0]


@pytest.mark.parametrize(
    ("length", "body", "told"), [("3", b"one", []), ("3", b"one\n", ["1 bytes follow"]), ("5", b"one", ["3 bytes"])]
)
def test_content_length_is_compared_with_what_is_there(length: str, body: bytes, told: list[str]) -> None:
    raw = HEAD + handmade.entity(body, f"Content-Length: {length}", "Content-Type: text/plain")

    explanation = explained(raw)

    assert [b"one"] == [file.place.data for file in explanation.attachments]
    assert len(told) == len(explanation.findings)
    assert all(words in finding for words, finding in zip(told, explanation.findings, strict=True))


# ── Broken in every way ───────────────────────────────────────────────────────────────────────────────────────────────


def test_whatever_is_cut_off_is_told_and_never_fails(ours: KeyPair, theirs: KeyPair) -> None:
    signed = handmade.signed(handmade.entity(b"one\n"), theirs)
    for raw in (HEAD + handmade.encrypted(handmade.compressed(signed), ours), HEAD + handmade.compressed(signed)):
        for end in range(len(HEAD) + 200, len(raw), 37):
            explanation = explained(raw[:end], [ours], [theirs])

            assert explanation.is_broken
            assert explanation.findings


def test_bytes_changed_anywhere_never_make_it_fail(ours: KeyPair, theirs: KeyPair) -> None:
    signed = handmade.signed(handmade.entity(b"one\n"), theirs)
    chance = random.Random(1)
    for raw in (HEAD + handmade.compressed(signed), HEAD + signed, HEAD + handmade.encrypted(signed, ours)):
        for _ in range(100):
            place = chance.randrange(len(HEAD), len(raw))
            changed = raw[:place] + chance.randbytes(chance.randrange(1, 4)) + raw[place + 2 :]
            read_or_refused(changed, [ours], [theirs])


@given(head=st.sampled_from([b"", HEAD]), raw=st.binary(max_size=300))
def test_random_bytes_never_make_it_fail(head: bytes, raw: bytes) -> None:
    read_or_refused(head + raw)


@given(
    kind=st.sampled_from(["multipart/signed; boundary=b", "multipart/report; boundary=b", "application/pkcs7-mime"]),
    lines=st.lists(st.sampled_from([b"--b", b"--b--", b"", b"Content-Type: multipart/signed; boundary=b", b"0"])),
)
def test_nested_and_mixed_up_parts_never_make_it_fail(kind: str, lines: list[bytes]) -> None:
    read_or_refused(HEAD + f"Content-Type: {kind}\r\n\r\n".encode() + b"\r\n".join(lines))


def test_layers_without_end_are_not_followed() -> None:
    raw = b"x"
    for _ in range(12):
        raw = handmade.compressed(handmade.entity(raw) if raw == b"x" else raw)

    explanation = explained(HEAD + raw)

    assert "more than 8 layers" in explanation.findings[0]


def read_or_refused(raw: bytes, keys: Sequence[KeyPair] = (), knows: Sequence[KeyPair] = ()) -> None:
    """Only a file that does not begin with header fields is refused, and only with an error of ours."""
    with suppress(CoreError):
        explained(raw, keys, knows)
