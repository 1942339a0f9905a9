"""ASN.1 by hand, without any code of acuse: take structures apart, change them, write them in DER or in others' BER."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

OCTET_STRING = 0x04
NULL = b"\x05\x00"
_CONSTRUCTED = 0x20


@dataclass(frozen=True, slots=True)
class Node:
    """An element with its children, or with its content."""

    tag: int
    content: bytes = b""
    children: "tuple[Node, ...] | None" = None

    def at(self, *path: int) -> "Node":
        """The descendant reached by these positions."""
        if not path:
            return self
        assert self.children is not None
        return self.children[path[0]].at(*path[1:])

    def put(self, node: "Node | None", *path: int) -> "Node":
        """The same tree with another descendant at that path, or with none."""
        if not path:
            assert node is not None
            return node
        assert self.children is not None
        position = path[0] % len(self.children)
        old = self.children[position]
        middle = () if node is None and len(path) == 1 else (old.put(node, *path[1:]),)
        return replace(self, children=self.children[:position] + middle + self.children[position + 1 :])

    def der(self) -> bytes:
        content = self.content if self.children is None else b"".join(child.der() for child in self.children)
        return bytes([self.tag]) + _length(len(content)) + content

    def ber(self, segment: int = 5) -> bytes:
        """Everything of indefinite length, and octet strings in segments (also those under an implicit tag [0])."""
        if self.children is not None:
            return _indefinite(self.tag, *(child.ber(segment) for child in self.children))
        if self.tag in (OCTET_STRING, 0x80):
            return _indefinite(self.tag | _CONSTRUCTED, *segments_of(self.content, [segment]))
        return self.der()


def segments_of(content: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Primitive octet strings of these sizes, over and over."""
    segments: list[bytes] = []
    at = 0
    while at < len(content):
        size = sizes[len(segments) % len(sizes)]
        segments.append(Node(OCTET_STRING, content[at : at + size]).der())
        at += size
    return segments


def parse(data: bytes) -> Node:
    """Read DER."""
    tag, body, end = _header(data, 0)
    assert end == len(data)
    if not tag & _CONSTRUCTED:
        return Node(tag, data[body:])
    children = []
    while body < end:
        _, _, child_end = _header(data, body)
        children.append(parse(data[body:child_end]))
        body = child_end
    return Node(tag, children=tuple(children))


def _indefinite(tag: int, *contents: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(contents) + b"\0\0"


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    tag, length = data[at], data[at + 1]
    body = at + 2
    if length & 0x80:
        body += length & 0x7F
        length = int.from_bytes(data[at + 2 : body])
    return tag, body, body + length


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets
