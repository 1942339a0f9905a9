"""Signatures that others make: OpenSSL's in all its forms, and some that only products of the field write."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from acuse.cms import (
    AlgorithmUnsupported,
    AnyDigest,
    CmsError,
    CmsMalformed,
    DecrepitDigest,
    Digest,
    DigestMismatch,
    KeyPair,
    SignatureBroken,
    SignerUnknown,
    Verified,
    read_signature,
    sign,
)
from tests.cms import asn1
from tests.cms.asn1 import Node
from tests.cms.command import openssl
from tests.cms.conftest import certificate_for, pem_of, rsa_key_of

pytestmark = pytest.mark.usefixtures("openssl_is_there")

CONTENT = b"Content-Type: application/edi-x12\r\n\r\nISA*00*\n"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SIGNED_DATA = (1, 0)
SIGNER = (*SIGNED_DATA, -1, 0)
DIGEST_ALGORITHM = (*SIGNER, 2)
ATTRIBUTES = (*SIGNER, 3)
SIGNATURE_ALGORITHM = (*SIGNER, 4)
VALUE = (*SIGNER, 5)


def digests_of(content: bytes) -> dict[AnyDigest, bytes]:
    return {digest: hashlib.new(digest, content).digest() for digest in (*Digest, *DecrepitDigest)}


def verify(signature: bytes, certificates: Sequence[x509.Certificate], *, content: bytes = CONTENT) -> Verified:
    return read_signature(signature).verify(digests_of(content), certificates)


def signed_by_openssl(key_pair: KeyPair, options: str = "") -> bytes:
    return openssl(
        f"cms -sign -binary -in content -signer own -outform DER {options}", content=CONTENT, own=pem_of(key_pair)
    )


def signed(key_pair: KeyPair, digest: Digest = Digest.SHA256) -> Node:
    return asn1.parse(sign(digests_of(CONTENT)[digest], key_pair, digest, signing_time=NOW))


@pytest.mark.rfc(4130, "4")
@pytest.mark.parametrize(
    "options",
    [
        "",
        "-noattr",
        "-nocerts",
        "-keyid",
        "-keyid -noattr -nocerts",
        "-stream",
        "-stream -noattr",
        "-nodetach -stream",
        "-nosmimecap -cades",
        "-md sha384",
        "-md sha512 -noattr",
    ],
)
def test_openssl_signatures_of_every_form_are_verified(options: str, ours: KeyPair, theirs: KeyPair) -> None:
    signature = signed_by_openssl(theirs, f"-md sha256 {options}" if "-md" not in options else options)

    verified = verify(signature, [ours.certificate, theirs.certificate])

    assert theirs.certificate == verified.certificate
    assert {verified.digest} == read_signature(signature).digests


@pytest.mark.parametrize("options", ["-noattr", ""])
def test_changed_content_is_told_from_a_broken_signature(options: str, theirs: KeyPair) -> None:
    signature = signed_by_openssl(theirs, f"-md sha256 {options}")

    with pytest.raises(DigestMismatch):
        verify(signature, [theirs.certificate], content=CONTENT + b"\n")


@pytest.mark.parametrize("options", ["-noattr", ""])
def test_a_changed_signature_value_is_broken(options: str, theirs: KeyPair) -> None:
    tree = asn1.parse(signed_by_openssl(theirs, f"-md sha256 {options}"))
    path = (*SIGNER, 4) if options else VALUE
    value = tree.at(*path).content
    broken = tree.put(Node(asn1.OCTET_STRING, value[:-1] + bytes([value[-1] ^ 1])), *path)

    with pytest.raises(SignatureBroken):
        verify(broken.der(), [theirs.certificate])


def test_changed_attributes_break_the_signature(theirs: KeyPair) -> None:
    tree = signed(theirs)
    time = (*ATTRIBUTES, 1, 1, 0)
    assert tree.at(*time).content == b"261120000000Z"

    with pytest.raises(SignatureBroken):
        verify(tree.put(Node(0x17, b"261120000001Z"), *time).der(), [theirs.certificate])


def test_a_signature_by_somebody_else_has_an_unknown_signer(ours: KeyPair, theirs: KeyPair) -> None:
    signature = signed(theirs).der()

    for certificates in ([], [ours.certificate]):
        with pytest.raises(SignerUnknown):
            verify(signature, certificates)


def test_an_impostor_with_the_partners_name_is_not_the_partner(ours: KeyPair, theirs: KeyPair) -> None:
    ours_for_the_same_name = KeyPair(certificate_for(ours, name="same"), ours.private_key)
    theirs_of_that_name = KeyPair(certificate_for(theirs, name="same"), theirs.private_key)

    with pytest.raises(SignatureBroken):
        verify(signed(ours_for_the_same_name).der(), [theirs_of_that_name.certificate])


def test_a_renewed_certificate_verifies_what_names_the_old_one(ours: KeyPair, renewed: KeyPair) -> None:
    verified = verify(signed(ours).der(), [renewed.certificate])

    assert renewed.certificate == verified.certificate


def test_a_key_identifier_is_found_in_a_certificate_without_that_extension(ours: KeyPair, renewed: KeyPair) -> None:
    signature = asn1.parse(signed_by_openssl(ours, "-md sha256 -keyid"))
    broken = signature.put(Node(asn1.OCTET_STRING, bytes(256)), *VALUE)

    with pytest.raises(SignatureBroken):
        verify(broken.der(), [renewed.certificate])


def test_one_of_several_signers_is_enough(ours: KeyPair, theirs: KeyPair) -> None:
    signature = openssl(
        "cms -sign -binary -in content -signer own -signer other -md sha384 -outform DER",
        content=CONTENT, own=pem_of(ours), other=pem_of(theirs),
    )  # fmt: skip

    assert theirs.certificate == verify(signature, [theirs.certificate]).certificate
    assert ours.certificate == verify(signature, [ours.certificate]).certificate
    with pytest.raises(DigestMismatch):
        verify(signature, [theirs.certificate], content=b"other")


@pytest.mark.parametrize("parameters", [(Node(0x05),), ()])
def test_digest_parameters_may_be_null_or_absent(parameters: tuple[Node, ...], theirs: KeyPair) -> None:
    tree = signed(theirs)
    name = tree.at(*DIGEST_ALGORITHM, 0)

    signature = tree.put(Node(0x30, children=(name, *parameters)), *DIGEST_ALGORITHM).der()

    assert theirs.certificate == verify(signature, [theirs.certificate]).certificate


@pytest.mark.parametrize("arc", [1, 11])
def test_the_signature_algorithm_may_or_may_not_name_the_digest(arc: int, theirs: KeyPair) -> None:
    name = Node(0x06, bytes.fromhex("2a864886f70d0101") + bytes([arc]))

    signature = signed(theirs).put(name, *SIGNATURE_ALGORITHM, 0).der()

    assert theirs.certificate == verify(signature, [theirs.certificate]).certificate


@pytest.mark.parametrize("segment", [1, 5, 1000])
def test_indefinite_lengths_and_strings_in_segments_are_verified(segment: int, theirs: KeyPair) -> None:
    signature = signed(theirs).ber(segment)

    assert theirs.certificate == verify(signature + b"\r\n", [theirs.certificate]).certificate


def test_lengths_with_leading_zeros_are_accepted(theirs: KeyPair) -> None:
    content = b"".join(child.der() for child in signed(theirs).children or ())

    signature = b"\x30\x88" + len(content).to_bytes(8) + content

    assert theirs.certificate == verify(signature, [theirs.certificate]).certificate


@pytest.mark.parametrize("signed_form", ["as sent", "in DER"])
def test_attributes_out_of_order_verify_whether_signed_as_sent_or_in_der(signed_form: str, theirs: KeyPair) -> None:
    tree = signed(theirs)
    attributes = tree.at(*ATTRIBUTES).children
    assert attributes is not None
    unordered = attributes[::-1]
    to_sign = Node(0x31, children=unordered if signed_form == "as sent" else attributes).der()
    value = rsa_key_of(theirs).sign(to_sign, PKCS1v15(), SHA256())

    tree = tree.put(Node(0xA0, children=unordered), *ATTRIBUTES).put(Node(asn1.OCTET_STRING, value), *VALUE)

    assert theirs.certificate == verify(tree.der(), [theirs.certificate]).certificate


@pytest.mark.parametrize("position", [0, 2])
def test_attributes_without_content_type_or_digest_are_malformed(position: int, theirs: KeyPair) -> None:
    with pytest.raises(CmsMalformed):
        read_signature(signed(theirs).put(None, *ATTRIBUTES, position).der())


def test_attributes_for_another_content_type_are_malformed(theirs: KeyPair) -> None:
    compressed_data = Node(0x06, bytes.fromhex("2a864886f70d0109100109"))

    with pytest.raises(CmsMalformed):
        read_signature(signed(theirs).put(compressed_data, *ATTRIBUTES, 0, 1, 0).der())


def test_a_second_message_digest_is_malformed(theirs: KeyPair) -> None:
    tree = signed(theirs)

    with pytest.raises(CmsMalformed):
        read_signature(tree.put(tree.at(*ATTRIBUTES, 2), *ATTRIBUTES, 1).der())


def test_an_algorithm_that_is_not_supported_is_named(theirs: KeyPair) -> None:
    unknown = Node(0x06, bytes.fromhex("2b6571"))

    for signature in (
        signed_by_openssl(theirs, "-md md5"),
        signed(theirs).put(unknown, *SIGNATURE_ALGORITHM, 0).der(),
    ):
        with pytest.raises(AlgorithmUnsupported) as raised:
            read_signature(signature)
        assert raised.value.details["oid"] in ("1.2.840.113549.2.5", "1.3.101.113")


def test_a_key_identifier_in_segments_is_understood(ours: KeyPair, theirs: KeyPair) -> None:
    signature = asn1.parse(signed_by_openssl(theirs, "-md sha256 -keyid"))
    broken = signature.put(Node(asn1.OCTET_STRING, bytes(256)), *VALUE)

    assert verify(signature.ber(3), [ours.certificate, theirs.certificate])
    with pytest.raises(SignatureBroken):
        verify(broken.ber(3), [ours.certificate, theirs.certificate])


def test_a_certificate_of_another_kind_is_passed_over(theirs: KeyPair, odd_certificate: x509.Certificate) -> None:
    certificates = [odd_certificate, theirs.certificate]

    assert theirs.certificate == verify(signed(theirs).der(), certificates).certificate


def test_every_truncation_is_a_cms_error(theirs: KeyPair) -> None:
    for signature in (signed(theirs).der(), signed(theirs).ber(7)):
        for length in range(len(signature)):
            with pytest.raises(CmsError):
                verify(signature[:length], [theirs.certificate])


@given(data=st.data())
def test_no_change_of_a_byte_forges_or_crashes(data: st.DataObject, theirs: KeyPair) -> None:
    signature = bytearray(signed(theirs).der())
    position = data.draw(st.integers(0, len(signature) - 1))
    signature[position] = data.draw(st.integers(0, 255))

    with pytest.raises(CmsError):
        verify(bytes(signature), [theirs.certificate], content=b"forged")


@given(noise=st.binary(max_size=200))
def test_noise_is_malformed(noise: bytes) -> None:
    with pytest.raises(CmsMalformed):
        read_signature(noise)


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x30\x80" * 100_000,
        b"\x30\x84\x00\x10\x00\x00" * 100_000,
        b"\x30\x80" + b"\x05\x00" * 400_000,
        b"\x30\x80" * 20 + b"\x05\x00" * 400_000 + b"\0\0" * 20,
        b"\x30" + b"\x9f" * 100_000,
        bytes(2_000_000),
    ],
)
def test_structures_made_to_tire_the_reader_are_refused_quickly(bomb: bytes) -> None:
    with pytest.raises(CmsMalformed):
        read_signature(bomb)


def test_the_embedded_certificate_is_the_signers_but_proves_nothing(theirs: KeyPair) -> None:
    signature = signed(theirs).der()

    assert theirs.certificate.public_bytes(Encoding.DER) in signature
    with pytest.raises(SignerUnknown):
        verify(signature, [])
