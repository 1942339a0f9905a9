"""Reading small BER structures that are held in memory (X.690 section 8).

Rule: whatever the bytes are, the only error is `CmsMalformed`, and the work is linear in their number times the nesting
depth, which is bounded. Indefinite lengths, constructed strings and lengths with needless leading zeros are accepted:
all of them are found in the field.
"""

from functools import lru_cache
from typing import NamedTuple

from acuse.cms import der
from acuse.cms.errors import CmsMalformed

MAX_DEPTH = 24
"""Levels of nesting; a signature with its certificates needs about twelve."""
MAX_HEADER = 140
"""Upper bound of identifier plus length octets that `read_header` takes."""
INDEFINITE = -1
_CONSTRUCTED = 0x20
_SHORTEST_HEADER = 2
_SHORT = 256
_MAX_IDENTIFIER = 5
_MAX_IDENTIFIER_CONTENT = 64
_MAX_CHILDREN = 10_000
_MAX_LENGTH = 1 << 62


def read_header(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start of the content, and length of the element at `at`; the length may be INDEFINITE.

    Tag numbers above 30 keep all their identifier octets in one number, so that they equal no small tag.
    """
    try:
        tag = first = data[at]
        at += 1
        if tag & 0x1F == 0x1F:
            tag, at = _read_long_tag(data, at, tag)
        length = data[at]
        at += 1
        if length < 0x80:
            return tag, at, length
    except IndexError:
        raise CmsMalformed("The structure ends too early.") from None
    if length == 0x80:
        if not first & _CONSTRUCTED:
            raise CmsMalformed("The structure has a primitive element of indefinite length.")
        return tag, at, INDEFINITE
    end = at + (length & 0x7F)
    if end > len(data):
        raise CmsMalformed("The structure ends too early.")
    length = int.from_bytes(data[at:end])
    if length > _MAX_LENGTH:
        raise CmsMalformed("The structure names an impossible length.")
    return tag, end, length


def _read_long_tag(data: bytes, at: int, tag: int) -> tuple[int, int]:
    for octet in data[at : at + _MAX_IDENTIFIER]:
        tag = tag << 8 | octet
        at += 1
        if octet < 0x80:
            return tag, at
    raise CmsMalformed("The structure has an impossible tag.")


class Element(NamedTuple):
    """One element inside `data`: its content is [body, stop), all of it, from tag to end marker, [start, end)."""

    data: bytes
    ends: dict[int, int]
    """Where the content of each element of indefinite length ends, by its start, so that each is walked only once."""
    tag: int
    start: int
    body: int
    stop: int
    end: int
    depth: int

    @property
    def content(self) -> bytes:
        return self.data[self.body : self.stop]

    @property
    def raw(self) -> bytes:
        """The element as it was transmitted."""
        return self.data[self.start : self.end]

    def children(self) -> list["Element"]:
        """The elements inside."""
        found = []
        at = self.body
        while at < self.stop:
            child = _read_element(self.data, at, ends=self.ends, stop=self.stop, depth=self.depth + 1)
            found.append(child)
            at = child.end
            if len(found) > _MAX_CHILDREN:
                raise CmsMalformed("The structure has too many elements.", limit=_MAX_CHILDREN)
        return found

    def fields(self, least: int, *, tag: int = der.SEQUENCE) -> list["Element"]:
        """The elements inside. Raises `CmsMalformed` when there are fewer, or this element has another tag."""
        found = self.expect(tag).children()
        if len(found) < least:
            raise CmsMalformed("The structure lacks an element.")
        return found

    def expect(self, tag: int) -> "Element":
        """This element. Raises `CmsMalformed` when it has another tag."""
        if self.tag != tag:
            raise CmsMalformed("The structure has another element than its format wants.", tag=self.tag, wanted=tag)
        return self

    def octets(self, primitive: int = der.OCTET_STRING) -> bytes:
        """The value of an OCTET STRING, or of one under an implicit tag, in one piece or in many."""
        if self.tag == primitive:
            return self.content
        return b"".join(child.octets() for child in self.expect(primitive | _CONSTRUCTED).children())

    def in_der(self) -> bytes:
        """The element with definite, minimal lengths and whole strings; the order inside a SET is left."""
        if not self.tag & _CONSTRUCTED and self.body - self.start == _SHORTEST_HEADER:
            return self.raw
        return _in_der_again(self.raw) if self.end - self.start <= _SHORT else self._made_der()

    def _made_der(self) -> bytes:
        if self.tag == der.OCTET_STRING | _CONSTRUCTED:
            return der.octet_string(self.octets())
        identifier = self.data[self.start : self.start + max(1, (self.tag.bit_length() + 7) // 8)]
        if identifier[0] & _CONSTRUCTED:
            content = b"".join(child.in_der() for child in self.children())
        else:
            content = self.content
        return identifier + der.header(0, len(content))[1:] + content

    def dotted(self) -> str:
        """An OBJECT IDENTIFIER as people write it. Raises `CmsMalformed` when it is something else."""
        arcs = [0]
        for octet in self.expect(der.OBJECT_IDENTIFIER).content[:_MAX_IDENTIFIER_CONTENT]:
            arcs[-1] = arcs[-1] << 7 | octet & 0x7F
            if octet < 0x80:
                arcs.append(0)
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - first * 40, *arcs[1:-1])))


def parse(data: bytes) -> Element:
    """The element at the beginning; bytes after it are ignored. Raises `CmsMalformed`, now or from `children`."""
    return _read_element(data, 0, ends={}, stop=len(data), depth=0)


@lru_cache(1024)
def _in_der_again(raw: bytes) -> bytes:
    """Algorithms and names are the same in every message of a partner."""
    return parse(raw)._made_der()


def _read_element(data: bytes, at: int, *, ends: dict[int, int], stop: int, depth: int) -> Element:
    """The element at `at`, which must end at `stop` or before."""
    if depth > MAX_DEPTH:
        raise CmsMalformed("The structure is nested too deep.", limit=MAX_DEPTH)
    tag, body, length = read_header(data, at)
    if length == INDEFINITE:
        if at not in ends:
            ends[at] = _end_of_contents(data, body, ends=ends, stop=stop, depth=depth)
        return Element(data, ends, tag, at, body, ends[at], ends[at] + 2, depth)
    end = body + length
    if end > stop:
        raise CmsMalformed("The structure ends too early.")
    return Element(data, ends, tag, at, body, end, end, depth)


def _end_of_contents(data: bytes, at: int, *, ends: dict[int, int], stop: int, depth: int) -> int:
    """Where the end marker lies: two zero octets in the place of an element, not anywhere."""
    while data[at : at + 2] != b"\0\0":
        at = _read_element(data, at, ends=ends, stop=stop, depth=depth + 1).end
    if at + 2 > stop:
        raise CmsMalformed("The structure ends too early.")
    return at
