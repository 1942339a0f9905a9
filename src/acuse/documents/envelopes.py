"""Envelopes of EDI: what is opened is closed, in order, with the number that it was opened with and the right count.

Rule: X12 and EDIFACT differ in names and in which element holds what; how envelopes nest is the same, and stands here
once. What is broken is told once, at the segment that ends it, and reading goes on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from acuse.documents.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A kind of envelope. Elements are counted from 1, as the standards do."""

    opened_by: str
    closed_by: str
    name: str
    reference: int
    """The element of the opening segment that holds its control number."""
    counts_segments: bool = False
    """The count of the closing segment is of segments, its own and the opening one included; else of what is inside."""


@dataclass(slots=True)
class _Open:
    level: Level
    reference: str
    began: int
    inside: int = 0


class Envelopes:
    """Follows the segments of a document."""

    def __init__(self, levels: Sequence[Level], report: Report) -> None:
        self._levels = levels
        self._report = report
        self._openers: Mapping[str, Level] = {level.opened_by: level for level in levels}
        self._closers: Mapping[str, Level] = {level.closed_by: level for level in levels}
        self._stack: list[_Open] = []
        self.counts = {level.name: 0 for level in levels}
        self.references: list[str] = []
        """The control numbers of the outermost envelopes."""

    def take(self, number: int, elements: Sequence[str]) -> None:
        """The next segment, its tag first."""
        tag = elements[0]
        if tag in self._openers:
            self._open(number, elements, self._openers[tag])
        elif tag in self._closers:
            self._close(number, elements, self._closers[tag])
        elif not self._stack:
            self._report.add("OUTSIDE", f"{tag[:20]!a} stands outside of any interchange.", segment=number)

    def finish(self) -> None:
        """No more segments come."""
        for left in reversed(self._stack):
            message = f"The {left.level.name} has no {left.level.closed_by}."
            self._report.add("NOT_CLOSED", message, segment=left.began)
        if not self.counts[self._levels[0].name]:
            self._report.add("NO_INTERCHANGE", f"There is no {self._levels[0].opened_by} segment.")

    def _open(self, number: int, elements: Sequence[str], level: Level) -> None:
        depth = self._levels.index(level)
        parents = [entry for entry in self._stack if self._levels.index(entry.level) < depth]
        for left in reversed(self._stack[len(parents) :]):
            self._report.add("NOT_CLOSED", f"The {left.level.name} has no {left.level.closed_by}.", segment=left.began)
        if depth and not parents:
            message = f"The {level.name} stands outside of any interchange."
            self._report.add("OUTSIDE", message, segment=number)
        if parents:
            parents[-1].inside += 1
        reference = _element(elements, level.reference)
        if not reference:
            self._report.add("CONTROL_NUMBER", f"{level.opened_by} has no control number.", segment=number)
        if depth == 0:
            self.references.append(reference)
        self._stack = [*parents, _Open(level, reference, number)]
        self.counts[level.name] += 1

    def _close(self, number: int, elements: Sequence[str], level: Level) -> None:
        if level not in [entry.level for entry in self._stack]:
            self._report.add("NOT_OPENED", f"{level.closed_by} ends what was not begun.", segment=number)
            return
        while (left := self._stack.pop()).level is not level:
            self._report.add("NOT_CLOSED", f"The {left.level.name} has no {left.level.closed_by}.", segment=left.began)
        told, count = _element(elements, 1), number - left.began + 1 if level.counts_segments else left.inside
        if not (told.isascii() and told.isdigit() and len(told) < 20 and int(told) == count):
            message = f"{level.closed_by} counts {told[:20]!a} where there are {count}."
            self._report.add("COUNT", message, segment=number)
        reference = _element(elements, 2)
        if reference != left.reference:
            message = (
                f"{level.closed_by} has the control number {reference[:40]!a}, {level.opened_by} {left.reference!a}."
            )
            self._report.add("CONTROL_NUMBER", message, segment=number)


def follow(segments: Iterable[Sequence[str]], levels: Sequence[Level], report: Report) -> Envelopes:
    """Check all segments of a document."""
    envelopes = Envelopes(levels, report)
    for number, elements in enumerate(segments, start=1):
        envelopes.take(number, elements)
    envelopes.finish()
    return envelopes


def is_ended(text: str, terminator: str) -> bool:
    """Whether the last segment has its terminator; line breaks behind it do not matter."""
    return text.rstrip("\r\n ".replace(terminator, "")).endswith(terminator)


def _element(elements: Sequence[str], position: int) -> str:
    return elements[position].strip() if position < len(elements) else ""
