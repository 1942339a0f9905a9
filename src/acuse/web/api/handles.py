"""Public ids: a prefix that tells the kind of thing, and its number in the account."""

import re

_LEAST_DIGITS = 6
_NUMBER = re.compile(r"[0-9]{6,18}")


def public_id(prefix: str, handle: int) -> str:
    """`prt_000001`: at least six digits."""
    return f"{prefix}_{handle:0{_LEAST_DIGITS}d}"


def parse_id(prefix: str, text: str) -> int | None:
    """The number in a public id, or None when it is not one as we write it."""
    found, _, number = text.partition("_")
    if found != prefix or not _NUMBER.fullmatch(number) or public_id(prefix, int(number)) != text:
        return None
    return int(number)
