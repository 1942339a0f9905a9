"""Ed25519 signatures (RFC 8419) and X25519 key agreement (RFC 8418).

OpenSSL 3.0 does neither within CMS, so the structures are taken apart and put together by hand here, with the
primitives of the cryptography package as the judge.
"""

import hashlib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from acuse.cms import (
    AlgorithmUnsupported,
    Cipher,
    DecryptionFailed,
    Digest,
    DigestMismatch,
    KeyPair,
    RecipientUnusable,
    SignatureBroken,
    SignerUnknown,
    SignerUnusable,
    Verified,
    check_recipient,
    check_signer_certificate,
    decrypt,
    encrypt,
    read_signature,
    sign,
    signing_digest,
)
from acuse.mime import Literal, read_all
from tests.cms import asn1
from tests.cms.asn1 import Node
from tests.cms.conftest import issue

CONTENT = b"Content-Type: application/edi-x12\r\n\r\nISA*00*\n"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMIT = 1 << 20
SIGNER = (1, 0, -1, 0)
RECIPIENT = (1, 0, 1, 0)
ED25519, X25519 = bytes.fromhex("2b6570"), bytes.fromhex("2b656e")


@pytest.fixture(scope="module")
def edwards() -> KeyPair:
    key = Ed25519PrivateKey.generate()
    return KeyPair(issue("edwards", key.public_key()), key)


@pytest.fixture(scope="module")
def montgomery() -> KeyPair:
    key = X25519PrivateKey.generate()
    return KeyPair(issue("montgomery", key.public_key()), key)


def digest_of(content: bytes, digest: Digest = Digest.SHA512) -> bytes:
    return hashlib.new(digest.value, content).digest()


def signed(key_pair: KeyPair) -> Node:
    return asn1.parse(sign(digest_of(CONTENT), key_pair, Digest.SHA512, signing_time=NOON))


def verified(signature: bytes, *certificates: x509.Certificate, content: bytes = CONTENT) -> Verified:
    read = read_signature(signature)
    return read.verify({digest: digest_of(content, Digest(digest)) for digest in read.digests}, certificates)


def opened(envelope: bytes, *keys: KeyPair) -> bytes:
    return read_all(decrypt(Literal(envelope).open(), keys), limit=LIMIT)


def envelope_for(*key_pairs: KeyPair, cipher: Cipher = Cipher.AES128_GCM) -> Node:
    source = encrypt(Literal(CONTENT), [key_pair.certificate for key_pair in key_pairs], cipher)
    return asn1.parse(read_all(source.open(), limit=LIMIT))


# ── Ed25519 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(8419, "3.1")
def test_the_attributes_themselves_are_signed_with_ed25519(edwards: KeyPair) -> None:
    tree = signed(edwards)

    digest, attributes, algorithm, value = (tree.at(*SIGNER, position) for position in (2, 3, 4, 5))
    assert [bytes.fromhex("608648016503040203")] == [child.content for child in digest.children or ()]
    assert [ED25519] == [child.content for child in algorithm.children or ()]
    assert isinstance(edwards.private_key, Ed25519PrivateKey)
    edwards.private_key.public_key().verify(value.content, Node(0x31, children=attributes.children).der())


def test_an_ed25519_signature_names_its_signer_and_digest(edwards: KeyPair, theirs: KeyPair) -> None:
    found = verified(signed(edwards).der(), theirs.certificate, edwards.certificate)

    assert (edwards.certificate, Digest.SHA512) == (found.certificate, found.digest)


def test_an_ed25519_signature_made_by_hand_is_verified(edwards: KeyPair) -> None:
    tree = signed(edwards)
    attributes = tree.at(*SIGNER, 3).children
    assert attributes is not None
    assert isinstance(edwards.private_key, Ed25519PrivateKey)
    kept = tuple(attributes[position] for position in (0, 2))
    value = edwards.private_key.sign(Node(0x31, children=kept).der())

    tree = tree.put(Node(0xA0, children=kept), *SIGNER, 3).put(Node(0x04, value), *SIGNER, 5)

    assert edwards.certificate == verified(tree.der(), edwards.certificate).certificate
    assert edwards.certificate == verified(tree.ber(5), edwards.certificate).certificate


def test_what_was_changed_or_is_another_key_s_is_refused(edwards: KeyPair, theirs: KeyPair) -> None:
    tree = signed(edwards)
    stranger = issue("stranger", Ed25519PrivateKey.generate().public_key())

    with pytest.raises(DigestMismatch):
        verified(tree.der(), edwards.certificate, content=CONTENT + b" ")
    with pytest.raises(SignatureBroken):
        verified(tree.put(Node(0x04, bytes(64)), *SIGNER, 5).der(), edwards.certificate)
    with pytest.raises(SignerUnknown):
        verified(tree.der(), stranger, theirs.certificate)


def test_an_ed25519_signature_over_the_content_itself_is_named_as_the_reason(edwards: KeyPair) -> None:
    with pytest.raises(AlgorithmUnsupported, match="without signed attributes"):
        verified(signed(edwards).put(None, *SIGNER, 3).der(), edwards.certificate)


def test_ed25519_goes_with_sha512_alone(edwards: KeyPair, theirs: KeyPair) -> None:
    assert (Digest.SHA512, Digest.SHA256) == (
        signing_digest(edwards, Digest.SHA256),
        signing_digest(theirs, Digest.SHA256),
    )
    with pytest.raises(SignerUnusable, match="SHA-512"):
        sign(digest_of(CONTENT, Digest.SHA256), edwards, Digest.SHA256, signing_time=NOON)


def test_each_of_the_kinds_is_refused_for_what_it_cannot_do(edwards: KeyPair, montgomery: KeyPair) -> None:
    check_signer_certificate(edwards.certificate)
    check_recipient(montgomery.certificate)

    with pytest.raises(RecipientUnusable, match="Ed25519 key is for signatures only"):
        encrypt(Literal(CONTENT), [edwards.certificate], Cipher.AES128_CBC)
    with pytest.raises(SignerUnusable, match="X25519 key is for encryption only"):
        check_signer_certificate(montgomery.certificate)
    with pytest.raises(SignerUnusable, match="X25519 key is for encryption only"):
        sign(digest_of(CONTENT), montgomery, Digest.SHA512, signing_time=NOON)
    renamed = signed(edwards).put(envelope_for(montgomery).at(*RECIPIENT, 3, 0, 0), *SIGNER, 1)
    with pytest.raises(AlgorithmUnsupported, match="X25519 key is for encryption only"):
        verified(renamed.der(), montgomery.certificate)


# ── X25519 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def shared_info(wrap: bytes, size: int, material: bytes = b"") -> bytes:
    """ECC-CMS-SharedInfo of RFC 5753 section 7.2, by hand."""
    entity = (Node(0xA0, children=(Node(0x04, material),)),) if material else ()
    length = Node(0xA2, children=(Node(0x04, (8 * size).to_bytes(4)),))
    return Node(0x30, children=(asn1.parse(wrap), *entity, length)).der()


@pytest.mark.rfc(8418, "2.2")
@pytest.mark.parametrize("cipher", Cipher)
def test_the_content_key_is_wrapped_under_a_key_of_hkdf(cipher: Cipher, montgomery: KeyPair) -> None:
    tree = envelope_for(montgomery, cipher=cipher)

    originator, algorithm = tree.at(*RECIPIENT, 1, 0), tree.at(*RECIPIENT, 2)
    assert [X25519] == [child.content for child in originator.at(0).children or ()]
    assert "2a864886f70d0109100313" == algorithm.at(0).content.hex()
    assert isinstance(montgomery.private_key, X25519PrivateKey)
    secret = montgomery.private_key.exchange(X25519PublicKey.from_public_bytes(originator.at(1).content[1:]))
    info = shared_info(algorithm.at(1).der(), cipher.key_size)
    wrapping = HKDF(SHA256(), cipher.key_size, salt=None, info=info).derive(secret)
    assert cipher.key_size == len(aes_key_unwrap(wrapping, tree.at(*RECIPIENT, 3, 0, 1).content))
    assert CONTENT == opened(tree.der(), montgomery)


@pytest.mark.parametrize("scheme", ["2a864886f70d0109100315", "2b8104010b03"])
@pytest.mark.parametrize("material", [b"", b"the sender's own material"])
def test_other_derivations_and_material_of_the_sender_are_understood(
    scheme: str, material: bytes, montgomery: KeyPair
) -> None:
    tree = envelope_for(montgomery)
    key = content_key(tree, montgomery)
    ephemeral = X25519PrivateKey.generate()
    recipient_key = montgomery.certificate.public_key()
    assert isinstance(recipient_key, X25519PublicKey)
    secret = ephemeral.exchange(recipient_key)
    info = shared_info(tree.at(*RECIPIENT, 2, 1).der(), 16, material)
    is_hkdf = scheme.startswith("2a")
    derived = HKDF(SHA512(), 16, salt=material or None, info=info) if is_hkdf else X963KDF(SHA512(), 16, info)
    wrapped = aes_key_wrap(derived.derive(secret), key)
    point = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    tree = (
        tree.put(Node(0x06, bytes.fromhex(scheme)), *RECIPIENT, 2, 0)
        .put(Node(0x03, b"\0" + point), *RECIPIENT, 1, 0, 1)
        .put(Node(0x04, wrapped), *RECIPIENT, 3, 0, 1)
    )
    if material:
        fields = tree.at(*RECIPIENT).children
        assert fields is not None
        held = Node(0xA1, children=(Node(0x04, material),))
        tree = tree.put(Node(0xA1, children=(*fields[:2], held, *fields[2:])), *RECIPIENT)

    assert CONTENT == opened(tree.der(), montgomery)


def content_key(tree: Node, key_pair: KeyPair) -> bytes:
    assert isinstance(key_pair.private_key, X25519PrivateKey)
    secret = key_pair.private_key.exchange(X25519PublicKey.from_public_bytes(tree.at(*RECIPIENT, 1, 0, 1).content[1:]))
    info = shared_info(tree.at(*RECIPIENT, 2, 1).der(), 16)
    return aes_key_unwrap(HKDF(SHA256(), 16, salt=None, info=info).derive(secret), tree.at(*RECIPIENT, 3, 0, 1).content)


def test_recipients_with_other_kinds_of_keys_open_the_same_envelope(
    montgomery: KeyPair, ours: KeyPair, curved: KeyPair
) -> None:
    envelope = envelope_for(ours, montgomery, curved).der()

    assert [CONTENT] * 3 == [opened(envelope, key_pair) for key_pair in (ours, montgomery, curved)]


@pytest.mark.parametrize("point", [bytes(32), bytes(31), b"\1" + bytes(31), b"\xff" * 32, b""])
def test_a_point_that_is_none_fails_like_every_other_mistake(point: bytes, montgomery: KeyPair, ours: KeyPair) -> None:
    tree = envelope_for(montgomery)
    with pytest.raises(DecryptionFailed) as expected:
        opened(tree.der(), ours)

    with pytest.raises(DecryptionFailed) as raised:
        opened(tree.put(Node(0x03, b"\0" + point), *RECIPIENT, 1, 0, 1).der(), montgomery)

    assert str(expected.value) == str(raised.value)
