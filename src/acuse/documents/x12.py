"""X12 (ANSI ASC X12.5 and X12.6): interchanges, functional groups and transaction sets.

The separators are where the fixed length of ISA puts them: behind its tag, before its end and at its end.
"""

from collections.abc import Iterator, Sequence

from acuse.documents.envelopes import Level, follow, is_ended
from acuse.documents.report import Report

_LEVELS = (
    Level(opened_by="ISA", closed_by="IEA", name="interchange", reference=13),
    Level(opened_by="GS", closed_by="GE", name="functional group", reference=6),
    Level(opened_by="ST", closed_by="SE", name="transaction set", reference=2, counts_segments=True),
)
_ISA_LENGTH = 106
_ISA_ELEMENTS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)


def check_x12(content: bytes) -> Report:
    """What is wrong with the envelopes of an X12 file."""
    report = Report()
    text = content.decode("latin-1").lstrip()
    if not text.startswith("ISA") or len(text) < _ISA_LENGTH:
        report.add("NO_INTERCHANGE", f"An X12 file begins with an ISA segment of {_ISA_LENGTH} characters.", segment=1)
        return report
    separator, terminator = text[3], text[_ISA_LENGTH - 1]
    lengths = tuple(len(element) for element in text[4 : _ISA_LENGTH - 1].split(separator))
    if lengths != _ISA_ELEMENTS or separator.isalnum() or terminator.isalnum() or separator == terminator:
        report.add("ISA", "The elements of ISA do not have their fixed lengths.", segment=1)
        return report
    if not is_ended(text, terminator):
        report.add("TERMINATOR", "The last segment has no terminator.")
    envelopes = follow(_segments(text, separator, terminator), _LEVELS, report)
    report.details = {
        "interchanges": envelopes.counts["interchange"],
        "groups": envelopes.counts["functional group"],
        "transactions": envelopes.counts["transaction set"],
        "control_numbers": envelopes.references[:100],
        "version": text[84:89],
    }
    return report


def _segments(text: str, separator: str, terminator: str) -> Iterator[Sequence[str]]:
    for segment in text.split(terminator):
        if stripped := segment.strip("\r\n "):
            yield stripped.split(separator)
