"""Draw docs/reference/as2aas.md from the marks of tests/transcripts/native: `python scripts/draw_as2aas.py`.

Rule: a row says "supported" because a test has said so; what is absent stands in the one list below, with its reason.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[1]
PAGE = _ROOT / "docs" / "reference" / "as2aas.md"
TESTS = _ROOT / "tests" / "transcripts" / "native"
MARK = "documented"
PARTS = (
    "Conventions",
    "Sending",
    "Payload",
    "Reading",
    "Statuses",
    "Receipts",
    "Webhooks",
    "Errors",
    "Plans",
    "Protocol",
    "Sample code",
)

_INTRODUCTION = """\
# Clients of AS2aaS

For whoever has a program that was written for the Messages API of AS2aaS.
It works with acuse once its base URL and its key are changed; this page says how far, row by row.
It is drawn by `scripts/draw_as2aas.py` from the tests that send the documented requests to a running gateway with a
running partner; a test keeps it current.

- *supported*: the request and the answer are as documented.
- *different*: it works, and the note says what is not as documented.
- *absent*: there is no such thing here, and the note says why.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that the document promises."""

    part: str
    text: str
    note: str
    tests: Sequence[str]
    """`file::name`, below the folder of the transcripts."""

    @property
    def status(self) -> str:
        """How far the promise is kept."""
        if not self.tests:
            return "absent"
        return "different" if self.note else "supported"


ABSENT = (
    Row(
        part="Errors",
        text="`PARTNER_UNREACHABLE` (400) and `MDN_TIMEOUT` (408) as answers of a call",
        note="They arise after the 202, and stand in the message's `error` and in `message.failed`.",
        tests=(),
    ),
    Row(
        part="Protocol",
        text="Keys of RSA with 1024 bits",
        note="They can be broken; 2048 bits is the least.",
        tests=(),
    ),
)


def rows() -> Sequence[Row]:
    """What the tests say they prove, and what is absent, in the order of the parts."""
    found: dict[tuple[str, str], Row] = {}
    for part, text, note, test in (mark for path in sorted(TESTS.glob("test_*.py")) for mark in _marks(path)):
        known = found.get((part, text))
        tests = (*(known.tests if known else ()), test)
        found[part, text] = Row(part=part, text=text, note=note or (known.note if known else ""), tests=tests)
    return sorted([*found.values(), *ABSENT], key=lambda row: PARTS.index(row.part))


def _marks(path: Path) -> Iterator[tuple[str, str, str, str]]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == MARK:
                part, text = (ast.literal_eval(argument) for argument in call.args)
                notes = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
                yield part, text, notes.get("different", ""), f"{path.name}::{node.name}"


def draw() -> str:
    """The whole page."""
    lines = [_INTRODUCTION]
    for part in PARTS:
        lines += [f"\n## {part}\n", "| Documented | Here | Tests |", "|---|---|---|"]
        lines += [_line(row) for row in rows() if row.part == part]
    return "\n".join([*lines, "\nNext: [the API](api.md), [events](events.md).", ""])


def _line(row: Row) -> str:
    status = f"{row.status}. {row.note}" if row.note else row.status
    return f"| {row.text} | {status} | {'<br>'.join(_link(test) for test in row.tests) or '–'} |"


def _link(test: str) -> str:
    file, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../../tests/transcripts/native/{file})"


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
