"""Envelopes for keys on elliptic curves, judged by OpenSSL in both directions."""

from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import (
    AnyCipher,
    Cipher,
    Curve,
    DecrepitCipher,
    DecryptionFailed,
    KeyPair,
    decrypt,
    encrypt,
    self_signed,
)
from acuse.mime import Literal, read_all
from tests.cms import asn1
from tests.cms.asn1 import Node
from tests.cms.command import openssl
from tests.cms.conftest import AES, VALID_FROM, VALID_UNTIL, certificate_for, pem_of

pytestmark = pytest.mark.usefixtures("openssl_is_there")

CONTENT = b"Content-Type: application/edi-x12\r\n\r\nISA*00*\n"
LIMIT = 1 << 20
RECIPIENT = (1, 0, 1, 0)
ORIGINATOR = (*RECIPIENT, 1)
POINT = (*ORIGINATOR, 0, 1)
SCHEME_OF_KEY = (*RECIPIENT, 2, 0)
WRAP = (*RECIPIENT, 2, 1)
RECIPIENTS = (*RECIPIENT, 3)
WRAPPED_KEY = (*RECIPIENTS, 0, 1)


def opened(envelope: bytes, *keys: KeyPair) -> bytes:
    allow = (DecrepitCipher.DES_EDE3_CBC,)
    return read_all(decrypt(Literal(envelope).open(), keys, allow=allow), limit=LIMIT)


def envelope_for(*key_pairs: KeyPair, cipher: AnyCipher = Cipher.AES128_CBC) -> Node:
    source = encrypt(Literal(CONTENT), [key_pair.certificate for key_pair in key_pairs], cipher)
    envelope = read_all(source.open(), limit=LIMIT)
    assert source.size == len(envelope)
    return asn1.parse(envelope)


def encrypted_by_openssl(options: str, **recipients: KeyPair) -> bytes:
    named = " ".join(f"-recip {name}" for name in recipients)
    return openssl(
        f"cms -encrypt -binary -in content -outform DER {named} {options}",
        content=CONTENT, **{name: pem_of(key_pair) for name, key_pair in recipients.items()},
    )  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        "-aes-128-cbc",
        "-aes-192-cbc -keyid",
        "-aes-256-cbc -keyopt ecdh_kdf_md:sha256 -stream",
        "-aes-128-gcm -keyopt ecdh_kdf_md:sha384 -keyopt ecdh_cofactor_mode:1",
        "-aes-256-gcm -keyopt ecdh_kdf_md:sha512 -keyid",
        "-aes-192-gcm -keyopt ecdh_cofactor_mode:1",
    ],
)
def test_openssl_envelopes_with_ecdh_are_opened(options: str, on_curve: KeyPair) -> None:
    envelope = encrypted_by_openssl(options, own=on_curve)

    assert CONTENT == opened(envelope, on_curve)


@pytest.mark.parametrize("cipher", [*AES, DecrepitCipher.DES_EDE3_CBC])
def test_openssl_opens_our_envelope_with_ecdh(cipher: AnyCipher, on_curve: KeyPair) -> None:
    envelope = envelope_for(on_curve, cipher=cipher).der()

    printed = openssl("cms -cmsout -noout -print -inform DER -in envelope", envelope=envelope)
    assert b"dhSinglePass-stdDH-sha256kdf-scheme" in printed
    assert f"id-aes{8 * cipher.key_size}-wrap".encode() in printed
    assert (b"version: 0" if cipher.is_authenticated else b"version: 2") in printed
    assert CONTENT == opened(envelope, on_curve)
    assert CONTENT == openssl(
        "cms -decrypt -binary -inform DER -in envelope -recip own -inkey own", envelope=envelope, own=pem_of(on_curve)
    )


def test_recipients_of_all_kinds_open_the_same_envelope(curved: KeyPair, on_curve: KeyPair, ours: KeyPair) -> None:
    for envelope in (
        envelope_for(curved, ours, on_curve).der(),
        envelope_for(ours, on_curve, curved, cipher=Cipher.AES128_GCM).ber(9),
        encrypted_by_openssl("-aes128", own=curved, other=ours, third=on_curve),
    ):
        for key_pair in (curved, ours, on_curve):
            assert CONTENT == opened(envelope, key_pair)


def test_a_key_with_another_certificate_opens_what_names_the_old_one(curved: KeyPair, stranger: KeyPair) -> None:
    renewed = KeyPair(certificate_for(curved, name="renewed"), curved.private_key)
    reader = decrypt(Literal(envelope_for(curved).der()).open(), [stranger, renewed])

    assert CONTENT == read_all(reader, limit=LIMIT)
    assert renewed == reader.key_pair


def test_a_key_identifier_may_come_with_a_date(curved: KeyPair, stranger: KeyPair) -> None:
    """RFC 5652 section 6.2.2."""
    tree = asn1.parse(encrypted_by_openssl("-aes128 -keyid", own=curved))
    key_id = tree.at(*RECIPIENTS, 0, 0)
    dated = Node(0xA0, children=(key_id.at(0), Node(0x18, b"20261120000000Z")))

    for envelope in (tree, tree.put(dated, *RECIPIENTS, 0, 0)):
        assert CONTENT == opened(envelope.der(), stranger, curved) == opened(envelope.ber(3), stranger, curved)


def test_several_recipients_may_share_one_ephemeral_key_and_material(curved: KeyPair, stranger: KeyPair) -> None:
    """RFC 5753 section 3.1.1: here with user keying material, as other products write it."""
    tree = envelope_for(stranger)
    content_key = key_in(tree, stranger)
    material = b"sixteen bytes..."
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    wrap = tree.at(*WRAP).der()
    shared = Node(0x30, wrap + Node(0xA0, Node(0x04, material).der()).der() + bytes.fromhex("a206040400000080")).der()
    parts = tuple(
        Node(0x30, children=(name, Node(0x04, wrapped(ephemeral, key_pair, shared, content_key))))
        for name, key_pair in (
            (tree.at(*RECIPIENTS, 0, 0), stranger),
            (envelope_for(curved).at(*RECIPIENTS, 0, 0), curved),
        )
    )
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    version, originator, scheme, _ = tree.at(*RECIPIENT).children or ()
    info = Node(
        0xA1,
        children=(
            version,
            originator.put(Node(0x03, b"\0" + point), 0, 1),
            Node(0xA1, children=(Node(0x04, material),)),
            scheme,
            Node(0x30, children=parts),
        ),
    )
    envelope = tree.put(info, *RECIPIENT)

    for key_pair in (curved, stranger):
        assert CONTENT == opened(envelope.der(), key_pair) == opened(envelope.ber(7), key_pair)


def key_in(tree: Node, key_pair: KeyPair) -> bytes:
    """The content key, by hand."""
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), tree.at(*POINT).content[1:])
    assert isinstance(key_pair.private_key, ec.EllipticCurvePrivateKey)
    shared = Node(0x30, tree.at(*WRAP).der() + bytes.fromhex("a206040400000080")).der()
    secret = key_pair.private_key.exchange(ec.ECDH(), point)
    return aes_key_unwrap(X963KDF(SHA256(), 16, shared).derive(secret), tree.at(*WRAPPED_KEY).content)


def wrapped(ephemeral: ec.EllipticCurvePrivateKey, key_pair: KeyPair, shared: bytes, content_key: bytes) -> bytes:
    public_key = key_pair.private_key.public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    secret = ephemeral.exchange(ec.ECDH(), public_key)
    return aes_key_wrap(X963KDF(SHA256(), 16, shared).derive(secret), content_key)


def test_all_failures_with_ecdh_look_alike_and_late(curved: KeyPair, stranger: KeyPair, ours: KeyPair) -> None:
    tree = envelope_for(curved)
    point, key = tree.at(*POINT).content, tree.at(*WRAPPED_KEY).content
    unknown = Node(0x06, b"\x2a\x03")
    other_point = envelope_for(curved).at(*POINT)
    p384 = self_signed("p384", curve=Curve.P384, not_before=VALID_FROM, not_after=VALID_UNTIL)
    damaged = {
        "wrong key": (tree, stranger),
        "key of another curve": (tree, p384),
        "key of another kind": (tree, ours),
        "other point": (tree.put(other_point, *POINT), curved),
        "no point of the curve": (tree.put(Node(0x03, point[:-1] + bytes([point[-1] ^ 1])), *POINT), curved),
        "point cut": (tree.put(Node(0x03, point[:-1]), *POINT), curved),
        "point at infinity": (tree.put(Node(0x03, b"\0\0"), *POINT), curved),
        "no point": (tree.put(Node(0x03), *POINT), curved),
        "wrapped key damaged": (tree.put(Node(0x04, key[:-1] + bytes([key[-1] ^ 1])), *WRAPPED_KEY), curved),
        "wrapped key cut": (tree.put(Node(0x04, key[:-1]), *WRAPPED_KEY), curved),
        "no wrapped key": (tree.put(Node(0x04), *WRAPPED_KEY), curved),
        "other derivation": (tree.put(Node(0x06, bytes.fromhex("2b81040b02")), *SCHEME_OF_KEY), curved),
        "unknown scheme": (tree.put(unknown, *SCHEME_OF_KEY), curved),
        "unknown wrap": (tree.put(unknown, *WRAP, 0), curved),
        "parameters of the wrap": (tree.put(Node(0x30, children=(tree.at(*WRAP, 0), Node(0x05))), *WRAP), curved),
        "static sender": (tree.put(tree.at(*RECIPIENTS, 0, 0), *ORIGINATOR, 0), curved),
        "other material": (with_material(tree), curved),
        "no recipients": (tree.put(Node(0x30, children=()), *RECIPIENTS), curved),
    }

    for envelope, key_pair in damaged.values():
        reader = decrypt(Literal(envelope.der()).open(), [key_pair])
        with pytest.raises(DecryptionFailed) as raised:
            read_all(reader, limit=LIMIT)
        assert "CMS_DECRYPTION_FAILED" == raised.value.code
        assert not raised.value.details


def with_material(tree: Node) -> Node:
    version, originator, scheme, recipients = tree.at(*RECIPIENT).children or ()
    material = Node(0xA1, children=(Node(0x04, b"more"),))
    return tree.put(Node(0xA1, children=(version, originator, material, scheme, recipients)), *RECIPIENT)


def test_every_truncation_of_an_ecdh_envelope_fails_alike(curved: KeyPair) -> None:
    for envelope in (envelope_for(curved).der(), envelope_for(curved).ber(7)):
        for length in range(len(envelope)):
            with pytest.raises(DecryptionFailed):
                opened(envelope[:length], curved)


def test_a_recipient_without_all_its_parts_is_refused(curved: KeyPair) -> None:
    tree = envelope_for(curved)

    for path in (ORIGINATOR, (*ORIGINATOR, 0), POINT, (*RECIPIENT, 2), WRAP, RECIPIENTS, WRAPPED_KEY):
        with pytest.raises(DecryptionFailed):
            opened(tree.put(None, *path).der(), curved)


@given(data=st.data())
def test_flipped_bytes_never_raise_anything_else(data: st.DataObject, curved: KeyPair) -> None:
    envelope = bytearray(envelope_for(curved).der())
    envelope[data.draw(st.integers(0, len(envelope) - 1))] ^= data.draw(st.integers(1, 255))

    with suppress(DecryptionFailed):
        opened(bytes(envelope), curved)


def test_every_envelope_has_an_ephemeral_key_of_its_own(curved: KeyPair) -> None:
    points = {envelope_for(curved).at(*POINT).content for _ in range(5)}

    assert 5 == len(points)
