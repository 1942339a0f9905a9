"""Canonical JSON (RFC 8785): the one way in which a value is written, so that its hash is the same everywhere.

Numbers with a fraction are refused instead of written as ECMAScript writes them: no fact needs one, and without them
the scheme is short enough to be checked by reading.
"""

import json
from collections.abc import Mapping, Sequence

from acuse.errors import CoreError

LARGEST_INTEGER = 2**53 - 1
"""The largest that every reader of JSON keeps exactly (RFC 7493 section 2.2)."""


class NotCanonical(CoreError):
    """The value has no canonical form: text, integers, booleans, null, lists and objects with text as keys have one."""

    code = "NOT_CANONICAL"


def canonical_json(value: object) -> bytes:
    """The value in UTF-8, without blanks, with keys in the order of their UTF-16 code units (RFC 8785 section 3.2).

    Raises NotCanonical for fractions, integers beyond ±(2^53 - 1), lone surrogates and whatever JSON does not have.
    """
    try:
        return _text(value).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("A text holds half of a surrogate pair, which UTF-8 cannot write.") from error


def _text(value: object) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            if abs(value) > LARGEST_INTEGER:
                raise NotCanonical(f"The integer {value} is too large to be read exactly everywhere.")
            return str(int(value))
        case Mapping():
            return "{" + ",".join(f"{_text(key)}:{_text(value[key])}" for key in _ordered(value)) + "}"
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return "[" + ",".join(map(_text, value)) + "]"
    raise NotCanonical(f"A {type(value).__name__} has no canonical form.")


def _ordered(value: Mapping[object, object]) -> list[str]:
    keys = [key for key in value if isinstance(key, str)]
    if len(keys) != len(value):
        raise NotCanonical("The keys of an object are texts.")
    # Big-endian UTF-16 sorts as its code units do; a lone surrogate is refused later, where text becomes UTF-8.
    return sorted(keys, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
