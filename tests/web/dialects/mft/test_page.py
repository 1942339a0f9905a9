"""The page about programs of MFT Gateway says what the tests of this folder say, no more and no less."""

from scripts.draw_mft import DIFFERENT, PAGE, draw, rows


def test_page_is_current() -> None:
    assert draw() == PAGE.read_text(encoding="utf-8"), "run: python scripts/draw_mft.py"


def test_every_difference_is_one_that_a_test_shows() -> None:
    assert set(DIFFERENT) <= set(rows())
