"""Digest (RFC 7616): challenges of servers, answered, and what is never answered."""

import hashlib
from collections.abc import Iterator
from urllib.request import parse_http_list, parse_keqv_list

import pytest

from acuse.domain.connection import Authentication, Credentials, HTTPTerms
from acuse.ports import Destination
from acuse.transports.challenge import chosen_challenge
from tests.transports.posting import BODY, post, post_times, to
from tests.transports.scripted import Asked, Say, plain, serving

OURS = Credentials(basic_user="Mufasa", basic_password="Círculo de la vida")
DIGEST = HTTPTerms(authentication=Authentication.DIGEST)


class Guard:
    """A server that lets in whoever knows the password, judged by the formulas of RFC 7616 section 3.4."""

    def __init__(self, algorithm: str = "SHA-256", *, before: str = "", after: str = "", uses: int = 1000) -> None:
        self.algorithm = algorithm
        self.before, self.after = before, after
        self.uses = uses
        self.nonces = 0
        self.seen: list[tuple[str, str]] = []

    def __call__(self, asked: Asked) -> Say:
        given = asked.values("Authorization")
        return plain() if given and self.lets_in(given[0]) else self.challenge()

    def challenge(self) -> Say:
        self.nonces += 1
        challenge = (
            f'Digest realm="agents, all", nonce="n{self.nonces}", qop="auth-int, auth", opaque="5c\\"c", '
            f'algorithm={self.algorithm}, domain="http://evil.test/"'
        )
        return plain(401, headers=f"{self.before}WWW-Authenticate: {challenge}\r\n{self.after}")

    def lets_in(self, given: str) -> bool:
        if not given.startswith("Digest "):
            return False
        said = parse_keqv_list(parse_http_list(given.removeprefix("Digest ")))

        def hashed(*words: str) -> str:
            name = self.algorithm.removesuffix("-sess").replace("-", "")
            return hashlib.new(name, ":".join(words).encode()).hexdigest()

        identity = hashed("Mufasa", "agents, all", "Círculo de la vida")
        if self.algorithm.endswith("-sess"):
            identity = hashed(identity, said["nonce"], said["cnonce"])
        request = hashed("POST", "/as2?x=1")
        expected = hashed(identity, said["nonce"], said["nc"], said["cnonce"], "auth", request)
        self.seen.append((said["nonce"], said["nc"]))
        is_fresh = said["nonce"] == f"n{self.nonces}" and int(said["nc"], 16) <= self.uses
        return (
            is_fresh
            and said["opaque"] == '5c"c'
            and (said["qop"], said["uri"], said["response"]) == ("auth", "/as2?x=1", expected)
        )


def guarded(url: str, http: HTTPTerms = DIGEST) -> Destination:
    return to(f"{url}?x=1", http=http, credentials=OURS)


@pytest.mark.rfc(4130, "5.1")
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"])
def test_the_challenge_is_answered_with_the_same_body(algorithm: str) -> None:
    with serving(Guard(algorithm)) as server:
        reply = post(guarded(server.url))

    assert (200, b"done") == (reply.status, reply.body)
    assert [BODY, BODY] == [asked.body for asked in server.asked]
    assert [[], ["<1@acme.test>"]] == [server.asked[0].values("Authorization"), server.asked[1].values("Message-ID")]


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_large_body_streams_again(is_chunked: bool) -> None:
    body = bytes(range(256)) * 20_000
    with serving(Guard()) as server:
        reply = post(
            guarded(server.url, HTTPTerms(authentication=DIGEST.authentication, is_chunked=is_chunked)), body=body
        )

    assert 200 == reply.status
    assert [body, body] == [asked.body for asked in server.asked]


def test_a_nonce_serves_again_without_a_question() -> None:
    guard = Guard()
    with serving(guard) as server:
        replies = post_times(3, guarded(server.url))

    assert [200, 200, 200] == [reply.status for reply in replies]
    assert [("n1", "00000001"), ("n1", "00000002"), ("n1", "00000003")] == guard.seen


def test_a_nonce_that_is_used_up_is_replaced() -> None:
    guard = Guard(uses=1)
    with serving(guard) as server:
        replies = post_times(2, guarded(server.url))

    assert [200, 200] == [reply.status for reply in replies]
    assert ("n2", "00000001") == guard.seen[-1]


def test_basic_gives_way_to_digest_where_the_server_asks() -> None:
    with serving(Guard()) as server:
        replies = post_times(2, guarded(server.url, HTTPTerms()))

    assert [200, 200] == [reply.status for reply in replies]
    assert ["Basic", "Digest", "Digest"] == [asked.values("Authorization")[0].split()[0] for asked in server.asked]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('WWW-Authenticate: Basic realm="a, Digest nonce=\\"x\\""\r\nWWW-Authenticate: Negotiate\r\n', ""),
        ('WWW-Authenticate: Digest realm="agents, all", nonce="n", algorithm=SHA-512-256, qop="auth"\r\n', ""),
        ('WWW-Authenticate: NTLM, Basic realm="agents, all"\r\n', 'WWW-Authenticate: Digest realm="r", nonce="x"\r\n'),
    ],
)
def test_the_first_digest_that_we_know_is_answered(before: str, after: str) -> None:
    with serving(Guard(before=before, after=after)) as server:
        assert 200 == post(guarded(server.url)).status


def test_a_wrong_password_is_told_after_one_answer() -> None:
    wrong = Credentials(basic_user="Mufasa", basic_password="wrong")
    with serving(Guard()) as server:
        reply = post(to(f"{server.url}?x=1", http=DIGEST, credentials=wrong))

    assert 401 == reply.status
    assert 2 == len(server.asked)


def test_who_agreed_on_digest_never_sends_the_password() -> None:
    with serving(plain(401, headers='WWW-Authenticate: Basic realm="r"\r\n')) as server:
        reply = post(guarded(server.url))

    assert 401 == reply.status
    assert [[]] == [asked.values("Authorization") for asked in server.asked]


def test_without_a_user_name_there_is_no_answer() -> None:
    with serving(Guard()) as server:
        assert 401 == post(to(server.url)).status

    assert 1 == len(server.asked)


def test_another_host_gets_no_answer_after_a_redirect() -> None:
    guard = Guard()
    with serving(guard) as other:
        address = other.url.replace("127.0.0.1", "localhost")
        with serving(plain(307, headers=f"Location: {address}?x=1\r\n")) as own:
            hosts = frozenset({"127.0.0.1", "localhost"})
            reply = post(to(own.url, redirect_hosts=hosts, http=DIGEST, credentials=OURS))

    assert 401 == reply.status
    assert [[]] == [asked.values("Authorization") for asked in other.asked]


def unanswerable() -> Iterator[str]:
    yield from ("", "Digest", "Digest ,", 'Digest realm="r"', 'Digest nonce="n"', 'Digest realm="r", nonce=""')
    yield 'Digest realm="r", nonce="n", qop="auth-int"'
    yield 'Digest realm="r", nonce="n", algorithm=SHA-512'
    yield 'Basic realm="Digest realm=r, nonce=n"'
    yield 'Digest realm="r\udc80", nonce="n"'
    yield 'Digest realm="r", Basic nonce="n"'
    yield "Digest " + "," * 8000


@pytest.mark.parametrize("field", list(unanswerable()))
def test_what_cannot_be_answered_is_not(field: str) -> None:
    assert chosen_challenge([field]) is None


def test_what_the_library_must_not_see_is_left_out() -> None:
    field = 'Negotiate, dIgEsT Nonce = "n", realm="a \\"b\\", c",qop="auth, auth-int" , domain="/", stale=TRUE'

    assert 'Digest realm="a \\"b\\", c", nonce="n", algorithm=MD5, qop="auth"' == chosen_challenge([field])
