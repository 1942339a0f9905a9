"""Judging receipts: whose they are, what they say, which bytes they are about."""

from dataclasses import replace

import pytest

from acuse import as2
from acuse.as2 import Disposition, Exchange, Judgement, MDNMode, Mic, ReadReceipt, disposition
from acuse.cms import Digest

EXCHANGE = Exchange(
    message_id="<1@acme>",
    our_id="ACME",
    their_id="Globex",
    mics={Digest.SHA256: "AAA=", Digest.SHA512: "BBB="},
    digest=Digest.SHA512,
    mdn=MDNMode.SYNC,
    mdn_signed=True,
)
GOOD = ReadReceipt(
    disposition=disposition.PROCESSED,
    mic=Mic("BBB=", "sha-512"),
    original_message_id="<1@acme>",
    reporting_ua=None,
    final_recipient=None,
    text="",
    is_signed=True,
    signature_problem=None,
)
WARNING = Disposition.parse("automatic-action/MDN-sent-automatically; processed/warning: duplicate-document")
UNSIGNED_AGREED = replace(EXCHANGE, mdn_signed=False)


@pytest.mark.rfc(4130, "7.4.3")
@pytest.mark.parametrize(
    "receipt",
    [
        GOOD,
        replace(GOOD, disposition=WARNING),
        replace(GOOD, original_message_id=" 1@acme "),
        replace(GOOD, original_message_id=""),
        replace(GOOD, mic=Mic("BBB=", "SHA512")),
        replace(GOOD, mic=Mic("AAA=", "rsa-sha256")),
    ],
)
def test_receipt_that_is_signed_and_about_the_same_bytes_is_positive(receipt: ReadReceipt) -> None:
    verdict = as2.settle(EXCHANGE, receipt)

    assert (Judgement.POSITIVE, "", "") == (verdict.judgement, verdict.code, verdict.reason)


@pytest.mark.parametrize("mic", [None, Mic("AAA=", "sha256")])
def test_unsigned_receipt_is_positive_where_no_signature_was_agreed_even_without_mic(mic: Mic | None) -> None:
    receipt = replace(GOOD, is_signed=False, mic=mic)

    assert Judgement.POSITIVE is as2.settle(UNSIGNED_AGREED, receipt).judgement


@pytest.mark.rfc(4130, "7.5")
@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize(
    "word",
    [
        disposition.DECRYPTION_FAILED,
        disposition.UNSUPPORTED_FORMAT,
        Disposition.parse("manual-action/MDN-sent-manually; displayed"),
        Disposition.parse(""),
    ],
)
def test_refusal_is_negative_signed_or_not(word: Disposition, is_signed: bool) -> None:
    verdict = as2.settle(EXCHANGE, replace(GOOD, disposition=word, is_signed=is_signed, mic=None))

    assert (Judgement.NEGATIVE, "MDN_NEGATIVE") == (verdict.judgement, verdict.code)
    assert str(word) in verdict.reason


@pytest.mark.parametrize(
    ("receipt", "code"),
    [
        (replace(GOOD, signature_problem="It is somebody else's."), "RECEIPT_UNVERIFIED"),
        (
            replace(GOOD, signature_problem="It is broken.", disposition=disposition.DECRYPTION_FAILED),
            "RECEIPT_UNVERIFIED",
        ),
        (replace(GOOD, is_signed=False), "RECEIPT_UNSIGNED"),
        (replace(GOOD, original_message_id="<2@acme>"), "RECEIPT_FOR_ANOTHER"),
        (replace(GOOD, mic=None), "MIC_MISSING"),
        (replace(GOOD, mic=Mic("AAA=", "sha-512")), "MIC_MISMATCH"),
        (replace(GOOD, mic=Mic("bbb=", "sha-512")), "MIC_MISMATCH"),
        (replace(GOOD, mic=Mic("BBB=", "sha-384")), "MIC_UNVERIFIABLE"),
        (replace(GOOD, mic=Mic("BBB=", "sha1")), "MIC_UNVERIFIABLE"),
        (replace(GOOD, mic=Mic("BBB=", "")), "MIC_UNVERIFIABLE"),
    ],
)
def test_receipt_that_proves_nothing_is_invalid_and_says_why(receipt: ReadReceipt, code: str) -> None:
    verdict = as2.settle(EXCHANGE, receipt)

    assert (Judgement.INVALID, code) == (verdict.judgement, verdict.code)
    assert verdict.reason


@pytest.mark.parametrize("mic", [None, Mic("BBB=", "sha-512")])
def test_unsigned_receipt_that_is_accepted_by_choice_is_positive_and_says_so(mic: Mic | None) -> None:
    verdict = as2.settle(EXCHANGE, replace(GOOD, is_signed=False, mic=mic), accept_unsigned=True)

    assert (Judgement.POSITIVE, "RECEIPT_UNSIGNED") == (verdict.judgement, verdict.code)


@pytest.mark.parametrize(
    ("receipt", "code"),
    [
        (replace(GOOD, signature_problem="It is broken."), "RECEIPT_UNVERIFIED"),
        (replace(GOOD, mic=None), "MIC_MISSING"),
        (replace(GOOD, is_signed=False, mic=Mic("CCC=", "sha-512")), "MIC_MISMATCH"),
    ],
)
def test_choice_to_accept_unsigned_receipts_forgives_nothing_else(receipt: ReadReceipt, code: str) -> None:
    verdict = as2.settle(EXCHANGE, receipt, accept_unsigned=True)

    assert (Judgement.INVALID, code) == (verdict.judgement, verdict.code)


@pytest.mark.parametrize("mic", [Mic("CCC=", "sha-256"), Mic("CCC=", "md5")])
def test_mic_of_other_bytes_is_invalid_even_where_no_signature_was_agreed(mic: Mic) -> None:
    receipt = replace(GOOD, is_signed=False, mic=mic)

    assert Judgement.INVALID is as2.settle(UNSIGNED_AGREED, receipt).judgement


def test_broken_signature_is_invalid_even_where_none_was_agreed() -> None:
    receipt = replace(GOOD, signature_problem="It is broken.")

    assert Judgement.INVALID is as2.settle(UNSIGNED_AGREED, receipt).judgement
