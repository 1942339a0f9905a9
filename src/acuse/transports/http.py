"""Posting to partners and webhooks over HTTP.

Rule: one call is one request. Redirects are not followed, and what may be tried again is the caller's decision; this
file only says whether it can make sense. The body streams from its source, with a Content-Length, because some
products read a chunked body in quadratic time or not at all.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Self

import aiohttp

from acuse.errors import PartnerUnreachable
from acuse.mime import CHUNK, Source, field_text, read_all
from acuse.ports import ANSWER_LIMIT, HTTPReply
from acuse.transports.guard import GuardedResolver, refuse_plain_http, refuse_private_address

_IN_MEMORY = 64 * 1024


class HTTPTransport:
    """A pool of connections. Used in one event loop; close it at the end."""

    def __init__(self, *, user_agent: str, allow_private_networks: bool) -> None:
        """`allow_private_networks` lifts the guard for addresses that the operator did not give by hand."""
        self._allows_private = allow_private_networks
        cookies = aiohttp.DummyCookieJar()
        self._vouched = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=0), cookie_jar=cookies, auto_decompress=False
        )
        self._guarded = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=0, resolver=GuardedResolver()),
            cookie_jar=cookies,
            auto_decompress=False,
        )
        self._user_agent = user_agent

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._vouched.close()
        await self._guarded.close()

    async def post(
        self,
        url: str,
        *,
        headers: Sequence[tuple[str, str]],
        body: Source,
        timeout: float,
        is_vouched: bool,
        needs_tls: bool = False,
        answer_limit: int = ANSWER_LIMIT,
    ) -> HTTPReply:
        """See `ports.Transport`. `timeout` seconds bound the connecting, and then each standstill."""
        is_free = is_vouched or self._allows_private
        if not is_free:
            refuse_private_address(url)
        if needs_tls and not is_free:
            refuse_plain_http(url)
        session = self._vouched if is_free else self._guarded
        sent = [*headers, ("User-Agent", self._user_agent), ("Content-Length", str(body.size))]
        try:
            async with (
                _Patience(timeout) as patience,
                session.post(
                    url,
                    data=_whole(body) if body.size <= _IN_MEMORY else _pieces(body, patience),
                    headers=sent,
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=timeout),
                    allow_redirects=False,
                    skip_auto_headers=("Accept-Encoding", "Accept"),
                ) as response,
            ):
                answer = await _read(response, patience, answer_limit)
                return HTTPReply(status=response.status, headers=_fields(response), body=answer)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise _unreachable(url, error, timeout) from error


class _Patience:
    """A time-out that begins anew with each piece that moves, either way: a long transfer is fine, a
    standstill is not.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._timeout.__aexit__(kind, error, trace)

    def renew(self) -> None:
        if not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time() + self._seconds)


def _whole(body: Source) -> bytes:
    """A body that lies in memory already."""
    return read_all(body.open(), limit=_IN_MEMORY)


async def _pieces(body: Source, patience: _Patience) -> AsyncIterator[bytes]:
    """A body that is read from the disk, which must not stall the loop."""
    reader = body.open()
    while True:
        piece = await asyncio.to_thread(reader.read, CHUNK)
        patience.renew()
        if not piece:
            return
        yield piece


async def _read(response: aiohttp.ClientResponse, patience: _Patience, limit: int) -> bytes:
    """The answer up to the limit: what is longer is no receipt, and its beginning says enough."""
    pieces, size = [], 0
    async for piece in response.content.iter_any():
        patience.renew()
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            response.close()
            break
    return b"".join(pieces)[:limit]


def _fields(response: aiohttp.ClientResponse) -> tuple[tuple[str, str], ...]:
    return tuple((field_text(name), field_text(value)) for name, value in response.raw_headers)


def _unreachable(url: str, error: Exception, timeout: float) -> PartnerUnreachable:
    is_final = isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.InvalidURL | ValueError)
    if isinstance(error, TimeoutError):
        return PartnerUnreachable(
            f"The partner did not answer within {timeout:g} seconds.", endpoint_url=url, error_details="timeout"
        )
    return PartnerUnreachable(is_final=is_final, endpoint_url=url, error_details=str(error) or type(error).__name__)
