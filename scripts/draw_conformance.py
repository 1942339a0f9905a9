"""Draw docs/reference/conformance.tsv into docs/reference/conformance.md: `python scripts/draw_conformance.py`."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "docs" / "reference"
INDEX = _FOLDER / "conformance.tsv"
PAGE = _FOLDER / "conformance.md"
CODE, TESTS = "src/acuse", "tests"

SECTIONS = {
    "1": "A · Identifiers and headers",
    "B1": "B · What the MIC covers",
    "32": "C · Signing, encryption, compression",
    "45": "D · Asking for a receipt",
    "53": "E · Writing and reading receipts",
    "F1": "F · HTTP answers",
    "70": "G · Asynchronous receipts, retries, reliability",
    "77": "H · Optional profiles",
    "81": "I · Robustness",
}
"""The number that begins each section, and its title."""

_INTRODUCTION = """\
# Conformance

For whoever asks which rule of AS2 acuse keeps, where, and how one can see it.
This page is drawn from `conformance.tsv` by `scripts/draw_conformance.py`; a test keeps it current, and checks that
every place in the code and every test that is named here exists.

"rfc4130bis" is the IETF draft that revises RFC 4130; "field practice" is what products do without a standard.
"""


class Status(StrEnum):
    """How far a requirement is kept."""

    DONE = "done"
    PARTLY = "partly"
    NOT_BUILT = "not built"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One row of the index."""

    number: str
    text: str
    source: str
    status: Status
    code: Sequence[str]
    """`path:symbol`, the path below src/acuse, the symbol a name or a name and its member."""
    tests: Sequence[str]
    """`path::name`, the path below tests."""
    note: str


def read_index() -> Sequence[Requirement]:
    """The rows in their order."""
    with INDEX.open(encoding="utf-8", newline="") as file:
        return [
            Requirement(
                number=row["number"],
                text=row["requirement"],
                source=row["source"],
                status=Status(row["status"]),
                code=row["code"].split(),
                tests=row["tests"].split(),
                note=row["note"],
            )
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def draw() -> str:
    """The whole page."""
    requirements = read_index()
    lines = [_INTRODUCTION, _summary(requirements), ""]
    for requirement in requirements:
        if requirement.number in SECTIONS:
            lines += [f"\n## {SECTIONS[requirement.number]}\n", "| | Requirement | Source | Status | Code and tests |"]
            lines += ["|---|---|---|---|---|"]
        lines.append(_row(requirement))
    return "\n".join([*lines, ""])


def _summary(requirements: Sequence[Requirement]) -> str:
    counts = Counter(requirement.status for requirement in requirements)
    told = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    return f"Of {len(requirements)} requirements: {told}."


def _row(requirement: Requirement) -> str:
    text = f"{requirement.text}. *{requirement.note}*" if requirement.note else f"{requirement.text}."
    places = [_code_link(place) for place in requirement.code] + [_test_link(test) for test in requirement.tests]
    where = "<br>".join(places) or "–"
    return f"| {requirement.number} | {text} | {requirement.source} | {requirement.status} | {where} |"


def _code_link(place: str) -> str:
    path, _, symbol = place.partition(":")
    return f"[`{symbol}`](../../{CODE}/{path})"


def _test_link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../../{TESTS}/{path})"


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
