"""TLS to a partner: whom we believe, what we show, and what a failure means."""

import re
import ssl
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from acuse.domain.connection import Credentials, HTTPTerms
from acuse.errors import PartnerUnreachable
from tests.transports.authority import authority, server_context
from tests.transports.posting import post, post_times, to
from tests.transports.scripted import Say, Then, plain, serving

OWN = authority()
SERVER = OWN.issue("as2.globex.test")
BELIEVING = HTTPTerms(authorities=OWN.pem)


def refusal_of(url: str, http: HTTPTerms = BELIEVING, credentials: Credentials = Credentials()) -> PartnerUnreachable:  # noqa: B008
    with pytest.raises(PartnerUnreachable) as refused:
        post(to(url, http=http, credentials=credentials))
    return refused.value


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_is_believed_by_the_authority_that_was_named(version: ssl.TLSVersion) -> None:
    with serving(plain(), server_context(SERVER, highest=version, lowest=version)) as server:
        reply = post(to(server.url, http=BELIEVING))

    assert (200, b"done") == (reply.status, reply.body)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("then", "headers"), [(Then.KEEP, ""), (Then.CLOSE, "Connection: close\r\n")])
def test_what_protected_the_connection_is_told(version: ssl.TLSVersion, then: Then, headers: str) -> None:
    expected = x509.load_pem_x509_certificate(SERVER.certificate.encode()).fingerprint(SHA256()).hex()
    say = plain(body=b"", headers=headers, then=then)
    with serving(say, server_context(SERVER, highest=version, lowest=version)) as server:
        replies = post_times(2, to(server.url, http=BELIEVING))

    for protection in (reply.protection for reply in replies):
        assert protection
        assert (version.name.replace("_", "."), expected) == (protection.version, protection.certificate)
        assert protection.cipher.startswith("TLS_" if version is ssl.TLSVersion.TLSv1_3 else "ECDHE-")


def test_plain_http_has_no_protection() -> None:
    with serving(plain()) as server:
        assert post(to(server.url)).protection is None


def test_a_server_is_believed_by_its_own_certificate_alone() -> None:
    with serving(plain(), server_context(SERVER)) as server:
        reply = post(to(server.url, http=HTTPTerms(authorities=SERVER.certificate)))

    assert 200 == reply.status


def test_a_server_that_this_machine_does_not_know_is_rejected_for_good() -> None:
    with serving(plain(), server_context(SERVER)) as server:
        refusal = refusal_of(server.url, HTTPTerms())

        assert refusal.is_final
        assert "The certificate of the partner's server was rejected: unable to get local issuer certificate." == (
            refusal.message
        )
        assert [] == server.asked


def test_another_authority_than_the_named_one_is_rejected_for_good() -> None:
    other = authority("another authority").issue("as2.globex.test")
    with serving(plain(), server_context(other)) as server:
        refusal = refusal_of(server.url)

    assert refusal.is_final
    assert "certificate" in refusal.message


def test_a_certificate_for_another_host_is_rejected_for_good() -> None:
    other = OWN.issue("other.test", address=x509.DNSName("other.test"))
    with serving(plain(), server_context(other)) as server:
        refusal = refusal_of(server.url)

    assert refusal.is_final
    assert "IP address mismatch" in refusal.message


def test_an_expired_certificate_is_rejected_for_good() -> None:
    with serving(plain(), server_context(OWN.issue("old.test", days=-1))) as server:
        refusal = refusal_of(server.url)

    assert refusal.is_final
    assert "certificate has expired" in refusal.message


@pytest.mark.profile("client-certificates")
def test_a_client_certificate_is_shown_with_each_connection() -> None:
    clients = authority("for clients")
    ours = clients.issue("acme.test")
    credentials = Credentials(client_certificate=ours.certificate, client_key=ours.key)
    with serving(plain(), server_context(SERVER, clients=clients)) as server:
        post(to(server.url, http=BELIEVING, credentials=credentials))

    assert ((("commonName", "acme.test"),),) == server.asked[0].shown["subject"]


@pytest.mark.profile("client-certificates")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_of_a_stranger_is_rejected_for_good(version: ssl.TLSVersion) -> None:
    stranger = authority("strangers").issue("acme.test")
    credentials = Credentials(client_certificate=stranger.certificate, client_key=stranger.key)
    context = server_context(SERVER, clients=authority("for clients"), highest=version)
    with serving(plain(), context) as server:
        refusal = refusal_of(server.url, credentials=credentials)

        assert refusal.is_final
        assert "rejected our client certificate, or the lack of one (unknown ca)" in refusal.message
        assert [] == server.asked


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_asks_in_vain_for_a_client_certificate(version: ssl.TLSVersion) -> None:
    context = server_context(SERVER, clients=authority("for clients"), highest=version)
    with serving(plain(), context) as server:
        refusal = refusal_of(server.url)

    # TLS 1.2 has no alert of its own for this, only one that says that the handshake failed.
    assert refusal.is_final is (version is ssl.TLSVersion.TLSv1_3)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1")
def test_nothing_older_than_tls_1_2_is_spoken() -> None:
    context = server_context(SERVER, highest=ssl.TLSVersion.TLSv1_1, lowest=ssl.TLSVersion.TLSv1)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with serving(plain(), context) as server:
        refusal_of(server.url)

        assert [] == server.asked


def test_a_handshake_that_is_cut_is_worth_another_try() -> None:
    with serving(plain(), unasked=b"") as server:
        refusal = refusal_of(server.url.replace("http:", "https:"))

    assert not refusal.is_final


def test_a_server_without_tls_is_worth_another_try() -> None:
    with serving(plain(), unasked=b"HTTP/1.1 400 Bad\r\n\r\n") as server:
        assert not refusal_of(server.url.replace("http:", "https:")).is_final


def test_a_connection_is_used_again() -> None:
    with serving(plain(), server_context(SERVER)) as server:
        post_times(3, to(server.url, http=BELIEVING))

    assert [1, 1, 1] == [asked.connection for asked in server.asked]


def test_an_answer_of_known_length_needs_no_orderly_end() -> None:
    with serving(plain(then=Then.CUT), server_context(SERVER)) as server:
        assert b"done" == post(to(server.url, http=BELIEVING)).body


def test_an_answer_that_ends_with_the_connection_needs_an_end() -> None:
    say = Say(data=b"HTTP/1.0 200 OK\r\n\r\ndone", then=Then.CLOSE)
    with serving(say, server_context(SERVER)) as server:
        assert b"done" == post(to(server.url, http=BELIEVING)).body


def test_an_answer_that_ends_with_the_connection_may_end_without_close_notify() -> None:
    say = Say(data=b"HTTP/1.0 200 OK\r\n\r\ndone", then=Then.CUT)
    with serving(say, server_context(SERVER)) as server:
        assert b"done" == post(to(server.url, http=BELIEVING)).body


def test_a_cut_within_an_answer_is_worth_another_try() -> None:
    say = Say(data=b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ndone", then=Then.CUT)
    with serving(say, server_context(SERVER)) as server:
        assert not refusal_of(server.url).is_final


def test_a_key_is_in_no_message() -> None:
    stranger = authority("strangers").issue("acme.test")
    credentials = Credentials(client_certificate=stranger.certificate, client_key=stranger.key, basic_password="hush")
    destination = to("https://127.0.0.1:9/", http=BELIEVING, credentials=credentials, timeout=timedelta(seconds=1))

    assert not re.search("PRIVATE|hush", repr(destination))
