"""AuthEnvelopedData with AES-GCM: what its tag proves, and when. Round trips with OpenSSL are among the others."""

import os
from collections.abc import Sequence
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import Cipher, DecryptionFailed, KeyPair, decrypt, encrypt
from acuse.mime import CHUNK, Literal, Reader, drain, read_all
from tests.cms import asn1
from tests.cms.asn1 import Node
from tests.cms.command import openssl
from tests.cms.conftest import pem_of, rsa_key_of
from tests.mime.readers import InPieces, piece_sizes

CONTENT = b"Content-Type: application/edi-x12\r\n\r\n" + bytes(range(256)) * 10
LIMIT = 1 << 24
WRAPPED_KEY = (1, 0, 1, 0, 3)
CONTENT_ALGORITHM = (1, 0, 2, 1)
NONCE = (*CONTENT_ALGORITHM, 1, 0)
ENCRYPTED = (1, 0, 2, 2)
TAG = (1, 0, 3)


def envelope_for(key_pair: KeyPair, content: bytes = CONTENT, *, cipher: Cipher = Cipher.AES128_GCM) -> Node:
    source = encrypt(Literal(content), [key_pair.certificate], cipher)
    return asn1.parse(read_all(source.open(), limit=LIMIT))


def opened(envelope: bytes, keys: Sequence[KeyPair]) -> bytes:
    return read_all(decrypt(Literal(envelope).open(), keys), limit=LIMIT)


def failure_of(tree: Node, keys: Sequence[KeyPair]) -> DecryptionFailed:
    with pytest.raises(DecryptionFailed) as raised:
        opened(tree.der(), keys)
    return raised.value


@pytest.mark.parametrize("cipher", [Cipher.AES128_GCM, Cipher.AES192_GCM, Cipher.AES256_GCM])
def test_the_envelope_is_plain_gcm_with_the_sizes_of_its_rfc(cipher: Cipher, ours: KeyPair) -> None:
    tree = envelope_for(ours, cipher=cipher)
    key = rsa_key_of(ours).decrypt(tree.at(*WRAPPED_KEY).content, PKCS1v15())
    nonce, tag = tree.at(*NONCE).content, tree.at(*TAG).content

    assert (cipher.key_size, 12, 16) == (len(key), len(nonce), len(tag))
    assert b"\x10" == tree.at(*CONTENT_ALGORITHM, 1, 1).content
    assert CONTENT == AESGCM(key).decrypt(nonce, tree.at(*ENCRYPTED).content + tag, b"")


@given(content=st.binary(max_size=40) | st.integers(CHUNK - 2, CHUNK + 2).map(bytes), sizes=piece_sizes())
def test_the_size_is_exact_and_every_reading_gives_the_same(content: bytes, sizes: list[int], ours: KeyPair) -> None:
    source = encrypt(Literal(content), [ours.certificate], Cipher.AES256_GCM)

    first = read_all(source.open(), limit=LIMIT)

    assert source.size == len(first)
    assert first == read_all(source.open(), limit=LIMIT)
    assert content == opened(first, [ours])
    if len(content) <= 40:
        assert content == read_all(decrypt(InPieces(asn1.parse(first).ber(3), sizes), [ours]), limit=LIMIT)


@pytest.mark.parametrize("position", [0, 15])
def test_a_flipped_tag_is_refused_at_the_end_and_not_before(position: int, ours: KeyPair) -> None:
    content = os.urandom(2 * CHUNK)
    tree = envelope_for(ours, content)
    tag = bytearray(tree.at(*TAG).content)
    tag[position] ^= 1
    reader = decrypt(Literal(tree.put(Node(0x04, bytes(tag)), *TAG).der()).open(), [ours])

    assert content == read_exactly(reader, len(content))
    with pytest.raises(DecryptionFailed) as raised:
        reader.read(1)

    assert "tag" in raised.value.reason
    with pytest.raises(DecryptionFailed):
        reader.read(1)


def read_exactly(reader: Reader, count: int) -> bytes:
    taken = b""
    while len(taken) < count:
        taken += reader.read(count - len(taken))
    return taken


@pytest.mark.parametrize("position", [0, 100, -1])
def test_a_flipped_bit_of_the_content_is_noticed(position: int, ours: KeyPair) -> None:
    tree = envelope_for(ours)
    ciphertext = bytearray(tree.at(*ENCRYPTED).content)
    ciphertext[position] ^= 1

    failure_of(tree.put(Node(0x80, bytes(ciphertext)), *ENCRYPTED), [ours])


def test_all_failures_look_alike(ours: KeyPair, theirs: KeyPair) -> None:
    tree = envelope_for(ours)
    tag, wrapped = tree.at(*TAG).content, tree.at(*WRAPPED_KEY).content
    children = tree.at(1, 0).children
    assert children is not None
    with_attributes = Node(0x30, children=(*children[:3], Node(0xA1, children=(Node(0x30),)), children[3]))
    cbc = Node(0x30, children=(Node(0x06, bytes.fromhex("608648016503040102")), Node(0x04, bytes(16))))
    damaged = {
        "no key": failure_of(tree, []),
        "wrong key": failure_of(tree, [theirs]),
        "key damaged": failure_of(tree.put(Node(0x04, wrapped[:-1] + b"\0"), *WRAPPED_KEY), [ours]),
        "other nonce": failure_of(tree.put(Node(0x04, bytes(12)), *NONCE), [ours]),
        "short nonce": failure_of(tree.put(Node(0x04, bytes(7)), *NONCE), [ours]),
        "no parameters": failure_of(tree.put(None, *CONTENT_ALGORITHM, 1), [ours]),
        "empty parameters": failure_of(tree.put(Node(0x30, children=()), *CONTENT_ALGORITHM, 1), [ours]),
        "short tag": failure_of(tree.put(Node(0x04, tag[:11]), *TAG), [ours]),
        "no tag": failure_of(tree.put(Node(0x04), *TAG), [ours]),
        "long tag": failure_of(tree.put(Node(0x04, tag + b"\0"), *TAG), [ours]),
        "tag left out": failure_of(tree.put(None, *TAG), [ours]),
        "content cut": failure_of(tree.put(Node(0x80), *ENCRYPTED), [ours]),
        "attributes": failure_of(tree.put(with_attributes, 1, 0), [ours]),
        "as CBC": failure_of(tree.put(cbc, *CONTENT_ALGORITHM), [ours]),
        "as EnvelopedData": failure_of(tree.put(Node(0x06, bytes.fromhex("2a864886f70d010703")), 0), [ours]),
    }

    assert {(type(error), str(error), error.code) for error in damaged.values()} == {
        (DecryptionFailed, damaged["no key"].message, "CMS_DECRYPTION_FAILED")
    }
    assert all(not error.details and error.reason for error in damaged.values())
    assert "attributes" in damaged["attributes"].reason


def test_a_tag_of_twelve_bytes_is_enough(ours: KeyPair) -> None:
    """RFC 5084 section 3.2: that is the default."""
    tree = envelope_for(ours)

    shortened = tree.put(Node(0x04, tree.at(*TAG).content[:12]), *TAG).put(None, *CONTENT_ALGORITHM, 1, 1)

    assert CONTENT == opened(shortened.der(), [ours])


def test_every_truncation_fails_alike(ours: KeyPair) -> None:
    tree = envelope_for(ours, b"short")

    for envelope in (tree.der(), tree.ber(7)):
        for length in range(len(envelope)):
            failure_of_bytes(envelope[:length], ours)


def failure_of_bytes(envelope: bytes, key_pair: KeyPair) -> None:
    with pytest.raises(DecryptionFailed):
        opened(envelope, [key_pair])


@given(data=st.data())
def test_no_flipped_byte_gives_other_content(data: st.DataObject, ours: KeyPair) -> None:
    envelope = bytearray(envelope_for(ours, b"short").der())
    envelope[data.draw(st.integers(0, len(envelope) - 1))] ^= data.draw(st.integers(1, 255))

    with suppress(DecryptionFailed):
        assert b"short" == opened(bytes(envelope), [ours])


def test_without_a_key_it_fails_at_the_end(ours: KeyPair) -> None:
    reader = decrypt(Literal(envelope_for(ours, bytes(3 * CHUNK)).der()).open(), [])

    assert len(reader.read(1000)) == 1000
    with pytest.raises(DecryptionFailed):
        drain(reader)


def test_unauthenticated_attributes_are_passed_over(ours: KeyPair) -> None:
    tree = envelope_for(ours)
    children = tree.at(1, 0).children
    assert children is not None
    with_more = tree.put(Node(0x30, children=(*children, Node(0xA2, children=(Node(0x05),)))), 1, 0)

    for envelope in (with_more.der(), with_more.ber()):
        assert CONTENT == opened(envelope, [ours])
        failure_of_bytes(envelope[:-1], ours)


@pytest.mark.usefixtures("openssl_is_there")
def test_openssl_sees_authenticated_data(theirs: KeyPair) -> None:
    envelope = envelope_for(theirs, cipher=Cipher.AES256_GCM).der()

    printed = openssl("cms -cmsout -noout -print -inform DER -in envelope", envelope=envelope)

    assert b"id-smime-ct-authEnvelopedData" in printed
    assert b"aes-256-gcm" in printed
    assert CONTENT == openssl(
        "cms -decrypt -binary -inform DER -in envelope -recip own -inkey own", envelope=envelope, own=pem_of(theirs)
    )
