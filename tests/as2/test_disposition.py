"""The vocabulary of dispositions: exact where we write, tolerant where we read."""

import pytest

from acuse.as2 import Disposition, disposition

MODE = "automatic-action/MDN-sent-automatically"


@pytest.mark.rfc(4130, "7.4.3")
@pytest.mark.parametrize(
    ("word", "written"),
    [
        (disposition.PROCESSED, "processed"),
        (disposition.AUTHENTICATION_FAILED, "processed/error: authentication-failed"),
        (disposition.DECOMPRESSION_FAILED, "processed/error: decompression-failed"),
        (disposition.DECRYPTION_FAILED, "processed/error: decryption-failed"),
        (disposition.INSUFFICIENT_MESSAGE_SECURITY, "processed/error: insufficient-message-security"),
        (disposition.INTEGRITY_CHECK_FAILED, "processed/error: integrity-check-failed"),
        (disposition.UNEXPECTED_PROCESSING_ERROR, "processed/error: unexpected-processing-error"),
        (disposition.UNKNOWN_TRADING_PARTNER, "processed/error: unknown-trading-partner"),
        (disposition.UNKNOWN_TRADING_RELATIONSHIP, "processed/error: unknown-trading-relationship"),
        (disposition.INVALID_MESSAGE_ID, "processed/error: invalid-message-id"),
        (disposition.DUPLICATE_FILENAME, "processed/error: duplicate-filename"),
        (disposition.ILLEGAL_FILENAME, "processed/error: illegal-filename"),
        (disposition.UNSUPPORTED_FORMAT, "failed/failure: unsupported format"),
        (disposition.UNSUPPORTED_MIC_ALGORITHMS, "failed/failure: unsupported MIC-algorithms"),
    ],
)
def test_vocabulary_is_written_exactly_and_read_back(word: Disposition, written: str) -> None:
    assert f"{MODE}; {written}" == str(word)
    assert word == Disposition.parse(f"{MODE}; {written}")
    assert (written == "processed") == word.is_positive


@pytest.mark.rfc(4130, "7.5")
@pytest.mark.parametrize(
    ("text", "type_", "modifier", "detail", "is_positive"),
    [
        # IBM Sterling
        ("Automatic-action/mdn-sent-automatically;processed", "processed", None, "", True),
        (
            "Automatic-Action/MDN-Sent-Automatically;Processed/Error:Authentication-Failed",
            "processed",
            "error",
            "Authentication-Failed",
            False,
        ),
        (f"{MODE} ;\tprocessed / error :  decryption-failed ", "processed", "error", "decryption-failed", False),
        (f"{MODE}; processed/warning: duplicate-document", "processed", "warning", "duplicate-document", True),
        (
            f"{MODE}; processed/warning: authentication-failed, processing continued",
            "processed",
            "warning",
            "authentication-failed, processing continued",
            True,
        ),
        (f"{MODE}; processed/error", "processed", "error", "", False),
        (f"{MODE}; failed/failure: sender-equals-receiver", "failed", "failure", "sender-equals-receiver", False),
        (f"{MODE}; failed", "failed", None, "", False),
        (f"{MODE}; processed/error: my own: reason; really", "processed", "error", "my own: reason; really", False),
        ("manual-action/MDN-sent-manually; displayed", "displayed", None, "", False),
        ("manual-action/MDN-sent-manually; deleted", "deleted", None, "", False),
        (f"{MODE}; dispatched", "dispatched", None, "", False),
        (f"{MODE}; denied", "denied", None, "", False),
        ("", "", None, "", False),
        (";;;", ";;", None, "", False),
    ],
)
def test_disposition_of_a_partner_is_read_in_any_spelling(
    text: str, type_: str, modifier: str | None, detail: str, is_positive: bool
) -> None:
    read = Disposition.parse(text)

    assert (type_, modifier, detail, is_positive) == (read.type, read.modifier, read.detail, read.is_positive)


def test_blanks_around_the_slash_of_the_mode_do_not_matter() -> None:
    assert MODE == Disposition.parse(" automatic-action / MDN-sent-automatically; processed").mode
