"""Answering a 401 with Digest (RFC 7616), while the library computes and sends again.

The library answers only a challenge that stands first, likes `auth-int`, which would need the whole body in memory, and
follows a `domain` to other servers. So it is shown one challenge that was chosen here, and never any other.
A nonce is used again: only the first request of a process to a server, and one whose nonce is out of date, go twice.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from urllib.request import parse_http_list

import aiohttp
from yarl import URL

from acuse.domain.connection import Credentials

_KEPT = 1024
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105
_ITEM = re.compile(rf"(?:({_TOKEN})(?: +|$))?(?:({_TOKEN})[ \t]*=[ \t]*(.*))?", re.DOTALL)
_ALGORITHMS = frozenset({"md5", "md5-sess", "sha-256", "sha-256-sess"})
_EMPTY = frozenset({"", '""'})


class DigestAnswers:
    """What is known of the servers that asked for Digest. Used in one event loop."""

    def __init__(self) -> None:
        self._answers = lru_cache(_KEPT)(DigestAnswer)

    def to(self, url: str, credentials: Credentials) -> "tuple[DigestAnswer, ...]":
        """What answers challenges from that server: nothing where there is no user name."""
        user, password = credentials.basic_user, credentials.basic_password
        if user is None or password is None:
            return ()
        return (self._answers(URL(url).origin(), user, password),)


class DigestAnswer:
    """Answers the challenges of one server, as a middleware of the client."""

    def __init__(self, origin: URL, user: str, password: str) -> None:
        self._origin = origin
        self._library = aiohttp.DigestAuthMiddleware(user, password)

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send, and once more with an answer where a challenge came."""
        challenged: aiohttp.ClientResponse | None = None

        async def send(request: aiohttp.ClientRequest) -> aiohttp.ClientResponse:
            nonlocal challenged
            if challenged is not None:
                challenged.release()
            response = await handler(request)
            fields = response.headers.getall("WWW-Authenticate", []) if response.status == 401 else []
            challenge = chosen_challenge(fields)
            challenged = response if challenge else None
            headers = {"www-authenticate": challenge} if challenge else {}
            return cast(aiohttp.ClientResponse, _Shown(response, response.status, headers, self._origin))

        return cast(_Shown, await self._library(request, send)).response


@dataclass(frozen=True, slots=True)
class _Shown:
    """As much of an answer as the library is to see."""

    response: aiohttp.ClientResponse
    status: int
    headers: Mapping[str, str]
    url: URL


def chosen_challenge(fields: Iterable[str]) -> str | None:
    """The first Digest challenge of these WWW-Authenticate fields that can be answered, without what we leave out.

    RFC 7616 section 3.7: the server's order says which one it prefers.
    """
    for parameters in _digest_challenges(fields):
        algorithm = parameters.get("algorithm", "MD5").strip('"')
        qualities = {word.strip() for word in parameters.get("qop", "auth").strip('"').lower().split(",")}
        nonce = parameters.get("nonce", "")
        if algorithm.lower() in _ALGORITHMS and "auth" in qualities and nonce not in _EMPTY and "realm" in parameters:
            kept = [
                f"{name}={_quoted(parameters[name])}" for name in ("realm", "nonce", "opaque") if name in parameters
            ]
            kept += [f"algorithm={algorithm}", *(['qop="auth"'] if "qop" in parameters else [])]
            return f"Digest {', '.join(kept)}"
    return None


def _quoted(value: str) -> str:
    """A quoted string again: reading the list took the backslashes away."""
    inner = value[1:-1] if value.startswith('"') else value
    return '"' + inner.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _digest_challenges(fields: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """A field holds several challenges, or a challenge is one of several fields (RFC 9110 section 11.6.1)."""
    for field in fields:
        scheme, parameters = "", dict[str, str]()
        for item in parse_http_list(field) if field.isprintable() else ():
            read = _ITEM.fullmatch(item)
            named, name, value = read.groups("") if read else ("", "", "")
            if named:
                if scheme == "digest":
                    yield parameters
                scheme, parameters = named.lower(), {}
            if name:
                parameters.setdefault(name.lower(), value)
        if scheme == "digest":
            yield parameters
