"""The index of requirements: complete, true about code and tests, and drawn into its page."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scripts.draw_conformance import CODE, PAGE, SECTIONS, TESTS, Requirement, Status, draw, read_index

ROOT = Path(__file__).parents[2]
NUMBERS = {str(number) for number in range(1, 91)}
TABLES = {f"B{row}" for row in range(1, 13)} | {f"F{row}" for row in range(1, 18)}
INDEX = read_index()
PROFILES = ("several-files", "filenames", "sha-2", "gcm", "client-certificates", "chunked")
"""The profiles of the Drummond test groups."""


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module defines: functions, classes, constants, and members of classes as `Class.member`."""
    return frozenset(_names(ast.parse(path.read_text(encoding="utf-8")).body))


def _names(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from _names(node.body, f"{prefix}{node.name}.")
        if isinstance(node, ast.Assign):
            yield from (prefix + target.id for target in node.targets if isinstance(target, ast.Name))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield prefix + node.target.id


def test_every_number_of_the_list_has_one_row() -> None:
    numbers = [requirement.number for requirement in INDEX]

    assert NUMBERS | TABLES == set(numbers)
    assert len(numbers) == len(set(numbers))
    assert set(SECTIONS) <= set(numbers)


@pytest.mark.parametrize("requirement", INDEX, ids=lambda requirement: requirement.number)
def test_code_and_tests_of_a_row_exist(requirement: Requirement) -> None:
    for place in requirement.code:
        path, _, symbol = place.partition(":")
        assert symbol in names_in(ROOT / CODE / path), place
    for test in requirement.tests:
        path, _, name = test.partition("::")
        assert name.startswith("test_"), test
        assert name in names_in(ROOT / TESTS / path), test


@pytest.mark.parametrize("requirement", INDEX, ids=lambda requirement: requirement.number)
def test_row_says_what_it_must(requirement: Requirement) -> None:
    assert requirement.text
    assert requirement.source
    if requirement.status in (Status.DONE, Status.PARTLY):
        assert requirement.code
        assert requirement.tests
    if requirement.status is not Status.DONE:
        assert requirement.note, "what is missing, and why"


def test_rows_of_the_table_of_answers_name_tests_that_carry_their_numbers() -> None:
    rows = [row for row in INDEX if row.number.startswith("F") and row.tests]

    carried = {row.number for row in rows if any(f"::test_{row.number.lower()}_" in test for test in row.tests)}

    # The face answers these by itself, in tests of its own.
    assert {"F10", "F13", "F17"} == {row.number for row in rows} - carried


@pytest.mark.parametrize("profile", PROFILES)
def test_every_optional_profile_has_a_group_of_tests_with_its_name(profile: str) -> None:
    mark = f'@pytest.mark.profile("{profile}")'

    assert [path for path in (ROOT / TESTS).rglob("test_*.py") if mark in path.read_text(encoding="utf-8")]


def test_page_is_current() -> None:
    assert draw() == PAGE.read_text(encoding="utf-8"), "run: python scripts/draw_conformance.py"
