"""Editions of AS2: which headers each profile writes, on messages and on receipts."""

import re

import pytest

from acuse import __version__, as2
from acuse.as2 import Agreement, OutgoingAttachment, Profile, disposition
from acuse.cms import Digest
from acuse.mime import Literal
from tests.as2 import handmade
from tests.as2.handmade import NOW, Memory

AS2_HEADERS = ("AS2-Version", "EDIINT-Features", "AS2-Product")
PRODUCT = f"acuse:{__version__}"


def message_headers(profile: Profile, *, files: int = 1) -> dict[str, str]:
    prepared = as2.prepare(
        [OutgoingAttachment(filename=None, content_type="text/plain", source=Literal(b"x"))] * files,
        Agreement(our_id="ACME", their_id="Globex", sign=None, encrypt=None, profile=profile),
        message_id="<1@acme>",
        boundary="B",
        signer=None,
        recipients=[],
        scratch=Memory,
        now=NOW,
    )
    return dict(prepared.headers)


def receipt_headers(profile: Profile) -> dict[str, str]:
    envelope, _ = handmade.open_message(handmade.entity(b""))
    written = as2.write_receipt(
        envelope,
        disposition=disposition.PROCESSED,
        mic=None,
        text="taken",
        signer=None,
        digest=Digest.SHA256,
        message_id="<2@acme>",
        boundary="B",
        reporting_ua="acuse",
        profile=profile,
        now=NOW,
    )
    return dict(written.headers)


def editions(headers: dict[str, str]) -> tuple[str | None, ...]:
    return tuple(headers.get(name) for name in AS2_HEADERS)


@pytest.mark.rfc(6017, "2")
@pytest.mark.parametrize(
    ("profile", "one_file", "several_files"),
    [
        (Profile.AS2_1_1, ("1.1", None, None), ("1.2", "multiple-attachments", None)),
        (Profile.AS2_1_2, ("1.2", "multiple-attachments", None), ("1.2", "multiple-attachments", None)),
        (Profile.AS2_1_3, ("1.3", "multiple-attachments", PRODUCT), ("1.3", "multiple-attachments", PRODUCT)),
    ],
)
def test_messages_and_receipts_announce_the_edition_of_their_profile(
    profile: Profile, one_file: tuple[str | None, ...], several_files: tuple[str | None, ...]
) -> None:
    assert one_file == editions(message_headers(profile))
    assert several_files == editions(message_headers(profile, files=2))
    assert one_file == editions(receipt_headers(profile))


def test_product_is_lower_case_and_a_version_in_numbers() -> None:
    product = message_headers(Profile.AS2_1_3)["AS2-Product"]

    assert re.fullmatch(r"[a-z0-9-]+:\d+(\.\d+)+", product)


@pytest.mark.parametrize(
    ("version", "is_modern"),
    [
        ("1.3", True),
        ("1.9", True),
        ("1.12", True),
        ("1.2", False),
        ("1.0", False),
        ("2.3", False),
        ("", False),
        ("1.²", False),
        ("1." + "9" * 5000, True),
    ],
)
def test_senders_edition_is_told_by_its_version(version: str, is_modern: bool) -> None:
    assert is_modern is as2.speaks_modern(version)
