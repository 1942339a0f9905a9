"""Reading a BER structure of any size from a reader, front to back (X.690 section 8).

Rule: only what is small by nature (headers, algorithm identifiers, recipients) is taken into memory, with a bound; the
content streams. The caller walks the structure it expects with `enter` and `leave`, takes small elements with `element`
and the content with `octets`.
"""

from collections.abc import Iterator

from acuse.cms import ber, der
from acuse.cms.ber import INDEFINITE, Element
from acuse.cms.errors import CmsMalformed
from acuse.mime.source import CHUNK, Reader

MAX_ELEMENT = 1024 * 1024
"""Bytes of one element that is held in memory."""
_CONSTRUCTED_STRING = der.OCTET_STRING | 0x20
_FEW_ELEMENTS = 10_000
_BYTES_PER_ELEMENT = 32
"""What elements must measure on average beyond the first few: a body of empty ones would take minutes."""
_UNBOUNDED = 1 << 63
_BLANKS = b" \t\r\n"


class BerStream:
    """A position in a structure; every method raises `CmsMalformed` when the bytes are not what they should be."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._window = b""
        self._at = 0
        self._dropped = 0
        self._is_whole = False
        # The open elements: where each must end at the latest, and whether its length is definite.
        self._open: list[tuple[int, bool]] = []
        self._limit = _UNBOUNDED
        self._elements = 0

    def enter(self, tag: int) -> None:
        """Go into the next element, which must have this tag."""
        found, length = self._header()
        if found != tag:
            raise CmsMalformed("The structure has another element than its format wants.", tag=found, wanted=tag)
        self._push(length)

    def leave(self) -> None:
        """Go behind the end of the element entered last; what was not read of it is skipped."""
        limit, is_definite = self._open[-1]
        if is_definite:
            self._skip(limit - self._position)
        else:
            while not self._at_end():
                self._skip_element()
            self._take(2)
        self._open.pop()
        self._limit = self._open[-1][0] if self._open else _UNBOUNDED

    def finish(self) -> None:
        """Read what follows the structure, to the end: only blanks and line breaks may."""
        piece = self._window[self._at :]
        while piece or (piece := self._reader.read(CHUNK)):
            if piece.strip(_BLANKS):
                raise CmsMalformed("Something follows the end of the structure.")
            piece = b""

    def next_tag(self) -> int | None:
        """The tag of the next element, None at the end of the element entered last."""
        if self._at_end():
            return None
        self._look_ahead(ber.MAX_HEADER)
        return ber.read_header(self._window, self._at)[0]

    def element(self) -> Element:
        """The next element, whole, in memory: at most MAX_ELEMENT bytes."""
        taken = bytearray()
        self._collect(taken)
        return ber.parse(bytes(taken))

    def octets(self, primitive: int = der.OCTET_STRING) -> Iterator[bytes]:
        """The value of the next element, an OCTET STRING in one piece or in many, or one under an implicit tag.

        Short segments are joined: some senders write segments of 1,000 bytes, and each piece costs the layers above.
        """
        tag, length = self._header()
        if tag == primitive and length != INDEFINITE:
            yield from self._content(length)
        elif tag == primitive | 0x20:
            self._push(length)
            yield from _joined(self._segments())
        else:
            raise CmsMalformed("The structure has no octet string where its format wants one.", tag=tag)

    @property
    def _position(self) -> int:
        return self._dropped + self._at

    def _push(self, length: int) -> None:
        if len(self._open) >= ber.MAX_DEPTH:
            raise CmsMalformed("The structure is nested too deep.", limit=ber.MAX_DEPTH)
        if length != INDEFINITE:
            self._limit = self._position + length
        self._open.append((self._limit, length != INDEFINITE))

    def _at_end(self) -> bool:
        limit, is_definite = self._open[-1]
        if is_definite:
            return self._position >= limit
        self._look_ahead(2)
        return self._window[self._at : self._at + 2] == b"\0\0"

    def _header(self) -> tuple[int, int]:
        self._look_ahead(ber.MAX_HEADER)
        tag, body, length = ber.read_header(self._window, self._at)
        self._at = body
        self._elements += 1
        if self._elements > _FEW_ELEMENTS and self._elements * _BYTES_PER_ELEMENT > self._position:
            raise CmsMalformed("The structure has too many tiny elements.")
        if self._position + max(length, 0) > self._limit:
            raise CmsMalformed("An element is longer than the one around it.")
        return tag, length

    def _segments(self) -> Iterator[bytes]:
        """The primitive strings inside the constructed one just entered, which is left at its end."""
        outside = len(self._open) - 1
        while len(self._open) > outside:
            if self._at_end():
                self.leave()
                continue
            tag, length = self._header()
            if tag == der.OCTET_STRING and length != INDEFINITE:
                yield from self._content(length)
            elif tag == _CONSTRUCTED_STRING:
                self._push(length)
            else:
                raise CmsMalformed("The structure has something else between the segments of a string.", tag=tag)

    def _content(self, length: int) -> Iterator[bytes]:
        """The next `length` bytes, in pieces; large pieces pass without being copied."""
        taken = self._window[self._at : self._at + length]
        self._at += len(taken)
        length -= len(taken)
        if taken:
            yield taken
        while length:
            piece = self._reader.read(min(CHUNK, length))
            if not piece:
                raise CmsMalformed("The structure ends too early.")
            self._dropped += len(piece)
            length -= len(piece)
            yield piece

    def _skip(self, length: int) -> None:
        if length < 0:
            raise CmsMalformed("An element is longer than the one around it.")
        for _ in self._content(length):
            pass

    def _skip_element(self) -> None:
        _, length = self._header()
        self._push(length)
        self.leave()

    def _collect(self, taken: bytearray) -> None:
        """Take the next element, of an indefinite one all that is inside."""
        self._look_ahead(ber.MAX_HEADER)
        start = self._at
        _, length = self._header()
        taken += self._window[start : self._at]
        if len(taken) + max(length, 0) > MAX_ELEMENT:
            raise CmsMalformed("A part of the structure is too large.", limit=MAX_ELEMENT)
        if length != INDEFINITE:
            taken += self._take(length)
            return
        self._push(INDEFINITE)
        while not self._at_end():
            self._collect(taken)
        taken += self._take(2)
        self._open.pop()

    def _take(self, count: int) -> bytes:
        self._look_ahead(count)
        start = self._at
        if len(self._window) - start < count:
            raise CmsMalformed("The structure ends too early.")
        self._at = start + count
        return self._window[start : self._at]

    def _look_ahead(self, count: int) -> None:
        """Have `count` bytes in the window, fewer only at the end of everything."""
        missing = count - (len(self._window) - self._at)
        if missing <= 0 or self._is_whole:
            return
        pieces = [self._window[self._at :]]
        while missing > 0:
            piece = self._reader.read(CHUNK)
            if not piece:
                self._is_whole = True
                break
            pieces.append(piece)
            missing -= len(piece)
        self._dropped += self._at
        self._at = 0
        self._window = b"".join(pieces)


def _joined(segments: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for segment in segments:
        if size + len(segment) > CHUNK and waiting:
            yield b"".join(waiting)
            waiting, size = [], 0
        waiting.append(segment)
        size += len(segment)
    if waiting:
        yield b"".join(waiting)
