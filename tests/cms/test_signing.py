"""Signatures that we make, judged by OpenSSL."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from acuse.cms import Digest, KeyPair, sign
from tests.cms import asn1
from tests.cms.command import openssl
from tests.cms.conftest import pem_of

pytestmark = pytest.mark.usefixtures("openssl_is_there")

CONTENT = b"Content-Type: application/edi-x12\n\r\nbare LF\nand \0 bytes\r\n"
NOW = datetime(2026, 11, 20, 9, 30, 5, tzinfo=UTC)


def hashed(digest: Digest, content: bytes = CONTENT) -> bytes:
    return hashlib.new(digest, content).digest()


@pytest.mark.parametrize("digest", Digest)
@pytest.mark.parametrize("trust", ["-CAfile own -partial_chain", "-nointern -certfile own -noverify"])
def test_openssl_confirms_our_signature(digest: Digest, trust: str, ours: KeyPair) -> None:
    signature = sign(hashed(digest), ours, digest, signing_time=NOW)

    openssl(
        f"cms -verify -binary -inform DER -in signature -content content {trust} -out verified",
        signature=signature, content=CONTENT, own=pem_of(ours),
    )  # fmt: skip


@pytest.mark.rfc(5652, "5.1")
def test_openssl_confirms_a_signature_without_a_certificate_when_it_has_it(ours: KeyPair) -> None:
    signature = sign(hashed(Digest.SHA256), ours, Digest.SHA256, signing_time=NOW, with_certificate=False)

    openssl(
        "cms -verify -binary -inform DER -in signature -content content -nointern -certfile own -noverify -out out",
        signature=signature, content=CONTENT, own=pem_of(ours),
    )  # fmt: skip
    assert b"ours.example.com" in ours.certificate.public_bytes(Encoding.DER)
    assert ours.certificate.public_bytes(Encoding.DER) not in signature


def test_the_signed_attributes_are_in_der_order_and_the_time_is_in_utc(ours: KeyPair) -> None:
    madrid = timezone(timedelta(hours=1))
    signature = sign(hashed(Digest.SHA256), ours, Digest.SHA256, signing_time=NOW.astimezone(madrid))

    attributes = asn1.parse(signature).at(1, 0, -1, 0, 3)

    assert attributes.children is not None
    encoded = [attribute.der() for attribute in attributes.children]
    assert sorted(encoded) == encoded
    assert b"261120093005Z" in b"".join(encoded)
    assert hashed(Digest.SHA256) in b"".join(encoded)


def test_what_cannot_be_signed_is_refused(ours: KeyPair) -> None:
    with pytest.raises(ValueError, match="digest"):
        sign(hashed(Digest.SHA512), ours, Digest.SHA256, signing_time=NOW)
    with pytest.raises(ValueError, match="2050"):
        sign(hashed(Digest.SHA256), ours, Digest.SHA256, signing_time=NOW.replace(year=2050))
