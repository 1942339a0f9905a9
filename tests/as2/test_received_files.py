"""The files of a payload: which is first, and of which type they are."""

import pytest

from acuse.as2.received_files import sniff_type
from acuse.cms import KeyPair
from tests.as2 import handmade
from tests.as2.handmade import LENIENT, Station


def part(content_id: str, body: bytes = b"x") -> bytes:
    return handmade.entity(body, "Content-Type: text/plain", f"Content-ID: {content_id}")


def related(head: str, *parts: bytes) -> bytes:
    inside = b"".join(b"--b\r\n" + each + b"\r\n" for each in parts)
    return handmade.entity(inside + b"--b--\r\n", f'Content-Type: multipart/related; boundary="b"{head}')


@pytest.mark.rfc(2387, "3.2")
@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", [b"1", b"2", b"3"]),
        ('; start="<two@x>"', [b"2", b"1", b"3"]),
        ("; start=two@x", [b"2", b"1", b"3"]),
        ('; start="<one@x>"', [b"1", b"2", b"3"]),
        ('; start="<three@x>"; type="text/plain"', [b"3", b"1", b"2"]),
        ('; start="<nobody@x>"', [b"1", b"2", b"3"]),
        ('; start=""', [b"1", b"2", b"3"]),
    ],
)
def test_root_comes_first_wherever_it_stands(theirs: KeyPair, head: str, expected: list[bytes]) -> None:
    parts = [part("<one@x>", b"1"), part("<two@x>", b"2"), part("<three@x>", b"3")]

    arrival = Station(keys=[], knows=[theirs], agreement=LENIENT).receive(
        handmade.signed(related(head, *parts), theirs)
    )

    assert expected == [attachment.stage.data for attachment in arrival.attachments]


def test_part_without_a_type_is_of_the_type_that_it_looks_like(theirs: KeyPair) -> None:
    parts = [
        handmade.entity(b"%PDF-1.7 ...", "Content-ID: <1@x>"),
        handmade.entity(b"JVBERi0xLjc=", "Content-Transfer-Encoding: base64"),
        handmade.entity(b"%PDF-1.7 ...", "Content-Type: application/octet-stream"),
    ]

    arrival = Station(keys=[], knows=[theirs], agreement=LENIENT).receive(handmade.signed(related("", *parts), theirs))

    types = [attachment.content_type for attachment in arrival.attachments]
    assert ["application/pdf", "application/pdf", "application/octet-stream"] == types


def test_single_file_without_a_type_too(theirs: KeyPair) -> None:
    entity = handmade.entity(b"UNB+UNOA:1'", "Content-Transfer-Encoding: binary")

    arrival = Station(keys=[], knows=[theirs], agreement=LENIENT).receive(handmade.signed(entity, theirs))

    assert ("application/edifact", "application/edifact") == (
        arrival.content_type,
        arrival.attachments[0].content_type,
    )


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        (b"", "text/plain"),
        (b"hello", "text/plain"),
        (b"he\x00llo", "application/octet-stream"),
        (b"%PDF-1.4", "application/pdf"),
        (b"PK\x03\x04..", "application/zip"),
        (b"GIF89a", "image/gif"),
        (b"II*\x00", "image/tiff"),
        (b"MM\x00*", "image/tiff"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
        (b"{\\rtf1", "application/rtf"),
        (b" \r\n<?xml version='1.0'?>", "application/xml"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "application/xml"),
        (b"ISA*00*", "application/edi-x12"),
        (b"UNA:+.?", "application/edifact"),
        (b"UNB+UNOA", "application/edifact"),
    ],
)
def test_first_bytes_tell_the_type(beginning: bytes, expected: str) -> None:
    assert expected == sniff_type(beginning)
