"""Certificates and keys, made and read."""

import hashlib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from acuse.cms import (
    CmsMalformed,
    Digest,
    KeyPair,
    SignerUnusable,
    decrypt,
    dump_private_key,
    fingerprint,
    load_certificate,
    load_private_key,
    read_signature,
    self_signed,
    sign,
)
from acuse.mime import Literal, read_all
from tests.cms.command import openssl
from tests.cms.conftest import VALID_FROM, VALID_UNTIL, certificate_for


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_certificate_is_read_in_pem_and_der(encoding: Encoding, ours: KeyPair) -> None:
    encoded = ours.certificate.public_bytes(encoding)

    assert ours.certificate == load_certificate(encoded)
    if encoding is Encoding.PEM:
        assert ours.certificate == load_certificate(b"Bag Attributes\n" + encoded + b"\n")


@pytest.mark.parametrize("data", [b"", b"\x30\x03\x02\x01\x00", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"text"])
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(CmsMalformed):
        load_certificate(data)


def test_a_private_key_survives_being_stored(ours: KeyPair, on_curve: KeyPair) -> None:
    for key in (ours.private_key, on_curve.private_key, Ed25519PrivateKey.generate(), X25519PrivateKey.generate()):
        stored = dump_private_key(key)

        assert key.public_key() == load_private_key(stored).public_key()
        assert stored == dump_private_key(load_private_key(stored))


def test_what_is_no_plain_key_of_a_supported_kind_is_refused(ours: KeyPair) -> None:
    other_kind = ed448.Ed448PrivateKey.generate()
    encrypted = ours.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))

    for data in (b"", other_kind.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), encrypted):
        with pytest.raises(CmsMalformed):
            load_private_key(data)


@pytest.mark.usefixtures("openssl_is_there")
def test_the_fingerprint_is_openssls(ours: KeyPair) -> None:
    printed = openssl("x509 -noout -fingerprint -sha256 -in own", own=ours.certificate.public_bytes(Encoding.PEM))

    assert fingerprint(ours.certificate) == printed.decode().strip().partition("=")[2].replace(":", "").lower()


def test_a_key_pair_shows_its_fingerprint_and_nothing_else(ours: KeyPair) -> None:
    assert f"KeyPair({fingerprint(ours.certificate)})" == repr(ours) == str(ours)


def test_a_key_that_does_not_belong_to_the_certificate_is_refused(ours: KeyPair, theirs: KeyPair) -> None:
    with pytest.raises(SignerUnusable):
        KeyPair(ours.certificate, theirs.private_key)


def test_a_key_on_another_curve_is_refused(odd_certificate: x509.Certificate) -> None:
    with pytest.raises(SignerUnusable, match="secp256k1"):
        KeyPair(odd_certificate, ec.generate_private_key(ec.SECP256K1()))


def test_a_self_signed_certificate_on_a_curve_is_fit_for_as2(on_curve: KeyPair) -> None:
    usage = on_curve.certificate.extensions.get_extension_for_class(x509.KeyUsage).value

    on_curve.certificate.verify_directly_issued_by(on_curve.certificate)
    assert (usage.digital_signature, usage.key_agreement, usage.key_encipherment) == (True, True, False)


@pytest.mark.filterwarnings("ignore:Parsed a serial number:cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.usefixtures("openssl_is_there")
@pytest.mark.parametrize("serial", [0, -5])
def test_serial_numbers_that_are_zero_or_negative_are_no_hindrance(serial: int) -> None:
    encoded = openssl(
        f"req -x509 -newkey rsa:2048 -nodes -subj /CN=odd -set_serial {serial} -keyout /dev/stdout -days 9"
    )
    key = load_pem_private_key(encoded, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    key_pair = KeyPair(load_certificate(encoded), key)
    hashed = hashlib.sha256(b"content").digest()
    by_openssl = openssl("cms -sign -binary -in m -signer own -outform DER -md sha256", m=b"content", own=encoded)
    envelope = openssl("cms -encrypt -binary -in m -recip own -outform DER -aes128", m=b"content", own=encoded)

    assert serial == key_pair.certificate.serial_number
    for signature in (by_openssl, sign(hashed, key_pair, Digest.SHA256, signing_time=VALID_FROM)):
        assert read_signature(signature).verify({Digest.SHA256: hashed}, [key_pair.certificate])
    reader = decrypt(Literal(envelope).open(), [key_pair])
    assert (b"content", key_pair) == (read_all(reader, limit=100), reader.key_pair)


def test_a_self_signed_certificate_is_fit_for_as2() -> None:
    until = datetime(2030, 1, 1, tzinfo=UTC)
    certificate = self_signed(
        "as2.example.com", digest=Digest.SHA384, not_before=VALID_FROM, not_after=until
    ).certificate

    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    certificate.verify_directly_issued_by(certificate)
    assert certificate.serial_number > 0
    assert (usage.digital_signature, usage.key_encipherment, usage.key_cert_sign) == (True, True, False)
    assert ["as2.example.com"] == names.get_values_for_type(x509.DNSName)
    assert certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert (VALID_FROM, until) == (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    assert "sha384" == certificate.signature_hash_algorithm.name  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["ACME España", "x" * 128, "AS2 ID, with = and +"])
def test_any_as2_name_can_be_a_common_name(name: str) -> None:
    certificate = self_signed(name, not_before=VALID_FROM, not_after=VALID_UNTIL).certificate

    assert name[:64] == certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)


def test_a_certificate_without_extensions_can_be_used(ours: KeyPair) -> None:
    assert KeyPair(certificate_for(ours, name="bare"), ours.private_key)
