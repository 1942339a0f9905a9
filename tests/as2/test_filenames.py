"""File names that a back end could not take."""

from collections.abc import Sequence

import pytest

from acuse.as2 import disposition
from acuse.as2.filenames import objection_to


@pytest.mark.parametrize(
    "names", [[], [None, None], ["order.edi"], ["a.edi", "b.edi", None], ["Pedido nº 7.edi"], ["x" * 255], [".hidden"]]
)
def test_good_names_and_missing_ones_are_taken(names: Sequence[str | None]) -> None:
    assert objection_to(names) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a/b",
        "..\\a",
        "C:x",
        "a*",
        "what?",
        'a"b',
        "<a>",
        "a|b",
        "a\nb",
        "\0",
        " a",
        "a ",
        "a.",
        "é" * 128,
    ],
)
def test_name_that_no_file_system_takes_is_illegal(name: str) -> None:
    objection = objection_to(["good.edi", name])

    assert objection
    assert disposition.ILLEGAL_FILENAME == objection[0]


@pytest.mark.parametrize("names", [["a.edi", "a.edi"], ["a.edi", "b", "A.EDI"]])
def test_name_that_stands_twice_is_a_duplicate(names: list[str]) -> None:
    objection = objection_to(names)

    assert objection
    assert disposition.DUPLICATE_FILENAME == objection[0]
    assert "a.edi" in objection[1]
