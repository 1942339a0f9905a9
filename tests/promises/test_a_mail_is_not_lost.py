"""A gateway that is killed while it hands a mail over: the mail is not lost, and the journal tells what is known.

It goes again only where no answer was recorded.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from acuse.bootstrap import Gateway as OpenGateway
from acuse.bootstrap import open_gateway
from acuse.config import Settings
from acuse.domain.account import Space
from acuse.domain.notice import Recipient
from acuse.domain.sender import Assurance
from acuse.services.manage_credits import grant_credits
from acuse.services.manage_senders import add_sender
from acuse.services.send_notices import SendNotices, send_notices
from tests.peers.gateway import Gateway
from tests.peers.mail_server import MailServer, mail_server
from tests.peers.name_server import name_server

pytestmark = pytest.mark.gateway
LOST, TAKEN = "RelayToNonERDSFailure", "RelayToNonERDS"


class KillingServer(MailServer):
    """Kills whoever brings it a message, before or after its answer to it; once."""

    victim: int | None = None
    kills_before_answer = False

    async def _say(self, writer: asyncio.StreamWriter, what: str) -> None:
        if what == "message" and self.kills_before_answer:
            self._kill()
        await super()._say(writer, what)
        if what == "message":
            self._kill()

    def _kill(self) -> None:
        if self.victim is not None:
            os.kill(self.victim, signal.SIGKILL)
            self.victim = None


class Post:
    """A gateway process that has a notice to send, and the server that it goes to."""

    def __init__(self, gateway: Gateway, server: KillingServer, environment: dict[str, str]) -> None:
        self.gateway, self.server, self._environment = gateway, server, environment

    @contextmanager
    def _home(self) -> Iterator[OpenGateway]:
        with open_gateway(Settings(home=self.gateway.home)) as opened:
            yield opened

    def write(self) -> UUID:
        with self._home() as opened:
            account = opened.ports.views.account()
            assert account is not None
            space = Space(account_id=account.id, tenant_id=opened.ports.views.tenants(account.id)[0].id)
            if not opened.ports.views.notices.senders(space):
                add_sender(opened.ports, space=space, address="a@example.com", assurance=Assurance.OPERATOR)
                grant_credits(opened.ports, account.id, 10_000)
            wish = SendNotices(
                space=space,
                sender_address="a@example.com",
                recipients=(Recipient(address="ana@example.net", name="Ana"),),
                subject="x",
                text="text",
            )
            return send_notices(opened.ports, wish).notices[0].id

    def journal(self, notice_id: UUID) -> list[str]:
        with self._home() as opened:
            entries = opened.ports.views.notices.journal(notice_id)
        return [json.loads(entry.record)["ERDSEventId"].rpartition("/")[2] for entry in entries]

    async def start(self) -> None:
        await asyncio.to_thread(self.gateway.start, within=self._environment)

    async def wait_for_fact(self, notice_id: UUID, kind: str) -> list[str]:
        for _ in range(600):
            journal = await asyncio.to_thread(self.journal, notice_id)
            if kind in journal:
                return journal
            await asyncio.sleep(0.05)
        raise AssertionError(self.gateway.log)


@asynccontextmanager
async def post(folder: Path) -> AsyncIterator[Post]:
    gateway = await asyncio.to_thread(Gateway, folder, as2_id="ACUSE")
    async with name_server() as names, mail_server(KillingServer()) as server:
        assert isinstance(server, KillingServer)
        names.add("example.net", "MX", "10 mx.example.net.")
        names.add("mx.example.net", "A", "127.0.0.1")
        environment = {
            "ACUSE_MAIL": "direct",
            "ACUSE_MAIL_DOMAIN": "gateway.example.com",
            "ACUSE_MAIL_RESOLVER": names.address,
            "ACUSE_MAIL_PORT": str(server.port),
            "ACUSE_ALLOW_PRIVATE_NETWORKS": "true",
        }
        way = Post(gateway, server, environment)
        try:
            yield way
        finally:
            await asyncio.to_thread(gateway.stop)


async def killed_at_the_message(way: Post) -> UUID:
    """Start, hand a notice over, and be killed; then start again."""
    await way.start()
    way.server.victim = way.gateway.pid
    notice_id = await asyncio.to_thread(way.write)
    await asyncio.to_thread(way.gateway.wait_for_death)
    await way.start()
    return notice_id


async def test_a_mail_whose_answer_never_came_goes_again_and_the_journal_says_so(tmp_path: Path) -> None:
    async with post(tmp_path) as way:
        way.server.kills_before_answer = True
        notice_id = await killed_at_the_message(way)

        assert ["SubmissionAcceptance", LOST, TAKEN] == await way.wait_for_fact(notice_id, TAKEN)
        first, second = way.server.messages
        assert first == second


async def test_a_mail_that_was_taken_goes_again_only_if_the_answer_was_not_recorded(tmp_path: Path) -> None:
    async with post(tmp_path) as way:
        notice_id = await killed_at_the_message(way)

        journal = await way.wait_for_fact(notice_id, TAKEN)
        assert journal.count(LOST) + 1 == len(way.server.messages)
        assert 1 == len(set(way.server.messages))


async def test_a_mail_whose_answer_was_recorded_never_goes_again(tmp_path: Path) -> None:
    async with post(tmp_path) as way:
        await way.start()
        first = await asyncio.to_thread(way.write)
        await way.wait_for_fact(first, TAKEN)
        await asyncio.to_thread(way.gateway.kill)
        await way.start()

        second = await asyncio.to_thread(way.write)
        await way.wait_for_fact(second, TAKEN)
        assert 2 == len(set(way.server.messages)) == len(way.server.messages)
