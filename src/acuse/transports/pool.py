"""The pools of connections to partners, and the names that lead to them.

Rule: a name that nobody answers for holds up nobody else. Names are looked up in threads of their own, because the
loop's few threads also read files and claim work.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from acuse.transports.guard import GuardedResolver

IDLE_SECONDS = 4.0
"""How long a connection is kept without use: less than servers keep theirs, of which many close after 5 seconds, so
that hardly any request meets a connection that was just closed.
"""
_LOOKUPS = 64
"""Names looked up at once. A dead name server takes half a minute for each."""


class Pools:
    """The sessions of a transport: guarded against private networks or not, with connections used again or not."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOKUPS, "names")
        self._sessions: dict[tuple[bool, bool], aiohttp.ClientSession] = {}

    def session(self, *, is_guarded: bool, keep_alive: bool) -> aiohttp.ClientSession:
        """The session for such requests, made when it is first needed."""
        kind = is_guarded, keep_alive
        if kind not in self._sessions:
            resolver: AbstractResolver = Resolver(self._threads)
            self._sessions[kind] = aiohttp.ClientSession(
                connector=_connector(GuardedResolver(resolver) if is_guarded else resolver, keep_alive=keep_alive),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._sessions[kind]

    async def close(self) -> None:
        """Close every connection."""
        for session in self._sessions.values():
            await session.close()
        self._threads.shutdown(wait=False, cancel_futures=True)


class Resolver(AbstractResolver):
    """Asks the system for addresses, in the threads given."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError when the name leads nowhere."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=its_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for its_family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Nothing to do: whoever gave the threads ends them."""


def _connector(resolver: AbstractResolver, *, keep_alive: bool) -> aiohttp.TCPConnector:
    if keep_alive:
        return aiohttp.TCPConnector(limit=0, limit_per_host=0, resolver=resolver, keepalive_timeout=IDLE_SECONDS)
    return aiohttp.TCPConnector(limit=0, limit_per_host=0, resolver=resolver, force_close=True)
