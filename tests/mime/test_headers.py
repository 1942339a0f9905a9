"""Header fields: every spelling is read, one is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mime import Headers, MimeError

NAMES = st.text("ABCabc-", min_size=1)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")).map(lambda text: text.strip(" \t\r"))


def test_names_are_compared_without_regard_to_case_and_order_is_kept() -> None:
    headers = Headers((("AS2-From", "a"), ("X", "1"), ("as2-from", "b")))

    assert "a" == headers.get("AS2-FROM")
    assert ("a", "b") == headers.get_all("as2-from")
    assert "x" in headers
    assert "y" not in headers
    assert "none" == headers.get("y", "none")
    assert [("AS2-From", "a"), ("X", "1"), ("as2-from", "b")] == list(headers)


@given(fields=st.lists(st.tuples(NAMES, VALUES)))
def test_what_is_written_is_read_again(fields: list[tuple[str, str]]) -> None:
    headers = Headers(tuple(fields))

    assert headers == Headers.parse(headers.encode())


def test_writing_uses_crlf_and_ends_with_a_blank_line() -> None:
    assert b"A: 1\r\nB: 2\r\n\r\n" == Headers((("A", "1"), ("B", "2"))).encode()
    assert b"\r\n" == Headers().encode()


@pytest.mark.parametrize(
    "field", [("A", "x\r\nB: y"), ("A", "x\ny"), ("A", "\0"), ("", "x"), ("A B", "x"), ("A:", "x"), ("Ä", "x")]
)
def test_a_field_that_would_break_the_block_is_refused(field: tuple[str, str]) -> None:
    with pytest.raises(MimeError):
        Headers((field,)).encode()


@pytest.mark.parametrize(
    ("block", "fields"),
    [
        (b"A: 1\r\nB:2\r\n\r\n", (("A", "1"), ("B", "2"))),
        (b"A: 1\nB:\t2 \t\n\n", (("A", "1"), ("B", "2"))),
        (b"A : 1 : 2", (("A", "1 : 2"),)),
        (b"A:\r\n B\r\nC: \r\n", (("A", " B"), ("C", ""))),
        (b'A: x;\r\n\ty="z" \r\n  w\r\n \r\nB: 1\r\n', (("A", 'x; y="z" w'), ("B", "1"))),
        (b"", ()),
        (b"\r\n", ()),
    ],
)
def test_every_line_end_fold_and_blank_is_understood(block: bytes, fields: tuple[tuple[str, str], ...]) -> None:
    assert fields == Headers.parse(block).fields


def test_bytes_that_are_not_utf_8_are_read_as_latin_1() -> None:
    block = b"Content-Disposition: attachment; filename=\xfcber.txt\r\n\r\n"

    assert "attachment; filename=über.txt" == Headers.parse(block).get("Content-Disposition")


@pytest.mark.parametrize("block", [b"no colon\r\n", b"A: 1\r\nno colon", b": no name", b" fold: first"])
def test_a_line_that_is_no_field_is_refused(block: bytes) -> None:
    with pytest.raises(MimeError):
        Headers.parse(block)


@given(block=st.binary())
def test_any_bytes_are_either_header_fields_or_a_mime_error(block: bytes) -> None:
    try:
        fields = Headers.parse(block).fields
    except MimeError:
        return

    assert all(name for name, _ in fields)


def test_a_value_that_is_not_utf_8_becomes_text_that_can_be_stored() -> None:
    headers = Headers.parse(b"Subject: caf\xe9\r\nContent-Type: text/plain\r\n\r\n")

    assert headers.get("Subject") == "café"
    assert (headers.get("Subject") or "").encode("utf-8")
