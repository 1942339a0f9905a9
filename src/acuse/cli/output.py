"""How the command line shows values to people: aligned text, UTC, no more digits than help."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import click

_GAP = "   "


def print_json(value: object) -> None:
    """Print an object of the API, or a list of them."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, when_empty: str) -> None:
    """Print rows under headings, each column as wide as its widest cell; numbers stand to the right."""
    filled = list(rows)
    cells = [[_cell(value) for value in row] for row in filled]
    if not cells:
        click.echo(when_empty)
        return
    widths = [max(len(line[column]) for line in [list(headings), *cells]) for column in range(len(headings))]
    is_number = [isinstance(value, int) for value in filled[0]]
    click.secho(_line(headings, widths, is_number), dim=True)
    for line in cells:
        click.echo(_line(line, widths, is_number))


def print_facts(facts: Iterable[tuple[str, object]], *, indent: int = 0) -> None:
    """Print labels with their values, aligned; a fact without a value is left out."""
    told = [(label, _cell(value)) for label, value in facts if value is not None]
    width = max((len(label) for label, _ in told), default=0)
    for label, text in told:
        click.echo(f"{' ' * indent}{click.style(label.ljust(width), dim=True)}{_GAP}{text}")


def moment(value: datetime) -> str:
    """A time in UTC, to the second."""
    return f"{value:%Y-%m-%d %H:%M:%S}"


def milliseconds(start: datetime, end: datetime) -> str:
    """How long something took."""
    return f"{(end - start).total_seconds() * 1000:.1f} ms"


def span(value: timedelta) -> str:
    """A length of time, in hours or minutes where it is a whole number of them."""
    seconds = value.total_seconds()
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def size(count: int) -> str:
    """A number of bytes, with its thousands apart."""
    return f"{count:,} bytes".replace(",", " ")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "-"
    # What a partner wrote may hold control characters, which would reach into the reader's terminal.
    return "".join(character if character.isprintable() else "?" for character in str(value))


def _line(cells: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> str:
    placed = (
        text.rjust(width) if right else text.ljust(width)
        for text, width, right in zip(cells, widths, is_number, strict=True)
    )
    return _GAP.join(placed).rstrip()
