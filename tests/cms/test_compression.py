"""CompressedData: ours read by others, others' read by us, and bombs that do not go off."""

import os
import subprocess
import sys
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import DecompressionFailed, ExpansionTooLarge, compress, decompress
from acuse.mime import CHUNK, Joined, Literal, copy, drain, read_all
from tests.cms import asn1
from tests.cms.asn1 import Node
from tests.cms.scratch import MemoryScratch
from tests.mime.readers import InPieces, in_pieces_of, piece_sizes
from tests.peers.openssl import uncompress

LIMIT = 1 << 26
CONTENT = b"Content-Type: application/edi-x12\r\n\r\n" + b"UNH+1+ORDERS:D:96A:UN'\n" * 500
COMPRESSED_CONTENT = (1, 0, 2, 1, 0)


def compressed(content: bytes = CONTENT) -> bytes:
    return read_all(compress(Literal(content), MemoryScratch()).open(), limit=LIMIT)


def structure(stream: bytes) -> Node:
    """The structure around any zlib stream."""
    return asn1.parse(compressed(b"")).put(Node(asn1.OCTET_STRING, stream), *COMPRESSED_CONTENT)


def inflated(data: bytes, *, limit: int = LIMIT, ratio: int = 1000) -> bytes:
    return read_all(decompress(Literal(data).open(), limit=limit, ratio=ratio), limit=LIMIT)


@pytest.mark.usefixtures("openssl_is_there")
@pytest.mark.parametrize("content", [CONTENT, b"", os.urandom(2 * CHUNK)])
def test_others_read_what_we_compress(content: bytes) -> None:
    source = compress(Literal(content), MemoryScratch())
    data = read_all(source.open(), limit=LIMIT)

    assert source.size == len(data)
    assert content == uncompress(data)
    assert content == zlib.decompress(asn1.parse(data).at(*COMPRESSED_CONTENT).content)
    assert data == read_all(source.open(), limit=LIMIT)


def test_a_source_in_short_pieces_is_compressed_as_well_as_a_whole_one() -> None:
    in_pieces = Joined.of(*(CONTENT[at : at + 100] for at in range(0, len(CONTENT), 100)))

    assert compress(Literal(CONTENT), MemoryScratch()).size == compress(in_pieces, MemoryScratch()).size


@pytest.mark.rfc(3274, "1.1")
def test_the_compression_algorithm_has_no_parameters_and_the_version_is_0() -> None:
    version, algorithm = (asn1.parse(compressed()).at(1, 0, position) for position in (0, 1))

    assert b"\x02\x01\x00" == version.der()
    assert bytes.fromhex("300d060b2a864886f70d0109100308") == algorithm.der()


@given(
    content=st.binary(max_size=200)
    | st.builds(lambda piece, times: piece * times, st.binary(max_size=9), st.integers(0, 500)),
    level=st.integers(0, 9),
    segment=st.integers(1, 40),
    sizes=piece_sizes(),
)
def test_any_level_form_and_pieces_give_the_content(content: bytes, level: int, segment: int, sizes: list[int]) -> None:
    tree = structure(zlib.compress(content, level))

    for data in (tree.der(), tree.ber(segment)):
        reader = decompress(InPieces(data + b"\r\n", sizes), limit=LIMIT)
        assert content == read_all(reader, limit=LIMIT)


def test_every_truncation_is_noticed() -> None:
    tree = structure(zlib.compress(CONTENT))

    for data in (tree.der(), tree.ber(9)):
        for length in range(len(data)):
            with pytest.raises(DecompressionFailed):
                inflated(data[:length])


@pytest.mark.parametrize(
    "stream",
    [b"", b"noise", zlib.compress(CONTENT)[:-1], zlib.compress(CONTENT)[:-1] + b"?", zlib.compress(CONTENT)[2:-4]],
)
def test_a_damaged_stream_fails(stream: bytes) -> None:
    with pytest.raises(DecompressionFailed):
        inflated(structure(stream).der())


@given(noise=st.binary(max_size=200))
def test_noise_fails(noise: bytes) -> None:
    with pytest.raises(DecompressionFailed):
        inflated(noise)


@given(position=st.integers(0, 200), change=st.integers(1, 255))
def test_a_flipped_byte_never_raises_anything_else(position: int, change: int) -> None:
    data = bytearray(compressed())
    data[position % len(data)] ^= change

    with suppress(DecompressionFailed):
        inflated(bytes(data))


def test_another_algorithm_is_named() -> None:
    other = structure(b"").put(Node(0x06, bytes.fromhex("2a864886f70d010901")), 1, 0, 1, 0)

    with pytest.raises(DecompressionFailed) as raised:
        inflated(other.der())

    assert {"oid": "1.2.840.113549.1.9.1"} == raised.value.details


def test_the_limit_holds_to_the_byte() -> None:
    data = compressed()

    assert CONTENT == inflated(data, limit=len(CONTENT))
    with pytest.raises(ExpansionTooLarge):
        inflated(data, limit=len(CONTENT) - 1)


def test_the_ratio_counts_beyond_the_first_mebibyte_only() -> None:
    at_grace, beyond = (compressed(bytes(size)) for size in (1 << 20, (1 << 20) + 1))

    assert 1 << 20 == len(inflated(at_grace, ratio=2))
    with pytest.raises(ExpansionTooLarge):
        inflated(beyond, ratio=2)


def test_a_bomb_costs_little_memory_and_no_more_output_than_allowed() -> None:
    compressor = zlib.compressobj(9)
    bomb = b"".join(compressor.compress(bytes(1 << 20)) for _ in range(50)) + compressor.flush()
    data = structure(bomb).der()
    pieces: list[int] = []

    tracemalloc.start()
    reader = decompress(in_pieces_of(CHUNK, data), limit=8 << 20, ratio=10_000)
    with pytest.raises(ExpansionTooLarge):
        copy(reader, lambda piece: pieces.append(len(piece)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sum(pieces) == 8 << 20
    assert peak < 3 << 20


def test_a_large_stream_passes_in_little_memory() -> None:
    content = os.urandom(1000) * 16_000
    data = compressed(content)

    tracemalloc.start()
    total = drain(decompress(in_pieces_of(CHUNK, data), limit=LIMIT))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(content) == total
    assert peak < 3 << 20


def test_the_standard_library_serves_where_isal_is_missing() -> None:
    program = (
        "import sys; sys.modules['isal'] = None\n"
        "from acuse.cms import compress, decompress\n"
        "from acuse.mime import Literal, read_all\n"
        "from tests.cms.scratch import MemoryScratch\n"
        "content = b'UNH+1' * 400_000\n"
        "source = compress(Literal(content), MemoryScratch())\n"
        "assert source.size < 20_000\n"
        "assert read_all(decompress(source.open(), limit=1 << 21), limit=1 << 21) == content\n"
        "try: read_all(decompress(Literal(b'0').open(), limit=1), limit=1)\n"
        "except Exception as error: print(type(error).__name__)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )

    assert b"DecompressionFailed\n" == done.stdout
