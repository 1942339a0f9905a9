"""Redirects: followed where the agreement allows it, told otherwise."""

import pytest
from cryptography import x509

from acuse.domain.connection import Credentials, HTTPTerms
from acuse.errors import PartnerUnreachable
from acuse.ports import Destination, HTTPReply
from tests.transports.authority import authority, server_context
from tests.transports.posting import BODY, post, to
from tests.transports.scripted import Asked, Say, plain, serving

LOOPBACK = frozenset({"127.0.0.1"})
TLS = server_context(authority().issue("as2.globex.test"))
BELIEVING = HTTPTerms(authorities=authority().pem)


def moved(status: int, location: str) -> Say:
    return plain(status, headers=f"Location: {location}\r\n")


def allowed(url: str) -> Destination:
    secret = Credentials(basic_user="acme", basic_password="secret")
    return to(url, redirect_hosts=LOOPBACK, http=BELIEVING, credentials=secret)


@pytest.mark.parametrize("status", [307, 308])
def test_the_whole_request_goes_to_an_allowed_host(status: int) -> None:
    with serving(plain(body=b"there")) as new, serving(moved(status, new.url)) as old:
        reply = post(allowed(old.url))

    assert (200, b"there", None) == (reply.status, reply.body, reply.redirected_to)
    assert BODY == new.asked[0].body
    assert ["<1@acme.test>"] == new.asked[0].values("Message-ID")
    assert ["Basic YWNtZTpzZWNyZXQ="] == new.asked[0].values("Authorization")


def test_another_host_that_was_named_gets_the_request_and_nothing_that_shows_who_we_are() -> None:
    pair = authority().issue("acme")
    secret = Credentials(
        basic_user="acme",
        basic_password="secret",
        headers=(("X-Token", "secret"),),
        client_certificate=pair.certificate,
        client_key=pair.key,
    )
    there = server_context(authority().issue("localhost", address=x509.DNSName("localhost")), clients=authority())
    with serving(plain(), there) as new:
        address = new.url.replace("127.0.0.1", "localhost")
        with serving(moved(307, address)) as old, pytest.raises(PartnerUnreachable):
            post(to(old.url, redirect_hosts={"localhost"}, http=BELIEVING, credentials=secret))
    with serving(plain()) as new:
        address = new.url.replace("127.0.0.1", "localhost")
        with serving(moved(307, address)) as old:
            reply = post(to(old.url, redirect_hosts={"localhost"}, credentials=secret))

    assert 200 == reply.status
    assert (BODY, [], []) == (new.asked[0].body, *map(new.asked[0].values, ("Authorization", "X-Token")))


def test_a_relative_address_is_on_the_same_server() -> None:
    def answer(asked: Asked) -> Say:
        return plain() if asked.head.startswith("POST /new?x=1 ") else moved(308, "../new?x=1")

    with serving(answer) as server:
        assert 200 == post(allowed(server.url)).status


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_does_not_keep_the_method_is_told(status: int) -> None:
    with serving(plain()) as new, serving(moved(status, new.url)) as old:
        reply = post(allowed(old.url))

        assert (status, new.url) == (reply.status, reply.redirected_to)
        assert [] == new.asked


def test_another_host_is_told() -> None:
    with serving(plain()) as new:
        address = new.url.replace("127.0.0.1", "localhost")
        with serving(moved(307, address)) as old:
            reply = post(allowed(old.url))

        assert (307, address) == (reply.status, reply.redirected_to)
        assert [] == new.asked


def test_tls_is_never_left() -> None:
    with serving(plain()) as bare, serving(moved(307, bare.url), TLS) as covered:
        reply = post(allowed(covered.url))

        assert (307, bare.url) == (reply.status, reply.redirected_to)
        assert [] == bare.asked


def test_tls_is_not_left_on_a_way_round() -> None:
    with (
        serving(plain()) as bare,
        serving(moved(307, bare.url), TLS) as covered,
        serving(moved(307, covered.url)) as first,
    ):
        reply = post(allowed(first.url))

        assert bare.url == reply.redirected_to
        assert (1, 0) == (len(covered.asked), len(bare.asked))


@pytest.mark.parametrize("location", ["", "http://[", "mailto:a@b.test", "ftp://127.0.0.1/", "x" * 3000])
def test_an_address_that_is_none_leads_nowhere(location: str) -> None:
    with serving(moved(307, location)) as server:
        reply = post(allowed(server.url))

        assert 307 == reply.status
        assert 1 == len(server.asked)


def test_five_redirects_are_followed() -> None:
    def answer(asked: Asked) -> Say:
        step = int(asked.head.split("=")[1].split()[0])
        return plain() if step == 5 else moved(307, f"/as2?step={step + 1}")

    with serving(answer) as server:
        reply: HTTPReply = post(allowed(f"{server.url}?step=0"))

    assert 200 == reply.status
    assert 6 == len(server.asked)


def test_a_circle_ends_for_good() -> None:
    with serving(moved(307, "/as2")) as server:
        with pytest.raises(PartnerUnreachable) as refused:
            post(allowed(server.url))

        assert refused.value.is_final
        assert 6 == len(server.asked)


def test_a_redirect_into_a_private_network_needs_the_operator() -> None:
    with serving(plain()) as server, pytest.raises(PartnerUnreachable) as refused:
        post(to(server.url, redirect_hosts=LOOPBACK, is_vouched=False))

    assert refused.value.is_final
