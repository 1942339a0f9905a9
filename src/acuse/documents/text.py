"""XML, JSON and CSV: well-formedness alone.

Rule: a document type definition is refused unread (defusedxml): nothing is fetched for a document, and no entity grows.
"""

import csv
from collections import Counter
from io import StringIO
from xml.sax import ContentHandler, SAXParseException
from xml.sax.xmlreader import AttributesImpl

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.sax import parseString

from acuse.documents.report import Report

_DELIMITERS = ",;\t|"


class _Outline(ContentHandler):
    """Counts what passes."""

    def __init__(self) -> None:
        super().__init__()
        self.root: str | None = None
        self.elements = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802, ARG002 - the parser's word
        self.root = self.root or name
        self.elements += 1


def check_xml(content: bytes) -> Report:
    """Whether it is well-formed XML 1.0, without a document type definition."""
    report, outline = Report(), _Outline()
    try:
        parseString(content, outline, forbid_dtd=True)
    except SAXParseException as problem:
        report.add("MALFORMED", f"Is not well-formed: {problem.getMessage()}.", line=problem.getLineNumber())
    except DefusedXmlException:
        report.add("DTD", "Has a document type definition. Remove it: nobody should follow one of a stranger.")
    except (ValueError, LookupError) as problem:
        report.add("ENCODING", f"Cannot be decoded: {problem}.")
    report.details = {"root": outline.root, "elements": outline.elements}
    return report


def check_json(content: bytes) -> Report:
    """Whether it is one JSON value in UTF-8 (RFC 8259)."""
    report = Report()
    try:
        value = msgspec.json.decode(content)
    except UnicodeDecodeError:
        report.add("ENCODING", "Is not UTF-8.")
    except (msgspec.DecodeError, RecursionError) as problem:
        report.add("MALFORMED", f"Is not valid JSON: {problem}.")
    else:
        kinds = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
        report.details = {"type": kinds.get(type(value), "number")}
    return report


def check_csv(content: bytes) -> Report:
    """Whether its quotation marks pair and every row has as many fields as the first (RFC 4180).

    The delimiter is the one of comma, semicolon, tab and vertical bar that the first line has most of.
    """
    report = Report()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(_DELIMITERS, key=Counter(first).__getitem__)
    columns = rows = 0
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if len(row) < 2 and not "".join(row).strip():
                continue
            rows += 1
            columns = columns or len(row)
            if len(row) != columns:
                report.add("COLUMNS", f"Has {len(row)} fields where the first row has {columns}.", line=reader.line_num)
    except csv.Error as problem:
        report.add("MALFORMED", f"Is not well-formed: {problem}.", line=reader.line_num)
    if not rows and not report.issues:
        report.add("EMPTY", "Has no row.")
    report.details = {"rows": rows, "columns": columns, "delimiter": delimiter}
    return report
