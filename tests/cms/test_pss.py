"""RSASSA-PSS, judged by OpenSSL in both directions."""

import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from acuse.cms import (
    AlgorithmUnsupported,
    AnyDigest,
    Cipher,
    CmsError,
    CmsMalformed,
    DecrepitDigest,
    Digest,
    DigestMismatch,
    KeyPair,
    RecipientUnusable,
    SignatureBroken,
    SignatureScheme,
    SignerUnknown,
    Verified,
    check_recipient,
    check_signer_certificate,
    encrypt,
    load_certificate,
    read_signature,
    sign,
)
from acuse.mime import Literal
from tests.cms import asn1
from tests.cms.asn1 import Node
from tests.cms.command import openssl
from tests.cms.conftest import pem_of

pytestmark = pytest.mark.usefixtures("openssl_is_there")

CONTENT = b"Content-Type: application/edi-x12\r\n\r\nISA*00*\n"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
HASHED: dict[AnyDigest, bytes] = {
    digest: hashlib.new(digest, CONTENT).digest() for digest in (*Digest, *DecrepitDigest)
}
SHA1 = (DecrepitDigest.SHA1,)
SIGNER = (1, 0, -1, 0)
SCHEME_PARAMETERS = (*SIGNER, 4, 1)


@pytest.fixture(scope="session")
def reserved() -> KeyPair:
    """A key pair whose certificate reserves it for PSS."""
    encoded = openssl(
        "req -x509 -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048 -nodes -subj /CN=pss -keyout /dev/stdout -days 9"
    )
    key = load_pem_private_key(encoded, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return KeyPair(load_certificate(encoded), key)


def pss_by_openssl(key_pair: KeyPair, options: str) -> bytes:
    return openssl(
        f"cms -sign -binary -in content -signer own -outform DER -keyopt rsa_padding_mode:pss {options}",
        content=CONTENT, own=pem_of(key_pair),
    )  # fmt: skip


def pss(key_pair: KeyPair, digest: Digest = Digest.SHA256) -> Node:
    signature = sign(HASHED[digest], key_pair, digest, signing_time=NOW, scheme=SignatureScheme.PSS)
    return asn1.parse(signature)


def verify(signature: bytes, key_pair: KeyPair, *, allow: tuple[AnyDigest, ...] = ()) -> Verified:
    return read_signature(signature, allow=allow).verify(HASHED, [key_pair.certificate])


@pytest.mark.parametrize(
    "options",
    [
        "-md sha256",
        "-md sha384 -keyopt rsa_pss_saltlen:digest",
        "-md sha512 -noattr",
        "-md sha256 -keyopt rsa_pss_saltlen:0",
        "-md sha256 -keyopt rsa_pss_saltlen:17 -keyid",
        "-md sha256 -keyopt rsa_mgf1_md:sha512",
    ],
)
def test_openssl_signatures_with_pss_are_verified(options: str, theirs: KeyPair) -> None:
    signature = pss_by_openssl(theirs, options)

    assert theirs.certificate == verify(signature, theirs).certificate


@pytest.mark.parametrize("digest", Digest)
def test_openssl_confirms_our_signature_with_pss(digest: Digest, ours: KeyPair) -> None:
    signature = pss(ours, digest).der()

    openssl(
        "cms -verify -binary -inform DER -in signature -content content -CAfile own -partial_chain -out verified",
        signature=signature, content=CONTENT, own=pem_of(ours),
    )  # fmt: skip
    assert digest == verify(signature, ours).digest


@pytest.mark.parametrize("options", ["-md sha1", "-md sha256 -keyopt rsa_mgf1_md:sha1"])
def test_pss_with_sha1_anywhere_needs_it_named(options: str, theirs: KeyPair) -> None:
    signature = pss_by_openssl(theirs, options)

    assert verify(signature, theirs, allow=SHA1)
    with pytest.raises(AlgorithmUnsupported, match="sha1"):
        read_signature(signature)


def test_what_pss_leaves_out_means_sha1_and_twenty_bytes_of_salt(theirs: KeyPair) -> None:
    tree = asn1.parse(pss_by_openssl(theirs, "-md sha1 -keyopt rsa_pss_saltlen:20"))

    by_default = tree.put(Node(0x30, children=()), *SCHEME_PARAMETERS).der()

    assert verify(by_default, theirs, allow=SHA1)
    with pytest.raises(AlgorithmUnsupported):
        read_signature(by_default)


def integer(tag: int, value: bytes) -> Node:
    return Node(tag, children=(Node(0x02, value),))


def test_parameters_of_pss_are_read_strictly(theirs: KeyPair) -> None:
    tree = pss(theirs)
    hash_, mask, salt = tree.at(*SCHEME_PARAMETERS).children or ()
    sha512 = Node(0xA0, children=(Node(0x30, children=(Node(0x06, bytes.fromhex("608648016503040203")),)),))
    changes = {
        "absent": (None, CmsMalformed),
        "NULL": (Node(0x05), CmsMalformed),
        "out of order": (Node(0x30, children=(mask, hash_, salt)), CmsMalformed),
        "doubled": (Node(0x30, children=(hash_, hash_, mask, salt)), CmsMalformed),
        "unknown field": (Node(0x30, children=(hash_, mask, salt, Node(0xA4))), CmsMalformed),
        "negative salt": (Node(0x30, children=(hash_, mask, integer(0xA2, b"\xff"))), CmsMalformed),
        "endless salt": (Node(0x30, children=(hash_, mask, integer(0xA2, b"\x7f\xff\xff\xff"))), CmsMalformed),
        "other trailer": (Node(0x30, children=(hash_, mask, salt, integer(0xA3, b"\x02"))), CmsMalformed),
        "other hash": (Node(0x30, children=(sha512, mask, salt)), AlgorithmUnsupported),
        "other mask function": (tree.at(*SCHEME_PARAMETERS).put(Node(0x06, b"\x2a"), 1, 0, 0), AlgorithmUnsupported),
        "other salt": (Node(0x30, children=(hash_, mask, integer(0xA2, b"\x1f"))), SignatureBroken),
        "impossible salt": (Node(0x30, children=(hash_, mask, integer(0xA2, b"\x03\xff"))), SignatureBroken),
    }

    for parameters, error in changes.values():
        with pytest.raises(error):
            verify(tree.put(parameters, *SCHEME_PARAMETERS).der(), theirs)
    spelled_out = Node(0x30, children=(hash_, mask, salt, integer(0xA3, b"\x01")))
    assert verify(tree.put(spelled_out, *SCHEME_PARAMETERS).ber(3), theirs)


def test_pss_over_other_content_by_others_or_damaged_is_refused(ours: KeyPair, theirs: KeyPair) -> None:
    tree = pss(theirs)
    value = tree.at(*SIGNER, 5).content
    damaged = tree.put(Node(0x04, value[:-1] + bytes([value[-1] ^ 1])), *SIGNER, 5).der()

    with pytest.raises(SignatureBroken):
        verify(damaged, theirs)
    with pytest.raises(SignerUnknown):
        verify(tree.der(), ours)
    with pytest.raises(DigestMismatch):
        read_signature(tree.der()).verify({Digest.SHA256: bytes(32)}, [theirs.certificate])
    with pytest.raises(SignatureBroken):
        read_signature(pss_by_openssl(theirs, "-md sha256 -noattr")).verify(
            {Digest.SHA256: bytes(32)}, [theirs.certificate]
        )


def test_every_truncation_of_a_pss_signature_is_a_cms_error(theirs: KeyPair) -> None:
    for signature in (pss(theirs).der(), pss(theirs).ber(7)):
        for length in range(len(signature)):
            with pytest.raises(CmsError):
                verify(signature[:length], theirs)


def test_a_key_reserved_for_pss_signs_by_it_unasked_and_takes_no_envelopes(reserved: KeyPair) -> None:
    signature = sign(HASHED[Digest.SHA256], reserved, Digest.SHA256, signing_time=NOW)

    assert reserved.certificate == verify(signature, reserved).certificate
    openssl(
        "cms -verify -binary -inform DER -in signature -content content -CAfile own -partial_chain -out verified",
        signature=signature, content=CONTENT, own=pem_of(reserved),
    )  # fmt: skip
    check_signer_certificate(reserved.certificate)
    for refuse in (check_recipient, lambda certificate: encrypt(Literal(b""), [certificate], Cipher.AES128_CBC)):
        with pytest.raises(RecipientUnusable, match="RSASSA-PSS"):
            refuse(reserved.certificate)
