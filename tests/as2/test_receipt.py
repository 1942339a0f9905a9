"""Receipts as we write them, and as partners do."""

import hashlib
from base64 import b64encode

import pytest

from acuse import as2
from acuse.as2 import Disposition, Mic, ReadReceipt, ReceiptUnreadable, WrittenReceipt, disposition
from acuse.cms import Digest, KeyPair, sign
from acuse.mime import Headers, Literal
from tests.as2 import handmade
from tests.as2.handmade import NOW

MIC = Mic("AAA=", "sha-256")
# As a well-known product writes it: no header block before the text, no blanks, old names, an id without brackets.
STERLING = (
    b"--_=r\r\nThe message was received.\r\nNo colon anywhere\r\n"
    b"--_=r\r\ncontent-type: message/disposition-notification\r\n\r\n"
    b"Reporting-UA: Sterling Integrator\r\n"
    b"Original-Recipient: rfc822;Globex\r\n"
    b'Final-Recipient: rfc822;"Globex Inc"\r\n'
    b"Original-Message-ID: 1234acme\r\n"
    b"Disposition: Automatic-action/mdn-sent-automatically;processed\r\n"
    b"Received-Content-MIC: AAA=,sha1\r\n"
    b"\r\n--_=r--\r\n"
)
STERLING_HEADERS = Headers((("Content-Type", 'Multipart/Report;\tReport-Type=x;boundary="_=r"'),))


def write(signer: KeyPair | None = None, *, mic: Mic | None = MIC, **headers: str) -> WrittenReceipt:
    envelope, _ = handmade.open_message(handmade.entity(b""), **headers)
    return as2.write_receipt(
        envelope,
        disposition=disposition.PROCESSED,
        mic=mic,
        text="All is well: “ñ”.\n\nReally.",
        signer=signer,
        digest=Digest.SHA512,
        message_id="<m@acme>",
        boundary="B",
        reporting_ua="acuse/1",
        now=NOW,
    )


def read(written: WrittenReceipt, *knows: KeyPair) -> ReadReceipt:
    certificates = [pair.certificate for pair in knows]
    return as2.read_receipt(Headers(written.headers), Literal(written.body), certificates)


def report_with(*fields: str, text: str = "text") -> tuple[Headers, Literal]:
    part = handmade.entity(
        "".join(f"{field}\r\n" for field in fields).encode(), "Content-Type: message/DISPOSITION-notification"
    )
    about = handmade.entity(text.encode(), "Content-Type: text/plain")
    body = b"--r\r\n" + about + b"\r\n--r\r\n" + part + b"\r\n--r--\r\n"
    return Headers((("Content-Type", "multipart/report; boundary=r"),)), Literal(body)


# ── Ours ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "7.4.2")
def test_unsigned_receipt_is_written_to_the_byte() -> None:
    written = write(AS2_From='"Globex Inc"', Message_ID="1234 no brackets")

    assert (
        ("AS2-Version", "1.1"),
        ("AS2-From", "ACME"),
        ("AS2-To", '"Globex Inc"'),
        ("Message-ID", "<m@acme>"),
        ("Date", "Fri, 20 Nov 2026 12:00:00 +0000"),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'multipart/report; report-type=disposition-notification; boundary="BR"'),
    ) == written.headers
    assert (
        "--BR\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        "All is well: “ñ”.\r\n\r\nReally.\r\n\r\n"
        "--BR\r\nContent-Type: message/disposition-notification\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
        "Reporting-UA: acuse/1\r\n"
        "Original-Recipient: rfc822; ACME\r\n"
        "Final-Recipient: rfc822; ACME\r\n"
        "Original-Message-ID: 1234 no brackets\r\n"
        "Disposition: automatic-action/MDN-sent-automatically; processed\r\n"
        "Received-Content-MIC: AAA=, sha-256\r\n\r\n\r\n"
        "--BR--\r\n"
    ).encode() == written.body
    assert not written.is_signed


@pytest.mark.rfc(4130, "7.4.2")
def test_signed_receipt_is_multipart_signed_around_the_report(ours: KeyPair, theirs: KeyPair) -> None:
    written = write(ours)

    content_type = dict(written.headers)["Content-Type"]
    receipt = read(written, theirs, ours)
    assert 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-512; boundary="BS"' == content_type
    assert (True, True, MIC) == (written.is_signed, receipt.is_verified, receipt.mic)
    assert "All is well: “ñ”." in receipt.text


def test_lines_end_in_crlf_nothing_is_folded_and_every_part_has_its_headers(ours: KeyPair) -> None:
    body = write(ours).body

    assert body.count(b"\n") == body.count(b"\r\n")
    assert all(b"Content-Type: " in part for part in body.split(b"\r\n--B")[1:-3])
    assert b"\r\n " not in body
    assert b"\r\n\t" not in body


def test_receipt_without_mic_or_message_id_leaves_the_fields_out() -> None:
    receipt = read(write(mic=None, Message_ID=""))

    assert (None, "") == (receipt.mic, receipt.original_message_id)


def test_identifier_with_blanks_is_quoted_in_the_fields_and_read_back() -> None:
    written = write(AS2_To='"Acme Inc"')

    assert b'Final-Recipient: rfc822; "Acme Inc"\r\n' in written.body
    assert "Acme Inc" == read(written).final_recipient


def test_text_with_bytes_that_are_no_utf_8_still_gives_a_receipt(ours: KeyPair) -> None:
    envelope, _ = handmade.open_message(handmade.entity(b""))

    written = as2.write_receipt(
        envelope,
        disposition=disposition.PROCESSED,
        mic=None,
        text="Pedido n\udcba 7",
        signer=ours,
        digest=Digest.SHA256,
        message_id="<m@acme>",
        boundary="B",
        reporting_ua="acuse",
        now=NOW,
    )

    assert read(written, ours).is_verified


# ── Theirs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_receipt_of_another_world_is_read() -> None:
    receipt = as2.read_receipt(STERLING_HEADERS, Literal(STERLING), [])

    assert receipt.disposition.is_positive
    assert ("1234acme", Mic("AAA=", "sha1")) == (receipt.original_bare_id, receipt.mic)
    assert ("Sterling Integrator", "Globex Inc", False) == (
        receipt.reporting_ua,
        receipt.final_recipient,
        receipt.is_signed,
    )
    assert receipt.text.startswith("The message was received.")


@pytest.mark.rfc(8098, "3.2.7")
def test_reason_in_a_field_of_its_own_becomes_part_of_the_disposition() -> None:
    receipt = as2.read_receipt(
        *report_with("Disposition: automatic-action/MDN-sent-automatically; processed/Error", "ERROR: too late"), []
    )

    assert "processed/error: too late" == str(receipt.disposition).partition("; ")[2]
    assert "text\nERROR: too late" == receipt.text


def test_reasons_beside_a_complete_disposition_are_kept_for_people() -> None:
    fields = ("Disposition: x/y; processed/error: decryption-failed", "Failure: a", "Warning: b", "Other: c")

    receipt = as2.read_receipt(*report_with(*fields), [])

    assert ("decryption-failed", "text\nFailure: a\nWarning: b") == (receipt.disposition.detail, receipt.text)


def test_long_mic_may_be_folded() -> None:
    receipt = as2.read_receipt(
        *report_with("Disposition: a/b; processed", "Received-Content-MIC: AAAA", "\tBBB=,", " sha-512"), []
    )

    assert Mic("AAAABBB=", "sha-512") == receipt.mic


def test_signed_receipt_verifies_with_any_certificate_that_is_known(ours: KeyPair, theirs: KeyPair) -> None:
    receipt = read(write(ours), theirs, ours)

    assert receipt.is_verified


def test_signature_of_somebody_else_is_a_problem_not_a_failure(ours: KeyPair, theirs: KeyPair) -> None:
    receipt = read(write(ours), theirs)

    assert (True, False) == (receipt.is_signed, receipt.is_verified)
    assert receipt.signature_problem


@pytest.mark.parametrize("part", [b"not base64!", b"", b"AAAA", b64encode(b"0\x80")])
def test_signature_that_cannot_be_read_is_a_problem_not_a_failure(part: bytes, ours: KeyPair) -> None:
    whole = write(ours)
    head, marker, _ = whole.body.partition(b'filename="smime.p7s"\r\n\r\n')
    broken = WrittenReceipt(headers=whole.headers, body=head + marker + part + b"\r\n--BS--\r\n", is_signed=True)

    receipt = read(broken, ours)

    assert (True, False, True) == (receipt.is_signed, receipt.is_verified, receipt.disposition.is_positive)


def test_changed_content_is_a_problem(ours: KeyPair) -> None:
    whole = write(ours)
    changed = WrittenReceipt(
        headers=whole.headers, body=whole.body.replace(b"; processed", b"; Processed"), is_signed=True
    )

    assert not read(changed, ours).is_verified


def test_raw_signature_and_an_epilogue_are_tolerated(ours: KeyPair) -> None:
    report = STERLING_HEADERS.encode() + STERLING
    signature = sign(hashlib.sha256(report).digest(), ours, Digest.SHA256, signing_time=NOW)
    part = handmade.entity(signature, "Content-Type: Application/pkcs7-signature")
    body = b"--s\r\n" + report + b"\r\n--s\r\n" + part + b"\r\n--s--\r\nbye"

    receipt = as2.read_receipt(
        Headers((("Content-Type", "multipart/signed; boundary=s; micalg=SHA1"),)), Literal(body), [ours.certificate]
    )

    assert receipt.is_verified


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", b""),
        ("text/html", b"<html>"),
        ("multipart/report", b""),
        ("multipart/report; boundary=r", b"--r\r\n\r\ncut off"),
        ("multipart/report; boundary=r", b"--r\r\n\r\nno notification\r\n--r--"),
        ("multipart/report; boundary=r", b"--r\r\nContent-Type: message/disposition-notification\r\n\r\nA: b\r\n--r--"),
        ("multipart/signed; boundary=r", b"--r\r\n\r\none part\r\n--r--"),
        ("multipart/signed; boundary=r", b"--r\r\n\r\n1\r\n--r\r\n\r\n2\r\n--r\r\n\r\n3\r\n--r--"),
        ("multipart/signed; boundary=r", b"--r\r\nContent-Type: text/plain\r\n\r\n1\r\n--r\r\n\r\n2\r\n--r--"),
    ],
)
def test_what_is_no_receipt_is_unreadable(content_type: str, body: bytes) -> None:
    with pytest.raises(ReceiptUnreadable):
        as2.read_receipt(Headers((("Content-Type", content_type),)), Literal(body), [])


def test_disposition_without_a_mode_is_read_as_it_stands() -> None:
    receipt = as2.read_receipt(*report_with("Disposition: ;processed"), [])

    assert Disposition(mode="", type="processed") == receipt.disposition
