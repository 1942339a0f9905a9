"""The page about clients of AS2aaS says what the tests of this folder say, no more and no less."""

import pytest

from scripts.draw_as2aas import MARK, PAGE, PARTS, draw, rows


def test_page_is_current() -> None:
    assert draw() == PAGE.read_text(encoding="utf-8"), "run: python scripts/draw_as2aas.py"


def test_every_part_has_rows_that_a_test_proves() -> None:
    assert set(PARTS) == {row.part for row in rows() if row.tests}


def test_every_row_that_is_not_supported_says_why() -> None:
    assert all(row.note for row in rows() if row.status != "supported")


def test_every_transcript_belongs_to_a_row(request: pytest.FixtureRequest) -> None:
    proven = {test.partition("::")[2] for row in rows() for test in row.tests}
    marked = {item.name.partition("[")[0] for item in request.session.items if item.get_closest_marker(MARK)}

    assert marked <= proven
