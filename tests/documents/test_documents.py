"""Business documents: what is well formed, and what is told of what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.documents import FORMATS, check_document, format_of
from acuse.documents.report import MOST_ISSUES

ISA = "ISA*00*          *00*          *ZZ*ACME           *ZZ*GLOBEX         *240115*1030*U*00401*000000007*0*T*>~"
X12 = (
    ISA
    + "GS*PO*ACME*GLOBEX*20240115*1030*42*X*004010~ST*850*0001~BEG*00*NE*7**20240115~SE*3*0001~GE*1*42~IEA*1*000000007~"
)
EDIFACT = "UNB+UNOA:1+ACME+GLOBEX+240115:1030+REF7'UNH+1+INVOIC:D:96A:UN'BGM+380+O?'Brien?+1'UNT+3+1'UNZ+1+REF7'"


def codes(text: str | bytes, name: str) -> list[str]:
    content = text if isinstance(text, bytes) else text.encode()
    return [issue.code for issue in check_document(content, name).issues]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (X12, "x12"),
        (X12.replace("~", "~\r\n"), "x12"),
        (X12.replace("~", "\n"), "x12"),
        (X12 + X12.replace("000000007", "000000008"), "x12"),
        (X12.replace("*", "|").replace(">", "^"), "x12"),
        (EDIFACT, "edifact"),
        (EDIFACT.replace("'UN", "'\r\nUN"), "edifact"),
        ("UNA:+.? '" + EDIFACT, "edifact"),
        ("UNA:*.# ~" + EDIFACT.replace("+", "*").replace("'", "~").replace("?*", "#*").replace("?~", "#~"), "edifact"),
        ("UNB+UNOA:1+A+B+240115:1030+7'UNG+I+A+B+1+G1'UNH+1+I:D'UNT+2+1'UNE+1+G1'UNZ+1+7'", "edifact"),
        ('<?xml version="1.0"?><a><b x="1">ñ</b></a>', "xml"),
        ('{"a": [1, null]}', "json"),
        ('a;b\r\n1;"x\r\ny"\r\n\r\n', "csv"),
        ("only\nlines\n", "csv"),
    ],
)
def test_what_is_well_formed_has_no_issues(text: str, name: str) -> None:
    assert [] == codes(text, name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["NO_INTERCHANGE"]),
        ("ISA*00*~", ["NO_INTERCHANGE"]),
        (X12.replace("ACME           ", "ACME"), ["ISA"]),
        (X12.replace("SE*3*", "SE*4*"), ["COUNT"]),
        (X12.replace("SE*3*", "SE*x*"), ["COUNT"]),
        (X12.replace("SE*3*0001", "SE*3*0002"), ["CONTROL_NUMBER"]),
        (X12.replace("GE*1*42", "GE*2*43"), ["COUNT", "CONTROL_NUMBER"]),
        (X12.replace("IEA*1*000000007", "IEA*1*000000008"), ["CONTROL_NUMBER"]),
        (X12.replace("SE*3*0001~", ""), ["NOT_CLOSED"]),
        (X12.replace("IEA*1*000000007~", ""), ["NOT_CLOSED"]),
        (X12.replace("ST*850*0001~", ""), ["NOT_OPENED", "COUNT"]),
        (X12 + "BEG*00~", ["OUTSIDE"]),
        (X12[:-1], ["TERMINATOR"]),
        (X12.replace("ST*850*0001~", "ST*850~").replace("SE*3*0001", "SE*3*"), ["CONTROL_NUMBER"]),
    ],
)
def test_each_fault_of_an_x12_envelope_is_told(text: str, expected: list[str]) -> None:
    assert expected == codes(text, "x12")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["NO_INTERCHANGE"]),
        ("UNA:+", ["UNA"]),
        ("UNA++.? '" + EDIFACT, ["UNA"]),
        (EDIFACT.replace("UNT+3", "UNT+2"), ["COUNT"]),
        (EDIFACT.replace("UNT+3+1", "UNT+3+2"), ["CONTROL_NUMBER"]),
        (EDIFACT.replace("UNZ+1+REF7", "UNZ+2+REF8"), ["COUNT", "CONTROL_NUMBER"]),
        (EDIFACT.replace("UNZ+1+REF7'", ""), ["NOT_CLOSED"]),
        (EDIFACT.replace("UNT+3+1'", ""), ["NOT_CLOSED"]),
        (EDIFACT.replace("O?'Brien", "O'Brien"), ["COUNT"]),
        (EDIFACT[:-1], ["TERMINATOR"]),
    ],
)
def test_each_fault_of_an_edifact_envelope_is_told(text: str, expected: list[str]) -> None:
    assert expected == codes(text, "edifact")


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("<a>", "xml", ["MALFORMED"]),
        ("", "xml", ["MALFORMED"]),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "xml", ["ENCODING"]),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml", ["DTD"]),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml", ["DTD"]),
        ("{", "json", ["MALFORMED"]),
        (b'"\xff"', "json", ["ENCODING"]),
        ("[" * 100_000, "json", ["MALFORMED"]),
        ("a,b\n1\n", "csv", ["COLUMNS"]),
        ('a,b\n"1,2\n', "csv", ["MALFORMED"]),
        ('a,"b"c\n', "csv", ["MALFORMED"]),
        (" \n", "csv", ["EMPTY"]),
    ],
)
def test_each_fault_of_a_text_is_told(text: str | bytes, name: str, expected: list[str]) -> None:
    assert expected == codes(text, name)


def test_a_fault_says_where_it_is() -> None:
    (count,) = check_document(X12.replace("SE*3*", "SE*9*").encode(), "x12").issues
    (mark,) = check_document(b"<a>\n\n</b>", "xml").issues
    (row,) = check_document(b"a,b\n1,2\n3\n", "csv").issues

    assert (5, "SE counts '9' where there are 3.") == (count.segment, count.message)
    assert (3, 3) == (mark.line, row.line)


def test_the_details_say_what_is_inside() -> None:
    assert {
        "interchanges": 1,
        "groups": 1,
        "transactions": 1,
        "control_numbers": ["000000007"],
        "version": "00401",
    } == check_document(X12.encode(), "x12").details
    assert {"interchanges": 1, "groups": 0, "messages": 1, "control_numbers": ["REF7"]} == check_document(
        EDIFACT.encode(), "edifact"
    ).details
    assert {"rows": 2, "columns": 2, "delimiter": ";"} == check_document(b"a;b\n1,5;2\n", "csv").details
    assert {"root": "a", "elements": 2} == check_document(b"<a><b/></a>", "xml").details


def test_there_is_an_end_to_the_issues() -> None:
    assert MOST_ISSUES == len(codes(ISA + "GE*1*1~" * 10_000, "x12"))


@pytest.mark.parametrize(
    ("content", "content_type", "name"),
    [
        (b"x", "application/EDI-X12; charset=utf-8", "x12"),
        (b"x", "application/edifact", "edifact"),
        (b"x", "image/svg+xml", "xml"),
        (b"x", "application/hal+json", "json"),
        (b"\xef\xbb\xbf\r\nISA*", None, "x12"),
        (b"UNA:+", "text/plain", "edifact"),
        (b" <a/>", "application/octet-stream", "xml"),
        (b"[1]", None, "json"),
        (b"a,b", None, None),
        (b"a,b", "text/csv", "csv"),
        (b"", None, None),
    ],
)
def test_the_format_is_told_by_the_type_or_by_the_beginning(
    content: bytes, content_type: str | None, name: str | None
) -> None:
    assert name == format_of(content, content_type)


@given(content=st.binary(max_size=300) | st.text(alphabet="ISAGETUNBZH*~'+?:\n<>{}\"", max_size=300).map(str.encode))
def test_nothing_breaks_a_check(content: bytes) -> None:
    for name in FORMATS:
        for beginning in (b"", ISA.encode(), b"UNA:+.? 'UNB+"):
            check_document(beginning + content, name)
