"""The floor: the same bytes through the bare operations of OpenSSL, with nothing around them.

Rule: it is measured in the process time of one thread, in the same run as what is compared with it.
"""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from isal import isal_zlib

from benchmarks import documents

_PIECE = 256 * 1024
_PADDING = PKCS1v15()


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Milliseconds of processor time for the operations that a message of 10 KB cannot do without."""

    inbound: float
    """Two RSA-2048 private operations (open the key, sign the receipt), a public one, AES and SHA-256."""
    outbound: float
    """One private operation (sign), two public ones (seal the key, verify the receipt), AES and SHA-256."""


def measure_floor(*, size: int = 10 * 1024, count: int = 400) -> Floor:
    """Raises nothing; takes about half a second."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public, sha256 = key.public_key(), hashes.SHA256()
    body, content_key, initial = os.urandom(size), os.urandom(16), os.urandom(16)
    sealed, signature = public.encrypt(content_key, _PADDING), key.sign(body, _PADDING, sha256)

    def inbound() -> None:
        decryptor = Cipher(AES(key.decrypt(sealed, _PADDING)), CBC(initial)).decryptor()
        decryptor.update(body)
        public.verify(signature, body, _PADDING, sha256)
        key.sign(b"receipt", _PADDING, sha256)

    def outbound() -> None:
        key.sign(body, _PADDING, sha256)
        public.encrypt(content_key, _PADDING)
        Cipher(AES(content_key), CBC(initial)).encryptor().update(body)
        public.verify(signature, body, _PADDING, sha256)

    return Floor(inbound=_milliseconds(inbound, count), outbound=_milliseconds(outbound, count))


def _milliseconds(work: Callable[[], None], count: int) -> float:
    for _ in range(count // 10):
        work()
    began = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - began) * 1000 / count


def measure_primitives(folder: Path, *, size: int) -> dict[str, float]:
    """MB of payload in a second of wall time, for each operation that a large file goes through."""
    pieces = list(documents.pieces(64 * 1024 * 1024))
    data = b"".join(pieces)
    chunks = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)]
    out = bytearray(_PIECE + 16)
    encryptor = Cipher(AES(bytes(16)), CBC(bytes(16))).encryptor()
    decryptor = Cipher(AES(bytes(16)), CBC(bytes(16))).decryptor()
    compressor, hasher = isal_zlib.compressobj(2), hashlib.sha256()
    compressed: list[bytes] = []
    inflater = isal_zlib.decompressobj()
    return {
        "SHA-256": _rate(chunks, hasher.update),
        "AES-128-CBC, encrypt": _rate(chunks, lambda chunk: encryptor.update_into(chunk, out)),
        "AES-128-CBC, decrypt": _rate(chunks, lambda chunk: decryptor.update_into(chunk, out)),
        "deflate, ISA-L level 2": _rate(chunks, lambda chunk: compressed.append(compressor.compress(chunk))),
        "inflate, ISA-L": _inflate_rate(compressed, inflater, len(data)),
        "write with fsync": _write_rate(folder, chunks, size),
    }


def _rate(chunks: list[bytes], work: Callable[[bytes], object]) -> float:
    began = time.perf_counter()
    for chunk in chunks:
        work(chunk)
    return sum(map(len, chunks)) / 1e6 / (time.perf_counter() - began)


def _inflate_rate(compressed: list[bytes], inflater: isal_zlib.Decompress, size: int) -> float:
    began = time.perf_counter()
    for piece in compressed:
        while piece:
            inflater.decompress(piece, max_length=_PIECE)
            piece = inflater.unconsumed_tail
    return size / 1e6 / (time.perf_counter() - began)


def _write_rate(folder: Path, chunks: list[bytes], size: int) -> float:
    path, written = folder / "written", 0
    began = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while written < size:
            written += file.write(chunks[written // _PIECE % len(chunks)])
        os.fsync(file.fileno())
    seconds = time.perf_counter() - began
    path.unlink()
    return written / 1e6 / seconds
