"""Damaged cryptographic structures: only the documented errors, nothing forged, in bounded time and memory."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import (
    AlgorithmUnsupported,
    AnyDigest,
    Cipher,
    CmsError,
    CmsMalformed,
    DecompressionFailed,
    DecrepitCipher,
    DecryptionFailed,
    Digest,
    KeyPair,
    SignatureError,
    SignatureScheme,
    WeakKeys,
    compress,
    decompress,
    decrypt,
    encrypt,
    read_signature,
    sign,
)
from acuse.mime import Literal, read_all
from tests.as2.handmade import EDI, NOW, Memory, bytes_of
from tests.fuzz.bounds import bounded, fuzzed
from tests.fuzz.mutations import Mutation, damaged, mutations
from tests.mime.readers import InPieces, piece_sizes

LIMIT = 1 << 20
CONTENT = EDI * 40
HASHED: dict[AnyDigest, bytes] = {digest: hashlib.new(digest.value, CONTENT).digest() for digest in Digest}
OTHER: dict[AnyDigest, bytes] = {digest: hashlib.new(digest.value, CONTENT + b"!").digest() for digest in Digest}
ALLOW = (*WeakKeys, *DecrepitCipher)


@pytest.fixture(scope="module")
def signatures(theirs: KeyPair, curved: KeyPair) -> list[bytes]:
    return [
        sign(HASHED[Digest.SHA256], theirs, Digest.SHA256, signing_time=NOW),
        sign(HASHED[Digest.SHA512], theirs, Digest.SHA512, signing_time=NOW, scheme=SignatureScheme.PSS),
        sign(HASHED[Digest.SHA384], curved, Digest.SHA384, signing_time=NOW),
    ]


@fuzzed(150)
@given(seed=st.integers(0, 2), by=mutations())
def test_damaged_signature_proves_nothing_but_what_was_signed(
    seed: int, by: Sequence[Mutation], signatures: list[bytes], theirs: KeyPair, curved: KeyPair
) -> None:
    data = damaged(signatures[seed], by)
    certificates = [theirs.certificate, curved.certificate]

    with bounded():
        try:
            signature = read_signature(data)
        except (CmsMalformed, AlgorithmUnsupported):
            return
        with pytest.raises((SignatureError, AlgorithmUnsupported)):
            signature.verify(OTHER, certificates)
        try:
            verified = signature.verify(HASHED, certificates)
        except (SignatureError, AlgorithmUnsupported):
            return
    assert verified.certificate in certificates


@pytest.fixture(scope="module")
def envelopes(ours: KeyPair, curved: KeyPair, theirs: KeyPair) -> list[bytes]:
    recipients = [ours.certificate, theirs.certificate], [curved.certificate], [ours.certificate, curved.certificate]
    return [
        bytes_of(encrypt(Literal(CONTENT), to, cipher, allow=ALLOW))
        for to in recipients
        for cipher in (Cipher.AES128_CBC, Cipher.AES256_GCM, DecrepitCipher.DES_EDE3_CBC)
    ]


@fuzzed(150)
@given(seed=st.integers(0, 8), other=st.integers(0, 8), by=mutations(), sizes=piece_sizes())
def test_damaged_envelope_fails_in_the_one_way(
    seed: int,
    other: int,
    by: Sequence[Mutation],
    sizes: list[int],
    envelopes: list[bytes],
    ours: KeyPair,
    curved: KeyPair,
) -> None:
    half = len(envelopes[seed]) // 2
    spliced = envelopes[seed] if other == seed else envelopes[seed][:half] + envelopes[other][half:]
    data = damaged(spliced, by)

    with bounded():
        try:
            content = read_all(decrypt(InPieces(data, sizes), [ours, curved], allow=ALLOW), limit=LIMIT)
        except DecryptionFailed:
            return
    assert len(content) <= len(data)


@pytest.fixture(scope="module")
def packed() -> list[bytes]:
    contents = (CONTENT, b"", bytes(100_000))
    return [bytes_of(compress(Literal(content), Memory())) for content in contents]


@fuzzed(150)
@given(seed=st.integers(0, 2), by=mutations(), sizes=piece_sizes())
def test_damaged_compression_fails_as_such_and_never_grows_beyond_its_limit(
    seed: int, by: Sequence[Mutation], sizes: list[int], packed: list[bytes]
) -> None:
    data = damaged(packed[seed], by)

    with bounded():
        try:
            content = read_all(decompress(InPieces(data, sizes), limit=200_000), limit=LIMIT)
        except DecompressionFailed:
            return
    assert len(content) <= 200_000


DEEP = [
    b"\x30\x80",
    b"\x24\x80",
    b"\xa0\x80",
    b"\x31\x80",
    b"\x30\x84\x7f\xff\xff\xff",
    b"\x04\x00",
    b"\0\0",
    b"\x1f\xff",
]


@fuzzed(60)
@given(opening=st.sampled_from([b"", b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"]), data=st.data())
def test_structures_nested_and_repeated_without_end_are_refused(
    opening: bytes, data: st.DataObject, ours: KeyPair
) -> None:
    kind = data.draw(st.sampled_from([b"", b"\x02\xa0\x80", b"\x03\xa0\x80"]))
    body = b"".join(
        piece * count
        for piece, count in data.draw(
            st.lists(st.tuples(st.sampled_from(DEEP), st.sampled_from([1, 5, 30_000])), min_size=1, max_size=4)
        )
    )
    whole = opening + kind + body

    with bounded():
        with pytest.raises(CmsError):
            read_signature(whole)
        with pytest.raises(DecryptionFailed):
            read_all(decrypt(Literal(whole).open(), [ours]), limit=LIMIT)
        with pytest.raises(DecompressionFailed):
            read_all(decompress(Literal(whole).open(), limit=LIMIT), limit=LIMIT)
