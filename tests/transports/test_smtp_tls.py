"""TLS to mail servers: as it is offered, as DNS demands it, as a policy demands it, and when it breaks."""

import hashlib
import ssl
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from acuse.domain.post import SmarthostTLS
from acuse.mime import Literal
from acuse.ports import Said
from acuse.testing import FixedWorld
from acuse.transports.smtp import Login, SmarthostMailer
from acuse.transports.smtp.mta_sts import fetch_policy, read_policy
from tests.peers.mail_server import MailServer, mail_server
from tests.transports.authority import authority, server_context
from tests.transports.test_smtp import ENVELOPE, MESSAGE, QUICK, posting, texts

PAIR = authority().issue("mx.example.net", address=x509.DNSName("mx.example.net"))
CERTIFICATE = x509.load_pem_x509_certificate(PAIR.certificate.encode())
DER = CERTIFICATE.public_bytes(Encoding.DER)
SPKI = CERTIFICATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
FINGERPRINT = hashlib.sha256(DER).hexdigest()
OTHER = "00" * 32


def with_tls(**changes: object) -> MailServer:
    return MailServer(tls=server_context(PAIR), **changes)  # type: ignore[arg-type]


async def test_tls_is_taken_as_it_is_offered_and_recorded() -> None:
    async with posting(with_tls()) as post:
        answer = await post.send()
    assert (Said.TAKEN, "opportunistic", "TLSv1.3", FINGERPRINT) == (
        answer.said,
        answer.tls_policy,
        answer.tls_version,
        answer.certificate,
    )
    assert answer.cipher
    assert ["EHLO gateway.example.com", "STARTTLS", "EHLO gateway.example.com"] == post.server.commands[:3]


async def test_tls_that_breaks_is_left_out_where_nobody_asked_for_it_and_the_record_says_so() -> None:
    picky = server_context(PAIR, clients=authority("of others"), highest=ssl.TLSVersion.TLSv1_2)
    async with posting(MailServer(tls=picky)) as post:
        answer = await post.send()
    assert (Said.TAKEN, "none", None, 2) == (
        answer.said,
        answer.tls_policy,
        answer.tls_version,
        post.server.connections,
    )
    assert "(once more without TLS, which nobody asked for)" in texts(answer)


async def test_tls_that_is_refused_is_left_out_where_nobody_asked_for_it() -> None:
    async with posting(with_tls(replies={"STARTTLS": b"454 4.7.0 not now"})) as post:
        answer = await post.send()
    assert (Said.TAKEN, "none") == (answer.said, answer.tls_policy)


@pytest.mark.parametrize("server", [MailServer(), with_tls(replies={"STARTTLS": b"454 4.7.0 not now"})])
async def test_what_needs_tls_does_not_go_without(server: MailServer) -> None:
    async with posting(server) as post:
        answer = await post.send(envelope=replace(ENVELOPE, needs_tls=True))
    assert (Said.LATER, []) == (answer.said, post.server.messages)


# ── DANE ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "record",
    [
        f"3 1 1 {hashlib.sha256(SPKI).hexdigest()}",
        f"3 0 1 {FINGERPRINT}",
        f"3 1 2 {hashlib.sha512(SPKI).hexdigest()}",
        f"3 0 0 {DER.hex()}",
    ],
    ids=["hash of the key", "hash of the certificate", "longer hash of the key", "whole certificate"],
)
async def test_a_certificate_that_dns_names_is_believed(record: str) -> None:
    async with posting(with_tls()) as post:
        post.names.is_secure = True
        post.names.add(f"_{post.server.port}._tcp.mx.example.net", "TLSA", f"3 1 1 {OTHER}", record)
        answer = await post.send()
    assert (Said.TAKEN, "dane") == (answer.said, answer.tls_policy)


async def test_a_certificate_that_dns_does_not_name_gets_nothing() -> None:
    async with posting(with_tls()) as post:
        post.names.is_secure = True
        post.names.add(f"_{post.server.port}._tcp.mx.example.net", "TLSA", f"3 1 1 {OTHER}")
        answer = await post.send()
    assert (Said.LATER, [], 1) == (answer.said, post.server.messages, post.server.connections)


async def test_a_server_that_lost_its_tls_gets_nothing_where_dns_names_a_certificate() -> None:
    async with posting() as post:
        post.names.is_secure = True
        post.names.add(f"_{post.server.port}._tcp.mx.example.net", "TLSA", f"3 1 1 {OTHER}")
        answer = await post.send()
    assert (Said.LATER, "4.7.10", []) == (answer.said, answer.enhanced_code, post.server.messages)


async def test_records_that_nobody_signed_ask_for_nothing() -> None:
    async with posting(with_tls()) as post:
        post.names.add(f"_{post.server.port}._tcp.mx.example.net", "TLSA", f"3 1 1 {OTHER}")
        answer = await post.send()
    assert (Said.TAKEN, "opportunistic") == (answer.said, answer.tls_policy)


async def test_records_that_cannot_be_used_still_ask_for_tls() -> None:
    async with posting() as post:
        post.names.is_secure = True
        post.names.add(f"_{post.server.port}._tcp.mx.example.net", "TLSA", f"2 1 1 {OTHER}")
        assert (Said.LATER, []) == ((await post.send()).said, post.server.messages)


# ── MTA-STS ───────────────────────────────────────────────────────────────────────────────────────────────────────────

ENFORCED = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.net\r\nmax_age: 86400\r\n"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (ENFORCED, Said.LATER),
        (ENFORCED.replace("enforce", "testing"), Said.TAKEN),
        (ENFORCED.replace("mx.example", "other.example"), Said.LATER),
        (ENFORCED.replace("mx.example.net", "*.example.net"), Said.LATER),
        ("version: STSv2\nmode: enforce\nmx: other\nmax_age: 1", Said.TAKEN),
        (None, Said.TAKEN),
    ],
)
async def test_a_policy_that_is_enforced_gets_no_mail_without_a_believed_certificate(
    policy: str | None, said: Said
) -> None:
    async def fetch(domain: str) -> str | None:
        return policy

    async with posting(with_tls(), fetch=fetch) as post:
        post.names.add("_mta-sts.example.net", "TXT", '"v=STSv1; id=1"')
        answer = await post.send()
    assert said is answer.said
    assert (said is Said.TAKEN) is bool(post.server.messages)


async def test_a_policy_is_fetched_once_while_its_record_stays_and_kept_when_it_cannot_be() -> None:
    asked: list[str] = []

    async def fetch(domain: str) -> str | None:
        asked.append(domain)
        return ENFORCED if len(asked) == 1 else None

    async with posting(fetch=fetch) as post:
        post.names.add("_mta-sts.example.net", "TXT", '"v=STSv1; id=1"')
        assert [Said.LATER, Said.LATER] == [(await post.send()).said, (await post.send()).said]
    assert ["example.net"] == asked


def test_a_policy_names_servers_by_one_label_more_at_most() -> None:
    policy = read_policy("version: STSv1\nmode: enforce\nmx: *.example.net\nmx: mx.example.com\nmax_age: 99999999999\n")
    assert policy is not None
    assert (True, True, False, False) == tuple(
        policy.allows(name) for name in ("a.example.net", "MX.example.com.", "a.b.example.net", "example.net")
    )
    assert 31_557_600 == policy.max_age


async def test_a_policy_that_cannot_be_fetched_is_none() -> None:
    assert await fetch_policy("example.invalid", port=1) is None


# ── A smarthost ───────────────────────────────────────────────────────────────────────────────────────────────────────

LOCAL = authority().issue("relay")


def smarthost(server: MailServer, tls: SmarthostTLS, *, login: Login | None = None) -> SmarthostMailer:
    context = ssl.create_default_context(cadata=authority().pem)
    return SmarthostMailer(
        host="127.0.0.1",
        port=server.port,
        hello="gateway.example.com",
        now=FixedWorld().now,
        tls=tls,
        login=login,
        patience=QUICK,
        context=context,
    )


@pytest.mark.parametrize(
    ("mechanisms", "redacted"),
    [(b"PLAIN LOGIN", ["AUTH PLAIN (redacted)"]), (b"LOGIN", ["AUTH LOGIN", "(user redacted)", "(password redacted)"])],
)
async def test_a_smarthost_gets_our_password_over_tls_and_the_record_does_not(
    mechanisms: bytes, redacted: list[str]
) -> None:
    ehlo = b"250-mx.test\r\n250-STARTTLS\r\n250 AUTH " + mechanisms
    replies = {"EHLO": ehlo}
    if mechanisms == b"LOGIN":
        replies |= {
            "AUTH": b"334 VXNlcm5hbWU6",
            "DXNLCG==": b"334 UGFzc3dvcmQ6",
            "dXNlcg==".upper(): b"334 UGFzc3dvcmQ6",
        }
        replies |= {"c2VjcmV0".upper(): b"235 welcome"}
    async with mail_server(MailServer(replies=replies, tls=server_context(LOCAL))) as server:
        mailer = smarthost(server, SmarthostTLS.STARTTLS, login=Login(user="user", password="secret"))
        answer = await mailer.send(ENVELOPE, Literal(MESSAGE))
    assert (Said.TAKEN, True, "smarthost") == (answer.said, answer.is_relayed, answer.tls_policy)
    assert redacted == [text for text in texts(answer) if "AUTH " in text[:5] or "redacted" in text]
    assert not any("c2VjcmV0" in text or "secret" in text for text in texts(answer))


async def test_a_smarthost_that_refuses_the_password_is_tried_again_later() -> None:
    replies = {"EHLO": b"250-mx.test\r\n250 AUTH PLAIN", "AUTH": b"535 5.7.8 wrong"}
    async with mail_server(MailServer(replies=replies)) as server:
        mailer = smarthost(server, SmarthostTLS.NONE, login=Login(user="user", password="secret"))
        answer = await mailer.send(ENVELOPE, Literal(MESSAGE))
    assert (Said.LATER, 535, []) == (answer.said, answer.code, server.messages)


async def test_a_smarthost_without_tls_gets_nothing_unless_that_was_said() -> None:
    async with mail_server() as server:
        assert Said.LATER is (await smarthost(server, SmarthostTLS.STARTTLS).send(ENVELOPE, Literal(MESSAGE))).said
        assert [] == server.messages
        assert Said.TAKEN is (await smarthost(server, SmarthostTLS.NONE).send(ENVELOPE, Literal(MESSAGE))).said


async def test_a_smarthost_with_a_certificate_of_somebody_else_gets_nothing() -> None:
    async with mail_server(MailServer(tls=server_context(PAIR))) as server:
        answer = await smarthost(server, SmarthostTLS.STARTTLS).send(ENVELOPE, Literal(MESSAGE))
    assert (Said.LATER, []) == (answer.said, server.messages)
