"""Key pairs of the parties, made once."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from acuse.cms import Cipher, Curve, KeyPair, PrivateKey, self_signed

AES = tuple(cipher for cipher in Cipher if cipher is not Cipher.CHACHA20_POLY1305)
"""What OpenSSL 3.0 knows within CMS."""
VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
VALID_UNTIL = datetime(2049, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def ours() -> KeyPair:
    return self_signed("ours.example.com", not_before=VALID_FROM, not_after=VALID_UNTIL)


@pytest.fixture(scope="session")
def theirs() -> KeyPair:
    return self_signed("Their AS2 Id", not_before=VALID_FROM, not_after=VALID_UNTIL)


@pytest.fixture(scope="session")
def renewed(ours: KeyPair) -> KeyPair:
    """Another certificate for our key."""
    return KeyPair(certificate_for(ours, name="renewed.example.com"), ours.private_key)


@pytest.fixture(scope="session", params=Curve)
def on_curve(request: pytest.FixtureRequest) -> KeyPair:
    """A key pair on each curve in turn."""
    name = f"{request.param}.example.com"
    return self_signed(name, curve=request.param, not_before=VALID_FROM, not_after=VALID_UNTIL)


@pytest.fixture(scope="session")
def curved() -> KeyPair:
    return self_signed("curved.example.com", curve=Curve.P256, not_before=VALID_FROM, not_after=VALID_UNTIL)


@pytest.fixture(scope="session")
def stranger() -> KeyPair:
    return self_signed("stranger.example.com", curve=Curve.P256, not_before=VALID_FROM, not_after=VALID_UNTIL)


@pytest.fixture(scope="session")
def odd_certificate() -> x509.Certificate:
    """On a curve that is not supported."""
    key = ec.generate_private_key(ec.SECP256K1())
    return _builder("odd").public_key(key.public_key()).sign(key, hashes.SHA256())


@pytest.fixture(scope="session")
def small_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


@pytest.fixture(scope="session")
def small_certificate(small_key: rsa.RSAPrivateKey) -> x509.Certificate:
    return _builder("small").public_key(small_key.public_key()).sign(small_key, hashes.SHA256())


def certificate_for(key_pair: KeyPair, *, name: str) -> x509.Certificate:
    """A certificate for an existing key, without extensions."""
    key = key_pair.private_key
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return _builder(name).public_key(key.public_key()).sign(key, hashes.SHA256())


def pem_of(key_pair: KeyPair) -> bytes:
    """Key and certificate in one file, as the openssl command takes them."""
    return pem(key_pair.private_key, key_pair.certificate)


def rsa_key_of(key_pair: KeyPair) -> rsa.RSAPrivateKey:
    assert isinstance(key_pair.private_key, rsa.RSAPrivateKey)
    return key_pair.private_key


def pem(key: PrivateKey, certificate: x509.Certificate) -> bytes:
    encoded = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return encoded + certificate.public_bytes(Encoding.PEM)


def _builder(common_name: str) -> x509.CertificateBuilder:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .serial_number(7)
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
    )


def issue(name: str, key: Ed25519PublicKey | X25519PublicKey) -> x509.Certificate:
    """A certificate for a key that signs no certificates itself, or need not."""
    authority = ec.generate_private_key(ec.SECP256R1())
    return _builder(name).public_key(key).sign(authority, hashes.SHA256())
