"""Envelopes that others make, and the one way in which opening them fails."""

import os
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher as RawCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import Cipher, Decrypted, DecryptionFailed, KeyPair, decrypt, encrypt
from acuse.mime import CHUNK, Literal, PieceReader, Reader, drain, read_all
from tests.cms import asn1
from tests.cms.asn1 import Node
from tests.cms.command import openssl
from tests.cms.conftest import AES, certificate_for, pem_of, rsa_key_of
from tests.mime.readers import InPieces, in_pieces_of, piece_sizes

pytestmark = pytest.mark.usefixtures("openssl_is_there")

CONTENT = b"Content-Type: application/edi-x12\r\n\r\n\0\0\n" + bytes(range(256)) * 40
LIMIT = 1 << 24
RECIPIENT = (1, 0, 1, 0)
WRAPPED_KEY = (*RECIPIENT, 3)
CONTENT_ALGORITHM = (1, 0, 2, 1)
ENCRYPTED = (1, 0, 2, 2)


def opened(envelope: bytes, keys: Sequence[KeyPair]) -> bytes:
    return read_all(decrypt(Literal(envelope).open(), keys), limit=LIMIT)


def encrypted_by_openssl(options: str, *key_pairs: KeyPair, content: bytes = CONTENT) -> bytes:
    names = {f"own{number}": pem_of(key_pair) for number, key_pair in enumerate(key_pairs)}
    recipients = " ".join(f"-recip {name}" for name in names)
    return openssl(f"cms -encrypt -binary -in content -outform DER {options} {recipients}", content=content, **names)


def envelope_for(key_pair: KeyPair, content: bytes = CONTENT) -> Node:
    source = encrypt(Literal(content), [key_pair.certificate], Cipher.AES128_CBC)
    return asn1.parse(read_all(source.open(), limit=LIMIT))


def failure_of(envelope: bytes, keys: Sequence[KeyPair]) -> DecryptionFailed:
    with pytest.raises(DecryptionFailed) as raised:
        opened(envelope, keys)
    return raised.value


@pytest.mark.parametrize("form", ["", "-stream"])
@pytest.mark.parametrize("cipher", AES)
@pytest.mark.parametrize("naming", ["", "-keyid"])
def test_openssl_envelopes_of_every_form_are_opened(
    form: str, cipher: Cipher, naming: str, ours: KeyPair, theirs: KeyPair
) -> None:
    name = cipher.value.replace("aes", "aes-").replace("_", "-")
    envelope = encrypted_by_openssl(f"-{name} {form} {naming}", ours, theirs)

    for key_pair in (ours, theirs):
        reader = decrypt(Literal(envelope).open(), [key_pair])
        assert CONTENT == read_all(reader, limit=LIMIT)
        assert (cipher, key_pair) == (reader.cipher, reader.key_pair)


@given(
    content=st.binary(max_size=120),
    segments=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    sizes=piece_sizes(),
)
def test_any_segments_and_any_pieces_give_the_same_content(
    content: bytes, segments: list[int], sizes: list[int], ours: KeyPair
) -> None:
    tree = envelope_for(ours, content)
    inner = b"".join(asn1.segments_of(tree.at(*ENCRYPTED).content, segments))
    # A constructed string of definite length, holding one of indefinite length that holds the segments.
    nested = Node(0xA0, children=(Node(0x24, inner), Node(0x04)))

    for envelope in (tree.der(), tree.ber(segments[0]), tree.put(nested, *ENCRYPTED).der()):
        assert content == read_all(decrypt(InPieces(envelope + b"\r\ntrailing", sizes), [ours]), limit=LIMIT)


def test_segments_of_1000_bytes_come_out_joined(ours: KeyPair) -> None:
    content = os.urandom(3 * CHUNK)
    envelope = envelope_for(ours, content).ber(1000)

    reader = decrypt(in_pieces_of(CHUNK, envelope), [ours])
    pieces = list(iter(lambda: reader.read(CHUNK), b""))

    assert content == b"".join(pieces)
    assert len(pieces) < 12


def test_a_key_with_another_certificate_opens_what_names_the_old_one(
    ours: KeyPair, theirs: KeyPair, renewed: KeyPair
) -> None:
    envelope = envelope_for(ours).der()

    reader = decrypt(Literal(envelope).open(), [theirs, renewed])

    assert CONTENT == read_all(reader, limit=LIMIT)
    assert renewed == reader.key_pair


def test_of_two_keys_with_the_same_name_the_right_one_opens(ours: KeyPair, theirs: KeyPair) -> None:
    twins = [KeyPair(certificate_for(pair, name="twin"), pair.private_key) for pair in (ours, theirs)]

    for twin in twins:
        assert CONTENT == opened(envelope_for(twin).der(), twins)


def test_among_keys_that_all_seem_to_fit_the_one_that_gives_text_is_taken(ours: KeyPair, theirs: KeyPair) -> None:
    right, wrong = envelope_for(ours), envelope_for(theirs)
    # Two recipients' parts, one with a key of the right length that is not this content's key.
    recipients = Node(0x31, children=(wrong.at(*RECIPIENT), right.at(*RECIPIENT)))

    assert CONTENT == opened(right.put(recipients, 1, 0, 1).der(), [theirs, ours])


def test_a_part_that_names_one_key_is_not_tried_with_another(ours: KeyPair, theirs: KeyPair) -> None:
    tree = envelope_for(theirs)
    misnamed = tree.put(envelope_for(ours).at(*RECIPIENT, 1), *RECIPIENT, 1)

    opened_with(misnamed, [ours, theirs])


def test_a_last_block_that_is_not_whole_fails_whatever_the_block_before_it_looks_like(ours: KeyPair) -> None:
    tree = envelope_for(ours, bytes(15) + b"\x01")
    ciphertext = tree.at(*ENCRYPTED).content

    assert bytes(15) == opened(tree.put(Node(0x80, ciphertext[:16]), *ENCRYPTED).der(), [ours])
    opened_with(tree.put(Node(0x80, ciphertext[:-1]), *ENCRYPTED), [ours])


def test_all_failures_look_alike(ours: KeyPair, theirs: KeyPair) -> None:
    tree = envelope_for(ours)
    ciphertext = tree.at(*ENCRYPTED).content
    wrapped = tree.at(*WRAPPED_KEY).content
    damaged = {
        "no key": opened_with(tree, []),
        "wrong key": opened_with(tree, [theirs]),
        "padding": opened_with(tree.put(Node(0x80, ciphertext[:-16] + bytes(16)), *ENCRYPTED), [ours]),
        "half a block": opened_with(tree.put(Node(0x80, ciphertext[:-1]), *ENCRYPTED), [ours]),
        "no content": opened_with(tree.put(Node(0x80), *ENCRYPTED), [ours]),
        "key damaged": opened_with(tree.put(Node(0x04, wrapped[:-1] + b"\0"), *WRAPPED_KEY), [ours]),
        "key cut": opened_with(tree.put(Node(0x04, wrapped[:-1]), *WRAPPED_KEY), [ours]),
        "no recipient": opened_with(tree.put(Node(0x31, children=()), 1, 0, 1), [ours]),
        "truncated": failure_of(tree.der()[:-1], [ours]),
        "not CMS": failure_of(b"Content-Type: text/plain", [ours]),
        "other CMS": opened_with(tree.put(Node(0x06, b"\x2a"), 0), [ours]),
        "other cipher": failure_of(encrypted_by_openssl("-des3", ours), [ours]),
        "short vector": opened_with(tree.put(Node(0x04, bytes(8)), *CONTENT_ALGORITHM, 1), [ours]),
    }

    assert {(type(error), str(error), error.code) for error in damaged.values()} == {
        (DecryptionFailed, damaged["padding"].message, "CMS_DECRYPTION_FAILED")
    }
    assert all(not error.details and error.reason for error in damaged.values())
    assert "1.2.840.113549.3.7" in damaged["other cipher"].reason


def opened_with(tree: Node, keys: Sequence[KeyPair]) -> DecryptionFailed:
    return failure_of(tree.der(), keys)


def test_that_no_key_fits_shows_only_at_the_end(ours: KeyPair) -> None:
    reader = decrypt(Literal(envelope_for(ours, bytes(3 * CHUNK)).der()).open(), [])

    assert len(reader.read(1000)) == 1000
    assert reader.key_pair is None
    with pytest.raises(DecryptionFailed):
        drain(reader)
    with pytest.raises(DecryptionFailed):
        reader.read(1)


def test_without_a_key_it_fails_even_when_chance_makes_the_padding_right(ours: KeyPair) -> None:
    envelope = envelope_for(ours, b"x").der()

    for _ in range(600):
        failure_of(envelope, [])


def test_every_truncation_fails_alike(ours: KeyPair) -> None:
    tree = envelope_for(ours, b"short")

    for envelope in (tree.der(), tree.ber(7)):
        for length in range(len(envelope)):
            failure_of(envelope[:length], [ours])


@given(noise=st.binary(max_size=200), data=st.data())
def test_noise_and_flipped_bytes_never_raise_anything_else(noise: bytes, data: st.DataObject, ours: KeyPair) -> None:
    failure_of(noise, [ours])
    envelope = bytearray(envelope_for(ours, b"short").der())
    envelope[data.draw(st.integers(0, len(envelope) - 1))] ^= data.draw(st.integers(1, 255))

    with suppress(DecryptionFailed):
        opened(bytes(envelope), [ours])


def test_unprotected_attributes_and_originator_info_are_passed_over(ours: KeyPair) -> None:
    tree = envelope_for(ours)
    children = tree.at(1, 0).children
    assert children is not None
    version, *rest = children
    with_more = Node(0x30, children=(version, Node(0xA0, children=()), *rest, Node(0xA1, children=(Node(0x05),))))

    for envelope in (tree.put(with_more, 1, 0).der(), tree.put(with_more, 1, 0).ber()):
        assert CONTENT == opened(envelope, [ours])
        failure_of(envelope[:-1], [ours])


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x30\x80" * 500_000,
        b"\x30\x84\x7f\x00\x00\x00\x06\x83\x20\x00\x00" + bytes(3_000_000),
        b"\x30\x80\x24\x80" + b"\x04\x00" * 500_000,
        b"\x30" + b"\x9f" * 100_000,
    ],
)
def test_structures_made_to_tire_the_reader_are_refused_quickly(bomb: bytes, ours: KeyPair) -> None:
    failure_of(bomb, [ours])


def test_content_in_empty_segments_is_refused_before_it_takes_long(ours: KeyPair) -> None:
    tree = envelope_for(ours)
    empty = tree.put(Node(0xA0, b"\x04\x00" * 300_000), *ENCRYPTED)

    assert "tiny" in opened_with(empty, [ours]).reason


def test_a_large_message_is_encrypted_and_decrypted_in_little_memory(ours: KeyPair) -> None:
    piece = os.urandom(CHUNK)
    source = Repeated(piece, 256)

    tracemalloc.start()
    envelope = encrypt(source, [ours.certificate], Cipher.AES256_CBC)
    total = drain(decrypt(envelope.open(), [ours]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert source.size == total == 64 * 1024 * 1024
    assert peak < 4 * 1024 * 1024


class Repeated:
    """A large source that takes no memory."""

    def __init__(self, piece: bytes, times: int) -> None:
        self._piece = piece
        self._times = times

    @property
    def size(self) -> int:
        return len(self._piece) * self._times

    def open(self) -> Reader:
        return PieceReader(self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        for _ in range(self._times):
            yield self._piece


def test_the_ciphertext_is_plain_aes(ours: KeyPair) -> None:
    """The key that the envelope carries opens its content by any other means."""
    tree = envelope_for(ours)
    key = rsa_key_of(ours).decrypt(tree.at(*WRAPPED_KEY).content, PKCS1v15())
    initial = tree.at(*CONTENT_ALGORITHM, 1).content
    decryptor = RawCipher(algorithms.AES(key), modes.CBC(initial)).decryptor()

    plain = decryptor.update(tree.at(*ENCRYPTED).content) + decryptor.finalize()

    assert CONTENT == plain[: -plain[-1]]


def test_the_reader_says_how_it_was_encrypted(ours: KeyPair) -> None:
    reader = decrypt(Literal(envelope_for(ours).der()).open(), [ours])

    assert isinstance(reader, Decrypted)
    assert Cipher.AES128_CBC == reader.cipher
