"""What the headers of a request say."""

import pytest

from acuse import as2
from acuse.as2 import Envelope, NotAS2, ReceiptRequest
from acuse.cms import AnyDigest, DecrepitDigest, Digest, KeyPair
from acuse.mime import Headers, Literal
from tests.as2 import handmade

HEADERS = {
    "AS2-From": '"Globex Inc"',
    "AS2-To": "ACME",
    "Message-ID": " <1@globex> ",
    "Content-Type": "application/edi-x12",
}


def open_with(**changes: str | None) -> Envelope:
    given = HEADERS | {name.replace("_", "-"): value for name, value in changes.items()}
    return as2.open_envelope(Headers(tuple((name, value) for name, value in given.items() if value is not None)))


def request_for(options: str | None, **headers: str) -> ReceiptRequest:
    request = open_with(
        Disposition_Notification_To="anything", Disposition_Notification_Options=options, **headers
    ).receipt_request
    assert request
    return request


@pytest.mark.rfc(4130, "6.2")
def test_envelope_names_the_parties_as_they_are_meant_and_the_message_id_as_it_was_written() -> None:
    envelope = open_with(Subject="Order 7")

    assert ("Globex Inc", "ACME", "<1@globex>", "Order 7") == (
        envelope.as2_from,
        envelope.as2_to,
        envelope.message_id,
        envelope.subject,
    )


@pytest.mark.rfc(4130, "6.1")
@pytest.mark.parametrize(("written", "version"), [(None, "1.0"), ("1.2", "1.2"), (" 1.1 ", "1.1"), ("9", "9")])
def test_version_is_1_0_where_it_is_missing_and_never_a_reason_to_refuse(written: str | None, version: str) -> None:
    assert version == open_with(AS2_Version=written).version


@pytest.mark.parametrize("name", ["AS2-From", "AS2-To", "Content-Type"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_header_is_named(name: str, value: str | None) -> None:
    with pytest.raises(NotAS2, match=name):
        open_with(**{name.replace("-", "_"): value})


def test_content_type_that_is_none_is_no_as2_message() -> None:
    with pytest.raises(NotAS2):
        open_with(Content_Type="nothing")


def test_missing_message_id_is_left_to_the_caller_because_receipts_may_lack_it() -> None:
    assert "" == open_with(Message_ID=None).message_id


@pytest.mark.rfc(4130, "6.2")
@pytest.mark.parametrize("name", ["AS2-From", "AS2-To"])
def test_identifier_has_1_to_128_characters_once_it_is_unquoted(name: str) -> None:
    field = name.replace("-", "_")
    envelope = open_with(**{field: '"' + 128 * '\\"' + '"'})

    assert 128 * '"' in (envelope.as2_from, envelope.as2_to)
    for bad in ('""', "x" * 129, "Über", "a\tb", "a\x7f"):
        with pytest.raises(NotAS2, match="1 to 128"):
            open_with(**{field: bad})


@pytest.mark.rfc(5322, "2.1.1")
@pytest.mark.parametrize(
    "message_id", ["<" + "x" * 996 + ">", "x", "no brackets or at", "<../../etc/passwd>", "C:\\x", "<a@b>;'--", "<é>"]
)
def test_message_id_is_taken_as_it_is_up_to_998_characters(message_id: str) -> None:
    assert message_id == open_with(Message_ID=message_id).message_id


def test_longer_message_id_is_no_as2_message() -> None:
    with pytest.raises(NotAS2, match="998"):
        open_with(Message_ID="x" * 999)


@pytest.mark.rfc(2047, "2")
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Order 7", "Order 7"),
        ("=?utf-8?b?w5FhbmTDug==?= =?utf-8?q?_7?=", "Ñandú 7"),
        ("=?unknown?x?broken?=", "=?unknown?x?broken?="),
        ("", None),
    ],
)
def test_subject_is_decoded_for_people_and_kept_in_the_headers(written: str, meant: str | None) -> None:
    envelope = open_with(Subject=written)

    assert (meant, written) == (envelope.subject, envelope.headers.get("Subject"))


@pytest.mark.parametrize("date", ["", "Montag, 1. Januar", "2026-11-20", "Thu, 99 Foo 2026 99:99:99 XYZ", None])
def test_date_is_never_a_reason_to_refuse(date: str | None) -> None:
    assert "<1@globex>" == open_with(Date=date).message_id


# ── The receipt that is asked for ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "7.3")
def test_no_receipt_is_asked_for_without_the_header() -> None:
    assert open_with(Disposition_Notification_Options=handmade.OPTIONS).receipt_request is None


@pytest.mark.rfc(4130, "7.3")
@pytest.mark.parametrize("value", ["", "anybody", "<not an address", '"ACME"'])
def test_value_of_the_request_means_nothing(value: str) -> None:
    request = open_with(Disposition_Notification_To=value).receipt_request

    assert request == ReceiptRequest(
        url=None, is_signed=False, digests=(), lists_algorithms=False, names_unknown_protocol=False
    )


@pytest.mark.rfc(4130, "7.3")
@pytest.mark.parametrize(
    "url", ["https://globex.example:8443/mdn?x=1&y=" + "z" * 200, " <https://globex.example/> ", "not a url"]
)
def test_delivery_option_makes_the_receipt_asynchronous(url: str) -> None:
    assert url.strip().strip("<>") == request_for(None, Receipt_Delivery_Option=url).url


@pytest.mark.rfc(4130, "7.3")
@pytest.mark.parametrize(
    ("options", "is_signed", "digests"),
    [
        (handmade.OPTIONS, True, [Digest.SHA256]),
        (
            "signed-receipt-micalg=required,sha512,sha256;signed-receipt-protocol=required,pkcs7-signature",
            True,
            [Digest.SHA512, Digest.SHA256],
        ),
        (
            "Signed-Receipt-Protocol =\tOPTIONAL , PKCS7-Signature ;\tSigned-Receipt-MICalg = optional,\tSHA-384",
            True,
            [Digest.SHA384],
        ),
        (
            "signed-receipt-protocol=optional,pkcs7-signature; signed-receipt-micalg=optional,md5,sha1,sha-256,sha-512",
            True,
            [DecrepitDigest.SHA1, Digest.SHA256, Digest.SHA512],
        ),
        (
            'signed-receipt-protocol=optional, "pkcs7-signature"; signed-receipt-micalg=optional, "sha256";',
            True,
            [Digest.SHA256],
        ),
        ("signed-receipt-protocol=pkcs7-signature; signed-receipt-micalg=rsa-sha256", True, [Digest.SHA256]),
        ("signed-receipt-protocol=optional, pkcs7-signature", True, []),
        ("signed-receipt-micalg=optional, sha-256", False, [Digest.SHA256]),
        ("", False, []),
        ("nonsense; = ;;=", False, []),
    ],
)
def test_options_are_read_in_every_spelling(options: str, is_signed: bool, digests: list[AnyDigest]) -> None:
    request = request_for(options)

    assert (is_signed, tuple(digests), bool(digests), False) == (
        request.is_signed,
        request.digests,
        request.lists_algorithms,
        request.names_unknown_protocol,
    )


@pytest.mark.rfc(4130, "7.3")
@pytest.mark.parametrize(
    ("listed", "allow", "is_unusable"),
    [
        ("md4", [], True),
        ("md4, sha1", [], True),
        ("md4, sha1", [DecrepitDigest.SHA1], False),
        ("sha1, sha-256", [], False),
        ("", [], False),
    ],
)
def test_only_unusable_algorithms_are_told_apart_from_none(
    listed: str, allow: list[AnyDigest], is_unusable: bool
) -> None:
    request = request_for(
        f"signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=required, {listed}"
    )

    assert is_unusable is request.names_only_unusable_algorithms(allow)


@pytest.mark.rfc(4130, "7.5.3")
def test_another_signature_format_is_noticed() -> None:
    assert request_for("signed-receipt-protocol=required, pgp; signed-receipt-micalg=x, md5").names_unknown_protocol


# ── Message or receipt ────────────────────────────────────────────────────────────────────────────────────────────────

REPORT = handmade.entity(
    b"--r\r\n\r\n--r--\r\n", "Content-Type: Multipart/Report; Report-Type=disposition-notification; boundary=r"
)


def test_report_is_a_receipt_signed_or_not(theirs: KeyPair) -> None:
    for whole in (REPORT, handmade.signed(REPORT, theirs)):
        envelope, body = handmade.open_message(whole)

        assert as2.is_receipt(envelope, body)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/edi-x12", b"multipart/report"),
        ("multipart/signed; boundary=sig", b""),
        ("multipart/signed", b"--sig\r\n" + REPORT),
        ("multipart/signed; boundary=sig", b"--sig\r\nno header\r\n\r\n\r\n--sig--"),
        ("multipart/signed; boundary=sig", b"--sig\r\nContent-Type: text/plain\r\n\r\nmultipart/report\r\n--sig--"),
    ],
)
def test_everything_else_is_a_message(content_type: str, body: bytes) -> None:
    assert not as2.is_receipt(open_with(Content_Type=content_type), Literal(body))
