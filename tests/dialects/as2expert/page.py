"""docs/reference/as2expert.md, made from the table beside the tests: `python -m tests.dialects.as2expert.page`."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "as2expert.md"
_HEAD = """\
# Clients of as2expert

For whoever has a program that was written for as2expert.
It works with acuse once its base URL (`https://your-gateway/api/v1`), its token and its ids are changed.
`acuse key create --dialect as2expert --json` makes the token.

- *supported*: the request and the answer are as documented, or as its own clients use them.
- *different*: it works, and the note says what is not as documented.
- *absent*: there is no such thing here, and the note says why.

The table is made from the tests, and each row names those that prove it.
"""
_TAIL = """
## Numbers of algorithms and receipts

The documented service does not publish them.

| Number | `mdn` | `encryption` | `signature` |
|---|---|---|---|
| 0 | none | none | none |
| 1 | at once, unsigned | 3DES | SHA-1 |
| 2 | at once, signed | AES-128 | SHA-256 |
| 3 | later, unsigned | AES-192 | SHA-384 |
| 4 | later, signed | AES-256 | SHA-512 |

Next: [the native API](api.md), [the settings](settings.md).
"""


def rows() -> Sequence[Mapping[str, str]]:
    """The lines of the table."""
    with (HERE / "rows.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def proofs_of(row: Mapping[str, str]) -> Sequence[str]:
    """The names of the tests that prove a row."""
    return [name.strip() for name in row["tests"].split(",") if name.strip()]


def page() -> str:
    """The whole page, in Markdown."""
    lines = [_HEAD]
    for part in dict.fromkeys(row["part"] for row in rows()):
        lines += [f"## {part}\n", "| Documented | Here | Tests |", "|---|---|---|"]
        lines += [_line(row) for row in rows() if row["part"] == part]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n" + _TAIL


def _line(row: Mapping[str, str]) -> str:
    here = f"{row['status']}. {row['note']}" if row["note"] else row["status"]
    told = "<br>".join(name.removeprefix("test_").replace("_", " ") for name in proofs_of(row))
    return f"| {row['documented']} | {here} | {told or '–'} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
