"""The login of partners at `/as2` (RFC 7617), asked for before the body is read.

Rule: hashing a password is slow on purpose, and whoever is a stranger may try as often as he likes: no more than
MOST_HASHED are hashed at once, the others wait, and one thread is always left for those who need no login.
What was right once is remembered, under a key that this process alone knows, until the login changes; what was wrong is
not.
"""

import asyncio
import hmac
import secrets
from collections.abc import Sequence

from acuse.domain.login import Login
from acuse.ports import Ports
from acuse.services.admit_sender import login_for
from acuse.web.asgi import Reply
from acuse.web.lanes import MOST_HASHED, Lanes

_MOST_REMEMBERED = 4096
CHALLENGE = Reply.text(
    401, "Show the user name and the password that were agreed.", ("WWW-Authenticate", 'Basic realm="AS2"')
)


class Doorkeeper:
    """Lets partners in. Belongs to one event loop."""

    def __init__(self, ports: Ports, lanes: Lanes) -> None:
        self._ports = ports
        self._lanes = lanes
        self._hashing = asyncio.Semaphore(MOST_HASHED)
        self._key = secrets.token_bytes(32)
        self._admitted: set[bytes] = set()

    async def refusal(self, headers: Sequence[tuple[str, str]]) -> Reply | None:
        """The challenge, or None for whoever may come in."""
        login = await self._lanes.ask(lambda: login_for(self._ports, headers))
        if login is None:
            return None
        shown = [value for name, value in headers if name == "authorization"]
        if len(shown) != 1:
            return CHALLENGE
        return None if await self._admits(login, shown[0]) else CHALLENGE

    async def _admits(self, login: Login, authorization: str) -> bool:
        told = f"{login.user}\n{login.salt}\n{login.password_hash}\n{authorization}"
        mark = hmac.digest(self._key, told.encode("utf-8", "surrogateescape"), "sha256")
        if mark in self._admitted:
            return True
        async with self._hashing:
            is_right = await self._lanes.ask(lambda: login.admits(authorization))
        if is_right:
            if len(self._admitted) >= _MOST_REMEMBERED:
                self._admitted.clear()
            self._admitted.add(mark)
        return is_right
