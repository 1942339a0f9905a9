"""Mail straight to the recipient's server: what is sent, what is said of it, and what a broken connection means."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from acuse.mail import read_address
from acuse.mime import Literal
from acuse.ports import Envelope, MailAnswer, Said
from acuse.testing import FixedWorld
from acuse.transports.smtp import DirectMailer, NameService, Patience
from tests.peers.mail_server import CUT, MailServer, mail_server
from tests.peers.name_server import NameServer, name_server

MESSAGE = b"From: a@example.com\r\nTo: ana@example.net\r\nSubject: x\r\n\r\n.one dot\r\n..two\r\nlast\r\n"
ENVELOPE = Envelope(
    return_path="b+abc.def@bounce.example.com", recipient=read_address("ana@example.net"), envelope_id="0190ab"
)
QUICK = Patience(connect=5, reply=5, message=5)


class Post:
    """A name server, a mail server and a mailer between them."""

    def __init__(self, names: NameServer, server: MailServer, mailer: DirectMailer) -> None:
        self.names, self.server, self.mailer = names, server, mailer

    async def send(self, message: bytes = MESSAGE, envelope: Envelope = ENVELOPE) -> MailAnswer:
        return await self.mailer.send(envelope, Literal(message))


async def no_policy(domain: str) -> str | None:
    return None


@asynccontextmanager
async def posting(
    server: MailServer | None = None,
    *,
    patience: Patience = QUICK,
    fetch: Callable[[str], Awaitable[str | None]] = no_policy,
    allow_private_networks: bool = True,
    address: str = "127.0.0.1",
) -> AsyncIterator[Post]:
    """A domain example.net whose only exchanger is the server."""
    async with name_server() as names, mail_server(server) as served:
        names.add("example.net", "MX", "10 mx.example.net.")
        names.add("mx.example.net", "A", address)
        mailer = DirectMailer(
            names=NameService(names.address),
            hello="gateway.example.com",
            now=FixedWorld().now,
            port=served.port,
            allow_private_networks=allow_private_networks,
            patience=patience,
            fetch=fetch,
        )
        yield Post(names, served, mailer)


def texts(answer: MailAnswer) -> list[str]:
    return [line.text for line in answer.dialogue]


async def test_the_bytes_that_were_given_arrive_and_every_word_around_them_is_kept() -> None:
    async with posting() as post:
        answer = await post.send()

    (received,) = post.server.messages
    assert MESSAGE.replace(b"\r\n.", b"\r\n..") == received
    assert (Said.TAKEN, 250, "2.0.0", "250 2.0.0 queued as 4F2") == (
        answer.said,
        answer.code,
        answer.enhanced_code,
        answer.text,
    )
    assert ("mx.example.net", "127.0.0.1", "none", True) == (
        answer.server,
        answer.address,
        answer.tls_policy,
        answer.reports_delivery,
    )
    digest = hashlib.sha256(MESSAGE).hexdigest()
    assert [
        "220 mx.test ESMTP",
        "EHLO gateway.example.com",
        "250-mx.test",
        "250-SIZE 50000000",
        "250-DSN",
        "250 ENHANCEDSTATUSCODES",
        f"MAIL FROM:<b+abc.def@bounce.example.com> SIZE={len(MESSAGE)} RET=HDRS ENVID=0190ab",
        "250 2.1.0 ok",
        "RCPT TO:<ana@example.net> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;ana@example.net",
        "250 2.1.5 ok",
        "DATA",
        "354 go on",
        f"(message of {len(MESSAGE)} bytes, SHA-256 {digest})",
        "250 2.0.0 queued as 4F2",
        "QUIT",
        "221 bye",
    ] == texts(answer)[1:]
    assert texts(answer)[0].startswith(f"(connected to mx.example.net [127.0.0.1]:{post.server.port} from [127.0.0.1]")
    assert all(line.is_ours is not line.text[:3].isdigit() for line in answer.dialogue)


async def test_a_large_message_arrives_whole_whatever_its_pieces_begin_with() -> None:
    line = b"." + b"x" * 62 + b"\r\n"
    message = line * (1 << 15)
    async with posting() as post:
        assert Said.TAKEN is (await post.send(message)).said
    assert message == b"".join(got.removeprefix(b".") for got in post.server.messages[0].splitlines(keepends=True))


async def test_a_server_without_extensions_gets_a_plain_envelope() -> None:
    async with posting(MailServer(replies={"EHLO": b"502 what"})) as post:
        answer = await post.send()
    assert (Said.TAKEN, False) == (answer.said, answer.reports_delivery)
    assert ["HELO gateway.example.com", "MAIL FROM:<b+abc.def@bounce.example.com>"] == post.server.commands[1:3]


async def test_signs_that_an_envelope_cannot_hold_are_written_as_hexadecimal_numbers() -> None:
    async with posting() as post:
        await post.send(
            envelope=Envelope(return_path="b@x", recipient=read_address("a+b=c@example.net"), envelope_id="1")
        )
    assert "RCPT TO:<a+b=c@example.net> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2Bb+3Dc@example.net" in (
        post.server.commands
    )


@pytest.mark.parametrize(
    ("what", "reply", "said", "code", "enhanced"),
    [
        ("RCPT", b"550 5.1.1 no such user", Said.NEVER, 550, "5.1.1"),
        ("RCPT", b"451 4.7.1 greylisted", Said.LATER, 451, "4.7.1"),
        ("RCPT", b"550 4.7.1 of two minds", Said.NEVER, 550, None),
        ("MAIL", b"421 4.3.2 going down", Said.LATER, 421, "4.3.2"),
        ("message", b"552-5.2.2 The mailbox\r\n552 5.2.2 is full", Said.NEVER, 552, "5.2.2"),
        ("message", b"554 spam", Said.NEVER, 554, None),
        ("DATA", b"250 what do you mean", Said.LATER, 250, None),
        ("greeting", b"554 5.7.1 not you", Said.NEVER, 554, "5.7.1"),
        ("EHLO", b"421 later", Said.LATER, 421, None),
    ],
)
async def test_a_reply_means_what_its_digits_say(
    what: str, reply: bytes, said: Said, code: int, enhanced: str | None
) -> None:
    async with posting(MailServer(replies={what: reply})) as post:
        answer = await post.send()
    assert (said, code, enhanced, False) == (answer.said, answer.code, answer.enhanced_code, answer.is_uncertain)


@pytest.mark.parametrize("what", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_connection_that_breaks_before_the_message_took_nothing(what: str) -> None:
    async with posting(MailServer(replies={what: CUT})) as post:
        answer = await post.send()
    assert (Said.LATER, False, None) == (answer.said, answer.is_uncertain, answer.code)
    assert "mx.example.net" in answer.text


async def test_a_connection_that_breaks_within_the_message_took_nothing() -> None:
    async with posting(MailServer(cut_in_message_after=100)) as post:
        answer = await post.send(b"x" * 70 + b"\r\n" + b"y\r\n" * 5_000_000)
    assert (Said.LATER, False) == (answer.said, answer.is_uncertain)


async def test_a_connection_that_breaks_after_the_last_dot_may_have_taken_it() -> None:
    async with posting(MailServer(replies={"message": CUT})) as post:
        answer = await post.send()
    assert (Said.LATER, True, None) == (answer.said, answer.is_uncertain, answer.code)
    assert 1 == len(post.server.messages)


async def test_an_answer_that_cannot_be_read_may_have_been_a_yes() -> None:
    async with posting(MailServer(replies={"message": b"yes, of course"})) as post:
        answer = await post.send()
    assert (Said.LATER, True) == (answer.said, answer.is_uncertain)
    assert "yes, of course" in texts(answer)


async def test_a_refusal_in_the_middle_of_the_message_is_heard() -> None:
    async with posting(MailServer(early_reply=b"552 5.3.4 too large")) as post:
        answer = await post.send(b"x" * 70 + b"\r\n" + b"y\r\n" * 2_000_000)
    assert (Said.NEVER, "5.3.4", False) == (answer.said, answer.enhanced_code, answer.is_uncertain)


async def test_a_server_that_never_answers_is_waited_for_no_longer_than_it_should() -> None:
    silent = Patience(connect=5, reply=0.2, message=0.2)
    async with posting(MailServer(replies={"RCPT": b"250-and"}), patience=silent) as post:
        answer = await post.send()
    assert (Said.LATER, False) == (answer.said, answer.is_uncertain)

    async with posting(MailServer(replies={"message": b"250-and"}), patience=silent) as post:
        assert (await post.send()).is_uncertain


async def test_a_reply_without_end_is_cut_off_and_so_is_its_record() -> None:
    endless = b"\r\n".join([b"250-" + b"x" * 2000] * 100)
    async with posting(MailServer(replies={"EHLO": endless})) as post:
        answer = await post.send()
    assert Said.LATER is answer.said
    assert len(answer.dialogue) <= 400
    assert all(len(line.text) <= 600 for line in answer.dialogue)


async def test_signs_that_are_none_do_not_reach_the_record() -> None:
    async with posting(MailServer(replies={"RCPT": b"550 5.1.1 \xff\x00\x1b[31mno"})) as post:
        answer = await post.send()
    assert answer.text.isprintable()
    assert all(text.isprintable() for text in texts(answer))


@pytest.mark.parametrize(
    "message", [b"a: b\r\n\r\nbare\nline\r\n", b"a: b\r\n\r\nno end", b"a\rb\r\n", b"x\r\n.\n\r\n"]
)
async def test_a_message_that_could_be_read_in_two_ways_is_not_sent(message: bytes) -> None:
    async with posting() as post:
        answer = await post.send(message)
    assert (Said.NEVER, [], None) == (answer.said, post.server.messages, answer.code)


# ── Which server ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_next_server_is_asked_when_the_first_cannot_be_reached() -> None:
    async with posting() as post:
        post.names.records["example.net", "MX"] = ["5 down.example.net.", "10 mx.example.net."]
        post.names.add("down.example.net", "A", "127.0.0.2")
        answer = await post.send()
    assert (Said.TAKEN, "mx.example.net") == (answer.said, answer.server)
    assert any("down.example.net" in text for text in texts(answer))


async def test_a_server_that_turns_us_away_before_the_envelope_leaves_it_to_the_next() -> None:
    refusing = MailServer(replies={"greeting": b"554 go away"})
    async with (
        mail_server(refusing, host="127.0.0.3"),
        name_server() as names,
        mail_server(host="127.0.0.1", port=refusing.port) as second,
    ):
        names.add("example.net", "MX", "5 a.example.net.", "10 b.example.net.")
        names.add("a.example.net", "A", "127.0.0.3")
        names.add("b.example.net", "A", "127.0.0.1")
        mailer = DirectMailer(
            names=NameService(names.address),
            hello="gateway.example.com",
            now=FixedWorld().now,
            port=refusing.port,
            allow_private_networks=True,
            fetch=no_policy,
        )
        answer = await mailer.send(ENVELOPE, Literal(MESSAGE))
    assert (Said.TAKEN, "b.example.net", 1) == (answer.said, answer.server, len(second.messages))


async def test_a_domain_without_exchangers_is_its_own() -> None:
    async with posting() as post:
        del post.names.records["example.net", "MX"]
        post.names.add("example.net", "A", "127.0.0.1")
        assert "example.net" == (await post.send()).server


async def test_a_domain_that_takes_no_mail_is_believed() -> None:
    async with posting() as post:
        post.names.records["example.net", "MX"] = ["0 ."]
        answer = await post.send()
    assert (Said.NEVER, "5.1.10", 0) == (answer.said, answer.enhanced_code, post.server.connections)


async def test_a_domain_that_does_not_exist_never_will() -> None:
    async with posting() as post:
        post.names.records.clear()
        answer = await post.send()
    assert (Said.NEVER, "5.1.2") == (answer.said, answer.enhanced_code)


async def test_an_exchanger_without_an_address_is_no_server() -> None:
    async with posting() as post:
        del post.names.records["mx.example.net", "A"]
        answer = await post.send()
    assert (Said.NEVER, "5.4.4") == (answer.said, answer.enhanced_code)


@pytest.mark.parametrize("name", ["example.net", "mx.example.net"])
async def test_a_name_service_that_fails_is_asked_again_later(name: str) -> None:
    async with posting() as post:
        post.names.broken.add(name)
        answer = await post.send()
    assert (Said.LATER, "4.4.3", 0) == (answer.said, answer.enhanced_code, post.server.connections)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
async def test_nothing_goes_into_a_private_network_unless_that_is_allowed(address: str) -> None:
    async with posting(allow_private_networks=False, address=address) as post:
        answer = await post.send()
    assert (Said.LATER, 0) == (answer.said, post.server.connections)
    assert "private network" in answer.text


async def test_many_at_once_each_have_a_session_of_their_own() -> None:
    async with posting() as post:
        answers = await asyncio.gather(*(post.send() for _ in range(50)))
    assert {Said.TAKEN} == {answer.said for answer in answers}
    assert (50, 50) == (post.server.connections, len(post.server.messages))
