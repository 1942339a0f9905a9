"""Content transfer encodings (RFC 2045 section 6).

Rule: decoding is for delivery only; what is hashed and verified is the encoded form. We write binary ourselves, except
for signatures, which go as base64.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, a2b_qp, b2a_base64
from collections.abc import Iterator
from dataclasses import dataclass

from acuse.mime.errors import TransferEncodingBroken
from acuse.mime.source import CHUNK, Reader, Source
from acuse.mime.streams import PieceReader

_IDENTITIES = frozenset({"", "7bit", "8bit", "binary"})
_BYTES_IN_LINE = 57
"""57 bytes make 76 characters, the longest line of RFC 2045 section 6.8."""
_MAX_QUOTED_LINE = 16 * 1024
"""RFC 2045 allows 76; a line must be held whole because blanks at its end do not count."""
_TRAILING_BLANKS = re.compile(rb"(?<![ \t])[ \t]+(?=\r?(?:\n|\Z))")
_BAD_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n|\r?\Z)")


def decode_transfer(reader: Reader, encoding: str | None) -> Reader:
    """The content behind a Content-Transfer-Encoding; None means that the field was absent.

    Raises `TransferEncodingBroken` at once for an unknown encoding, and while reading for bytes that are not in it.
    """
    name = (encoding or "").strip().lower()
    if name in _IDENTITIES:
        return reader
    if name == "base64":
        return PieceReader(_decode_base64(reader))
    if name == "quoted-printable":
        return PieceReader(_decode_quoted(reader))
    raise TransferEncodingBroken("The content has an unknown transfer encoding.", encoding=name[:80])


def base64_lines(data: bytes) -> bytes:
    """Base64 in lines of 76 characters, each ended by CRLF."""
    starts = range(0, len(data), _BYTES_IN_LINE)
    return b"".join(b2a_base64(data[start : start + _BYTES_IN_LINE], newline=False) + b"\r\n" for start in starts)


@dataclass(frozen=True, slots=True)
class Base64:
    """A source in base64, in the lines of `base64_lines`."""

    source: Source

    @property
    def size(self) -> int:
        lines, rest = divmod(self.source.size, _BYTES_IN_LINE)
        return lines * (_BYTES_IN_LINE // 3 * 4 + 2) + (((rest + 2) // 3 * 4 + 2) if rest else 0)

    def open(self) -> Reader:
        return PieceReader(self._encode(self.source.open()))

    def _encode(self, reader: Reader) -> Iterator[bytes]:
        carried = b""
        while piece := reader.read(CHUNK):
            carried += piece
            whole = len(carried) - len(carried) % _BYTES_IN_LINE
            yield base64_lines(carried[:whole])
            carried = carried[whole:]
        yield base64_lines(carried)


def _decode_base64(reader: Reader) -> Iterator[bytes]:
    carried = b""
    is_padded = False
    while piece := reader.read(CHUNK):
        text = carried + piece.translate(None, b" \t\r\n")
        if is_padded and text:
            raise TransferEncodingBroken("There is more base64 behind its padding.")
        whole = len(text) - len(text) % 4
        carried = text[whole:]
        if whole:
            is_padded = text[whole - 1] == ord("=")
            yield _decode_quartets(text[:whole])
    if carried:
        raise TransferEncodingBroken("The base64 was cut off.")


def _decode_quartets(text: bytes) -> bytes:
    try:
        return a2b_base64(text, strict_mode=True)
    except Base64Error as error:
        raise TransferEncodingBroken("The content is not base64.") from error


def _decode_quoted(reader: Reader) -> Iterator[bytes]:
    carried = b""
    while piece := reader.read(CHUNK):
        lines, line_feed, rest = piece.rpartition(b"\n")
        if line_feed:
            yield _decode_quoted_lines(carried + lines + line_feed)
            carried = b""
        carried += rest
        if len(carried) > _MAX_QUOTED_LINE:
            raise TransferEncodingBroken("A line of quoted-printable content is too long.", limit=_MAX_QUOTED_LINE)
    if carried:
        yield _decode_quoted_lines(carried)


def _decode_quoted_lines(text: bytes) -> bytes:
    stripped = _TRAILING_BLANKS.sub(b"", text)
    if _BAD_ESCAPE.search(stripped):
        raise TransferEncodingBroken("The content is not quoted-printable.")
    return a2b_qp(stripped)
