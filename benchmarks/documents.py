"""Documents like those that are exchanged: X12 segments, the same ones in every run."""

import random
from collections.abc import Iterator

_BLOCK = 4 * 1024 * 1024


def order(size: int, *, number: int = 1) -> bytes:
    """An order of exactly `size` bytes."""
    return b"".join(pieces(size, seed=number))


def pieces(size: int, *, seed: int = 1) -> Iterator[bytes]:
    """`size` bytes of segments. They repeat after 4 MB, which is more than any compressor looks back."""
    generator = random.Random(seed)
    block = bytearray(b"ISA*00*          *00*          *ZZ*ACME           *ZZ*SUPPLIER       *261121*1200*U*00401~\n")
    while len(block) < min(size, _BLOCK):
        line, quantity, price = generator.randrange(1, 999), generator.randrange(1, 5000), generator.randrange(1, 10**6)
        article = f"{generator.randrange(10**12):013d}"
        block += f"PO1*{line:03d}*{quantity}*EA*{price / 100:.2f}*TE*EN*{article}*VN*{article[3:9]}~\n".encode()
        block += f"PID*F****ARTICLE {article[5:11]} IN BOXES OF {quantity % 24 + 1}~\n".encode()
    while size > 0:
        piece = bytes(block[:size])
        size -= len(piece)
        yield piece
