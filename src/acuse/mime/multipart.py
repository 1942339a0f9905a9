"""Multipart bodies, read part by part and byte for byte (RFC 2046 section 5.1).

Rule: a part is handed out exactly as it was transmitted. The line break before a boundary belongs to the boundary (RFC
4130 section 5.2.2), every other byte to the part. At most one piece of the underlying reader and one boundary line are
held, and every byte is searched once.

The search is for LF, two hyphens and the boundary; so only the start of a line can match, whether lines end in CRLF or
LF. A line break is put before the first byte of the body, so that a boundary there needs no case of its own.
"""

import re
from collections.abc import Iterator

from acuse.mime.errors import MultipartBroken
from acuse.mime.source import CHUNK, Reader
from acuse.mime.streams import drain

_MAX_BOUNDARY = 256
"""RFC 2046 allows 70 characters; some products write more."""
_MAX_PADDING = 256
_AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]{0,%d}(?:\r?\n|(\r?\Z))" % _MAX_PADDING)
_LOOK_AHEAD = 2 + _MAX_PADDING + 2
_BLANKS = b" \t\r\n"


def read_parts(
    reader: Reader, boundary: str, *, max_parts: int = 1000, allow_epilogue: bool = True
) -> Iterator[Reader]:
    """The parts in order, each as a reader over its headers, blank line and body.

    A part is valid until the next one is asked for; what was not read of it is skipped. Preamble and epilogue are
    skipped as well, but read: an error that the layer below raises at its end is not lost, provided the parts are
    iterated to their end. Raises `MultipartBroken` when the closing boundary is missing, when the boundary is unusable
    or when there are more than `max_parts` parts; without `allow_epilogue` also when more than blanks and line breaks
    follow the closing boundary (RFC 4130 section 5.2.2).
    """
    if not boundary or len(boundary) > _MAX_BOUNDARY:
        raise MultipartBroken("The boundary of a multipart body is missing or too long.")
    splitter = _Splitter(reader, boundary.encode("utf-8"))
    count = 0
    drain(_Part(splitter))
    while not splitter.is_last:
        count += 1
        if count > max_parts:
            raise MultipartBroken("A multipart body has too many parts.", limit=max_parts)
        splitter.go_on()
        part = _Part(splitter)
        yield part
        drain(part)
        part.invalidate()
    splitter.skip_epilogue(is_allowed=allow_epilogue)


class _Part:
    """One part; gives out nothing more once the next part has begun."""

    def __init__(self, splitter: "_Splitter") -> None:
        self._splitter: _Splitter | None = splitter

    def read(self, size: int, /) -> bytes:
        return b"" if self._splitter is None else self._splitter.read(size)

    def invalidate(self) -> None:
        self._splitter = None


class _Splitter:
    """A window over the body: [at, safe) is known to belong to the current part, [scan, end) is not yet searched."""

    def __init__(self, reader: Reader, boundary: bytes) -> None:
        self._reader = reader
        self._delimiter = b"\n--" + boundary
        self._window = b"\n"
        self._at = 1
        self._safe = 1
        self._scan = 0
        self._is_whole = False
        self._line: re.Match[bytes] | None = None

    @property
    def is_last(self) -> bool:
        """Whether the boundary line that ended the current part closes the body."""
        return self._line is not None and self._line[1] is not None

    def read(self, size: int) -> bytes:
        """A piece of the current part, b"" at its end."""
        while self._at >= self._safe:
            if self._line is not None:
                return b""
            self._search()
        start = self._at
        self._at = min(start + size, self._safe)
        return self._window[start : self._at]

    def go_on(self) -> None:
        """Step behind the boundary line; its line break may at once begin the next one, when a part is empty."""
        assert self._line is not None
        self._at = self._safe = self._line.end()
        self._scan = self._at - 1
        self._line = None

    def skip_epilogue(self, *, is_allowed: bool) -> None:
        assert self._line is not None
        is_blank = not self._window[self._line.end() :].strip(_BLANKS)
        while piece := self._reader.read(CHUNK):
            is_blank = is_blank and not piece.strip(_BLANKS)
        if not (is_blank or is_allowed):
            raise MultipartBroken("Something follows the closing boundary of a multipart body.")

    def _search(self) -> None:
        """Move `safe` forward, find the boundary line, or read more."""
        window, delimiter = self._window, self._delimiter
        found = window.find(delimiter, self._scan)
        if found < 0:
            # The last bytes may be a CR and the beginning of a boundary.
            undecided = len(window) - len(delimiter)
            self._safe = max(self._at, undecided)
            self._scan = max(self._scan, undecided + 1)
            if self._at == self._safe:
                self._read_more()
        elif len(window) < found + len(delimiter) + _LOOK_AHEAD and not self._is_whole:
            self._scan = found
            self._read_more()
        else:
            self._judge(found)

    def _judge(self, found: int) -> None:
        line = _AFTER_BOUNDARY.match(self._window, found + len(self._delimiter))
        if line is None:
            self._scan = found + 1
            return
        if line[2] is not None and line[1] is None:
            raise MultipartBroken("A multipart body ends after a boundary that does not close it.")
        has_cr = self._window[found - 1 : found] == b"\r"
        self._safe = max(self._at, found - has_cr)
        self._line = line

    def _read_more(self) -> None:
        if self._is_whole:
            raise MultipartBroken("A multipart body ends without its closing boundary.")
        piece = self._reader.read(CHUNK)
        self._is_whole = not piece
        keep = min(self._at, self._scan)
        self._window = self._window[keep:] + piece
        self._at -= keep
        self._safe -= keep
        self._scan -= keep
