"""`POST /authorize` and `POST /refresh-session`: a pair of tokens for a password, a token or the last pair."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.types import Receive, Scope

from acuse.domain.dialect import Dialect
from acuse.domain.session import TOKEN_LIFE, Session
from acuse.errors import AddressNotAllowed, ApiKeyExpired, InvalidApiKey, InvalidInput
from acuse.ports import Access, Ports
from acuse.services.open_session import open_session_of_token, open_session_of_user
from acuse.services.renew_session import renew_session, session_access
from acuse.web.asgi import Reply, client_address, note
from acuse.web.dialects.mft.errors import BadCredentials, RefreshRefused, json_reply
from acuse.web.dialects.mft.tokens import TokenKind, read_token, write_token
from acuse.web.lanes import MOST_HASHED, Lanes
from acuse.web.options import WebOptions
from acuse.web.shared.json_body import parse_object, read_json

_LONGEST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """A request of somebody who is not known yet."""

    ports: Ports
    lanes: Lanes
    options: WebOptions
    key: bytes
    """Signs the tokens."""
    hashing: asyncio.Semaphore
    """Passwords are hashed slowly on purpose: so many at once."""
    scope: Scope
    receive: Receive


def new_semaphore() -> asyncio.Semaphore:
    """For the `hashing` of all entrances of one event loop."""
    return asyncio.Semaphore(MOST_HASHED)


async def authorize(entrance: Entrance) -> Reply:
    """Log in, by user name and password or by the two parts of an API token."""
    given = parse_object(await read_json(entrance))
    address, ports = client_address(entrance.scope), entrance.ports
    if "tokenID" in given or "tokenSecret" in given:
        token_id, secret = _texts(given, "tokenID", "tokenSecret")
        return await _answer(
            entrance,
            lambda: open_session_of_token(
                ports, dialect=Dialect.MFT, token_id=token_id, secret=secret, address=address
            ),
            BadCredentials,
        )
    username, password = _texts(given, "username", "password")
    async with entrance.hashing:
        return await _answer(
            entrance,
            lambda: open_session_of_user(
                ports, dialect=Dialect.MFT, username=username, password=password, address=address
            ),
            BadCredentials,
        )


async def refresh_session(entrance: Entrance) -> Reply:
    """A new pair for a refresh token, which is used up by it. A user name beside it is not needed."""
    given = parse_object(await read_json(entrance))
    (shown,) = _texts({"refreshToken": given.get("refresh_token"), **given}, "refreshToken")

    def renew() -> tuple[Session, Access]:
        ports = entrance.ports
        claims = read_token(TokenKind.REFRESH, shown, key=entrance.key, now=ports.world.now())
        address = client_address(entrance.scope)
        _check_user(given, session_access(ports, claims.session_id, address=address))
        return renew_session(ports, session_id=claims.session_id, refresh_id=claims.token_id, address=address)

    return await _answer(entrance, renew, RefreshRefused)


def _check_user(given: Mapping[str, object], access: Access) -> None:
    username, login = given.get("username"), access.key.login
    if username is not None and (login is None or login.user != username):
        raise InvalidApiKey


async def _answer(
    entrance: Entrance, work: Callable[[], tuple[Session, Access]], refusal: type[InvalidApiKey]
) -> Reply:
    try:
        session, access = await entrance.lanes.ask(work)
    except (InvalidApiKey, ApiKeyExpired, AddressNotAllowed) as problem:
        raise refusal from problem
    note(entrance.scope, key=f"key_{access.key.handle:06d}")
    tokens = {kind: write_token(kind, session, key=entrance.key) for kind in TokenKind}
    api, refresh = tokens[TokenKind.API], tokens[TokenKind.REFRESH]
    return json_reply(
        200,
        {
            "api_token": api,
            "refresh_token": refresh,
            "apiToken": api,
            "refreshToken": refresh,
            "apiTokenExpiryIn": int(TOKEN_LIFE.total_seconds()),
        },
        ("Cache-Control", "no-store"),
    )


def _texts(given: Mapping[str, object], *names: str) -> tuple[str, ...]:
    found = {name: given.get(name) for name in names}
    wrong = {name: "This field is required." for name, value in found.items() if value is None}
    for name, value in found.items():
        if value is not None and not (isinstance(value, str) and 1 <= len(value) <= _LONGEST):
            wrong[name] = f"Must be a string of 1 to {_LONGEST} characters."
    if wrong:
        raise InvalidInput(fields=wrong)
    return tuple(str(value) for value in found.values())
