"""Posting to a partner: what stands on the wire, and what is made of the answers of other products."""

from datetime import timedelta

import pytest

from acuse.domain.connection import Credentials, HTTPTerms
from acuse.errors import PartnerUnreachable
from acuse.mime import Literal
from acuse.ports import HTTPReply
from acuse.transports.http import HTTPTransport
from tests.transports.posting import BODY, HEADERS, in_transport, post, post_times, to
from tests.transports.scripted import Say, Then, plain, serving

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"


def test_headers_and_body_arrive_as_they_are() -> None:
    body = bytes(range(256)) * 2000
    with serving(plain()) as server:
        reply = post(to(server.url), body=body)

    (asked,) = server.asked
    assert (200, b"done") == (reply.status, reply.body)
    assert body == asked.body
    assert asked.head.startswith("POST /as2 HTTP/1.1\r\n")
    assert "\r\nAS2-To: GLOBEX\r\nMessage-ID: <1@acme.test>\r\n" in asked.head
    assert [str(len(body))] == asked.values("Content-Length")
    assert [] == asked.values("Transfer-Encoding")
    assert ["acuse/test"] == asked.values("User-Agent")


def test_expect_is_never_sent_even_with_a_large_body() -> None:
    with serving(plain()) as server:
        post(to(server.url), body=b"x" * 3_000_000)

    assert [] == server.asked[0].values("Expect")


@pytest.mark.profile("chunked")
def test_chunked_has_no_length() -> None:
    with serving(plain()) as server:
        post(to(server.url, http=HTTPTerms(is_chunked=True)))

    (asked,) = server.asked
    assert ["chunked"] == asked.values("Transfer-Encoding")
    assert [] == asked.values("Content-Length")
    assert BODY == asked.body


def test_user_name_and_password_come_with_the_first_request() -> None:
    with serving(plain()) as server:
        post(to(server.url, credentials=Credentials(basic_user="acme", basic_password="señal: 1")))

    # The example is RFC 7617's: UTF-8, and only the first colon parts.
    assert ["Basic YWNtZTpzZcOxYWw6IDE="] == server.asked[0].values("Authorization")


def test_further_headers_are_sent_but_none_twice() -> None:
    headers = (("X-Key", "7"), ("message-id", "<other>"), ("User-Agent", "theirs"))
    with serving(plain()) as server:
        post(to(server.url, credentials=Credentials(headers=headers)))

    (asked,) = server.asked
    assert (["7"], ["<1@acme.test>"], ["theirs"]) == tuple(
        asked.values(name) for name in ("X-Key", "Message-ID", "User-Agent")
    )


@pytest.mark.parametrize(("keep_alive", "connections"), [(True, [1, 1, 1]), (False, [1, 2, 3])])
def test_a_connection_serves_again_unless_it_is_not_wanted(keep_alive: bool, connections: list[int]) -> None:
    with serving(plain()) as server:
        post_times(3, to(server.url, http=HTTPTerms(keep_alive=keep_alive)))

    assert connections == [asked.connection for asked in server.asked]
    assert all((asked.values("Connection") == ["close"]) is not keep_alive for asked in server.asked)


@pytest.mark.parametrize(
    "say",
    [
        plain(headers="Connection: close\r\n", then=Then.CLOSE),
        plain(version="1.0", then=Then.CLOSE),
        Say(data=b"HTTP/1.0 200 OK\r\n\r\ndone", then=Then.CLOSE),
        Say(data=b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndone", then=Then.CLOSE),
        Say(data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\ndo\r\n2\r\nne\r\n0\r\n\r\n"),
        Say(data=OK.replace(b"Content-Length: 4", b"content-length:04")),
        Say(data=b"HTTP/1.1 100 Continue\r\n\r\n" + OK),
        Say(data=b"HTTP/1.1 102 Processing\r\n\r\n" * 3 + OK),
        Say(data=b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" + OK),
    ],
    ids=["close", "1.0", "1.0-no-length", "no-length", "chunked", "zeros", "100", "102", "103"],
)
def test_any_form_of_a_whole_answer_is_read(say: Say) -> None:
    with serving(say) as server:
        replies = post_times(2, to(server.url))

    assert [(200, b"done")] * 2 == [(reply.status, reply.body) for reply in replies]


def test_answer_headers_are_kept_as_they_came() -> None:
    with serving(plain(headers='AS2-From: "A B"\r\nX-Name: España\r\nx-two: 1\r\nX-Two: 2\r\n')) as server:
        reply = post(to(server.url))

    assert (
        ("AS2-From", '"A B"'),
        ("X-Name", "España"),
        ("x-two", "1"),
        ("X-Two", "2"),
    ) == reply.headers[1:]


def test_a_very_long_answer_is_cut_at_the_limit() -> None:
    with serving(plain(body=b"x" * 100_000, then=Then.CLOSE)) as server:
        assert 5000 == len(post(to(server.url, answer_limit=5000)).body)


@pytest.mark.parametrize(
    "say",
    [
        Say(then=Then.CLOSE),
        Say(then=Then.RESET),
        Say(data=b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ndone", then=Then.CLOSE),
        Say(data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndone\r\n", then=Then.CLOSE),
        Say(data=b"220 mail.globex.test ESMTP\r\n", then=Then.CLOSE),
    ],
    ids=["silence", "reset", "short", "no-last-chunk", "no-http"],
)
def test_a_broken_answer_is_worth_another_try(say: Say) -> None:
    with serving(say) as server, pytest.raises(PartnerUnreachable) as refused:
        post(to(server.url))

    assert not refused.value.is_final


def test_nobody_there_is_worth_another_try() -> None:
    with serving(plain()) as server:
        url = server.url
    with pytest.raises(PartnerUnreachable) as refused:
        post(to(url))

    assert not refused.value.is_final


def test_a_partner_who_says_nothing_is_waited_for_as_long_as_agreed() -> None:
    with serving(Say(then=Then.WAIT)) as server, pytest.raises(PartnerUnreachable) as refused:
        post(to(server.url, timeout=timedelta(seconds=0.2)))

    assert not refused.value.is_final
    assert "The partner did not answer within 0.2 seconds." == refused.value.message


def test_a_connection_that_does_not_come_about_has_a_time_out_of_its_own() -> None:
    with serving(plain(), unasked=b"") as server:
        server.pause()
        with pytest.raises(PartnerUnreachable) as refused:
            post(
                to(
                    server.url.replace("http:", "https:"),  # the TCP connection stands, its TLS never begins
                    http=HTTPTerms(connect_timeout=timedelta(seconds=0.2)),
                    timeout=timedelta(seconds=60),
                )
            )

    assert not refused.value.is_final
    assert "No connection to the partner within 0.2 seconds." == refused.value.message


def test_a_name_that_leads_nowhere_is_worth_another_try() -> None:
    with pytest.raises(PartnerUnreachable) as refused:
        post(to("http://no-such-host.invalid/as2"))

    assert not refused.value.is_final


def test_an_address_in_a_private_network_needs_the_operator() -> None:
    with serving(plain()) as server:
        with pytest.raises(PartnerUnreachable) as refused:
            post(to(server.url, is_vouched=False))
        with pytest.raises(PartnerUnreachable):
            post(to(server.url.replace("127.0.0.1", "localhost"), is_vouched=False))

        async def freely(transport: HTTPTransport) -> HTTPReply:
            return await transport.post(to(server.url, is_vouched=False), headers=HEADERS, body=Literal(BODY))

        assert 200 == in_transport(freely, allow_private_networks=True).status
        assert 1 == len(server.asked)

    assert refused.value.is_final


@pytest.mark.parametrize("http", [HTTPTerms(), HTTPTerms(is_chunked=True)], ids=["length", "chunked"])
def test_an_answer_before_the_body_was_taken_counts(http: HTTPTerms) -> None:
    with serving(plain(), unasked=plain(413, headers="Connection: close\r\n").data) as server:
        server.take_after_the_end = True
        reply = post(to(server.url, http=http), body=b"x" * 3_000_000)

    assert 413 == reply.status
