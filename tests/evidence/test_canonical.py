"""Canonical JSON: the published examples of RFC 8785, and what has no canonical form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.evidence import NotCanonical, canonical_json

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.rfc("8785", "3.2.3")
def test_keys_are_ordered_by_utf_16_code_units() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"] == list(json.loads(canonical_json(value)))


@pytest.mark.rfc("8785", "3.2.2.2")
def test_only_what_must_be_is_escaped() -> None:
    text = '\u20ac$\x0f\nA\'B"\\\\"/\x7f'
    assert b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"' == canonical_json(text)


def test_literals_and_nesting_have_no_blanks() -> None:
    assert b'{"a":[null,true,false,-1],"b":{}}' == canonical_json({"b": {}, "a": (None, True, False, -1)})


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53, -(2**53), b"bytes", {1: "a"}, {"a": {2}}, "\ud800"])
def test_what_has_no_exact_form_everywhere_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


@given(values)
def test_reading_and_writing_again_gives_the_same_bytes(value: object) -> None:
    written = canonical_json(value)
    assert value == json.loads(written)
    assert written == canonical_json(json.loads(written))
