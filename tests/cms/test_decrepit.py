"""What is too weak, or too small, works where it is named and nowhere else."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from acuse.cms import (
    AlgorithmUnsupported,
    Allowed,
    AnyDigest,
    Cipher,
    DecrepitCipher,
    DecrepitDigest,
    DecryptionFailed,
    Digest,
    KeyPair,
    RecipientUnusable,
    SignerUnusable,
    WeakKeys,
    check_recipient,
    check_signer_certificate,
    decrypt,
    encrypt,
    load_certificate,
    read_signature,
    sign,
)
from acuse.mime import Literal, read_all
from tests.cms import asn1
from tests.cms.command import openssl
from tests.cms.conftest import pem_of

pytestmark = pytest.mark.usefixtures("openssl_is_there")

CONTENT = b"Content-Type: application/edi-x12\r\n\r\nISA*00*\n"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LIMIT = 1 << 20
SHA1: tuple[AnyDigest, ...] = (DecrepitDigest.SHA1,)
SHORT_KEYS = (WeakKeys.SHORT_KEYS,)
DES = (DecrepitCipher.DES_EDE3_CBC,)
HASHED: dict[AnyDigest, bytes] = {
    digest: hashlib.new(digest, CONTENT).digest() for digest in (DecrepitDigest.SHA1, Digest.SHA256)
}


@pytest.fixture(scope="session")
def small(small_certificate: x509.Certificate, small_key: rsa.RSAPrivateKey) -> KeyPair:
    return KeyPair(small_certificate, small_key)


def opened(envelope: bytes, key_pair: KeyPair, *, allow: Allowed = ()) -> bytes:
    return read_all(decrypt(Literal(envelope).open(), [key_pair], allow=allow), limit=LIMIT)


def encrypted(key_pair: KeyPair, cipher: Cipher | DecrepitCipher, *, allow: Allowed = ()) -> bytes:
    source = encrypt(Literal(CONTENT), [key_pair.certificate], cipher, allow=allow)
    envelope = read_all(source.open(), limit=LIMIT)
    assert source.size == len(envelope)
    return envelope


@pytest.mark.parametrize("form", ["", "-noattr", "-stream -keyid"])
def test_openssl_signatures_with_sha1_are_verified_where_it_is_named(form: str, theirs: KeyPair) -> None:
    signature = openssl(
        f"cms -sign -binary -in content -signer own -outform DER -md sha1 {form}", content=CONTENT, own=pem_of(theirs)
    )

    verified = read_signature(signature, allow=SHA1).verify(HASHED, [theirs.certificate])

    assert (theirs.certificate, DecrepitDigest.SHA1) == (verified.certificate, verified.digest)
    for allow in ((), (Digest.SHA256, *DES, *SHORT_KEYS)):
        with pytest.raises(AlgorithmUnsupported, match="sha1") as raised:
            read_signature(signature, allow=allow)
        assert {"oid": "1.3.14.3.2.26"} == raised.value.details


def test_openssl_confirms_our_signature_with_sha1(ours: KeyPair) -> None:
    signature = sign(HASHED[DecrepitDigest.SHA1], ours, DecrepitDigest.SHA1, signing_time=NOW)

    openssl(
        "cms -verify -binary -inform DER -in signature -content content -CAfile own -partial_chain -out verified",
        signature=signature, content=CONTENT, own=pem_of(ours),
    )  # fmt: skip


def test_the_label_sha1_with_rsa_does_not_make_a_signature_over_sha256_weak(theirs: KeyPair) -> None:
    tree = asn1.parse(sign(HASHED[Digest.SHA256], theirs, Digest.SHA256, signing_time=NOW))
    labelled = tree.put(asn1.Node(0x06, bytes.fromhex("2a864886f70d010105")), 1, 0, -1, 0, 4, 0).der()

    assert Digest.SHA256 == read_signature(labelled).verify(HASHED, [theirs.certificate]).digest


def test_openssl_envelopes_with_3des_are_opened_where_it_is_named(ours: KeyPair) -> None:
    envelope = openssl(
        "cms -encrypt -binary -in content -outform DER -des3 -recip own", content=CONTENT, own=pem_of(ours)
    )

    reader = decrypt(Literal(envelope).open(), [ours], allow=DES)
    assert CONTENT == read_all(reader, limit=LIMIT)
    assert (DecrepitCipher.DES_EDE3_CBC, ours) == (reader.cipher, reader.key_pair)
    for allow in ((), (Cipher.AES256_CBC, *SHA1, *SHORT_KEYS)):
        with pytest.raises(DecryptionFailed) as raised:
            opened(envelope, ours, allow=allow)
        assert "too weak" in raised.value.reason


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 16])
def test_openssl_opens_our_envelope_with_3des(size: int, theirs: KeyPair) -> None:
    source = encrypt(Literal(CONTENT[:size]), [theirs.certificate], DecrepitCipher.DES_EDE3_CBC)
    envelope = read_all(source.open(), limit=LIMIT)

    assert source.size == len(envelope)
    assert CONTENT[:size] == opened(envelope, theirs, allow=DES)
    assert CONTENT[:size] == openssl(
        "cms -decrypt -binary -inform DER -in envelope -recip own -inkey own", envelope=envelope, own=pem_of(theirs)
    )


def test_every_truncation_of_a_3des_envelope_fails_alike(theirs: KeyPair) -> None:
    envelope = encrypted(theirs, DecrepitCipher.DES_EDE3_CBC)

    for length in range(len(envelope)):
        with pytest.raises(DecryptionFailed):
            opened(envelope[:length], theirs, allow=DES)


def test_a_short_key_signs_and_verifies_where_short_keys_are_named(small: KeyPair, theirs: KeyPair) -> None:
    signature = sign(HASHED[Digest.SHA256], small, Digest.SHA256, signing_time=NOW, allow=SHORT_KEYS)
    certificates = [theirs.certificate, small.certificate]

    assert small.certificate == read_signature(signature, allow=SHORT_KEYS).verify(HASHED, certificates).certificate
    with pytest.raises(AlgorithmUnsupported, match="1024 bits"):
        read_signature(signature).verify(HASHED, certificates)
    with pytest.raises(SignerUnusable, match="1024 bits"):
        sign(HASHED[Digest.SHA256], small, Digest.SHA256, signing_time=NOW, allow=(*SHA1, *DES))


def test_a_short_key_of_the_partner_is_no_hindrance_for_a_good_one(small: KeyPair, theirs: KeyPair) -> None:
    signature = sign(HASHED[Digest.SHA256], theirs, Digest.SHA256, signing_time=NOW)

    verified = read_signature(signature).verify(HASHED, [small.certificate, theirs.certificate])

    assert theirs.certificate == verified.certificate


def test_a_short_key_encrypts_and_decrypts_where_short_keys_are_named(small: KeyPair) -> None:
    envelope = encrypted(small, Cipher.AES128_CBC, allow=SHORT_KEYS)

    assert CONTENT == opened(envelope, small, allow=SHORT_KEYS)
    with pytest.raises(DecryptionFailed):
        opened(envelope, small, allow=DES)
    with pytest.raises(RecipientUnusable, match="1024 bits"):
        encrypted(small, Cipher.AES128_CBC)


@pytest.mark.parametrize(
    ("check", "error"), [(check_recipient, RecipientUnusable), (check_signer_certificate, SignerUnusable)]
)
def test_short_keys_are_found_in_certificates(
    check: Callable[..., None], error: type[Exception], small: KeyPair, theirs: KeyPair
) -> None:
    check(theirs.certificate)
    check(small.certificate, allow=SHORT_KEYS)
    with pytest.raises(error, match="has only 1024 bits"):
        check(small.certificate)


def test_keys_under_1024_bits_are_never_taken() -> None:
    encoded = openssl("req -x509 -newkey rsa:1016 -nodes -subj /CN=tiny -keyout /dev/stdout -days 9")
    certificate, key = load_certificate(encoded), load_pem_private_key(encoded, None)
    assert isinstance(key, rsa.RSAPrivateKey)

    with pytest.raises(SignerUnusable):
        KeyPair(certificate, key)
    with pytest.raises(RecipientUnusable):
        encrypt(Literal(b""), [certificate], Cipher.AES128_CBC, allow=SHORT_KEYS)
    with pytest.raises(SignerUnusable):
        check_signer_certificate(certificate, allow=SHORT_KEYS)


@pytest.mark.parametrize("name", ["sha1", "SHA-1", " rsa-sha1", '"sha-1"'])
def test_sha1_is_recognised_in_its_spellings_and_written_in_the_old_one(name: str) -> None:
    assert DecrepitDigest.SHA1 == DecrepitDigest.from_micalg(name)
    assert Digest.from_micalg(name) is None
    assert "sha1" == DecrepitDigest.SHA1.micalg


@pytest.mark.parametrize("name", ["md5", "sha-256", "", "sha"])
def test_what_is_not_sha1_is_not_taken_for_it(name: str) -> None:
    assert DecrepitDigest.from_micalg(name) is None
