"""The files of a payload: one, or the parts of a multipart (RFC 6362 section 3).

Rule: a file is kept as it came, decoded and no more. What it is called, and of which type, is what its sender said;
where the sender left out the type, the first bytes decide, and `text/plain` (RFC 2045 section 5.2) if they say nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from acuse.as2.wrapping import SEVERAL_FILES
from acuse.mime import Headers, MediaType, Reader, Scratch, copy, decode_transfer, filename_of, open_entity, read_parts

S = TypeVar("S", bound=Scratch)

_LOOK = 512
"""Bytes that are looked at."""
_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"{\\rtf", "application/rtf"),
    (b"<?xml", "application/xml"),
    (b"\xef\xbb\xbf<?xml", "application/xml"),
    (b"ISA", "application/edi-x12"),
    (b"UNA", "application/edifact"),
    (b"UNB", "application/edifact"),
)


@dataclass(frozen=True, slots=True)
class ReceivedAttachment(Generic[S]):
    """One file that arrived, on the stage that the caller gave."""

    filename: str | None
    content_type: str
    stage: S


def take_files(
    content_type: MediaType, headers: Headers, content: Reader, *, stage: Callable[[], S], most: int
) -> list[ReceivedAttachment[S]]:
    """Put each file of a payload onto a stage of its own. Raises MimeError, also for more than `most` files.

    RFC 2387 section 3.2: the root is the part that `start` names; it comes first, wherever it stood.
    """
    if content_type.value not in SEVERAL_FILES or not content_type.get("boundary"):
        return [_take(headers, content, stage)]
    start = _bare_id(content_type.get("start"))
    files: list[ReceivedAttachment[S]] = []
    root: int | None = None
    for part in read_parts(content, content_type.get("boundary") or "", max_parts=most):
        entity = open_entity(part)
        if root is None and start and start == _bare_id(entity.headers.get("Content-ID")):
            root = len(files)
        files.append(_take(entity.headers, entity.body, stage))
    return files if root is None else [files[root], *files[:root], *files[root + 1 :]]


def sniff_type(beginning: bytes) -> str:
    """The media type of content that says nothing about itself."""
    start = beginning.lstrip(b" \t\r\n")
    for mark, media_type in _BEGINNINGS:
        if start.startswith(mark):
            return media_type
    return "application/octet-stream" if b"\x00" in beginning else "text/plain"


def _take(headers: Headers, body: Reader, stage: Callable[[], S]) -> ReceivedAttachment[S]:
    kept, beginning = stage(), bytearray()

    def write(piece: bytes) -> None:
        if len(beginning) < _LOOK:
            beginning.extend(piece[: _LOOK - len(beginning)])
        kept.write(piece)

    copy(decode_transfer(body, headers.get("Content-Transfer-Encoding")), write)
    content_type = headers.get("Content-Type") or sniff_type(bytes(beginning))
    return ReceivedAttachment(filename_of(headers), content_type, kept)


def _bare_id(content_id: str | None) -> str:
    return (content_id or "").strip().removeprefix("<").removesuffix(">")
