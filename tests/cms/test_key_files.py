"""Files with a private key and its certificate, as openssl and others write them."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from acuse.cms import CmsMalformed, KeyPair, dump_private_key, self_signed
from acuse.cms.key_files import load_key_pair
from tests.cms.conftest import rsa_key_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = b"correct horse"


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return self_signed("acme", not_before=NOON, not_after=NOON + timedelta(days=9))


@pytest.fixture(scope="module")
def other() -> KeyPair:
    return self_signed("other", not_before=NOON, not_after=NOON + timedelta(days=9))


def pem_of(pair: KeyPair, *, password: bytes | None = None) -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return pair.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def pem_of_certificate(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


@pytest.mark.parametrize("password", [None, SECRET])
def test_pkcs12_is_read_with_its_password(pair: KeyPair, other: KeyPair, password: bytes | None) -> None:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    file = pkcs12.serialize_key_and_certificates(
        b"acme", rsa_key_of(pair), pair.certificate, [other.certificate], encryption
    )

    read = load_key_pair(file, password=password)

    assert pair.certificate == read.certificate
    assert dump_private_key(pair.private_key) == dump_private_key(read.private_key)


@pytest.mark.parametrize("password", [None, SECRET])
def test_pem_is_read_whatever_the_order_of_its_parts(pair: KeyPair, other: KeyPair, password: bytes | None) -> None:
    chain = pem_of_certificate(other.certificate) + pem_of_certificate(pair.certificate)

    for file in (pem_of(pair, password=password) + chain, chain + pem_of(pair, password=password)):
        assert pair.certificate == load_key_pair(file, password=password).certificate


def test_a_password_that_nothing_needs_does_no_harm_in_pem(pair: KeyPair) -> None:
    file = pem_of(pair) + pem_of_certificate(pair.certificate)

    assert pair.certificate == load_key_pair(file, password=SECRET).certificate


@pytest.mark.parametrize("password", [None, b"wrong"])
def test_a_wrong_password_is_refused(pair: KeyPair, password: bytes | None) -> None:
    encrypted = BestAvailableEncryption(SECRET)
    file = pkcs12.serialize_key_and_certificates(None, rsa_key_of(pair), pair.certificate, None, encrypted)

    with pytest.raises(CmsMalformed, match="the password does not open it"):
        load_key_pair(file, password=password)
    with pytest.raises(CmsMalformed, match="the password does not open it"):
        load_key_pair(pem_of(pair, password=SECRET) + pem_of_certificate(pair.certificate), password=password)


def test_a_file_without_the_private_key_is_refused(pair: KeyPair) -> None:
    file = pkcs12.serialize_key_and_certificates(None, None, None, [pair.certificate], NoEncryption())

    for data in (file, pem_of_certificate(pair.certificate)):
        with pytest.raises(CmsMalformed, match="has no private key"):
            load_key_pair(data)


def test_a_key_with_the_certificate_of_another_is_refused(pair: KeyPair, other: KeyPair) -> None:
    with pytest.raises(CmsMalformed, match="no certificate for its private key"):
        load_key_pair(pem_of(pair) + pem_of_certificate(other.certificate))


def test_anything_else_is_refused() -> None:
    for file in (b"", b"hello", b"-----BEGIN NONSENSE-----\n", b"0\x82" + bytes(99)):
        with pytest.raises(CmsMalformed):
            load_key_pair(file, password=SECRET)
