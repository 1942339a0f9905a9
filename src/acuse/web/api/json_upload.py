"""A message in JSON, read while it arrives: its content streams into a stage, everything else is small.

Rule: the content is never held whole, whatever its encoding. Where `encoding` stands behind it, it is kept as it came
and decoded from one stage to another afterwards.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from acuse.errors import InvalidInput, PayloadTooLarge
from acuse.mime import CHUNK
from acuse.ports import Stage
from acuse.web.api.json_stream import LARGEST_REST, NotJSON, RestTooLarge, StringSplitter
from acuse.web.spool import BodyTooLarge, Spool

_CONTENT = ("payload", "content")
_LONGEST_ESCAPE = 6
"""Characters in which JSON may write one."""
_LINE_BREAKS = re.compile(rb"[\r\n]+")


class NotBase64(ValueError):
    """The text is not base64 (RFC 4648 section 4), line breaks aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JSONUpload:
    """What a body held. Whoever has it discards the stage, or gives it away."""

    given: Mapping[str, object]
    """The object; the content, where it is a string, is empty in it."""
    stage: Stage | None
    """The content; None where there was none, or none that is a string."""
    is_decoded: bool = False
    """It was base64, and said so before it came."""
    is_broken: bool = False
    """It said that it was base64, and is not."""

    def decoded(self, new_stage: Callable[[], Stage]) -> Stage:
        """The content out of its base64. Raises NotBase64, and StorageFailed."""
        assert self.stage is not None
        if self.is_broken:
            raise NotBase64
        if self.is_decoded:
            return self.stage
        stage, decoder, reader = new_stage(), _Base64Decoder(), self.stage.source().open()
        try:
            while piece := reader.read(CHUNK):
                stage.write(decoder.feed(piece))
            decoder.finish()
        except BaseException:
            stage.discard()
            raise
        self.stage.discard()
        return stage


def longest_body(limit: int) -> int:
    """Bytes of the longest body whose content has `limit` bytes."""
    return _LONGEST_ESCAPE * limit + LARGEST_REST


async def read_upload(pieces: AsyncIterator[bytes], *, limit: int, new_spool: Callable[[int], Spool]) -> JSONUpload:
    """The whole body, whose content may have `limit` bytes; `new_spool` is told how many bytes it may take.

    Raises InvalidInput, PayloadTooLarge, BodyTooLarge, ClientGone and what a spool raises.
    """
    splitter, content, size = StringSplitter(_CONTENT), None, 0
    try:
        async for piece in pieces:
            size += len(piece)
            if size > longest_body(limit):
                raise BodyTooLarge
            parts = splitter.feed(piece)
            if content is None and splitter.has_string:
                content = _Content(splitter.beside.get("encoding"), limit, new_spool)
            for part in parts:
                assert content is not None
                await content.write(part)
        given = splitter.finish()
        return JSONUpload(given=given, stage=None) if content is None else await content.finish(given)
    except BaseException as error:
        if content is not None:
            await content.discard()
        if isinstance(error, NotJSON):
            raise InvalidInput(fields={"body": f"Is not valid JSON: {error}."}) from None
        if isinstance(error, RestTooLarge):
            told = f"The fields besides payload.content may have {LARGEST_REST} bytes in all."
            raise PayloadTooLarge(told, max_size_bytes=LARGEST_REST) from None
        raise


class _Content:
    """The content on its way into a stage, decoded where its encoding was told before it."""

    def __init__(self, encoding: str | None, limit: int, new_spool: Callable[[int], Spool]) -> None:
        # Base64 that is not known as such yet is a third longer, and has line breaks.
        self._spool = new_spool(limit if encoding is not None else limit * 3 // 2)
        self._decoder = _Base64Decoder() if encoding == "base64" else None
        self._is_broken = False

    async def write(self, data: bytes) -> None:
        if self._decoder is None:
            await self._spool.write(data)
        elif not self._is_broken:
            try:
                await self._spool.write(self._decoder.feed(data))
            except NotBase64:
                self._is_broken = True

    async def finish(self, given: Mapping[str, object]) -> JSONUpload:
        if self._decoder is not None and not self._is_broken:
            try:
                self._decoder.finish()
            except NotBase64:
                self._is_broken = True
        stage = await self._spool.finish()
        is_decoded = self._decoder is not None
        return JSONUpload(given=given, stage=stage, is_decoded=is_decoded, is_broken=self._is_broken)

    async def discard(self) -> None:
        await self._spool.discard()


class _Base64Decoder:
    """Decodes pieces of any length. Line breaks are passed over, since many encoders write them."""

    def __init__(self) -> None:
        self._carried = b""
        self._is_padded = False

    def feed(self, text: bytes) -> bytes:
        text = self._carried + _LINE_BREAKS.sub(b"", text)
        whole = len(text) - len(text) % 4
        self._carried = text[whole:]
        if self._is_padded and text:
            raise NotBase64
        if not whole:
            return b""
        self._is_padded = text[whole - 1 : whole] == b"="
        try:
            return a2b_base64(text[:whole], strict_mode=True)
        except Base64Error:
            raise NotBase64 from None

    def finish(self) -> None:
        """Raises NotBase64 when something is missing."""
        if self._carried:
            raise NotBase64
