"""Which files may come along with a notice.

Rule: what a mail server or a recipient's computer would take for a program is refused, by its name and by its first
bytes. The kinds that are named are those that people send each other as documents.
"""

from collections.abc import Mapping

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""
LARGEST_TOGETHER = 25 * 1024 * 1024
"""Bytes of all files of a notice: more is refused by most mail servers."""
MOST = 50
"""Files of a notice."""

_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "rtf": "application/rtf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "txt": "text/plain",
    "csv": "text/csv",
    "xml": "application/xml",
    "json": "application/json",
    "xsig": "application/xml",
    "p7m": "application/pkcs7-mime",
    "eml": "message/rfc822",
    "zip": "application/zip",
}
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")


def type_by_name(filename: str) -> str | None:
    """The media type of a file that may be sent, by the end of its name; None where it may not."""
    return _TYPES.get(filename.rpartition(".")[2].lower()) if "." in filename else None


def is_program(beginning: bytes) -> bool:
    """Whether a file that begins so can be run: Windows, Linux, macOS, Java, or a script."""
    return beginning.startswith(_PROGRAMS)
