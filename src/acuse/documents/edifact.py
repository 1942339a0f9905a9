"""UN/EDIFACT (ISO 9735): interchanges, groups and messages.

UNA, where it is there, names the separators; a release character takes the meaning from the one behind it.
"""

import re
from collections.abc import Iterator, Sequence

from acuse.documents.envelopes import Level, follow, is_ended
from acuse.documents.report import Report

_INTERCHANGE = Level(opened_by="UNB", closed_by="UNZ", name="interchange", reference=5)
_GROUP = Level(opened_by="UNG", closed_by="UNE", name="group", reference=5)
_MESSAGE = Level(opened_by="UNH", closed_by="UNT", name="message", reference=1, counts_segments=True)
_LEVELS = (_INTERCHANGE, _GROUP, _MESSAGE)
_UNA_LENGTH = 9
_USUAL = ":+.? '"


def check_edifact(content: bytes) -> Report:
    """What is wrong with the envelopes of an EDIFACT file."""
    report = Report()
    text = content.decode("latin-1").lstrip()
    separators = _USUAL
    if text.startswith("UNA"):
        separators, text = text[3:_UNA_LENGTH], text[_UNA_LENGTH:]
    if len(separators) < len(_USUAL) or len(set(separators[:2] + separators[3] + separators[5])) < 4:
        report.add("UNA", "UNA does not name six separators that differ.", segment=1)
        return report
    element, release, terminator = separators[1], separators[3], separators[5]
    if not text.lstrip().startswith("UNB"):
        report.add("NO_INTERCHANGE", "An EDIFACT file begins with UNA or UNB.", segment=1)
        return report
    if not is_ended(text, terminator):
        report.add("TERMINATOR", "The last segment has no terminator.")
    envelopes = follow(_segments(text, element, release, terminator), _LEVELS, report)
    report.details = {
        "interchanges": envelopes.counts["interchange"],
        "groups": envelopes.counts["group"],
        "messages": envelopes.counts["message"],
        "control_numbers": envelopes.references[:100],
    }
    return report


def _segments(text: str, element: str, release: str, terminator: str) -> Iterator[Sequence[str]]:
    for segment in _split(text, terminator, release):
        if stripped := segment.strip("\r\n "):
            yield [part.strip() for part in _split(stripped, element, release)]


def _split(text: str, separator: str, release: str) -> Iterator[str]:
    """Parts between separators that are not released. A blank as release character means that there is none."""
    if not release.strip():
        yield from text.split(separator)
        return
    mark, released = re.escape(separator), re.escape(release)
    part = re.compile(f"((?:{released}.|[^{mark}{released}])*+)({mark}|{released}?\\Z)", re.DOTALL)
    for found in part.finditer(text):
        yield found[1]
        if found[2] != separator:
            return
