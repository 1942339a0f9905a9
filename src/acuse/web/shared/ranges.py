"""Which bytes of a download are wanted (RFC 9110 section 14), and whether the client has them already (section 13).

Rule: what cannot be read is passed over, as the RFC has it: the answer is then whole. Several ranges are answered whole
too.
"""

import re

from starlette.types import Scope

from acuse.errors import ServiceError
from acuse.web.asgi import header


class RangeNotSatisfiable(ServiceError):
    """The bytes that were asked for lie behind the end. The Content-Range field says how many there are."""

    code = "RANGE_NOT_SATISFIABLE"


_RANGE = re.compile(r"bytes[ \t]*=[ \t]*([0-9]{0,20})-([0-9]{0,20})[ \t]*", re.IGNORECASE)
_CODING = re.compile(r"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*(?:;[ \t]*q=([01](?:\.[0-9]{0,3})?)[ \t]*)?")


def wanted_range(scope: Scope, *, size: int, etag: str) -> range | None:
    """The offsets that are asked for; None: all of them. Raises RangeNotSatisfiable."""
    text = header(scope, b"range")
    if text is None or scope["method"] != "GET":
        return None
    condition = header(scope, b"if-range")
    if condition is not None and condition.strip() != etag:
        return None
    return parse_range(text, size=size)


def parse_range(text: str, *, size: int) -> range | None:
    """The one range of a Range field, cut to `size` bytes. Raises RangeNotSatisfiable when nothing of it is there."""
    found = _RANGE.fullmatch(text)
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(size - int(found[2]), 0), size
    else:
        start, end = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    if start >= size or start >= end:
        raise RangeNotSatisfiable(size_bytes=size)
    return range(start, end)


def is_known(scope: Scope, etag: str) -> bool:
    """Whether If-None-Match names this version, or any."""
    text = header(scope, b"if-none-match")
    if text is None:
        return False
    return any(entry.strip().removeprefix("W/") in ("*", etag) for entry in text.split(","))


def accepts_gzip(scope: Scope) -> bool:
    """Whether Accept-Encoding takes gzip (section 12.5.3)."""
    weights: dict[str, float] = {}
    for entry in (header(scope, b"accept-encoding") or "").split(","):
        if found := _CODING.fullmatch(entry):
            weights[found[1].lower()] = float(found[2]) if found[2] else 1.0
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0
