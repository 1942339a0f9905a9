"""One line for each request, around every face."""

import logging
import time
from typing import Protocol
from uuid import UUID

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acuse.web.asgi import note

logger = logging.getLogger("acuse.web")


class NewId(Protocol):
    """Gives a request its id."""

    def __call__(self) -> UUID: ...


class AccessLog:
    """ASGI middleware. A face adds what it knows with `note`; the query is left out, for it may hold business data."""

    def __init__(self, app: ASGIApp, *, new_id: NewId) -> None:
        self._app = app
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status, sent = 0, 0

        async def send_and_count(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                sent += len(message.get("body", b""))
            await send(message)

        client = scope.get("client")
        note(scope, id=str(self._new_id()), method=scope["method"], path=scope["path"], client=client and client[0])
        try:
            await self._app(scope, receive, send_and_count)
        finally:
            note(scope, status=status or "no answer", sent=sent, ms=round((time.perf_counter() - began) * 1000, 1))
            logger.log(_level(scope["path"], status), "request", extra={"fields": scope["acuse.fields"]})


def request_id(scope: Scope) -> str:
    """The id under which the log knows this request."""
    return str(scope["acuse.fields"]["id"])


def _level(path: str, status: int) -> int:
    if status in (500, 503):
        return logging.ERROR
    return logging.DEBUG if path == "/health" else logging.INFO
