"""One MIME entity: its header block as it was transmitted, and the rest as a stream (RFC 2045 section 2.4).

Rule: the header bytes are kept exactly as they came, because signatures and the message integrity check cover them
(RFC 4130 section 7.3.1). The search for their end is bounded: without a bound a body without blank line would be held
whole.
"""

import re
from dataclasses import dataclass

from acuse.mime.errors import HeadersTooLarge
from acuse.mime.headers import Headers
from acuse.mime.source import CHUNK, Reader
from acuse.mime.streams import Prefixed

_BLANK_LINE = re.compile(rb"(?:\A|\n)\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Headers read, body not yet."""

    raw_headers: bytes
    """The header block as transmitted, blank line included."""
    headers: Headers
    body: Reader


def open_entity(reader: Reader, *, limit: int = 64 * 1024) -> Entity:
    """Read the header block and hand on the rest.

    Lines end in CRLF or LF. An entity may begin with the blank line (no header fields) or end without one (no body).
    Raises `HeadersTooLarge` when the block, blank line included, is longer than `limit` bytes, `MimeError` when it is
    not made of header fields.
    """
    window = bytearray()
    searched = 0
    while (blank := _BLANK_LINE.search(window, searched)) is None and len(window) <= limit:
        # The blank line may lie across two pieces: up to two of its three bytes were there before.
        searched = max(len(window) - 2, 0)
        piece = reader.read(CHUNK)
        if not piece:
            break
        window += piece
    end = len(window) if blank is None else blank.end()
    if end > limit:
        raise HeadersTooLarge(limit=limit)
    raw_headers = bytes(window[:end])
    body = Prefixed(bytes(window[end:]), reader)
    return Entity(raw_headers=raw_headers, headers=Headers.parse(raw_headers), body=body)
