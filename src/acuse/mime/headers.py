"""Header fields of HTTP requests and MIME entities (RFC 5322 section 2.2, RFC 9110 section 5).

Rule: what we write is never folded and never contains a line break inside a value; what partners write is read in every
form seen in the field. Whoever needs a partner's header bytes keeps them beside this value, they cannot be had from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from acuse.mime.errors import MimeError

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN_IN_VALUE = re.compile(r"[\r\n\0]")
_BLANKS = " \t\r"


def field_text(raw: bytes) -> str:
    """Header bytes as text that can be stored anywhere: UTF-8 where they are, else Latin-1, which never fails."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order; names are compared without regard to case."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of that name."""
        wanted = name.lower()
        for key, value in self.fields:
            if key.lower() == wanted:
                return value
        return default

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value of that name, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.fields if key.lower() == wanted)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def encode(self) -> bytes:
        """The header block with its blank line, every line ended by CRLF.

        Raises `MimeError` for a name that is no token and for a value with CR, LF or NUL in it.
        """
        lines = []
        for name, value in self.fields:
            if not _NAME.fullmatch(name):
                raise MimeError("A header field has an impossible name.", name=name)
            if _FORBIDDEN_IN_VALUE.search(value):
                raise MimeError("A header field has a line break or NUL in its value.", name=name)
            lines.append(f"{name}: {value}\r\n")
        lines.append("\r\n")
        return "".join(lines).encode("utf-8")

    @classmethod
    def parse(cls, block: bytes) -> "Headers":
        """Read a header block, with or without its blank line.

        Lines end in CRLF or LF; a folded line goes on after one blank (RFC 9112 section 5.2). Raises `MimeError` for a
        line without a colon and for a fold after nothing.
        """
        fields: list[tuple[str, list[str]]] = []
        for line in field_text(block).split("\n"):
            text = line.strip(_BLANKS)
            if line[:1] in (" ", "\t") and text:
                if not fields:
                    raise MimeError("A header block begins with a folded line.")
                fields[-1][1].append(text)
            elif text:
                name, colon, value = text.partition(":")
                name = name.rstrip(_BLANKS)
                if not colon or not name:
                    raise MimeError("A header line has no field name.", line=text[:80])
                fields.append((name, [value.lstrip(_BLANKS)]))
        return cls(tuple((name, " ".join(pieces)) for name, pieces in fields))
