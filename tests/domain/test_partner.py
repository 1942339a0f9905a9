"""Partners: where they are reached, and where their receipts may go."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from acuse.as2 import Agreement, Compression, MDNMode
from acuse.cms import Cipher, Digest
from acuse.domain.partner import Partner, Terms, check_url
from acuse.domain.station import Station, check_as2_id, check_name, message_id_domain
from acuse.errors import InvalidInput

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PARTNER = Partner(
    id=UUID(int=1),
    handle=1,
    account_id=UUID(int=2),
    tenant_id=UUID(int=3),
    name="Globex",
    as2_id="Globex",
    url="https://AS2.globex.example:8443/in?x=1",
    url_is_vouched=False,
    active=True,
    terms=Terms(receipt_hosts=("MDN.globex.example",)),
    created_at=NOW,
    updated_at=NOW,
)
STATION = Station(
    id=UUID(int=4),
    handle=1,
    account_id=UUID(int=2),
    tenant_id=UUID(int=3),
    name="Acme",
    as2_id="ACME",
    receive_url="https://acme.example/as2",
    created_at=NOW,
    updated_at=NOW,
)


@pytest.mark.parametrize(
    "url",
    [
        "https://as2.globex.example:8443/mdn",
        "http://as2.globex.example/",
        "https://As2.Globex.Example",
        "https://mdn.globex.example/a?b=c",
    ],
)
def test_receipts_may_go_to_the_partner_s_own_host_and_those_named(url: str) -> None:
    assert PARTNER.may_receive_receipts_at(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://globex.example/",
        "https://evil.example/as2.globex.example",
        "https://as2.globex.example.evil.example/",
        "https://as2.globex.example@evil.example/",
        "https://evil.example\\@as2.globex.example/",
        "https://user:password@as2.globex.example/",
        "https://as2.globex.example/#fragment",
        "https://as2.globex.example/\r\nX: y",
        "ftp://as2.globex.example/",
        "file:///etc/passwd",
        "mailto:mdn@as2.globex.example",
        "as2.globex.example",
        "//as2.globex.example/",
        "http://[::1",
        "http://as2.globex.example:99999/",
        "http://",
        "",
    ],
)
def test_receipts_may_go_nowhere_else_and_no_url_breaks_the_question(url: str) -> None:
    assert not PARTNER.may_receive_receipts_at(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://globex.example",
        "https://globex.example:8443/as2?a=b",
        "http://10.0.0.1:8080/",
        "https://[2001:db8::1]/x",
        "https://[2001:db8::1]:8443/x",
        "http://as2_in.globex-1.example:4080/a%20b",
        "http://localhost",
    ],
)
def test_good_url_is_taken_as_it_is(url: str) -> None:
    assert url == check_url("url", url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "globex.example",
        "ftp://globex.example/",
        "https:///path",
        "https://user@globex.example/",
        "https://globex.example/#x",
        "https://globex.example:0/",
        "https://globex.example:http/",
        "https://globex.example/ñ",
        "https://globex.example/\n",
        "https://[::1",
        "http://a b/",
        "http://globex.example/a b",
        " http://globex.example/",
        "http://exa_mple..com/",
        "http://.example.com/",
        "http://example.com./",
        "http://globex%2eexample/",
        "http://[fe80::1%25eth0]/",
        "http://[1::2::3]/",
        "http://[::1]x/",
        "http://2001:db8::1/",
        "http://globex,example/",
        "http://@globex.example/",
        f"http://{'a' * 64}.example/",
        "https://globex.example/#",
    ],
)
def test_bad_url_is_refused_under_the_name_of_its_field(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_url("receive_url", url)

    assert ["receive_url"] == list(refused.value.fields)


def test_agreement_takes_every_term_over() -> None:
    terms = Terms(
        sign=Digest.SHA512,
        encrypt=None,
        compression=Compression.AFTER_SIGN,
        mdn=MDNMode.ASYNC,
        mdn_signed=False,
        demand_signed=False,
        demand_encrypted=True,
    )

    assert Agreement(
        our_id="ACME",
        their_id="Globex",
        sign=Digest.SHA512,
        encrypt=None,
        compression=Compression.AFTER_SIGN,
        mdn=MDNMode.ASYNC,
        mdn_signed=False,
        receipt_url="https://acme.example/as2",
        demand_signed=False,
        demand_encrypted=True,
    ) == replace(PARTNER, terms=terms).agreement_with(STATION)


def test_defaults_are_strong() -> None:
    terms = Terms()

    assert (Digest.SHA256, Cipher.AES128_CBC, True, True, True) == (
        terms.sign,
        terms.encrypt,
        terms.mdn_signed,
        terms.demand_signed,
        terms.demand_encrypted,
    )


@pytest.mark.rfc(4130, "6.2")
@pytest.mark.parametrize("value", ["A", "Acme Inc", '"\\', "~" * 128, "#!;,<>[]&"])
def test_as2_identifier_may_be_any_printable_ascii(value: str) -> None:
    assert value == check_as2_id("as2_id", value)


@pytest.mark.rfc(4130, "6.2")
@pytest.mark.parametrize("value", ["", " ", "A ", " A", "ñ", "A\tB", "A\n", "A" * 129, "\x7f"])
def test_other_as2_identifiers_are_refused(value: str) -> None:
    with pytest.raises(InvalidInput):
        check_as2_id("as2_id", value)


def test_name_is_one_line_without_blanks_around_it() -> None:
    assert "Acme – Ñ" == check_name("name", " Acme – Ñ ")
    for bad in ("", "  ", "a\nb", "a\0", "x" * 256):
        with pytest.raises(InvalidInput):
            check_name("name", bad)


@pytest.mark.rfc(5322, "3.6.4")
@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://acme.example:8443/as2", "acme.example"),
        ("http://10.1.2.3/as2", "10.1.2.3"),
        ("http://[2001:db8::1]/as2", "[2001:db8::1]"),
        ("", "localhost"),
    ],
)
def test_message_ids_end_in_the_host_that_partners_know(url: str, domain: str) -> None:
    assert domain == message_id_domain(url)
