"""Header fields that a client adds to a message."""

import pytest

from acuse.domain.custom_headers import check_headers
from acuse.errors import InvalidAS2Headers


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("Größe", r"'Gr\xf6\xdfe'"), ("two words", "'two words'"), ("", "''"), ("X\r\nY", r"'X\r\nY'")],
)
def test_a_bad_name_is_quoted_once_and_in_ascii(name: str, quoted: str) -> None:
    with pytest.raises(InvalidAS2Headers) as refused:
        check_headers({name: "1"})

    assert f"{quoted} cannot be the name of a header field." == refused.value.message


def test_good_fields_keep_their_order_and_lose_blanks_around_their_values() -> None:
    assert (("X-B", "2"), ("X-A", "1 1")) == check_headers({"X-B": " 2", "X-A": "1 1\t"})
