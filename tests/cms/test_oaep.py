"""RSAES-OAEP, judged by OpenSSL in both directions."""

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from acuse.cms import (
    Cipher,
    DecryptionFailed,
    KeyPair,
    KeyTransport,
    decrypt,
    encrypt,
)
from acuse.mime import Literal, read_all
from tests.cms import asn1
from tests.cms.asn1 import Node
from tests.cms.command import openssl
from tests.cms.conftest import pem_of, rsa_key_of

pytestmark = pytest.mark.usefixtures("openssl_is_there")

CONTENT = b"Content-Type: application/edi-x12\r\n\r\nISA*00*\n"
LIMIT = 1 << 20
RECIPIENT = (1, 0, 1, 0)
TRANSPORT = (*RECIPIENT, 2)


def oaep(key_pair: KeyPair, cipher: Cipher = Cipher.AES128_CBC) -> Node:
    source = encrypt(Literal(CONTENT), [key_pair.certificate], cipher, key_transport=KeyTransport.OAEP)
    envelope = read_all(source.open(), limit=LIMIT)
    assert source.size == len(envelope)
    return asn1.parse(envelope)


def opened(envelope: bytes, *keys: KeyPair) -> bytes:
    return read_all(decrypt(Literal(envelope).open(), keys), limit=LIMIT)


@pytest.mark.parametrize(
    "options",
    ["", "-keyopt rsa_oaep_md:sha256", "-keyopt rsa_oaep_md:sha384", "-keyopt rsa_oaep_md:sha512 -keyid",
     "-keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha1", "-keyopt rsa_oaep_label:c0ffee"],
)  # fmt: skip
def test_openssl_envelopes_with_oaep_are_opened(options: str, ours: KeyPair, theirs: KeyPair) -> None:
    envelope = openssl(
        "cms -encrypt -binary -in content -outform DER -aes-128-cbc "
        f"-recip own -keyopt rsa_padding_mode:oaep {options} -recip other",
        content=CONTENT, own=pem_of(ours), other=pem_of(theirs),
    )  # fmt: skip

    assert CONTENT == opened(envelope, ours)
    assert CONTENT == opened(envelope, theirs)


@pytest.mark.parametrize("cipher", [Cipher.AES256_CBC, Cipher.AES256_GCM])
def test_openssl_opens_our_envelope_with_oaep(cipher: Cipher, theirs: KeyPair) -> None:
    envelope = oaep(theirs, cipher).der()

    printed = openssl("cms -cmsout -noout -print -inform DER -in envelope", envelope=envelope)
    assert b"rsaesOaep" in printed
    assert CONTENT == openssl(
        "cms -decrypt -binary -inform DER -in envelope -recip own -inkey own", envelope=envelope, own=pem_of(theirs)
    )


def test_what_oaep_leaves_out_means_sha1_with_and_without_parameters(ours: KeyPair) -> None:
    envelope = openssl(
        "cms -encrypt -binary -in content -outform DER -aes-128-cbc -recip own -keyopt rsa_padding_mode:oaep",
        content=CONTENT, own=pem_of(ours),
    )  # fmt: skip
    tree = asn1.parse(envelope)

    assert () == tree.at(*TRANSPORT, 1).children
    assert CONTENT == opened(tree.put(None, *TRANSPORT, 1).der(), ours)


def test_hash_and_mask_of_oaep_may_differ(ours: KeyPair) -> None:
    tree = oaep(ours)
    sha256 = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)
    mixed = OAEP(mgf=MGF1(SHA256()), algorithm=SHA384(), label=None)
    key = rsa_key_of(ours).decrypt(tree.at(*RECIPIENT, 3).content, sha256)
    wrapped = rsa_key_of(ours).public_key().encrypt(key, mixed)
    sha384 = Node(0x06, bytes.fromhex("608648016503040202"))

    tree = tree.put(Node(0x04, wrapped), *RECIPIENT, 3).put(sha384, *TRANSPORT, 1, 0, 0, 0)

    assert CONTENT == opened(tree.der(), ours)


def test_a_label_of_oaep_in_an_unknown_way_is_not_taken_for_one(ours: KeyPair) -> None:
    tree = asn1.parse(
        openssl(
            "cms -encrypt -binary -in content -outform DER -aes-128-cbc -recip own "
            "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_label:c0ffee",
            content=CONTENT, own=pem_of(ours),
        )
    )  # fmt: skip
    source = (*TRANSPORT, 1, -1, 0, 0)

    assert CONTENT == opened(tree.der(), ours)
    with pytest.raises(DecryptionFailed):
        opened(tree.put(Node(0x06, b"\x2a\x03"), *source).der(), ours)


def test_all_failures_with_oaep_look_alike_and_late(ours: KeyPair, theirs: KeyPair) -> None:
    tree = oaep(ours)
    wrapped = tree.at(*RECIPIENT, 3).content
    unknown = Node(0x06, b"\x2a\x03")
    damaged = {
        "wrong key": (tree, theirs),
        "damaged": (tree.put(Node(0x04, wrapped[:-1] + bytes([wrapped[-1] ^ 1])), *RECIPIENT, 3), ours),
        "cut": (tree.put(Node(0x04, wrapped[:-1]), *RECIPIENT, 3), ours),
        "other parameters": (tree.put(Node(0x30, children=()), *TRANSPORT, 1), ours),
        "unknown hash": (tree.put(unknown, *TRANSPORT, 1, 0, 0, 0), ours),
        "unknown mask": (tree.put(unknown, *TRANSPORT, 1, 1, 0, 0), ours),
        "unknown transport": (tree.put(unknown, *TRANSPORT, 0), ours),
    }

    for envelope, key_pair in damaged.values():
        reader = decrypt(Literal(envelope.der()).open(), [key_pair])
        with pytest.raises(DecryptionFailed):
            read_all(reader, limit=LIMIT)


def test_every_truncation_of_an_oaep_envelope_fails_alike(ours: KeyPair) -> None:
    for envelope in (oaep(ours).der(), oaep(ours).ber(7)):
        for length in range(len(envelope)):
            with pytest.raises(DecryptionFailed):
                opened(envelope[:length], ours)
