"""The postbox from outside: who is let in, what is kept before it is acknowledged, and that nothing is passed on."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from acuse.domain.notice import Notice, Passage
from acuse.mail import return_path
from acuse.ports import Ports
from acuse.postbox import LARGEST_MAIL, open_postbox
from tests.services.test_bounces import handed_over, report
from tests.services.test_notices import Office

DOMAIN = "bounce.example.com"


class Box:
    """A postbox of an office that handed a notice over."""

    def __init__(self, office: Office, ports: Ports, port: int) -> None:
        self.office, self.ports, self.port = office, ports, port
        self.notice: Notice = handed_over(office)

    @property
    def address(self) -> str:
        return return_path(self.notice.id, key=self.ports.post.return_path_key, domain=DOMAIN)

    async def bring(self, message: bytes, *recipients: str) -> tuple[int, bytes]:
        """What the server says in the end, to a client of the standard library."""

        def talk() -> tuple[int, bytes]:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as client:
                client.ehlo("mx.example.net")
                client.mail("")
                for recipient in recipients or (self.address,):
                    code, text = client.rcpt(recipient)
                    if code >= 400:
                        return code, text
                return client.data(message)

        return await asyncio.to_thread(talk)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "home")


@asynccontextmanager
async def box(office: Office) -> AsyncIterator[Box]:
    ports = replace(office.ports, post=replace(office.ports.post, domain=DOMAIN))
    with ThreadPoolExecutor(4) as threads:
        async with open_postbox(ports, threads, host="127.0.0.1", port=0) as port:
            yield Box(office, ports, port)
    office.house.database.close()


async def test_a_report_is_durable_before_it_is_acknowledged(office: Office) -> None:
    async with box(office) as post:
        code, _ = await post.bring(report(post.notice, "delivered"))
        assert (250, Passage.DELIVERED) == (code, office.now(post.notice).passage)


async def test_a_return_path_means_the_same_in_capitals(office: Office) -> None:
    async with box(office) as post:
        code, _ = await post.bring(report(post.notice, "failed", "5.1.1"), post.address.upper())
        assert (250, Passage.BOUNCED) == (code, office.now(post.notice).passage)


async def test_nobody_else_has_a_mailbox_here(office: Office) -> None:
    async with box(office) as post:
        local, _, domain = post.address.partition("@")
        changed = local[:-1] + ("a" if local[-1] != "a" else "b")
        for address in (
            "ana@example.net",
            f"ana@{DOMAIN}",
            f"{local}@example.net",
            f"{changed}@{domain}",
            f"{local}%example.net@{domain}",
            f'"{local}@example.net"@{domain}',
            f"@{domain}:{local}@example.net",
        ):
            code, _ = await post.bring(report(post.notice, "failed"), address)
            assert 500 <= code < 600, address
        assert Passage.HANDED_OVER is office.now(post.notice).passage


async def test_one_mail_is_about_one_notice(office: Office) -> None:
    async with box(office) as post:
        other = return_path(handed_over(office).id, key=post.ports.post.return_path_key, domain=DOMAIN)
        assert 452 == (await post.bring(b"x", post.address, other))[0]


async def test_a_mail_that_is_too_large_is_refused_and_the_next_one_taken(office: Office) -> None:
    async with box(office) as post:
        assert 552 == (await post.bring((b"x" * 70 + b"\r\n") * (LARGEST_MAIL // 70)))[0]
        assert () == office.ports.views.notices.reports(post.notice.id)
        assert 250 == (await post.bring(report(post.notice, "delivered")))[0]


async def test_bare_line_feeds_do_not_end_a_message(office: Office) -> None:
    async with box(office) as post:
        reader, writer = await asyncio.open_connection("127.0.0.1", post.port)
        writer.write(b"EHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<" + post.address.encode() + b">\r\nDATA\r\n")
        writer.write(b"Subject: x\r\n\r\none\n.\nMAIL FROM:<>\nRCPT TO:<ana@example.net>\n\r\n.\r\nQUIT\r\n")
        said = (await reader.read()).decode()
        writer.close()
        assert 1 == said.count("Taken in as")
        assert "550" not in said
        assert 1 == len(office.ports.views.notices.reports(post.notice.id))


async def test_a_connection_that_ends_in_the_middle_leaves_nothing(office: Office) -> None:
    async with box(office) as post:
        _, writer = await asyncio.open_connection("127.0.0.1", post.port)
        writer.write(b"EHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<" + post.address.encode() + b">\r\nDATA\r\nSubject: x\r\n")
        await writer.drain()
        writer.close()
        assert 250 == (await post.bring(report(post.notice, "delivered")))[0]
        assert 1 == len(office.ports.views.notices.reports(post.notice.id))


async def test_a_store_that_fails_lets_the_mail_come_again(office: Office) -> None:
    async with box(office) as post:
        office.house.execute(
            "CREATE TRIGGER full BEFORE INSERT ON incoming_report BEGIN SELECT raise(FAIL, 'full'); END"
        )
        code, _ = await post.bring(report(post.notice, "delivered"))
        assert 400 <= code < 600
        office.house.execute("DROP TRIGGER full")
        assert 250 == (await post.bring(report(post.notice, "delivered")))[0]
