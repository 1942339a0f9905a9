"""Memory does not grow with the payload, in either direction."""

import hashlib
import tempfile
import tracemalloc
from dataclasses import dataclass
from random import Random
from typing import IO

import pytest

from acuse import as2
from acuse.as2 import Compression, OutgoingAttachment
from acuse.cms import Cipher, Digest, KeyPair
from acuse.mime import Headers, Reader, Source
from tests.as2.handmade import NOW, STRICT

MIB = 1024 * 1024
SIZE = 64 * MIB
_NOISE = Random(7).randbytes(MIB)


class Noise:
    """What compression cannot shorten: the noise repeats at a distance that no window spans."""

    size = SIZE

    def open(self) -> Reader:
        return _NoiseReader()


class _NoiseReader:
    def __init__(self) -> None:
        self._at = 0

    def read(self, size: int, /) -> bytes:
        start = self._at % MIB
        piece = _NOISE[start : start + min(size, SIZE - self._at)]
        self._at += len(piece)
        return piece


class FileScratch:
    """A scratch in a temporary file."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it ends with the scratch
        self.digest = hashlib.sha256()

    def write(self, data: bytes, /) -> None:
        self.file.write(data)
        self.digest.update(data)

    def source(self) -> Source:
        return _FileSource(self.file, self.file.tell())


@dataclass(frozen=True)
class _FileSource:
    file: IO[bytes]
    size: int

    def open(self) -> Reader:
        self.file.seek(0)
        return self.file


@pytest.mark.parametrize("compression", list(Compression))
def test_large_payload_is_built_and_opened_in_a_few_megabytes(
    compression: Compression, ours: KeyPair, theirs: KeyPair
) -> None:
    expected = hashlib.sha256(_NOISE * (SIZE // MIB)).digest()
    scratches: list[FileScratch] = []

    def scratch() -> FileScratch:
        scratches.append(FileScratch())
        return scratches[-1]

    tracemalloc.start()
    try:
        agreement = as2.Agreement(our_id="Globex", their_id="ACME", encrypt=Cipher.AES256_CBC, compression=compression)
        prepared = as2.prepare(
            [OutgoingAttachment(filename="big.bin", content_type="application/octet-stream", source=Noise())],
            agreement,
            message_id="<1@globex>",
            boundary="BOUNDARY",
            signer=theirs,
            recipients=[ours.certificate],
            scratch=scratch,
            now=NOW,
        )
        arrival = as2.receive(
            as2.open_envelope(Headers(prepared.headers)),
            prepared.body,
            STRICT,
            keys=[ours],
            certificates=[theirs.certificate],
            stage=scratch,
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    [file] = arrival.attachments
    assert expected == file.stage.digest.digest()
    assert arrival.mic
    assert prepared.exchange.mics[Digest.SHA256] == arrival.mic.value
    assert peak < 8 * MIB, f"{peak / MIB:.1f} MiB"
    for each in scratches:
        each.file.close()
