"""Signatures by keys on elliptic curves, judged by OpenSSL in both directions."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import (
    AlgorithmUnsupported,
    AnyDigest,
    CmsError,
    DecrepitDigest,
    Digest,
    DigestMismatch,
    KeyPair,
    RecipientUnusable,
    SignatureBroken,
    SignatureScheme,
    SignerUnknown,
    SignerUnusable,
    Verified,
    check_recipient,
    check_signer_certificate,
    read_signature,
    sign,
)
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
SCHEME = (*SIGNER, 4)
VALUE = (*SIGNER, 5)


def signed_by_openssl(key_pair: KeyPair, options: str) -> bytes:
    return openssl(
        f"cms -sign -binary -in content -signer own -outform DER {options}", content=CONTENT, own=pem_of(key_pair)
    )


def signed(key_pair: KeyPair, digest: Digest = Digest.SHA256) -> Node:
    return asn1.parse(sign(HASHED[digest], key_pair, digest, signing_time=NOW))


def verify(signature: bytes, *key_pairs: KeyPair, allow: Sequence[AnyDigest] = ()) -> Verified:
    certificates = [key_pair.certificate for key_pair in key_pairs]
    return read_signature(signature, allow=allow).verify(HASHED, certificates)


@pytest.mark.parametrize("options", ["-md sha256", "-md sha384 -noattr", "-md sha512 -keyid -nocerts", "-stream"])
def test_openssl_signatures_with_ecdsa_are_verified(options: str, on_curve: KeyPair, ours: KeyPair) -> None:
    signature = signed_by_openssl(on_curve, options)

    assert on_curve.certificate == verify(signature, ours, on_curve).certificate


@pytest.mark.parametrize("digest", Digest)
def test_openssl_confirms_our_signature_with_ecdsa(digest: Digest, on_curve: KeyPair) -> None:
    signature = sign(HASHED[digest], on_curve, digest, signing_time=NOW, scheme=SignatureScheme.PSS)

    openssl(
        "cms -verify -binary -inform DER -in signature -content content -CAfile own -partial_chain -out verified",
        signature=signature, content=CONTENT, own=pem_of(on_curve),
    )  # fmt: skip
    printed = openssl("cms -cmsout -noout -print -inform DER -in signature", signature=signature)
    assert f"ecdsa-with-{digest.name}".encode() in printed


def test_the_kind_of_the_key_may_stand_for_the_signature_algorithm(curved: KeyPair) -> None:
    kind = Node(0x06, bytes.fromhex("2a8648ce3d0201"))

    for digest in Digest:
        assert verify(signed(curved, digest).put(kind, *SCHEME, 0).ber(3), curved)


def test_ecdsa_with_sha1_needs_it_named(curved: KeyPair) -> None:
    signature = signed_by_openssl(curved, "-md sha1")

    assert DecrepitDigest.SHA1 == verify(signature, curved, allow=SHA1).digest
    with pytest.raises(AlgorithmUnsupported, match="sha1"):
        read_signature(signature)
    assert verify(sign(HASHED[SHA1[0]], curved, SHA1[0], signing_time=NOW), curved, allow=SHA1)


def test_ecdsa_over_other_content_by_others_or_damaged_is_refused(curved: KeyPair, stranger: KeyPair) -> None:
    tree = signed(curved)
    value = tree.at(*VALUE).content
    other: dict[AnyDigest, bytes] = {Digest.SHA256: bytes(32)}

    for damaged in (value[:-1] + bytes([value[-1] ^ 1]), value[:-1], b"", bytes(256)):
        with pytest.raises(SignatureBroken):
            verify(tree.put(Node(0x04, damaged), *VALUE).der(), curved)
    with pytest.raises(SignerUnknown):
        verify(tree.der(), stranger)
    with pytest.raises(DigestMismatch):
        read_signature(tree.der()).verify(other, [curved.certificate])
    with pytest.raises(SignatureBroken):
        read_signature(signed_by_openssl(curved, "-md sha256 -noattr")).verify(other, [curved.certificate])


def test_a_label_of_another_kind_of_key_is_refused(curved: KeyPair, ours: KeyPair) -> None:
    ecdsa, rsa = signed(curved), signed(ours)

    with pytest.raises(SignatureBroken):
        verify(ecdsa.put(rsa.at(*SCHEME), *SCHEME).der(), curved, ours)
    with pytest.raises(SignatureBroken):
        verify(rsa.put(ecdsa.at(*SCHEME), *SCHEME).der(), curved, ours)


def test_every_truncation_of_an_ecdsa_signature_is_a_cms_error(curved: KeyPair) -> None:
    for signature in (signed(curved).der(), signed(curved).ber(7)):
        for length in range(len(signature)):
            with pytest.raises(CmsError):
                verify(signature[:length], curved)


@given(data=st.data())
def test_no_change_of_a_byte_forges_or_crashes(data: st.DataObject, curved: KeyPair) -> None:
    signature = bytearray(signed(curved).der())
    signature[data.draw(st.integers(0, 10_000)) % len(signature)] = data.draw(st.integers(0, 255))

    with pytest.raises(CmsError):
        read_signature(bytes(signature)).verify(dict.fromkeys(HASHED, b"forged"), [curved.certificate])


def test_other_curves_are_refused_with_their_name(odd_certificate: x509.Certificate, on_curve: KeyPair) -> None:
    check_recipient(on_curve.certificate)
    check_signer_certificate(on_curve.certificate)
    with pytest.raises(RecipientUnusable, match="secp256k1"):
        check_recipient(odd_certificate)
    with pytest.raises(SignerUnusable, match="secp256k1"):
        check_signer_certificate(odd_certificate)
