"""A server on a loopback port that does exactly what a test tells it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Request:
    """What came over the wire."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Answers each request with the same bytes and remembers it."""

    reply: bytes = OK
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Every request of one connection."""
        while line := (await reader.readline()).decode():
            headers = []
            while (header := (await reader.readline()).decode().rstrip("\r\n")) != "":
                name, _, value = header.partition(":")
                headers.append((name, value.strip()))
            request = Request(line.rstrip(), headers, b"")
            request.body = await self.read_body(reader, request)
            self.requests.append(request)
            writer.write(self.reply)
            await writer.drain()

    async def read_body(self, reader: asyncio.StreamReader, request: Request) -> bytes:
        return await reader.readexactly(int(request.values("Content-Length")[0]))


@dataclass
class SlowServer(Server):
    """Takes a large body in steps, with a pause before each."""

    pause: float = 0.1
    step: int = 1024 * 1024

    async def read_body(self, reader: asyncio.StreamReader, request: Request) -> bytes:
        missing, pieces = int(request.values("Content-Length")[0]), []
        while missing:
            await asyncio.sleep(self.pause)
            pieces.append(await reader.readexactly(min(self.step, missing)))
            missing -= len(pieces[-1])
        return b"".join(pieces)


@dataclass
class SilentServer(Server):
    """Takes the request, or not even that, and says nothing."""

    takes_body: bool = True

    async def answer(self, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        if self.takes_body:
            while await reader.read(65536):
                pass
        else:
            await asyncio.Event().wait()


@asynccontextmanager
async def running(server: Server, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The server at work; its URL."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await server.answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.port}/as2?x=1"
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
