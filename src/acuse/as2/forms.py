"""The forms in which products sign the same content.

RFC 8551 section 3.1.1 wants content to be canonical before it is signed, and products differ in what they make of that.
Most sign what they send. What was received is therefore hashed exactly as it came; only where a signature does not
hold over it are the other forms tried, all of them in one more pass.

Rule: what is delivered is what was signed. A signature that holds over none of the forms is refused as before; where
it holds over another form of the content, that form is read instead of what was transmitted (`as_signed`). Two forms
cannot be read, because their headers say something else; they apply only to bytes that nobody could have signed as
they are. Otherwise somebody on the way could have a genuine signature vouch for other bytes.
"""

import hashlib
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Protocol

from acuse.cms import AnyDigest
from acuse.mime import CHUNK, Headers, MediaType, MimeError, PieceReader, Reader

_LONGEST_HEADERS = 64 * 1024
_BLANK_LINE = re.compile(rb"(?:\A|\n)\r?\n")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_PLAIN_HEADERS = re.compile(rb"[\t\r\n -~]*")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"
_IDENTITIES = ("", "7bit", "8bit", "binary")


class SignedForm(StrEnum):
    """What a signature was made over, compared with what was transmitted."""

    AS_RECEIVED = "as_received"
    LINE_ENDS = "line_ends"
    """Every bare line feed as CRLF."""
    UNFOLDED = "unfolded"
    """The part's header lines unfolded."""
    WITHOUT_LAST_BREAK = "without_last_break"
    WITH_EXTRA_BREAK = "with_extra_break"
    DECODED = "decoded"
    """The body out of its base64."""
    BODY = "body"
    """The body without the part's headers, where it has no transfer encoding and is no further layer."""


REREAD = frozenset(
    {SignedForm.LINE_ENDS, SignedForm.UNFOLDED, SignedForm.WITHOUT_LAST_BREAK, SignedForm.WITH_EXTRA_BREAK}
)
"""The forms that are read instead of what was transmitted."""


class FormInapplicable(Exception):
    """This content has no such form."""


class _Form(Protocol):
    """Turns what was transmitted into what may have been signed; raises FormInapplicable."""

    def feed(self, piece: bytes) -> bytes: ...

    def end(self) -> bytes: ...


class FormedHashes:
    """Digests of one signed part in several forms, computed while it passes by. Fits `mime.Hash`."""

    def __init__(self, *, digests: Collection[AnyDigest], forms: Collection[SignedForm]) -> None:
        self.digests = frozenset(digests)
        ordered = [form for form in SignedForm if form in forms]
        self._computed = {form: _Computed(_FORMS[form](), self.digests) for form in ordered}

    def update(self, data: bytes, /) -> None:
        for computed in self._computed.values():
            computed.update(data)

    def results(self) -> Iterator[tuple[SignedForm, Mapping[AnyDigest, bytes]]]:
        """The digests in each form that applies, as received first. To be asked for once, at the end."""
        for form, computed in self._computed.items():
            if (hashed := computed.finish()) is not None:
                yield form, hashed


def as_signed(reader: Reader, form: SignedForm) -> Reader:
    """The content in that form, over which a signature was found to hold."""
    return reader if form is SignedForm.AS_RECEIVED else PieceReader(_pieces(reader, _FORMS[form]()))


def _pieces(reader: Reader, form: _Form) -> Iterator[bytes]:
    while piece := reader.read(CHUNK):
        yield form.feed(piece)
    yield form.end()


class _Computed:
    """One form under each digest; gives up when the content has no such form."""

    def __init__(self, form: _Form, digests: Collection[AnyDigest]) -> None:
        self._form: _Form | None = form
        self._hashes = {digest: hashlib.new(digest.value) for digest in digests}

    def update(self, data: bytes) -> None:
        if self._form is not None:
            try:
                self._add(self._form.feed(data))
            except FormInapplicable:
                self._form = None

    def finish(self) -> Mapping[AnyDigest, bytes] | None:
        if self._form is None:
            return None
        try:
            self._add(self._form.end())
        except FormInapplicable:
            return None
        return {digest: computed.digest() for digest, computed in self._hashes.items()}

    def _add(self, data: bytes) -> None:
        for computed in self._hashes.values():
            computed.update(data)


class _AsReceived:
    def feed(self, piece: bytes) -> bytes:
        return piece

    def end(self) -> bytes:
        return b""


class _WithExtraBreak(_AsReceived):
    def end(self) -> bytes:
        return b"\r\n"


class _LineEnds:
    def __init__(self) -> None:
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        text = self._held + piece
        self._held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(self._held)]
        return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def end(self) -> bytes:
        return self._held


class _WithoutLastBreak:
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


class _AfterHeaders:
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


class _Unfolded(_AfterHeaders):
    def headers(self, block: bytes) -> bytes:
        return _FOLD.sub(b"", block)


class _Body(_AfterHeaders):
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


class _Decoded(_AfterHeaders):
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


_FORMS: Mapping[SignedForm, type[_Form]] = {
    SignedForm.AS_RECEIVED: _AsReceived,
    SignedForm.LINE_ENDS: _LineEnds,
    SignedForm.UNFOLDED: _Unfolded,
    SignedForm.WITHOUT_LAST_BREAK: _WithoutLastBreak,
    SignedForm.WITH_EXTRA_BREAK: _WithExtraBreak,
    SignedForm.DECODED: _Decoded,
    SignedForm.BODY: _Body,
}
ALL_FORMS = frozenset(SignedForm)
