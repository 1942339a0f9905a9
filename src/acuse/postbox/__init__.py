"""The postbox: where mail comes back to. It takes in bounces, reports and replies, and passes nothing on.

Rule: only an address that we made ourselves is taken (`mail.return_path`), and it is looked at before a byte of the
message is. A mail is acknowledged once it is durable.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from aiosmtpd.smtp import SMTP, Envelope, Session

from acuse.errors import NotFound, StorageFailed
from acuse.mail import LARGEST_REPORT, read_return_path
from acuse.ports import Ports
from acuse.services.take_in_bounce import Arrival, TooMuchMail, take_in_bounce

LARGEST_MAIL = 8 * LARGEST_REPORT
"""Bytes: a bounce may bring the whole message back. What is larger is refused."""
MOST_CONNECTIONS = 100
PATIENCE = 120.0
"""Seconds without a word after which a connection ends."""
_NO = "550 5.1.1 There is no such mailbox here"


@asynccontextmanager
async def open_postbox(ports: Ports, threads: Executor, *, host: str, port: int) -> AsyncIterator[int]:
    """Take mail in at this address until the block ends; the port that it is, for 0 takes a free one."""
    loop, connections = asyncio.get_running_loop(), set[_Connection]()
    handler = _Intake(ports, threads)
    server = await loop.create_server(lambda: _Connection(handler, connections, hostname=ports.post.domain), host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in tuple(connections):
            connection.cut()
        await server.wait_closed()


class _Connection(SMTP):
    """One server that brings mail."""

    def __init__(self, handler: "_Intake", connections: "set[_Connection]", *, hostname: str) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            handler,
            data_size_limit=LARGEST_MAIL,
            hostname=hostname,
            ident="acuse",
            timeout=PATIENCE,
            loop=loop,
        )
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if len(self._connections) >= MOST_CONNECTIONS:
            transport.close()
            return
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._connections:
            self._connections.discard(self)
            super().connection_lost(error)

    def cut(self) -> None:
        """End it now."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()


class _Intake:
    """What is done with an address, and with a mail."""

    def __init__(self, ports: Ports, threads: Executor) -> None:
        self._ports = ports
        self._threads = threads

    # The library finds these two by their names, and gives them more than they need.

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._notice(address) is None:
            return _NO
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        notice_id = self._notice(envelope.rcpt_tos[0])
        if notice_id is None or not isinstance(envelope.original_content, bytes):
            return _NO
        arrival = Arrival(message=envelope.original_content, peer=_host(session), sender=envelope.mail_from or "")
        work: Callable[[], Any] = partial(take_in_bounce, self._ports, notice_id, arrival)
        try:
            taken_as = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except NotFound:
            return _NO
        except TooMuchMail:
            return "552 5.2.2 Enough has come about this message"
        except StorageFailed:
            return "451 4.3.0 It cannot be kept now, try again later"
        return f"250 2.6.0 Taken in as {taken_as}"

    def _notice(self, address: str) -> UUID | None:
        post = self._ports.post
        if address.rpartition("@")[2].lower() != post.domain:
            return None
        return read_return_path(address, key=post.return_path_key)


def _host(session: Session) -> str:
    return str(session.peer[0]) if isinstance(session.peer, tuple) else ""
