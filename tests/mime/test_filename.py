"""File names: what partners write, and what we write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mime import Headers, attachment_disposition, filename_of


def name_in(disposition: str | bytes, content_type: bytes = b"") -> str | None:
    value = disposition.encode() if isinstance(disposition, str) else disposition
    return filename_of(Headers.parse(b"Content-Disposition: " + value + b"\r\nContent-Type: " + content_type))


@pytest.mark.profile("filenames")
@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ('attachment; filename="order 1.edi"', "order 1.edi"),
        ("attachment;filename=order.edi;", "order.edi"),
        ('Attachment; FileName=""order.edi""', "order.edi"),
        ('attachment; filename="C:\\data\\new\\order.edi"', "C:\\data\\new\\order.edi"),
        ('attachment; filename="a\\"b\\\\c"', 'a"b\\c'),
        ("attachment; filename=\"x\"; filename*=UTF-8''%e2%82%ac.txt", "€.txt"),
        ('attachment; filename="=?utf-8?Q?=C3=BCber=5F1_2?="', "über_1 2"),
        ('attachment; filename="=?utf-8?B?w7w=?= =?ISO-8859-1*en?q?=FC?=.txt"', "üü.txt"),
        ('attachment; filename="=?utf-8?B?w7w?=.txt"', "=?utf-8?B?w7w?=.txt"),
        (b"attachment; filename=\xfcber.txt", "über.txt"),
        ("attachment; filename=über.txt", "über.txt"),
        ('attachment; filename="../../etc/passwd"', "../../etc/passwd"),
        ("attachment; filename='it is.txt'", "'it is.txt'"),
    ],
)
def test_the_name_is_read_as_its_sender_meant_it(disposition: str | bytes, expected: str) -> None:
    assert expected == name_in(disposition)


def test_without_a_disposition_the_name_of_the_content_type_counts() -> None:
    assert "order.edi" == name_in("attachment", b"application/edi-x12; name=order.edi")
    assert "other" == name_in('attachment; filename=""', b"a/b; name=other")
    assert name_in("attachment", b"application/edi-x12") is None
    assert filename_of(Headers()) is None


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("order 1.edi", 'attachment; filename="order 1.edi"'),
        ('a"b\\c', 'attachment; filename="a\\"b\\\\c"'),
        ("a\r\nX: y\0.txt", 'attachment; filename="aX: y.txt"'),
        ("España €.txt", "attachment; filename=\"Espana _.txt\"; filename*=UTF-8''Espa%C3%B1a%20%E2%82%AC.txt"),
        ("\ud800é", "attachment; filename=\"e\"; filename*=UTF-8''%C3%A9"),
    ],
)
def test_a_disposition_is_written_so_that_old_and_new_readers_get_a_name(filename: str, expected: str) -> None:
    assert expected == attachment_disposition(filename)


@pytest.mark.profile("filenames")
@given(filename=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1))
def test_any_name_arrives_as_it_was_sent(filename: str) -> None:
    block = Headers((("Content-Disposition", attachment_disposition(filename)),)).encode()

    assert block.isascii()
    if "=?" not in filename:
        assert filename == filename_of(Headers.parse(block))


@given(value=st.binary().filter(lambda value: b"\n" not in value))
def test_any_bytes_give_a_name_that_can_be_stored_or_none(value: bytes) -> None:
    name = name_in(b'attachment; filename="' + value)

    assert name is None or name.encode("utf-8")


def test_a_name_in_utf_7_with_half_a_surrogate_pair_stays_storable() -> None:
    name = filename_of(Headers((("Content-Disposition", "attachment; filename*=utf-7''a%2B2AA-b.edi"),)))

    assert name is not None
    assert name.encode("utf-8")


@pytest.mark.parametrize(
    ("filename", "written"),
    [("a.edi", "a.edi"), ("a b.edi", '"a b.edi"'), ("a;b", '"a;b"'), ('a"b', '"a\\"b"'), ("", '""')],
)
def test_quotation_marks_are_left_out_on_demand_where_the_name_allows_it(filename: str, written: str) -> None:
    value = attachment_disposition(filename, is_quoted=False)

    assert f"attachment; filename={written}" == value
    assert (filename or None) == filename_of(Headers((("Content-Disposition", value),)))
