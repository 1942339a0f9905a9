"""Which of the certificates that came along an authority vouches for."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from acuse.cms import Authorities, Digest, KeyPair, is_authority, read_signature, sign
from tests.peers.issuing import DAY, Extensions, Issued, issue, may_issue, named, usage

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROOT = issue("root", extensions=[may_issue(), usage("key_cert_sign")], now=NOW, ends=100 * DAY)
MIDDLE = issue("middle", by=ROOT, extensions=[may_issue(), usage("key_cert_sign", "crl_sign")], now=NOW)
LEAF = issue("leaf", by=MIDDLE, extensions=[usage("digital_signature", "key_encipherment")], now=NOW)
DIRECT = issue("direct", by=ROOT, now=NOW)


def vouched(*embedded: Issued, by: Issued = ROOT, now: datetime = NOW) -> list[str]:
    authorities = Authorities(certificates=(by.certificate,), now=now)
    found = authorities.vouched_for([entry.der for entry in embedded])
    return [certificate.subject.rfc4514_string() for certificate in found]


@pytest.mark.rfc(5280, "6.1")
def test_certificate_that_leads_to_the_authority_counts() -> None:
    assert ["CN=direct"] == vouched(DIRECT)
    assert ["CN=leaf"] == vouched(LEAF, MIDDLE)
    assert ["CN=leaf"] == vouched(MIDDLE, ROOT, LEAF)
    assert ["CN=leaf"] == vouched(LEAF, by=MIDDLE)


@pytest.mark.parametrize(
    "extensions",
    [
        [usage("content_commitment")],
        [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)],
        [(x509.SubjectAlternativeName([x509.DNSName("as2.globex.example")]), False)],
        [(x509.BasicConstraints(ca=False, path_length=None), True)],
    ],
)
def test_usual_extensions_of_a_signer_do_not_matter(extensions: Extensions) -> None:
    assert ["CN=usual"] == vouched(issue("usual", by=ROOT, extensions=extensions, now=NOW))


def test_without_the_one_between_nothing_leads_to_the_authority() -> None:
    assert [] == vouched(LEAF)


def test_stranger_with_the_name_of_the_authority_vouches_for_nothing() -> None:
    other_root = issue("root", extensions=[may_issue()], now=NOW)

    assert [] == vouched(issue("forged", by=other_root, now=NOW), other_root)
    assert [] == vouched(issue("by itself", now=NOW))


@pytest.mark.parametrize("now", [NOW - timedelta(days=2), NOW + timedelta(days=11)])
def test_certificate_outside_of_its_validity_does_not_count(now: datetime) -> None:
    assert [] == vouched(DIRECT, now=now)
    assert [] == vouched(LEAF, MIDDLE, now=now)


def test_authority_that_has_ended_vouches_for_nothing() -> None:
    ended = issue("ended", extensions=[may_issue()], now=NOW, ends=-timedelta(hours=1))

    assert [] == vouched(issue("leaf", by=ended, now=NOW), by=ended)


@pytest.mark.rfc(5280, "4.2.1")
@pytest.mark.parametrize(
    "extensions",
    [
        [],
        [(x509.BasicConstraints(ca=False, path_length=None), True)],
        [may_issue(), usage("digital_signature", "crl_sign")],
    ],
    ids=["says nothing", "is none", "may not sign certificates"],
)
def test_who_is_no_authority_cannot_pass_the_trust_on(extensions: Extensions) -> None:
    middle = issue("middle", by=ROOT, extensions=extensions, now=NOW)

    assert "CN=leaf" not in vouched(issue("leaf", by=middle, now=NOW), middle)


def test_length_of_the_path_is_kept_to() -> None:
    short = issue("short", extensions=[may_issue(path_length=0)], now=NOW)
    middle = issue("middle", by=short, extensions=[may_issue()], now=NOW)

    assert ["CN=direct"] == vouched(issue("direct", by=short, now=NOW), by=short)
    assert [] == vouched(issue("leaf", by=middle, now=NOW), middle, by=short)


@pytest.mark.rfc(5280, "4.2.1.10")
@pytest.mark.parametrize(
    ("constraint", "name", "expected"),
    [
        (x509.DNSName("globex.example"), "as2.globex.example", ["CN=leaf"]),
        (x509.DNSName("globex.example"), "as2.evil.example", []),
        (x509.DirectoryName(named("somebody")), "as2.globex.example", []),
    ],
)
def test_constraints_on_names_are_kept_to(constraint: x509.GeneralName, name: str, expected: list[str]) -> None:
    constraints = x509.NameConstraints(permitted_subtrees=[constraint], excluded_subtrees=None)
    middle = issue("middle", by=ROOT, extensions=[may_issue(), (constraints, True)], now=NOW)
    alternative = x509.SubjectAlternativeName([x509.DNSName(name)])

    assert expected == vouched(issue("leaf", by=middle, extensions=[(alternative, False)], now=NOW), middle)


@pytest.mark.parametrize(
    "extensions",
    [
        [usage("key_encipherment")],
        [may_issue()],
        [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)],
    ],
    ids=["for encryption only", "an authority", "a critical extension that nobody knows"],
)
def test_certificate_that_is_not_for_signing_messages_does_not_count(extensions: Extensions) -> None:
    assert [] == vouched(issue("leaf", by=ROOT, extensions=extensions, now=NOW))


def test_nobody_vouches_where_no_authority_was_named() -> None:
    assert () == Authorities(now=NOW).vouched_for([DIRECT.der])


@pytest.mark.parametrize("damaged", [b"", b"0", DIRECT.der[:-1], DIRECT.der + b"x", b"\x30\x80\x00\x00"])
def test_what_cannot_be_read_is_left_out(damaged: bytes) -> None:
    authorities = Authorities(certificates=(ROOT.certificate,), now=NOW)

    assert (DIRECT.certificate,) == authorities.vouched_for([damaged, DIRECT.der])


def test_heap_of_certificates_is_not_looked_through() -> None:
    authorities = Authorities(certificates=(ROOT.certificate,), now=NOW)

    assert () == authorities.vouched_for([DIRECT.der] * 17)


def test_signature_names_the_certificates_that_came_along() -> None:
    pair = KeyPair(DIRECT.certificate, DIRECT.key)
    hashed = bytes(32)

    with_it = read_signature(sign(hashed, pair, Digest.SHA256, signing_time=NOW))
    without = read_signature(sign(hashed, pair, Digest.SHA256, signing_time=NOW, with_certificate=False))

    assert ((DIRECT.der,), ()) == (with_it.embedded, without.embedded)


def test_authority_is_who_may_issue() -> None:
    assert [True, True, False] == [is_authority(entry.certificate) for entry in (ROOT, MIDDLE, LEAF)]
