"""The content type of a file, from its name; only `.edi` needs a look inside, because both families of EDI use it.

X12 and EDIFACT have types of their own (RFC 1767); what is neither stays `application/edi-consent`, by the same RFC.
"""

from pathlib import Path

_BY_EXTENSION = {
    ".x12": "application/edi-x12",
    ".edifact": "application/edifact",
    ".xml": "application/xml",
    ".json": "application/json",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
_ANY = "application/octet-stream"
_LOOK = 64
"""Bytes that are looked at: blanks or line ends may stand before the first segment."""


def content_type_of(path: Path) -> str:
    """The content type to send a file as."""
    extension = path.suffix.lower()
    return _kind_of_edi(path) if extension == ".edi" else _BY_EXTENSION.get(extension, _ANY)


def _kind_of_edi(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(_LOOK).lstrip()
    if start.startswith(b"ISA"):
        return "application/edi-x12"
    if start.startswith((b"UNA", b"UNB")):
        return "application/edifact"
    return "application/edi-consent"
