"""Which documented rows of the API a test proves, so that the reference page can be made from the tests."""

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

PROVEN: dict[str, list[str]] = {}
"""The tests of each row, by what the row says."""


def transcript(*rows: str) -> Callable[[F], F]:
    """The test shows what these rows of the page say."""

    def note(test: F) -> F:
        for row in rows:
            PROVEN.setdefault(row, []).append(test.__name__)
        return test

    return note
