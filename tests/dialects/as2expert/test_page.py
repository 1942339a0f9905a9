"""The page for clients of as2expert is that of the table, and the table is that of the tests."""

import ast

from tests.dialects.as2expert.page import HERE, PAGE, page, proofs_of, rows


def known_tests() -> set[str]:
    return {
        node.name
        for path in HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_the_page_is_current() -> None:
    assert page() == PAGE.read_text(encoding="utf-8"), "run: python -m tests.dialects.as2expert.page"


def test_every_row_names_tests_that_are_there() -> None:
    assert set() == {name for row in rows() for name in proofs_of(row)} - known_tests()


def test_what_works_is_proved() -> None:
    assert {"supported", "different", "absent"} == {row["status"] for row in rows()}
    assert [] == [row["documented"] for row in rows() if row["status"] != "absent" and not proofs_of(row)]
