"""A JSON object that arrives in pieces, with one long string in it that is never held whole (RFC 8259).

Rule: only what has to be known to find that string is known here: where strings end, how deep we are, under which key.
The string is handed out piece by piece; everything else is gathered, with an empty string in its place, and read by
`msgspec`, which alone decides whether it is JSON. So no text passes that a strict parser would refuse.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

LARGEST_REST = 256 * 1024
"""Bytes of everything but the long string."""
DEEPEST = 32
"""Objects and lists inside each other."""
LONGEST_NUMBER = 64

_IN_STRING = re.compile(rb'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_ESCAPE_BEGUN = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?")
_HIGH_SURROGATE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}")
_ESCAPE = 6
"""Bytes of an escape like \\u0041."""
_BETWEEN = re.compile(rb'[^"{}\[\],:]*+')
_LONG_NUMBER = re.compile(rb"[-+.0-9eE]{%d}" % (LONGEST_NUMBER + 1))


class NotJSON(ValueError):
    """The text cannot be JSON as it is wanted here; the message says why."""


class RestTooLarge(Exception):
    """Everything but the long string is larger than LARGEST_REST."""


@dataclass(slots=True)
class _Container:
    """An object or a list that has begun."""

    is_object: bool
    keys: set[str] = field(default_factory=set)
    key: str = ""
    expects_key: bool = False


class StringSplitter:
    """Parts the string at `path` from the rest. After an error it is not used any more."""

    def __init__(self, path: Sequence[str]) -> None:
        self._path = list(path)
        self._buffer = b""
        self._at = 0
        self._scanned = 0
        self._rest = bytearray()
        self._open: list[_Container] = []
        self._is_inside = False
        self.has_string = False
        """Whether the string was there; else there was no value at its place, or none that is a string."""
        self.beside: dict[str, str] = {}
        """The strings beside it that came so far, by their keys."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take more bytes; what of the long string is known by now, as UTF-8. Raises NotJSON and RestTooLarge."""
        self._buffer += data
        pieces: list[bytes] = []
        while self._take_inside(pieces) if self._is_inside else self._take_token():
            pass
        self._buffer = self._buffer[self._at :]
        self._scanned -= min(self._at, self._scanned)
        self._at = 0
        if len(self._rest) + (0 if self._is_inside else len(self._buffer)) > LARGEST_REST:
            raise RestTooLarge
        return pieces

    def finish(self) -> dict[str, object]:
        """The object, with an empty string in place of the long one. Raises NotJSON."""
        if self._is_inside:
            raise NotJSON("it ends within a string")
        text = bytes(self._rest) + self._buffer
        if _LONG_NUMBER.search(_without_strings(text)):
            raise NotJSON(f"a number has more than {LONGEST_NUMBER} characters")
        value = _decode(text)
        if not isinstance(value, dict):
            raise NotJSON("it is not an object")
        return value

    def _take_inside(self, pieces: list[bytes]) -> bool:
        """More of the long string. False: more bytes are needed."""
        end = _end_of(self._buffer, self._at)
        is_last = self._buffer[end : end + 1] == b'"'
        stop = end if is_last else _before_half(self._buffer, self._at, end)
        if stop > self._at:
            pieces.append(_unescaped(self._buffer[self._at : stop]))
        self._at = stop + is_last
        self._is_inside = not is_last
        return is_last

    def _take_token(self) -> bool:
        """One string or sign with what stands before it. False: more bytes are needed."""
        buffer = self._buffer
        between = _BETWEEN.match(buffer, self._at)
        assert between is not None
        start = between.end()
        if start >= len(buffer):
            return False
        if buffer[start : start + 1] != b'"':
            self._take_sign(buffer[start : start + 1])
            return self._gather(start + 1)
        if self._is_wanted():
            self._gather(start)
            self._rest += b'""'
            self._at = start + 1
            self._is_inside = self.has_string = True
            return True
        end = self._scanned = _end_of(buffer, max(self._scanned, start + 1))
        if buffer[end : end + 1] != b'"':
            return False
        self._scanned = 0
        self._take_string(buffer[start : end + 1])
        return self._gather(end + 1)

    def _gather(self, end: int) -> bool:
        self._rest += self._buffer[self._at : end]
        self._at = end
        return True

    def _take_sign(self, sign: bytes) -> None:
        if sign in b"{[":
            self._open.append(_Container(is_object=sign == b"{", expects_key=sign == b"{"))
            if len(self._open) > DEEPEST:
                raise NotJSON(f"more than {DEEPEST} objects and lists are inside each other")
        elif sign in b"}]":
            if self._open:
                self._open.pop()
        elif self._open:
            innermost = self._open[-1]
            innermost.expects_key = sign == b"," and innermost.is_object

    def _take_string(self, token: bytes) -> None:
        if not self._open or not self._open[-1].is_object:
            return
        innermost = self._open[-1]
        if not innermost.expects_key:
            if self._keys()[:-1] == self._path[:-1]:
                self.beside[innermost.key] = str(_decode(token))
            return
        innermost.key = str(_decode(token))
        innermost.expects_key = False
        if innermost.key in innermost.keys:
            raise NotJSON(f"the key {innermost.key[:80]!a} stands twice in one object")
        innermost.keys.add(innermost.key)

    def _keys(self) -> list[str]:
        """The keys that lead to the present place; a list has none, so that nothing inside one is at the path."""
        return [container.key if container.is_object else "[]" for container in self._open]

    def _is_wanted(self) -> bool:
        is_value = bool(self._open) and self._open[-1].is_object and not self._open[-1].expects_key
        return is_value and not self.has_string and self._keys() == self._path


def _end_of(buffer: bytes, start: int) -> int:
    """Where the string ends, or how far it is whole. Raises NotJSON for what cannot stand in a string."""
    found = _IN_STRING.match(buffer, start)
    assert found is not None
    end = found.end()
    rest = buffer[end : end + 6]
    if rest and rest[:1] != b'"' and not (len(rest) < 6 and _ESCAPE_BEGUN.fullmatch(rest)):
        raise NotJSON("a string has a control character or an escape that JSON does not have")
    return end


def _before_half(buffer: bytes, start: int, end: int) -> int:
    """Where to part a string so that no character is parted: before the first half of a surrogate pair, or of a
    character in UTF-8 (RFC 3629 section 3).
    """
    if end == start:
        return end
    if buffer[end - 1] >= 0x80:
        return _before_half_utf_8(buffer, start, end)
    if end - start >= _ESCAPE and _HIGH_SURROGATE.fullmatch(buffer, end - _ESCAPE, end):
        # A backslash that is itself escaped begins nothing.
        before = buffer[start : end - _ESCAPE]
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
            return end - _ESCAPE
    return end


def _before_half_utf_8(buffer: bytes, start: int, end: int) -> int:
    for length in range(1, min(3, end - start) + 1):
        byte = buffer[end - length]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return end - length if length < needed else end
    return end


def _unescaped(raw: bytes) -> bytes:
    if b"\\" in raw:
        return str(_decode(b'"' + raw + b'"')).encode("utf-8")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotJSON("it is not UTF-8") from None
    return raw


def _without_strings(text: bytes) -> bytes:
    return re.sub(rb'"' + _IN_STRING.pattern + rb'"', b"", text)


def _decode(text: bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except UnicodeDecodeError:
        raise NotJSON("it is not UTF-8") from None
    except (msgspec.DecodeError, RecursionError) as problem:
        raise NotJSON(str(problem)) from None
