"""A scratch in memory."""

from acuse.mime import Literal, Source


class MemoryScratch:
    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes, /) -> None:
        self._written += data

    def source(self) -> Source:
        return Literal(bytes(self._written))
