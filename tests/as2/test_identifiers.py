"""AS2 identifiers and Message-IDs, as written and as meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.as2 import bare_message_id, quote_identifier, unquote_identifier
from acuse.as2.identifiers import echoed_message_id

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=128)


@pytest.mark.rfc(4130, "6.2")
@pytest.mark.parametrize(
    ("meant", "written"),
    [
        ("ACME", "ACME"),
        ("#a!;,<>[]&'", "#a!;,<>[]&'"),
        ("Acme Inc", '"Acme Inc"'),
        (' "', '" \\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("", '""'),
    ],
)
def test_identifier_is_quoted_only_where_it_must_be(meant: str, written: str) -> None:
    assert written == quote_identifier(meant)
    assert meant == unquote_identifier(written)


@pytest.mark.rfc(4130, "6.2")
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"ACME"', "ACME"),
        ("  ACME\t", "ACME"),
        ("Acme Inc", "Acme Inc"),
        ('"Acme \\Inc"', "Acme Inc"),
        ('"', '"'),
        ('"half', '"half'),
        ("acme", "acme"),
    ],
)
def test_identifier_of_a_partner_is_understood_however_it_is_written(written: str, meant: str) -> None:
    assert meant == unquote_identifier(written)


@given(meant=PRINTABLE)
def test_identifier_comes_back_from_its_header(meant: str) -> None:
    if meant == meant.strip():
        assert meant == unquote_identifier(quote_identifier(meant))


@pytest.mark.parametrize("written", ["<a@b>", " <a@b> ", "a@b", "< a@b >", "a@b\t"])
def test_message_id_is_the_same_with_and_without_brackets(written: str) -> None:
    assert "a@b" == bare_message_id(written)


def test_message_id_with_one_bracket_keeps_it() -> None:
    assert "<a@b" == bare_message_id("<a@b")


@pytest.mark.parametrize("written", ["<a@b>", "a@b", '"<a@b>"', "<<a@b>>", "'a@b'", ' " < a@b > " ', '<"a@b">'])
def test_message_id_in_a_receipt_may_be_wrapped_once_more(written: str) -> None:
    assert "a@b" == echoed_message_id(written)


@pytest.mark.parametrize("written", ["<a@b", "a@b>", '"a@b', "", "<", '"'])
def test_half_a_wrapping_is_part_of_the_message_id(written: str) -> None:
    assert written == echoed_message_id(written)
