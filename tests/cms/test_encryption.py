"""Envelopes that we make, opened by OpenSSL."""

from dataclasses import dataclass

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import Cipher, KeyPair, RecipientUnusable, SourceChanged, decrypt, encrypt
from acuse.mime import CHUNK, Literal, Reader, read_all
from tests.cms.command import openssl
from tests.cms.conftest import AES, pem_of
from tests.mime.readers import in_pieces_of

pytestmark = pytest.mark.usefixtures("openssl_is_there")

CONTENT = b"Content-Type: application/edi-x12\n\r\nbare LF\nand \0 bytes\r\n" * 100
LIMIT = 1 << 24


@dataclass(frozen=True, slots=True)
class Misjudged:
    """A source of another size than it says."""

    data: bytes
    size: int

    def open(self) -> Reader:
        return Literal(self.data).open()


def encrypted(content: bytes, *key_pairs: KeyPair, cipher: Cipher = Cipher.AES256_CBC) -> bytes:
    source = encrypt(Literal(content), [key_pair.certificate for key_pair in key_pairs], cipher)
    return read_all(source.open(), limit=LIMIT)


@pytest.mark.parametrize("cipher", AES)
def test_openssl_opens_our_envelope_for_each_recipient(cipher: Cipher, ours: KeyPair, theirs: KeyPair) -> None:
    envelope = encrypted(CONTENT, ours, theirs, cipher=cipher)

    for key_pair in (ours, theirs):
        opened = openssl(
            "cms -decrypt -binary -inform DER -in envelope -recip own -inkey own",
            envelope=envelope, own=pem_of(key_pair),
        )  # fmt: skip
        assert CONTENT == opened


def test_openssl_agrees_with_the_structure_of_a_large_envelope(theirs: KeyPair) -> None:
    envelope = encrypted(bytes(3 * CHUNK + 5), theirs)

    printed = openssl("cms -cmsout -noout -print -inform DER -in envelope", envelope=envelope)

    assert b"version: 0" in printed
    assert b"aes-256-cbc" in printed
    assert b"rsaEncryption" in printed


@given(content=st.binary(max_size=70) | st.integers(CHUNK - 20, CHUNK + 20).map(bytes))
def test_the_size_is_exact_and_every_reading_gives_the_same_bytes(content: bytes, theirs: KeyPair) -> None:
    source = encrypt(Literal(content), [theirs.certificate], Cipher.AES128_CBC)

    first = read_all(source.open(), limit=LIMIT)

    assert source.size == len(first)
    again = source.open()
    assert first == b"".join(iter(lambda: again.read(997), b""))
    assert content == read_all(decrypt(in_pieces_of(CHUNK, first), [theirs]), limit=LIMIT)


def test_two_envelopes_of_the_same_content_share_neither_key_nor_vector(theirs: KeyPair) -> None:
    first, second = encrypted(CONTENT, theirs), encrypted(CONTENT, theirs)

    assert len(first) == len(second)
    assert first[-len(CONTENT) :] != second[-len(CONTENT) :]


def test_the_content_key_is_not_shown(theirs: KeyPair) -> None:
    assert "key" not in repr(encrypt(Literal(b"secret"), [theirs.certificate], Cipher.AES128_CBC))


@pytest.mark.parametrize("size", [0, 5, 7])
def test_content_of_another_size_than_announced_is_noticed(size: int, theirs: KeyPair) -> None:
    source = encrypt(Misjudged(b"123456", size), [theirs.certificate], Cipher.AES256_CBC)

    with pytest.raises(SourceChanged):
        read_all(source.open(), limit=LIMIT)


def test_certificates_that_cannot_take_an_envelope_are_refused(
    theirs: KeyPair, odd_certificate: x509.Certificate, small_certificate: x509.Certificate
) -> None:
    for certificates in ([], [theirs.certificate, odd_certificate], [small_certificate]):
        with pytest.raises(RecipientUnusable):
            encrypt(Literal(b""), certificates, Cipher.AES256_CBC)
