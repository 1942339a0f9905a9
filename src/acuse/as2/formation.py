"""How each form of signed content is made of what was transmitted, piece by piece (`forms` says what they are for)."""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Protocol

from acuse.mime import Headers, MediaType, MimeError

_LONGEST_HEADERS = 64 * 1024
_BLANK_LINE = re.compile(rb"(?:\A|\n)\r?\n")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_PLAIN_HEADERS = re.compile(rb"[\t\r\n -~]*")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"
_IDENTITIES = ("", "7bit", "8bit", "binary")


class FormInapplicable(Exception):
    """This content has no such form."""


class Form(Protocol):
    """Turns what was transmitted into what may have been signed; raises FormInapplicable."""

    def feed(self, piece: bytes) -> bytes: ...

    def end(self) -> bytes: ...


class AsReceived:
    """No change at all."""

    def feed(self, piece: bytes) -> bytes:
        return piece

    def end(self) -> bytes:
        return b""


class WithExtraBreak(AsReceived):
    """One CRLF more at the end."""

    def end(self) -> bytes:
        return b"\r\n"


class LineEnds:
    """Every bare line feed as CRLF; a carriage return alone is no line end."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        text = self._held + piece
        self._held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(self._held)]
        return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def end(self) -> bytes:
        return self._held


class WithoutLastBreak:
    """One line break less at the end, where there is one."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        text = self._held + piece
        self._held = text[-2:]
        return text[:-2]

    def end(self) -> bytes:
        if not self._held.endswith(b"\n"):
            raise FormInapplicable
        return self._held.removesuffix(b"\n").removesuffix(b"\r")


class AfterHeaders:
    """Forms that treat the header block and the body apart."""

    def __init__(self) -> None:
        self._window: bytes | None = b""

    def feed(self, piece: bytes) -> bytes:
        if self._window is None:
            return self.body(piece)
        self._window += piece
        blank = _BLANK_LINE.search(self._window)
        if blank is None:
            if len(self._window) > _LONGEST_HEADERS:
                raise FormInapplicable
            return b""
        headers, body = self._window[: blank.end()], self._window[blank.end() :]
        self._window = None
        return self.headers(headers) + self.body(body)

    def end(self) -> bytes:
        if self._window is not None:
            raise FormInapplicable
        return b""

    def headers(self, block: bytes) -> bytes:
        return block

    def body(self, piece: bytes) -> bytes:
        return piece


class Unfolded(AfterHeaders):
    """RFC 5322 section 2.2.3: the line break goes, the blank behind it stays."""

    def headers(self, block: bytes) -> bytes:
        return _FOLD.sub(b"", block)


class Body(AfterHeaders):
    """Nobody signed the headers, so they may not decide what the body becomes.

    A body that could be an entity itself has no such form: somebody may have put other headers before it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._start: bytes | None = b""

    def body(self, piece: bytes) -> bytes:
        if self._start is None:
            return piece
        self._start += piece
        blank = _BLANK_LINE.search(self._start)
        if blank is None and len(self._start) <= _LONGEST_HEADERS:
            return b""
        return self._released(self._start[: blank.end()] if blank else None)

    def end(self) -> bytes:
        return super().end() + (b"" if self._start is None else self._released(self._start))

    def _released(self, block: bytes | None) -> bytes:
        """What was held back, unless `block` is made of header fields."""
        if block is not None and _is_header_block(block):
            raise FormInapplicable
        held, self._start = self._start or b"", None
        return held

    def headers(self, block: bytes) -> bytes:
        read = _read_headers(block)
        kind = _kind(read)
        is_plain = _PLAIN_HEADERS.fullmatch(block) is not None and _encoding(read) in _IDENTITIES
        if not is_plain or kind.startswith("multipart/") or "pkcs7" in kind:
            raise FormInapplicable
        return b""


class Decoded(AfterHeaders):
    """Content that is base64 itself has no such form: somebody may have encoded once more what was signed encoded."""

    def __init__(self) -> None:
        super().__init__()
        self._carried = b""
        self._is_base64 = True

    def headers(self, block: bytes) -> bytes:
        if _encoding(_read_headers(block)) != "base64":
            raise FormInapplicable
        return block

    def body(self, piece: bytes) -> bytes:
        text = self._carried + piece.translate(None, b" \t\r\n")
        whole = len(text) - len(text) % 4
        self._carried = text[whole:]
        try:
            decoded = a2b_base64(text[:whole], strict_mode=True) if whole else b""
        except Base64Error as error:
            raise FormInapplicable from error
        self._is_base64 = self._is_base64 and not decoded.translate(None, _BASE64)
        return decoded

    def end(self) -> bytes:
        if self._carried or self._is_base64:
            raise FormInapplicable
        return super().end()


def _is_header_block(block: bytes) -> bool:
    try:
        Headers.parse(block)
    except MimeError:
        return False
    return True


def _read_headers(block: bytes) -> Headers:
    try:
        return Headers.parse(block)
    except MimeError as error:
        raise FormInapplicable from error


def _kind(headers: Headers) -> str:
    try:
        return MediaType.parse(headers.get("Content-Type") or "text/plain").value
    except MimeError as error:
        raise FormInapplicable from error


def _encoding(headers: Headers) -> str:
    return (headers.get("Content-Transfer-Encoding") or "").strip().lower()
