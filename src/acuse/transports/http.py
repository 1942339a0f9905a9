"""Posting to partners and webhooks over HTTP.

Rule: what may be tried again is the caller's decision; this file only says whether it can make sense. A redirect is
followed where the terms of the partner allow it and nowhere else (RFC 9110 section 15.4), and another host gets nothing
that shows who we are. The body streams from its source, and `Expect` is never sent: some products wait for ever, or
answer 417.
"""

import ssl
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import aiohttp
from yarl import URL

from acuse.domain.connection import NO_CREDENTIALS, Authentication
from acuse.errors import PartnerUnreachable
from acuse.mime import Source, field_text
from acuse.ports import Destination, HTTPReply
from acuse.transports.body import Body, Patience
from acuse.transports.challenge import DigestAnswers
from acuse.transports.guard import refuse_plain_http, refuse_private_address
from acuse.transports.pool import Pools
from acuse.transports.tls import client_context, rejection

REDIRECT_LIMIT = 5
_KEEPS_THE_METHOD = (307, 308)
_LONGEST_ADDRESS = 2000

Fields = Sequence[tuple[str, str]]


class HTTPTransport:
    """Connections. Used in one event loop; close it at the end."""

    def __init__(self, *, user_agent: str, allow_private_networks: bool) -> None:
        """`allow_private_networks` lifts the guard for addresses that the operator did not give by hand."""
        self._allows_private = allow_private_networks
        self._digest = DigestAnswers()
        self._pools = Pools()
        self._user_agent = user_agent

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pools.close()

    async def post(self, destination: Destination, *, headers: Fields, body: Source) -> HTTPReply:
        """See `ports.Transport`."""
        url = destination.url
        for _ in range(REDIRECT_LIMIT + 1):
            shown = destination.credentials if URL(url).host == URL(destination.url).host else NO_CREDENTIALS
            reply = await self._post_once(url, replace(destination, credentials=shown), headers, body)
            if reply.status not in _KEEPS_THE_METHOD or reply.redirected_to is None:
                return reply
            if not _may_follow(url, reply.redirected_to, destination):
                return reply
            url = reply.redirected_to
        raise PartnerUnreachable(
            f"The partner redirected us more than {REDIRECT_LIMIT} times, last to {url}.",
            is_final=True,
            endpoint_url=destination.url,
            error_details="too many redirects",
        )

    async def _post_once(self, url: str, destination: Destination, headers: Fields, body: Source) -> HTTPReply:
        terms = destination.http
        is_free = destination.is_vouched or self._allows_private
        if not is_free:
            refuse_private_address(url)
        if destination.needs_tls and not is_free:
            refuse_plain_http(url)
        session = self._pools.session(is_guarded=not is_free, keep_alive=terms.keep_alive)
        connecting, standstill = terms.connect_timeout.total_seconds(), destination.timeout.total_seconds()
        patience = Patience(connecting + standstill, standstill)
        posted = Body(body, patience, is_chunked=terms.is_chunked)
        try:
            async with (
                patience,
                session.post(
                    url,
                    data=posted,
                    headers=_all_fields(headers, destination, self._user_agent),
                    middlewares=self._digest.to(url, destination.credentials),
                    ssl=_context_for(url, destination),
                    timeout=aiohttp.ClientTimeout(total=None, connect=connecting),
                    allow_redirects=False,
                    skip_auto_headers=("Accept-Encoding", "Accept"),
                ) as response,
            ):
                answer = await _read(response, patience, destination.answer_limit)
                return HTTPReply(
                    status=response.status,
                    headers=_fields_of(response),
                    body=answer,
                    redirected_to=_new_address(url, response),
                    protection=posted.protection,
                )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise _unreachable(url, error, connecting=connecting, standstill=standstill) from error


def _all_fields(headers: Fields, destination: Destination, user_agent: str) -> Fields:
    """The message's own fields, and those of the connection that it does not bring itself."""
    credentials = destination.credentials
    added = list(credentials.headers)
    if credentials.basic_user is not None and destination.http.authentication is Authentication.BASIC:
        pair = f"{credentials.basic_user}:{credentials.basic_password}"
        added.append(("Authorization", f"Basic {b64encode(pair.encode()).decode()}"))  # RFC 7617 section 2
    if not any(name.lower() == "user-agent" for name, _ in added):
        added.append(("User-Agent", user_agent))
    own = {name.lower() for name, _ in headers}
    return [*headers, *(field for field in added if field[0].lower() not in own)]


def _context_for(url: str, destination: Destination) -> ssl.SSLContext | bool:
    """Made once for each set of certificates; True where there is no TLS."""
    if URL(url).scheme != "https":
        return True
    shown = destination.credentials
    return client_context(destination.http.authorities, shown.client_certificate, shown.client_key)


def _may_follow(url: str, address: str, destination: Destination) -> bool:
    old, new = URL(url), URL(address)
    return new.host in destination.redirect_hosts and (new.scheme == "https" or old.scheme == new.scheme == "http")


def _new_address(url: str, response: aiohttp.ClientResponse) -> str | None:
    """The absolute address that a 3xx names, without a user name; None for anything else.

    Read by the library that reads it again for the connection: two readings of a bad address could differ.
    """
    location = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
    if not location or len(location) > _LONGEST_ADDRESS or not location.isprintable():
        return None
    try:
        address = URL(url).join(URL(location))
        return str(address.with_user(None)) if address.host else None
    except ValueError:
        return None


async def _read(response: aiohttp.ClientResponse, patience: Patience, limit: int) -> bytes:
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


def _fields_of(response: aiohttp.ClientResponse) -> tuple[tuple[str, str], ...]:
    return tuple((field_text(name), field_text(value)) for name, value in response.raw_headers)


def _unreachable(url: str, error: Exception, *, connecting: float, standstill: float) -> PartnerUnreachable:
    told = str(error) or type(error).__name__
    if reason := rejection(error):
        return PartnerUnreachable(reason, is_final=True, endpoint_url=url, error_details=told)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        message = f"No connection to the partner within {connecting:g} seconds."
        return PartnerUnreachable(message, endpoint_url=url, error_details="timeout")
    if isinstance(error, TimeoutError):
        message = f"The partner did not answer within {standstill:g} seconds."
        return PartnerUnreachable(message, endpoint_url=url, error_details="timeout", awaited="answer")
    is_final = isinstance(error, aiohttp.InvalidURL | ValueError)
    return PartnerUnreachable(is_final=is_final, endpoint_url=url, error_details=told)
