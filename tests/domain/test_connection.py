"""What may be agreed on a connection, and where our credentials go."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from acuse.domain.connection import Credentials, HTTPTerms, check_credentials, check_http_terms
from acuse.domain.partner import Partner, Terms
from acuse.errors import InvalidAS2Headers, InvalidInput
from tests.peers.identity import Identity


def partner(url: str = "https://as2.globex.test/in", **terms: Any) -> Partner:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    return Partner(
        id=UUID(int=1),
        handle=1,
        account_id=UUID(int=2),
        tenant_id=UUID(int=3),
        name="Globex",
        as2_id="GLOBEX",
        url=url,
        url_is_vouched=True,
        active=True,
        terms=Terms(http=HTTPTerms(**terms)),
        created_at=noon,
        updated_at=noon,
    )


def test_hosts_are_kept_in_lower_case() -> None:
    terms = check_http_terms(HTTPTerms(redirect_hosts=("AS2.Globex.test", "10.0.0.1", "[2001:DB8::1]")))

    assert ("as2.globex.test", "10.0.0.1", "2001:db8::1") == terms.redirect_hosts


@pytest.mark.parametrize("host", ["", "http://globex.test", "globex.test:8080", "globex.test/as2", "a b", "*.test"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_http_terms(HTTPTerms(redirect_hosts=(host,)))

    assert ["redirect_host"] == list(refused.value.fields)


@pytest.mark.parametrize("concurrency", [0, -1, 65])
def test_concurrency_has_bounds(concurrency: int) -> None:
    with pytest.raises(InvalidInput):
        check_http_terms(HTTPTerms(concurrency=concurrency))


def test_authorities_are_kept_without_the_text_around_them(partner_identity: Identity) -> None:
    pem = partner_identity.certificate.decode()

    assert pem == check_http_terms(HTTPTerms(authorities=f"A note\n{pem}Another\n")).authorities


def test_what_is_no_certificate_vouches_for_nobody() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_http_terms(HTTPTerms(authorities="no certificate"))

    assert {"ca": "one or more X.509 certificates in PEM"} == refused.value.fields


@pytest.mark.parametrize(
    ("credentials", "field"),
    [
        (Credentials(basic_user="acme"), "basic_user"),
        (Credentials(basic_password="x"), "basic_user"),
        (Credentials(basic_user="ac:me", basic_password="x"), "basic_user"),
        (Credentials(basic_user="", basic_password="x"), "basic_user"),
        (Credentials(basic_user="acme", basic_password=""), "basic_password"),
        (Credentials(basic_user="acme", basic_password="x\r\nX-Y: 1"), "basic_password"),
        (Credentials(client_key="x"), "client_certificate"),
        (Credentials(client_certificate="x", client_key="x"), "client_certificate"),
        (Credentials(headers=(("X-A", "1"), ("X-A", "2"))), "header"),
        (
            Credentials(basic_user="acme", basic_password="x", headers=(("authorization", "Bearer 1"),)),
            "header",
        ),
    ],
)
def test_half_or_wrong_credentials_are_refused_without_repeating_them(credentials: Credentials, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_credentials(credentials)

    assert [field] == list(refused.value.fields)


@pytest.mark.parametrize(
    "name", ["AS2-From", "as2-to", "Message-ID", "Content-Type", "Host", "Expect", "Transfer-Encoding", "Bad Name"]
)
def test_headers_of_the_gateway_are_not_for_agreements(name: str) -> None:
    with pytest.raises(InvalidAS2Headers):
        check_credentials(Credentials(headers=((name, "x"),)))


def test_client_certificate_and_key_belong_together(partner_identity: Identity, stranger_identity: Identity) -> None:
    pem = partner_identity.certificate.decode()

    kept = check_credentials(Credentials(client_certificate=pem, client_key=partner_identity.key.decode()))
    with pytest.raises(InvalidInput, match="client_key: the key of the first client certificate"):
        check_credentials(Credentials(client_certificate=pem, client_key=stranger_identity.key.decode()))

    assert (pem, partner_identity.key.decode()) == (kept.client_certificate, kept.client_key)


def test_secrets_are_not_printed() -> None:
    shown = repr(Credentials(basic_user="acme", basic_password="hush", client_key="hush", headers=(("X", "hush"),)))

    assert "hush" not in shown


@pytest.mark.parametrize(
    ("own", "url", "may"),
    [
        ("https://as2.globex.test/in", "https://as2.globex.test/mdn", True),
        ("https://as2.globex.test/in", "https://AS2.globex.test:8443/mdn", True),
        ("https://as2.globex.test/in", "http://as2.globex.test/mdn", False),
        ("https://as2.globex.test/in", "https://globex.test/mdn", False),
        ("http://as2.globex.test/in", "http://as2.globex.test/mdn", True),
        ("http://as2.globex.test/in", "https://as2.globex.test/mdn", True),
    ],
)
def test_credentials_are_for_the_partner_s_own_host_and_never_less_protected(own: str, url: str, may: bool) -> None:
    assert may is partner(own).may_see_credentials(url)


def test_redirects_may_lead_to_the_own_host_and_to_those_that_were_named() -> None:
    assert frozenset({"as2.globex.test", "b.test"}) == partner(redirect_hosts=("b.test",)).redirect_hosts


def test_time_outs_are_positive() -> None:
    with pytest.raises(InvalidInput):
        check_http_terms(HTTPTerms(connect_timeout=timedelta(0)))
