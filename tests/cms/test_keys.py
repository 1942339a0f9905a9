"""Certificates and keys, made and read."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from acuse.cms import (
    CmsMalformed,
    Digest,
    KeyPair,
    SignerUnusable,
    dump_private_key,
    fingerprint,
    load_certificate,
    load_private_key,
    self_signed,
)
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


def test_a_private_key_survives_being_stored(ours: KeyPair) -> None:
    loaded = load_private_key(dump_private_key(ours.private_key))

    assert ours.private_key.private_numbers() == loaded.private_numbers()


def test_what_is_no_plain_rsa_key_is_refused(ours: KeyPair) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    encrypted = ours.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))

    for data in (b"", curve.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), encrypted):
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
