"""`acuse partner add`: the connection to the partner's server."""

import stat
from pathlib import Path

import pytest

from acuse.domain.connection import HTTPTerms
from tests.cli.shell import Shell
from tests.peers.identity import Identity
from tests.peers.listener import Posted, listening
from tests.peers.receipts import confirm
from tests.transports.authority import authority, server_context
from tests.transports.scripted import Asked, Say, plain, serving

PLAIN = ("--sign", "none", "--encrypt", "none", "--mdn", "none")
WITH_RECEIPT = ("--sign", "none", "--encrypt", "none", "--mdn-unsigned")
GLOBEX = ("--as2-id", "GLOBEX", "--url", "http://127.0.0.1:9/as2", *PLAIN)


UNCHOSEN: dict[str, object] = {
    "basic_user": None,
    "basic_password": None,
    "client_certificate": None,
    "client_key": None,
    "headers": {},
}


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("top secret\n")
    file.chmod(stat.S_IRUSR)
    return file


@pytest.fixture
def key_file(tmp_path: Path, partner_identity: Identity) -> Path:
    file = tmp_path / "client.key"
    file.write_bytes(partner_identity.key)
    return file


def test_the_defaults_are_those_of_the_terms(shell: Shell) -> None:
    http = shell.add_partner(*PLAIN)["http"]

    terms = HTTPTerms()
    assert {
        "authorities": None,
        "redirect_hosts": [],
        "chunked": False,
        "keep_alive": True,
        "connect_timeout": terms.connect_timeout.total_seconds(),
        "concurrency": terms.concurrency,
        "authentication": "basic",
        **UNCHOSEN,
    } == http


def test_every_term_can_be_chosen(shell: Shell, certificate_file: Path) -> None:
    http = shell.add_partner(
        *PLAIN,
        *("--ca", certificate_file, "--ca", certificate_file, "--redirect-host", "B.test", "--redirect-host", "c.test"),
        *("--chunked", "--no-keep-alive", "--connect-timeout", "7.5", "--concurrency", "9"),
        *("--authentication", "Digest"),
    )["http"]

    assert {
        "authorities": certificate_file.read_text() * 2,
        "redirect_hosts": ["b.test", "c.test"],
        "chunked": True,
        "keep_alive": False,
        "connect_timeout": 7.5,
        "concurrency": 9,
        "authentication": "digest",
        **UNCHOSEN,
    } == http


def test_secrets_reach_the_partner_and_no_screen(
    shell: Shell, certificate_file: Path, key_file: Path, password_file: Path, order: Path
) -> None:
    with listening(confirm) as partner:
        shell.add_partner(
            *WITH_RECEIPT,
            *("--basic-user", "acme", "--basic-password-file", password_file, "--header", "X-Key:  a token "),
            *("--client-certificate", certificate_file, "--client-key", key_file),
            url=partner.url,
        )
        sent = shell("send", order, "--to", "GLOBEX", "--wait")
        [posted] = partner.posted

    assert 0 == sent.code, sent.errors
    assert ("Basic YWNtZTp0b3Agc2VjcmV0", "a token") == (posted.header("Authorization"), posted.header("X-Key"))
    shown = [
        shell("partner", *command).output
        for command in (["show", "GLOBEX"], ["show", "GLOBEX", "--json"], ["list"], ["list", "--json"])
    ]
    for output in (*shown, sent.output, sent.errors, shell("show", "msg_000001").output):
        assert not [secret for secret in ("top secret", "dG9wIHNlY3JldA", "a token", "PRIVATE") if secret in output]
    lines = [line.split() for line in shown[0].splitlines()]
    assert ["user", "name", "acme"] in lines
    assert ["headers", "X-Key"] in lines
    assert "CN=partner.test, valid until" in shown[0]


def test_a_password_may_come_from_the_environment_but_not_from_the_line(shell: Shell, order: Path) -> None:
    refused = shell("partner", "add", *GLOBEX, "--basic-user", "acme", "--basic-password", "top secret")
    with listening(confirm) as partner:
        added = shell(
            *("partner", "add", "--as2-id", "GLOBEX", "--url", partner.url, *WITH_RECEIPT, "--basic-user", "acme"),
            ACUSE_PARTNER_ADD_BASIC_PASSWORD="top secret",
        )
        shell("send", order, "--to", "GLOBEX", "--wait")

    assert "Others can read a password on the command line" in refused.misuse
    assert "top secret" not in refused.errors
    assert 0 == added.code, added.errors
    assert ["Basic YWNtZTp0b3Agc2VjcmV0"] == [posted.header("Authorization") for posted in partner.posted]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--basic-user", "acme"], "basic_user: a user name and a password come together"),
        (["--header", "AS2-To: X"], "AS2-To is set by the gateway itself. Remove it."),
        (["--header", "host: globex.test"], "host is set by the gateway itself. Remove it."),
        (["--header", "X-A: 1", "--header", "X-A: 2"], "header: X-A is given twice"),
        (["--redirect-host", "https://globex.test/"], "redirect_host: 'https://globex.test/' is no host"),
    ],
)
def test_what_cannot_be_agreed_is_refused(shell: Shell, options: list[str], reason: str) -> None:
    assert reason in shell("partner", "add", *GLOBEX, *options).refusal
    assert [] == shell("partner", "list", "--json").json


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--header", "secret-without-colon"], "Invalid value for '--header': write it as 'Name: value'"),
        (["--concurrency", "0"], "Invalid value for '--concurrency'"),
        (["--concurrency", "65"], "Invalid value for '--concurrency'"),
        (["--connect-timeout", "0"], "Invalid value for '--connect-timeout'"),
        (["--ca", "/nowhere.pem"], "File '/nowhere.pem' does not exist"),
    ],
)
def test_what_cannot_be_read_is_misuse(shell: Shell, options: list[str], reason: str) -> None:
    ended = shell("partner", "add", *GLOBEX, *options)

    assert reason in ended.misuse
    assert "secret-without-colon" not in ended.errors


def test_files_are_read_as_pem(shell: Shell, certificate_file: Path, key_file: Path, order: Path) -> None:
    cases: list[tuple[list[str | Path], str]] = [
        (["--ca", order], "ca: one or more X.509 certificates in PEM"),
        (["--client-certificate", certificate_file], "client_certificate: a client certificate and its key come"),
        (["--client-certificate", key_file, "--client-key", key_file], "client_certificate: one or more X.509"),
        (["--client-certificate", certificate_file, "--client-key", order], "client_key: an unencrypted private key"),
    ]
    for options, reason in cases:
        assert reason in shell("partner", "add", *GLOBEX, *options).refusal


def test_a_message_goes_out_by_tls_with_our_certificate_and_follows_the_redirect(
    shell: Shell, order: Path, tmp_path: Path
) -> None:
    own, clients = authority(), authority("for clients")
    ours, context = clients.issue("acme.test"), server_context(own.issue("as2.globex.test"), clients=clients)
    for name, text in (("ca", own.pem), ("certificate", ours.certificate), ("key", ours.key)):
        (tmp_path / f"{name}.pem").write_text(text)

    def answer(asked: Asked) -> Say:
        if "POST /new " not in asked.head:
            return plain(308, headers="Location: /new\r\n")
        sent_id = asked.values("Message-ID")[0]
        reply = confirm(Posted(path="/new", headers=(("Message-ID", sent_id),), body=asked.body)).reply
        assert reply is not None
        return plain(body=reply.body, headers="".join(f"{name}: {value}\r\n" for name, value in reply.headers))

    with serving(answer, context) as server:
        shell.add_partner(
            *WITH_RECEIPT,
            *("--ca", tmp_path / "ca.pem", "--chunked"),
            *("--client-certificate", tmp_path / "certificate.pem", "--client-key", tmp_path / "key.pem"),
            url=server.url,
        )
        ended = shell("send", order, "--to", "GLOBEX", "--wait")

    assert 0 == ended.code, ended.errors
    assert [((("commonName", "acme.test"),),)] * 2 == [asked.shown["subject"] for asked in server.asked]
    assert order.read_bytes() in server.asked[1].body
    assert ["chunked"] == server.asked[1].values("Transfer-Encoding")
