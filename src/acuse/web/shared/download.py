"""Bytes as an answer: whole or a range of them, plain or in gzip, streamed with flat memory.

Rule: the head is sent only when the bytes are known to be there. If they end too soon after that, the connection breaks
off, so that no client takes what it has for whole.
"""

import hashlib
import logging
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from starlette.types import Scope, Send

from acuse.errors import StorageFailed
from acuse.mime import CHUNK, Joined, Literal, PieceReader, Reader, Source, attachment_disposition
from acuse.ports import Blobs
from acuse.web.access_log import request_id
from acuse.web.asgi import Reply, answer
from acuse.web.lanes import Lanes
from acuse.web.shared.ranges import accepts_gzip, is_known, wanted_range

LEAST_TO_COMPRESS = 1024
"""Bytes under which gzip costs more than it brings."""
_COMPRESSED = ("image/", "audio/", "video/", "application/zip", "application/gzip", "application/pdf")
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_LEVEL = 4

logger = logging.getLogger("acuse.web.api")


class Listener(Protocol):
    """Who a download goes to."""

    @property
    def scope(self) -> Scope: ...

    @property
    def send(self) -> Send: ...

    @property
    def lanes(self) -> Lanes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A kept blob as a source that can be read from any offset on. Making one by `of` proves that it is there."""

    blobs: Blobs
    blob_id: UUID
    size: int

    @classmethod
    def of(cls, blobs: Blobs, blob_id: UUID) -> "Stored":
        """Raises StorageFailed."""
        return cls(blobs=blobs, blob_id=blob_id, size=blobs.source(blob_id).size)

    def open(self) -> Reader:
        return self.open_at(0)

    def open_at(self, start: int) -> Reader:
        """The bytes from an offset on."""
        return self.blobs.source(self.blob_id, start=start).open()


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What is sent."""

    source: Source
    content_type: str
    filename: str | None
    """None: it is shown, not saved."""
    version: str
    """Tells one content from another: the SHA-256 of the bytes, where they are one file."""
    headers: tuple[tuple[str, str], ...] = ()
    vary: tuple[str, ...] = ("Accept-Encoding",)


def version_of(*parts: object) -> str:
    """A version for what is put together from parts."""
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "surrogateescape")).hexdigest()


async def send_download(listener: Listener, download: Download) -> None:
    """Answer with the bytes, as the request wants them. Raises RangeNotSatisfiable."""
    scope, size, etag = listener.scope, download.source.size, f'"{download.version}"'
    zipped = f'"{download.version}-gzip"'
    if is_known(scope, etag) or is_known(scope, zipped):
        vary = ", ".join(download.vary)
        await answer(listener.send, Reply(status=304, headers=(("ETag", etag), ("Vary", vary))))
        return
    part = wanted_range(scope, size=size, etag=etag)
    if part is not None:
        extent = ("Content-Range", f"bytes {part.start}-{part.stop - 1}/{size}")
        await _send(listener, 206, (*_fields(download, etag), extent), download.source, part)
    elif accepts_gzip(scope) and _is_worth_it(download):
        await _send_zipped(listener, (*_fields(download, zipped), ("Content-Encoding", "gzip")), download.source)
    else:
        await _send(listener, 200, _fields(download, etag), download.source, range(size))


def _is_worth_it(download: Download) -> bool:
    return download.source.size >= LEAST_TO_COMPRESS and not download.content_type.lower().startswith(_COMPRESSED)


def _fields(download: Download, etag: str) -> tuple[tuple[str, str], ...]:
    name = download.filename
    disposition = () if name is None else (("Content-Disposition", attachment_disposition(name)),)
    return (
        ("Content-Type", safe_content_type(download.content_type)),
        *disposition,
        ("ETag", etag),
        ("Vary", ", ".join(download.vary)),
        ("Accept-Ranges", "bytes"),
        # What a partner sent is never to be run by a browser.
        ("X-Content-Type-Options", "nosniff"),
        *download.headers,
    )


def safe_content_type(content_type: str) -> str:
    """As the sender wrote it, unless that could not stand in a header field."""
    is_safe = content_type.isascii() and content_type.isprintable() and content_type
    return content_type if is_safe else "application/octet-stream"


async def _send(
    listener: Listener, status: int, fields: tuple[tuple[str, str], ...], source: Source, part: range
) -> None:
    await _begin(listener.send, status, (*fields, ("Content-Length", str(len(part)))))
    if listener.scope["method"] == "HEAD":
        await listener.send({"type": "http.response.body"})
        return
    await _stream(listener, PieceReader(_limited(source, part)), size=len(part))


async def _send_zipped(listener: Listener, fields: tuple[tuple[str, str], ...], source: Source) -> None:
    await _begin(listener.send, 200, fields)
    if listener.scope["method"] == "HEAD":
        await listener.send({"type": "http.response.body"})
        return
    await _stream(listener, PieceReader(_zipped(source)), size=source.size)


async def _begin(send: Send, status: int, fields: tuple[tuple[str, str], ...]) -> None:
    headers = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in fields]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _stream(listener: Listener, reader: Reader, *, size: int) -> None:
    try:
        while piece := await listener.lanes.run(lambda: reader.read(CHUNK), size=size):
            await listener.send({"type": "http.response.body", "body": piece, "more_body": True})
    except StorageFailed:
        logger.exception("download broke off", extra={"fields": {"id": request_id(listener.scope)}})
        return
    await listener.send({"type": "http.response.body"})


def _limited(source: Source, part: range) -> Iterator[bytes]:
    reader, left = open_at(source, part.start), len(part)
    while left > 0:
        piece = reader.read(min(CHUNK, left))
        if not piece:
            raise StorageFailed("Fewer bytes were there than were promised.")
        left -= len(piece)
        yield piece


def _zipped(source: Source) -> Iterator[bytes]:
    compressor, reader = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP), source.open()
    while piece := reader.read(CHUNK):
        if written := compressor.compress(piece):
            yield written
    yield compressor.flush()


def open_at(source: Source, start: int) -> Reader:
    """The bytes of a source from an offset on, without reading those before it where that can be helped."""
    match source:
        case Literal(data):
            return Literal(data[start:]).open()
        case Stored():
            return source.open_at(start)
        case Joined(parts):
            return PieceReader(_joined_at(parts, start))
    reader = source.open()
    while start > 0 and (piece := reader.read(min(CHUNK, start))):
        start -= len(piece)
    return reader


def _joined_at(parts: tuple[Source, ...], start: int) -> Iterator[bytes]:
    for part in parts:
        if start < part.size:
            reader = open_at(part, start)
            while piece := reader.read(CHUNK):
                yield piece
        start = max(start - part.size, 0)
