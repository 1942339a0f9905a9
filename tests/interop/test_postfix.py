"""A real Postfix takes our mail, refuses it, and reports about it; what it reports comes back through the postbox."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import dkim
import pytest

from acuse.domain.notice import Failure, Notice, Passage, Recipient
from acuse.mime import read_all
from acuse.ports import MailAnswer
from acuse.postbox import open_postbox
from acuse.services.begin_notice import NoticeAttempt, begin_notice
from acuse.services.manage_dkim import create_dkim_key, dkim_record
from acuse.services.settle_notice import settle_notice
from acuse.transports.smtp import DirectMailer, NameService
from tests.peers.name_server import name_server
from tests.peers.postfix import Postfix, missing, postfix
from tests.services.test_notices import Office
from tests.transports.authority import authority
from tests.transports.test_smtp import no_policy

_REASON = missing()
pytestmark = [
    pytest.mark.gateway,
    pytest.mark.skipif(_REASON is not None and os.environ.get("CI") != "true", reason=str(_REASON)),
]
PAIR = authority().issue("mx.example.net")


@dataclass
class Post:
    """An office, a Postfix, and the way between them, both ways."""

    office: Office
    server: Postfix
    mailer: DirectMailer

    def write(self, name: str) -> Notice:
        (notice,) = self.office.send(
            Recipient(address=f"{name}@example.net", name=name, variables={"DNI": "1"})
        ).notices
        return notice

    async def attempt(self, notice: Notice) -> tuple[NoticeAttempt, MailAnswer]:
        begun = begin_notice(self.office.ports, notice.id)
        assert begun is not None
        answer = await self.mailer.send(begun.envelope, begun.message)
        settle_notice(self.office.ports, begun, answer)
        return begun, answer

    async def wait_for(self, is_so: Callable[[], bool]) -> None:
        for _ in range(400):
            if await asyncio.to_thread(is_so):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(self.server.log)

    def now(self, notice: Notice) -> Notice:
        return self.office.now(notice)


@asynccontextmanager
async def post(folder: Path, *, with_tls: bool = False) -> AsyncIterator[Post]:
    office = Office(folder / "home")
    office.ports = office.with_domain("bounce.example.com")
    async with AsyncExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(4))
        names = await stack.enter_async_context(name_server())
        bounce_port = await stack.enter_async_context(open_postbox(office.ports, threads, host="127.0.0.1", port=0))
        server = stack.enter_context(postfix(bounce_port=bounce_port, pair=PAIR if with_tls else None))
        names.add("example.net", "MX", "10 mx.example.net.")
        names.add("mx.example.net", "A", "127.0.0.1")
        mailer = DirectMailer(
            names=NameService(names.address),
            hello="gateway.example.com",
            now=office.world.now,
            port=server.port,
            allow_private_networks=True,
            fetch=no_policy,
        )
        yield Post(office, server, mailer)
    office.house.database.close()


async def test_a_mail_is_delivered_as_it_was_signed_and_the_report_certifies_it(tmp_path: Path) -> None:
    async with post(tmp_path) as way:
        key = create_dkim_key(way.office.ports, "example.com")
        notice = way.write("ana")
        begun, answer = await way.attempt(notice)
        assert (250, True, "none") == (answer.code, answer.reports_delivery, answer.tls_policy)
        await way.wait_for(lambda: way.now(notice).passage is Passage.DELIVERED)

        (delivered,) = way.server.mails("ana")
        sent = read_all(begun.message.open(), limit=1 << 20)
        assert sent == delivered.replace(b"\n", b"\r\n")[-len(sent) :]
        name, text = dkim_record(key)
        assert dkim.verify(
            delivered, dnsfunc=lambda asked, **_: text.encode() if asked == f"{name}.".encode() else None
        )
        assert f"<{begun.envelope.return_path}>".encode() in delivered.partition(b"\n")[0]
        record = way.office.record(notice)
        assert ("delivered", notice.id.hex, "ana@example.net", "mx.example.net") == tuple(
            record["report"][field] for field in ("action", "envelope_id", "original_recipient", "reporting_server")
        )
        assert 3 == len(way.office.journal(notice))


async def test_a_mailbox_that_is_full_bounces_after_the_server_took_the_mail(tmp_path: Path) -> None:
    async with post(tmp_path) as way:
        notice = way.write("full")
        _, answer = await way.attempt(notice)
        assert 250 == answer.code
        await way.wait_for(lambda: way.now(notice).passage is Passage.BOUNCED)

        assert Failure.MAILBOX_FULL is way.now(notice).failure
        record = way.office.record(notice)
        assert ("failed", "5.2.2") == (record["report"]["action"], record["report"]["status"])
        assert 1 == len(record["supersedes"])
        (kept,) = way.office.ports.views.notices.reports(notice.id)
        assert b"The mailbox is full" in way.office.house.read(kept.blob_id)


async def test_a_recipient_that_is_put_off_gets_the_same_bytes_later(tmp_path: Path) -> None:
    async with post(tmp_path) as way:
        way.server.greylisted.add("grey@example.net")
        notice = way.write("grey")
        first, answer = await way.attempt(notice)
        assert (450, "4.7.1", Passage.DEFERRED) == (answer.code, answer.enhanced_code, way.now(notice).passage)
        second, answer = await way.attempt(notice)
        assert 250 == answer.code
        await way.wait_for(lambda: bool(way.server.mails("grey")))
        assert read_all(first.message.open(), limit=1 << 20) == read_all(second.message.open(), limit=1 << 20)
        assert 1 == len(way.server.mails("grey"))


async def test_a_recipient_that_does_not_exist_is_refused_for_good(tmp_path: Path) -> None:
    async with post(tmp_path) as way:
        notice = way.write("nobody")
        _, answer = await way.attempt(notice)
        assert (550, "5.1.1") == (answer.code, answer.enhanced_code)
        assert (Passage.FAILED, Failure.MAILBOX_UNKNOWN) == (way.now(notice).passage, way.now(notice).failure)


async def test_tls_is_used_where_it_is_offered_and_a_notice_that_needs_it_does_not_go_without(tmp_path: Path) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    async with post(tmp_path / "with", with_tls=True) as way:
        _, answer = await way.attempt(way.write("ana"))
        assert (250, "opportunistic", "TLSv1.3") == (answer.code, answer.tls_policy, answer.tls_version)
    async with post(tmp_path / "without") as way:
        notice = way.write("ana")
        begun = begin_notice(way.office.ports, notice.id)
        assert begun is not None
        answer = await way.mailer.send(replace(begun.envelope, needs_tls=True), begun.message)
        assert ("4.7.10", []) == (answer.enhanced_code, way.server.mails("ana"))
