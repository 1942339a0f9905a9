"""The verdict on a request before a byte of its body is read.

Rule: everything that can be refused by the header alone is refused here, so that no refused body costs more than that.
"""

import re
from collections.abc import Sequence

from acuse.web.asgi import Reply
from acuse.web.options import MAX_HEAD

_LONGEST_LENGTH = 20
"""Digits of the largest number that a length can be."""
_RANGE = re.compile(rb"\s*bytes\s+0-(?P<last>\d{1,20})/(?P<size>\d{1,20}|\*)\s*", re.IGNORECASE)
_PAGE = "This is an AS2 endpoint (RFC 4130) of acuse. Partners post their messages and receipts here."


def judge_head(method: str, headers: Sequence[tuple[bytes, bytes]], *, max_body: int) -> Reply | None:
    """The answer that the header deserves by itself, or None when the body is welcome."""
    if method == "HEAD":
        return Reply(status=200)
    if method == "GET":
        return Reply.text(200, _PAGE)
    if method != "POST":
        return Reply.text(405, "Only POST brings a message.", ("Allow", "POST, GET, HEAD"))
    if sum(len(name) + len(value) + 4 for name, value in headers) > MAX_HEAD:
        return Reply.text(431, f"The header fields are larger than {MAX_HEAD} bytes.")
    if any(name == b"content-range" and not _is_whole(value) for name, value in headers):
        # A sender that goes on where a transfer broke off (draft-harding-as2-restart-07) learns that nothing is held.
        return Reply.text(416, "Nothing of this message is held here. Send all of it.", ("Content-Range", "bytes */0"))
    return _judge_length([value.strip() for name, value in headers if name == b"content-length"], headers, max_body)


def _is_whole(content_range: bytes) -> bool:
    """The range of a first attempt: everything from the first byte on. RFC 9110 section 14.4."""
    found = _RANGE.fullmatch(content_range)
    return found is not None and (found["size"] == b"*" or int(found["last"]) + 1 == int(found["size"]))


def _judge_length(lengths: Sequence[bytes], headers: Sequence[tuple[bytes, bytes]], max_body: int) -> Reply | None:
    # RFC 9112 section 6.3: both fields together are how requests are smuggled past a proxy.
    if lengths and any(name == b"transfer-encoding" for name, _ in headers):
        return Reply.text(400, "Content-Length and Transfer-Encoding exclude each other.")
    if len(lengths) > 1 or not all(length.isdigit() for length in lengths):
        return Reply.text(400, "Content-Length must be one number.")
    # Leading zeros are legal, and Python reads no more than 4300 digits.
    digits = lengths[0].lstrip(b"0") if lengths else b""
    if len(digits) > _LONGEST_LENGTH or int(digits or b"0") > max_body:
        return Reply.text(413, f"The body is larger than {max_body} bytes.")
    return None
