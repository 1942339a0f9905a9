"""CompressedData (RFC 3274).

Rule: when writing, the content is compressed before its first byte is sent, so that every length is known; when
reading, no input makes us inflate more than one chunk at a time, nor more in all than the caller allows.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from acuse.cms import deflate, der, identifiers
from acuse.cms.ber_stream import BerStream
from acuse.cms.errors import CmsMalformed, DecompressionFailed, ExpansionTooLarge
from acuse.mime.source import CHUNK, Joined, Reader, Scratch, Source
from acuse.mime.streams import PieceReader

_EXPANSION_GRACE = 1024 * 1024
"""Bytes that may come out of however few."""
_OPEN_ELEMENTS = 5
"""ContentInfo, CompressedData and EncapsulatedContentInfo, with the explicit tags in the first and last of them."""


def compress(source: Source, scratch: Scratch) -> Source:
    """The source as a ContentInfo in DER; the compressed bytes are kept in `scratch`."""
    compressor = deflate.new_compressor()
    for piece in _gathered(source.open()):
        if compressed := compressor.compress(piece):
            scratch.write(compressed)
    scratch.write(compressor.flush())
    compressed_source = scratch.source()
    return Joined.of(_head(compressed_source.size), compressed_source)


def decompress(reader: Reader, *, limit: int, ratio: int = 1000) -> Reader:
    """The content of CompressedData in DER or BER; only blanks and line breaks may follow the structure.

    Raises `DecompressionFailed`, at once for a wrong structure and while reading for damaged content;
    `ExpansionTooLarge` when there are more than `limit` bytes, or, beyond the first MiB, more than `ratio` times as
    many as the compressed bytes read so far.
    """
    stream = BerStream(reader)
    with _failing_as_decompression():
        stream.enter(der.SEQUENCE)
        _expect_oid(stream, identifiers.COMPRESSED_DATA)
        stream.enter(der.EXPLICIT_0)
        stream.enter(der.SEQUENCE)
        stream.element().expect(der.INTEGER)
        stream.enter(der.SEQUENCE)
        _expect_oid(stream, identifiers.ZLIB)
        stream.leave()
        stream.enter(der.SEQUENCE)
        stream.element().expect(der.OBJECT_IDENTIFIER)
        stream.enter(der.EXPLICIT_0)
    return PieceReader(_content(stream, limit=limit, ratio=ratio))


def _gathered(reader: Reader) -> Iterator[bytes]:
    """The bytes in pieces of a chunk or more: ISA-L chooses its code by the first piece, and a few header lines alone
    make it choose so badly that a short document comes out twice as long."""
    pieces: list[bytes] = []
    gathered = 0
    while piece := reader.read(CHUNK):
        pieces.append(piece)
        gathered += len(piece)
        if gathered >= CHUNK:
            yield b"".join(pieces)
            pieces, gathered = [], 0
    if pieces:
        yield b"".join(pieces)


def _head(size: int) -> bytes:
    """Everything before the compressed content, which ends all the elements that are open by then."""
    head = der.header(der.OCTET_STRING, size)
    head = identifiers.DATA + der.header(der.EXPLICIT_0, len(head) + size) + head
    head = der.header(der.SEQUENCE, len(head) + size) + head
    # RFC 3274 section 2: the algorithm has no parameters.
    head = der.small_integer(0) + der.sequence(identifiers.ZLIB) + head
    head = der.header(der.SEQUENCE, len(head) + size) + head
    head = identifiers.COMPRESSED_DATA + der.header(der.EXPLICIT_0, len(head) + size) + head
    return der.header(der.SEQUENCE, len(head) + size) + head


def _expect_oid(stream: BerStream, wanted: bytes) -> None:
    found = stream.element()
    if found.in_der() != wanted:
        raise DecompressionFailed("The content is compressed in an unknown way.", oid=found.dotted())


@contextmanager
def _failing_as_decompression() -> Iterator[None]:
    try:
        yield
    except CmsMalformed as error:
        raise DecompressionFailed(error.message, **error.details) from error


def _content(stream: BerStream, *, limit: int, ratio: int) -> Iterator[bytes]:
    with _failing_as_decompression():
        taken = produced = 0
        decompressor = deflate.new_decompressor()
        for piece in stream.octets():
            taken += len(piece)
            for inflated in _inflate(decompressor, piece):
                produced += len(inflated)
                if produced > limit or produced > max(_EXPANSION_GRACE, taken * ratio):
                    raise ExpansionTooLarge(limit=limit, ratio=ratio)
                yield inflated
        if not decompressor.eof:
            raise DecompressionFailed("The compressed content was cut off.")
        for _ in range(_OPEN_ELEMENTS):
            stream.leave()
        # Inside an encryption, bytes that nobody looks at would let somebody test its padding on captured blocks.
        stream.finish()


def _inflate(decompressor: deflate.Decompressor, piece: bytes) -> Iterator[bytes]:
    """What one piece expands to, a chunk at a time; what follows the end of the compressed stream is ignored."""
    while not decompressor.eof:
        try:
            inflated = decompressor.decompress(piece, max_length=CHUNK)
        except deflate.ERRORS as error:
            raise DecompressionFailed from error
        piece = decompressor.unconsumed_tail
        if inflated:
            yield inflated
        # A full chunk may have left more inside, even when all of the piece was taken.
        if not piece and len(inflated) < CHUNK:
            return
