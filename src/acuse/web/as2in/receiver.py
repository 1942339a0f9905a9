"""`POST /as2` and `POST /as2/{station}`: a partner's bytes go into a stage, then to `receive_message`.

Rule: this face adds nothing to what the service answered, and answers 2xx for nothing else. What breaks before the
service has the whole body leaves no trace in the store; what breaks in it is 503 where trying again may help, else 500
(RFC 4130 sections 5.1 and 5.4).
"""

import logging
from collections.abc import Hashable
from functools import partial

from starlette.types import Receive, Scope, Send

from acuse import as2
from acuse.errors import StorageFailed
from acuse.mime import field_text
from acuse.ports import Ports, Stage
from acuse.services.find_station import is_station
from acuse.services.receive_message import receive as receive_message
from acuse.web.access_log import request_id
from acuse.web.as2in.doorkeeper import Doorkeeper
from acuse.web.as2in.head import judge_head
from acuse.web.asgi import ClientGone, ClientStalled, Reply, answer, body_pieces, note, refuse
from acuse.web.lanes import Lanes
from acuse.web.options import IDLE_SECONDS, MAX_RUNNING, RETRY_AFTER, TURN_SECONDS
from acuse.web.spool import BodyTooLarge, Spool
from acuse.web.turns import TurnNotReached, Turns

logger = logging.getLogger("acuse.web.as2in")

PATH = "/as2"
_SECRET = ("authorization", "proxy-authorization")
_COME_AGAIN = Reply.text(503, "Not now. Try again in a moment.", ("Retry-After", RETRY_AFTER))


class AS2Receiver:
    """The ASGI application for partners."""

    def __init__(
        self,
        ports: Ports,
        *,
        lanes: Lanes,
        max_body: int,
        max_running: int = MAX_RUNNING,
        idle: float = IDLE_SECONDS,
        patience: float = TURN_SECONDS,
    ) -> None:
        self._ports = ports
        self._lanes = lanes
        self._max_body = max_body
        self._max_running = max_running
        self._idle = idle
        self.running = 0
        """Messages under way."""
        self._turns = Turns(patience=patience)
        self._doorkeeper = Doorkeeper(ports, lanes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = judge_head(scope["method"], scope["headers"], max_body=self._max_body)
        if scope["method"] in ("GET", "HEAD") and not await self._is_station(scope):
            refusal = Reply.text(404, "There is no such station here.")
        if refusal is None and self.running >= self._max_running:
            refusal = _COME_AGAIN
        headers = [(field_text(name), field_text(value)) for name, value in scope["headers"]]
        named = {name: value for name, value in headers if name in ("as2-from", "as2-to", "message-id")}
        note(scope, as2_from=named.get("as2-from"), as2_to=named.get("as2-to"), message_id=named.get("message-id"))
        refusal = refusal or await self._doorkeeper.refusal(headers)
        if refusal is not None:
            await refuse(scope, receive, send, refusal)
            return
        self.running += 1
        try:
            await self._take(scope, headers, receive, send)
        finally:
            self.running -= 1

    async def _is_station(self, scope: Scope) -> bool:
        """Whether the address is one of ours: it names no station, or one that is there."""
        name = _station_of(scope)
        return name is None or await self._lanes.ask(lambda: is_station(self._ports, name))

    async def _take(self, scope: Scope, headers: list[tuple[str, str]], receive: Receive, send: Send) -> None:
        try:
            stage = await self._spool(scope, receive)
        except ClientGone:
            return
        except ClientStalled:
            await refuse(scope, receive, send, Reply.text(408, "The body stopped arriving."))
        except BodyTooLarge:
            await refuse(scope, receive, send, Reply.text(413, f"The body is larger than {self._max_body} bytes."))
        except StorageFailed:
            logger.exception("body not stored", extra={"fields": {"id": request_id(scope)}})
            await refuse(scope, receive, send, _COME_AGAIN)
        else:
            await answer(send, await self._serve(scope, headers, stage))

    async def _spool(self, scope: Scope, receive: Receive) -> Stage:
        spool = Spool(self._ports.blobs.stage(), limit=self._max_body, lanes=self._lanes)
        try:
            async for piece in body_pieces(scope, receive, idle=self._idle):
                await spool.write(piece)
            return await spool.finish()
        except BaseException:
            await spool.discard()
            raise
        finally:
            note(scope, received=spool.size)

    async def _serve(self, scope: Scope, headers: list[tuple[str, str]], stage: Stage) -> Reply:
        # What opens the door to us is nobody's to read later on.
        kept = [(name, value) for name, value in headers if name not in _SECRET]
        work = partial(receive_message, self._ports, kept, stage, station=_station_of(scope))
        try:
            async with self._turns.turn(_message_of(headers)):
                made = await self._lanes.run(work, size=stage.size)
        except TurnNotReached:
            stage.discard()
            return _COME_AGAIN
        except StorageFailed:
            logger.exception("message not stored", extra={"fields": {"id": request_id(scope)}})
            return _COME_AGAIN
        except Exception:
            logger.exception("message not received", extra={"fields": {"id": request_id(scope)}})
            return Reply.text(500, f"Something went wrong here. Our log knows it as {request_id(scope)}.")
        note(scope, expired_certificates=" ".join(made.expired) or None, stray_receipt=made.stray_receipt)
        return Reply(status=made.status, body=made.body, headers=made.headers)


def _station_of(scope: Scope) -> str | None:
    """The station that the address names, if it names one."""
    name: str = scope["path"].removeprefix(PATH).removeprefix("/")
    return name or None


def _message_of(headers: list[tuple[str, str]]) -> Hashable:
    """Who sends which message to whom, as far as it takes to tell repetitions from other requests."""
    named = dict(headers)
    message_id = as2.bare_message_id(named.get("message-id", ""))
    return (named.get("as2-from"), named.get("as2-to"), message_id) if message_id else object()
