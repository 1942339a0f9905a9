"""AuthEnvelopedData with ChaCha20-Poly1305 (RFC 8103). OpenSSL 3.0 writes none; the whole-message cipher of the
cryptography package, which is proved by the vectors of RFC 8439, is the judge.
"""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import Cipher, DecryptionFailed, KeyPair, decrypt, encrypt
from acuse.mime import CHUNK, Literal, read_all
from tests.cms import asn1
from tests.cms.asn1 import Node
from tests.cms.conftest import rsa_key_of
from tests.mime.readers import InPieces, piece_sizes

CONTENT = b"Content-Type: application/edi-x12\r\n\r\n" + bytes(range(256)) * 10
LIMIT = 1 << 24
WRAPPED_KEY = (1, 0, 1, 0, 3)
CONTENT_ALGORITHM = (1, 0, 2, 1)
ENCRYPTED = (1, 0, 2, 2)
TAG = (1, 0, 3)


def envelope_for(key_pair: KeyPair, content: bytes = CONTENT) -> Node:
    source = encrypt(Literal(content), [key_pair.certificate], Cipher.CHACHA20_POLY1305)
    envelope = read_all(source.open(), limit=LIMIT)
    assert source.size == len(envelope)
    return asn1.parse(envelope)


def opened(envelope: bytes, key_pair: KeyPair) -> bytes:
    return read_all(decrypt(Literal(envelope).open(), [key_pair]), limit=LIMIT)


@pytest.mark.rfc(8103, "2")
@pytest.mark.parametrize("size", [0, 1, 15, 16, 63, 64, 65, CHUNK - 1, CHUNK, 2 * CHUNK + 7])
def test_the_envelope_holds_what_its_rfc_says(size: int, ours: KeyPair) -> None:
    content = os.urandom(size)

    tree = envelope_for(ours, content)

    algorithm = tree.at(*CONTENT_ALGORITHM).children
    assert algorithm is not None
    # 1.2.840.113549.1.9.16.3.18, and the nonce as an OCTET STRING by itself.
    assert ["2a864886f70d0109100312", 0x04] == [algorithm[0].content.hex(), algorithm[1].tag]
    nonce, tag = algorithm[1].content, tree.at(*TAG).content
    key = rsa_key_of(ours).decrypt(tree.at(*WRAPPED_KEY).content, PKCS1v15())
    assert (2, 32, 12, 16) == (len(algorithm), len(key), len(nonce), len(tag))
    assert content == ChaCha20Poly1305(key).decrypt(nonce, tree.at(*ENCRYPTED).content + tag, b"")
    assert content == opened(tree.der(), ours)


@given(content=st.binary(max_size=200), sizes=piece_sizes())
def test_what_another_program_encrypted_is_opened(content: bytes, sizes: list[int], ours: KeyPair) -> None:
    key, nonce = os.urandom(32), os.urandom(12)
    sealed = ChaCha20Poly1305(key).encrypt(nonce, content, b"")
    tree = (
        envelope_for(ours)
        .put(Node(0x04, rsa_key_of(ours).public_key().encrypt(key, PKCS1v15())), *WRAPPED_KEY)
        .put(Node(0x04, nonce), *CONTENT_ALGORITHM, 1)
        .put(Node(0x80, sealed[:-16]), *ENCRYPTED)
        .put(Node(0x04, sealed[-16:]), *TAG)
    )

    assert content == opened(tree.der(), ours)
    assert content == read_all(decrypt(InPieces(tree.ber(3), sizes), [ours]), limit=LIMIT)


def test_whatever_is_wrong_looks_alike(ours: KeyPair, theirs: KeyPair) -> None:
    tree = envelope_for(ours)
    tag, encrypted = tree.at(*TAG).content, tree.at(*ENCRYPTED).content
    flipped = bytes([encrypted[0] ^ 1]) + encrypted[1:]
    damaged = [
        (tree, theirs),
        (tree.put(Node(0x80, flipped), *ENCRYPTED), ours),
        (tree.put(Node(0x80, encrypted[:-1]), *ENCRYPTED), ours),
        (tree.put(Node(0x04, bytes(16)), *TAG), ours),
        (tree.put(Node(0x04, tag[:12]), *TAG), ours),
        (tree.put(Node(0x04), *TAG), ours),
        (tree.put(Node(0x04, bytes(8)), *CONTENT_ALGORITHM, 1), ours),
        (tree.put(Node(0x30, children=(Node(0x04, bytes(12)),)), *CONTENT_ALGORITHM, 1), ours),
        (tree.put(None, *CONTENT_ALGORITHM, 1), ours),
    ]

    failures = set()
    for envelope, key_pair in damaged:
        with pytest.raises(DecryptionFailed) as raised:
            opened(envelope.der(), key_pair)
        failures.add((str(raised.value), raised.value.code))

    assert 1 == len(failures)
