"""The words of the pages: both languages say everything, with the same places to fill in."""

from datetime import UTC, datetime
from string import Formatter

from acuse.web.visit.words import WORDS, meaning, moment, size


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_language_says_everything() -> None:
    assert WORDS["es"].keys() == WORDS["en"].keys()
    for key, text in WORDS["es"].items():
        assert text
        assert places(text) == places(WORDS["en"][key]), key


def test_what_an_answer_means_is_told_apart_by_language() -> None:
    assert meaning("es") != meaning("en")


def test_times_are_those_of_madrid() -> None:
    summer = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert "2 de julio de 2026, 00:30" == moment(summer, "es")
    assert "2 July 2026, 00:30" == moment(summer, "en")


def test_sizes_are_told_as_people_read_them() -> None:
    assert ["999\u00a0B", "1\u00a0KB", "413\u00a0KB", "11\u00a0MB"] == [
        size(n) for n in (999, 1000, 412_001, 10_485_760)
    ]
