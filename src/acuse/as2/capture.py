"""One HTTP message as somebody saved it: perhaps a request or status line, header fields, a blank line, the body.

Rule: a capture is what a person has, not what went over the wire. Tools cut, join and convert: lines may end in LF,
chunks may still stand in the body or not, a last line break may have been added. What was changed is told and, where
that is certain, taken back.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from acuse.mime import CHUNK, Headers, Reader, Scratch, Source, copy, open_entity
from acuse.mime.streams import PieceReader, Prefixed

_START_LINE = re.compile(
    rb"\s*(?:[A-Z]{1,20} [^\r\n]{1,8000} HTTP/\d(?:\.\d)?|HTTP/\d(?:\.\d)? \d{3}[^\r\n]{0,1000})\r?\n"
)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_LONGEST_LINE = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What was saved, with its body apart."""

    start_line: str
    """The request or status line; empty where there was none."""
    headers: Headers
    body: Source
    remarks: tuple[str, ...]
    """What somebody should know about the capture itself, one sentence each."""


def read_capture(reader: Reader, scratch: Callable[[], Scratch]) -> Capture:
    """Read a raw HTTP message. Raises MimeError when it does not begin with header fields."""
    first = _first_bytes(reader)
    start = _START_LINE.match(first)
    rest = first[start.end() :] if start else first.lstrip(b"\r\n")
    entity = open_entity(Prefixed(rest, reader))
    headers = entity.headers
    remarks = []
    if b"\r\n" not in entity.raw_headers and headers:
        remarks.append("The header lines end in LF: the file was converted after it was captured, or cut together.")
    is_chunked = "chunked" in (headers.get("Transfer-Encoding") or "").lower()
    kept = _kept(entity.body, scratch)
    body = _without_chunks(kept, scratch) if is_chunked else None
    if body is None and is_chunked:
        remarks.append("The body has no chunks, although Transfer-Encoding says so: the capture left them out.")
    if body is None:
        body, remark = _cut(kept, headers.get("Content-Length"), scratch)
        remarks += remark
    line = start[0].decode("latin-1").strip() if start else ""
    return Capture(start_line=line, headers=headers, body=body, remarks=tuple(remarks))


def _first_bytes(reader: Reader) -> bytes:
    """Enough to hold a start line."""
    taken = b""
    while len(taken) < _LONGEST_LINE and (piece := reader.read(CHUNK)):
        taken += piece
    return taken


def _kept(reader: Reader, scratch: Callable[[], Scratch]) -> Source:
    place = scratch()
    copy(reader, place.write)
    return place.source()


def _without_chunks(body: Source, scratch: Callable[[], Scratch]) -> Source | None:
    """The body out of its chunks (RFC 9112 section 7.1); None where it has none."""
    if not _CHUNK_SIZE.match(body.open().read(_LONGEST_LINE)):
        return None
    return _kept(PieceReader(_chunks(body.open())), scratch)


def _chunks(reader: Reader) -> Iterator[bytes]:
    """The content of the chunks, up to where they end or stop being chunks."""
    window = b""
    while True:
        while len(window) < _LONGEST_LINE and (piece := reader.read(CHUNK)):
            window += piece
        size = _CHUNK_SIZE.match(window)
        left = int(size[1], 16) if size else 0
        if size is None or left == 0:
            return
        window = window[size.end() :]
        while left > 0 and (window := window or reader.read(CHUNK)):
            yield window[:left]
            taken = min(left, len(window))
            window, left = window[taken:], left - taken
        while len(window) < len(b"\r\n") and (piece := reader.read(CHUNK)):
            window += piece
        window = window.removeprefix(b"\r").removeprefix(b"\n")


def _cut(body: Source, told: str | None, scratch: Callable[[], Scratch]) -> tuple[Source, list[str]]:
    """The body as long as Content-Length says, where it is longer."""
    if told is None or not re.fullmatch(r"\d{1,15}", told.strip()) or int(told) == body.size:
        return body, []
    length = int(told)
    if body.size < length:
        return body, [
            f"The body has {body.size} bytes, although Content-Length says {length}: it was cut or converted."
        ]
    place = scratch()
    reader, left = body.open(), length
    while left > 0 and (piece := reader.read(min(left, CHUNK))):
        place.write(piece)
        left -= len(piece)
    return place.source(), [f"{body.size - length} bytes follow the {length} of Content-Length; they are left out."]
