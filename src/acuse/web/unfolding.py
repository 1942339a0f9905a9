"""Header fields that a partner wrote over several lines, put onto one before the parser sees them.

RFC 9112 section 5.2 lets a server refuse such a field or replace each fold by a blank. The parser refuses; some AS2
products still write them.

Rule: the parser stays the judge. It gets every byte as it came but for a fold with text behind it, and stays strict
about everything else: bare line ends, control characters, blanks before the first field. A field that says where the
body ends, or that a proxy acts upon, stays folded and so is refused: whoever stands before us may have read it
otherwise, and that is how requests are smuggled (section 11.2).
"""

import re

_FOLD = re.compile(rb"\r\n[ \t]+(?=[^ \t\r\n])")
_FIELD = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n)*(?=[^ \t])")
"""A field is over when it is known that the next line does not go on with it."""
_EMPTY_LINE = b"\r\n"
_NEVER_FOLDED = frozenset(
    (
        b"connection",
        b"content-length",
        b"expect",
        b"forwarded",
        b"host",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"x-forwarded-for",
        b"x-forwarded-proto",
    )
)


class HeadLines:
    """The head of one request as it arrives, in pieces of any size."""

    def __init__(self) -> None:
        self._held = b""
        self._has_begun = False
        self._is_in_fields = False

    def take(self, data: bytes) -> tuple[bytes, bytes | None]:
        """What the parser may have of the head by now, and what comes after the head; None while the head goes on."""
        if not self._is_in_fields:
            line, data = self._take_start(data)
            if not self._is_in_fields:
                return line, None
        else:
            line = b""
        return self._take_fields(line, self._held + data)

    def _take_start(self, data: bytes) -> tuple[bytes, bytes]:
        """The request line goes on at once, so that the parser can refuse what is no HTTP. RFC 9112 section 2.2 allows
        empty lines before it.
        """
        blank = 0 if self._has_begun else len(data) - len(data.lstrip(b"\r\n"))
        self._has_begun = self._has_begun or blank < len(data)
        end = data.find(b"\n", blank) + 1
        self._is_in_fields = bool(end)
        return (data[:end], data[end:]) if end else (data, b"")

    def _take_fields(self, head: bytes, data: bytes) -> tuple[bytes, bytes | None]:
        start, fields = 0, [head]
        while not data.startswith(_EMPTY_LINE, start):
            field = _FIELD.match(data, start)
            if field is None:
                self._held = data[start:]
                return b"".join(fields), None
            fields.append(_on_one_line(field[0]))
            start = field.end()
        end = start + len(_EMPTY_LINE)
        return b"".join([*fields, _EMPTY_LINE]), data[end:]


def _on_one_line(field: bytes) -> bytes:
    name = field.partition(b":")[0].strip().lower()
    if name == b"upgrade":
        # RFC 9110 section 7.8: a server may ignore the offer to speak another protocol, which Java's client makes with
        # every request. The parser would drop the body after it.
        return b"x-" + field
    return field if name in _NEVER_FOLDED else _FOLD.sub(b" ", field)
