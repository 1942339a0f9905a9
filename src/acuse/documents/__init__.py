"""Business documents: whether what is to be sent is well formed, so far as its envelope says so itself.

Rule: only what the standard of a format demands of any document is checked: separators, counts, control numbers,
well-formedness. What partners agree on, such as code lists and mandatory segments, is theirs.
"""

from collections.abc import Callable, Mapping

from acuse.documents.edifact import check_edifact
from acuse.documents.report import Issue, Report
from acuse.documents.text import check_csv, check_json, check_xml
from acuse.documents.x12 import check_x12

__all__ = ["FORMATS", "Issue", "Report", "check_document", "format_of"]

FORMATS: Mapping[str, Callable[[bytes], Report]] = {
    "x12": check_x12,
    "edifact": check_edifact,
    "xml": check_xml,
    "json": check_json,
    "csv": check_csv,
}
"""What checks each format."""

_BY_TYPE = {
    "application/edi-x12": "x12",
    "application/edifact": "edifact",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/json": "json",
    "text/csv": "csv",
}
_BY_BEGINNING = (
    (b"ISA", "x12"),
    (b"UNA", "edifact"),
    (b"UNB", "edifact"),
    (b"<", "xml"),
    (b"{", "json"),
    (b"[", "json"),
)


def format_of(content: bytes, content_type: str | None) -> str | None:
    """The format of a document: by its media type, else by how it begins. None: nothing that is known here."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type in _BY_TYPE:
        return _BY_TYPE[media_type]
    if media_type.endswith(("+xml", "+json")):
        return media_type.rpartition("+")[2]
    beginning = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((name for mark, name in _BY_BEGINNING if beginning.startswith(mark)), None)


def check_document(content: bytes, name: str) -> Report:
    """What is wrong with a document of that format, which is one of FORMATS."""
    return FORMATS[name](content)
