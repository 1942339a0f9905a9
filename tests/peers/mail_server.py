"""A mail server on loopback that does as a test tells it, also what no good server does. Nothing of acuse is in it.

It takes down every command and each message as its bytes came, before the dots are taken out.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CUT = b""
"""In the place of a reply: the connection is broken off."""
_USUAL = {
    "greeting": b"220 mx.test ESMTP",
    "EHLO": b"250-mx.test\r\n250-SIZE 50000000\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES",
    "HELO": b"250 mx.test",
    "MAIL": b"250 2.1.0 ok",
    "RCPT": b"250 2.1.5 ok",
    "DATA": b"354 go on",
    "message": b"250 2.0.0 queued as 4F2",
    "QUIT": b"221 bye",
    "AUTH": b"235 2.7.0 welcome",
}


@dataclass
class MailServer:
    """What it says, and what it heard."""

    replies: dict[str, bytes] = field(default_factory=dict)
    """By the verb, `greeting` and `message`; what is not here is as usual."""
    tls: ssl.SSLContext | None = None
    cut_in_message_after: int | None = None
    """Bytes of a message after which the connection is broken off."""
    early_reply: bytes | None = None
    """Said as soon as the message begins, and then broken off."""
    commands: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def reply(self, what: str) -> bytes:
        said = self.replies.get(what, _USUAL.get(what, b"500 what"))
        if what == "EHLO" and self.tls is not None and "EHLO" not in self.replies:
            said = said.replace(b"250-DSN", b"250-STARTTLS\r\n250-DSN")
        return said

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, _Cut):
            pass
        finally:
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, "greeting")
        while line := await reader.readline():
            command = line.decode("latin-1").rstrip("\r\n")
            self.commands.append(command)
            verb = command.partition(" ")[0].upper()
            if verb == "STARTTLS" and self.tls is not None:
                writer.write(self.replies.get("STARTTLS", b"220 go") + b"\r\n")
                await writer.drain()
                await writer.start_tls(self.tls)
                continue
            await self._say(writer, verb)
            if verb == "DATA" and self.reply("DATA").startswith(b"354"):
                self.messages.append(await self._message(reader, writer))
                await self._say(writer, "message")
            if verb == "QUIT":
                return

    async def _message(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        if self.early_reply is not None:
            await reader.read(10)
            writer.write(self.early_reply + b"\r\n")
            await writer.drain()
            writer.close()
            raise _Cut
        if self.cut_in_message_after is not None:
            await reader.readexactly(self.cut_in_message_after)
            raise _Cut
        message = bytearray()
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                raise _Cut
            message += line
        return bytes(message)

    async def _say(self, writer: asyncio.StreamWriter, what: str) -> None:
        said = self.reply(what)
        if said == CUT:
            raise _Cut
        writer.write(said + b"\r\n")
        await writer.drain()


class _Cut(Exception):
    pass


@asynccontextmanager
async def mail_server(
    server: MailServer | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[MailServer]:
    """The server, listening until the block ends."""
    served = server or MailServer()
    listener = await asyncio.start_server(served.serve, host, port, limit=1 << 20)
    served.port = listener.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        listener.close()
