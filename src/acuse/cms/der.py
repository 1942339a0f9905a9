"""Writing DER (X.690 sections 8 and 10).

Rule: everything that can be known beforehand is encoded once and joined as bytes; per message there is only gluing.
"""

from datetime import UTC, datetime

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
SEQUENCE = 0x30
SET = 0x31
CONTEXT_0 = 0x80
"""Context tag [0], primitive."""
EXPLICIT_0 = 0xA0
"""Context tag [0], constructed."""

NULL = b"\x05\x00"


def header(tag: int, length: int) -> bytes:
    """Identifier and length octets of an element with `length` bytes of content."""
    if length < 0x80:
        return bytes((tag, length))
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets


def element(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return header(tag, len(content)) + content


def sequence(*elements: bytes) -> bytes:
    return element(SEQUENCE, *elements)


def set_of(*elements: bytes) -> bytes:
    """X.690 section 11.6: in the order of their encodings."""
    return element(SET, *sorted(elements))


def octet_string(content: bytes) -> bytes:
    return element(OCTET_STRING, content)


def bit_string(content: bytes) -> bytes:
    """A BIT STRING of whole octets."""
    return element(BIT_STRING, b"\0", content)


def small_integer(value: int) -> bytes:
    """An INTEGER from 0 to 127."""
    return bytes((INTEGER, 1, value))


def object_identifier(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return element(OBJECT_IDENTIFIER, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def utc_time(moment: datetime) -> bytes:
    """A time from 1950 to 2049 (RFC 5652 section 11.3 wants other years in another type). Raises ValueError else."""
    moment = moment.astimezone(UTC)
    if not 1950 <= moment.year <= 2049:
        raise ValueError(f"{moment.year} cannot be written as UTCTime")
    return element(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode("ascii"))


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(arc & 0x7F | 0x80)
    return bytes(reversed(octets))
