"""Values with parameters: `value; name=token; name="quoted"` (RFC 2045 section 5.1, RFC 2183, RFC 2231).

Rule: reading never fails. Partners forget blanks, quotes and values, or write too many of them; each form that has been
seen in the field gets the one meaning that its sender had in mind.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

# The value: between doubled quotes, between quotes (the end may be missing), or everything up to the semicolon.
# This matches anywhere, an empty name included, so that no text makes the search begin again at each of its characters.
_PARAMETER = re.compile(
    r"""[;\s]* ([^=;\s]*) \s* (?: = \s* (?: ""([^"]+)"" | "((?:[^"\\]|\\.)*)(?:"|\Z) | ([^;]*) ) )? [^;]*""",
    re.VERBOSE | re.DOTALL,
)
# Only what must be escaped is unescaped: unescaped Windows paths keep their backslashes.
_ESCAPED = re.compile(r'\\(["\\])')
_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*)?)?")


def split_parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """The bare value, and its parameters under lower-case names; of a repeated parameter the first one counts."""
    bare, semicolon, rest = value.partition(";")
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(rest) if semicolon else ():
        name, text = match[1].lower(), _text_of(match)
        section = _SECTION.fullmatch(name)
        if section is None and name:
            plain.setdefault(name, text)
        elif section is not None:
            is_extended = section[2] is None or section[3] is not None
            sections.setdefault(section[1], {}).setdefault(int(section[2] or 0), (text, is_extended))
    # RFC 5987 section 4.2: a sender gives both forms for the sake of old readers; the extended one is what it means.
    return bare.strip(), plain | {name: _join(parts) for name, parts in sections.items()}


def quote(text: str) -> str:
    """A quoted string (RFC 2045, RFC 5322 section 3.2.4)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def decode_bytes(raw: bytes, charset: str) -> str:
    """Text in the charset that its sender named; where that does not work, UTF-8, else Latin-1, which never fails."""
    for name in (charset, "utf-8"):
        try:
            text = raw.decode(name)
            text.encode("utf-8")  # some charsets, such as UTF-7, give half of a surrogate pair, which nothing can store
        except (LookupError, ValueError):
            continue
        return text
    return raw.decode("latin-1")


def _text_of(match: re.Match[str]) -> str:
    doubled, quoted, token = match[2], match[3], match[4]
    if doubled is not None:
        return doubled
    if quoted is not None:
        return _ESCAPED.sub(r"\1", quoted)
    return (token or "").strip()


def _join(parts: Mapping[int, tuple[str, bool]]) -> str:
    # RFC 2231 section 4.1: only the first section names the charset; unextended sections are not percent-encoded.
    charset = "utf-8"
    raw = b""
    for number in sorted(parts):
        text, is_extended = parts[number]
        if not is_extended:
            raw += text.encode("utf-8")
            continue
        if number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw += unquote_to_bytes(text.encode("utf-8"))
    return decode_bytes(raw, charset or "utf-8")
