"""The verdict on a request before a byte of its body is read.

Rule: everything that can be refused by the header alone is refused here, so that no refused body costs more than that.
"""

from collections.abc import Sequence

from acuse.web.asgi import Reply
from acuse.web.options import MAX_HEAD

_LONGEST_LENGTH = 20
"""Digits of the largest number that a length can be."""
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
    return _judge_length([value.strip() for name, value in headers if name == b"content-length"], headers, max_body)


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
