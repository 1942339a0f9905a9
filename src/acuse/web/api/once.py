"""Requests with an Idempotency-Key: carried out once, however often they come.

Requests with the same key take turns. Whoever comes later reads its body to the end, is found to be the same request by
its digest, and gets the kept answer. The handler keeps its answer with `Once.keep`, in the very unit that carries the
wish out; so a crash leaves both or neither, and a gateway that dies takes no promise with it.

Rule: a request is judged by the bytes of its body, before anything in it is understood.
"""

import hashlib
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

from python_multipart.multipart import parse_options_header

from acuse.domain.idempotency import KeptAnswer, check_idempotency_key
from acuse.errors import RequestUnderWay
from acuse.ports import Unit
from acuse.web.api.calls import Call, Handler
from acuse.web.asgi import Reply, end_of_body, header, note
from acuse.web.turns import TurnNotReached

REPLAYED = ("Idempotent-Replayed", "true")
MOST_SEGMENTS = 1000
"""Lines with the boundary that are left out of a digest: more than a form may have parts."""


def once(handler: Handler) -> Handler:
    """The handler of a POST, which heeds the Idempotency-Key where one is given."""

    async def answer(call: Call) -> Reply | None:
        given = header(call.scope, b"idempotency-key")
        if given is None:
            return await handler(call)
        guard = Once(call, check_idempotency_key(given))
        try:
            async with call.turns.turn(guard.name):
                return await handler(replace(call, receive=guard.receive, once=guard))
        except TurnNotReached:
            raise RequestUnderWay from None
        except _Answered as found:
            note(call.scope, replayed=True)
            kept = found.answer
            return Reply(status=kept.status, body=kept.body, headers=(("Content-Type", "application/json"), REPLAYED))

    return answer


class Once:
    """One request with its key."""

    def __init__(self, call: Call, key: str) -> None:
        self._call = call
        self._key = key
        self._route = f"{call.scope['method']} {call.scope['path']}"
        self._digest = BodyDigest(header(call.scope, b"content-type") or "")

    @property
    def name(self) -> tuple[object, ...]:
        """What requests must have in common to take turns."""
        return self._call.caller.space, self._route, self._key

    async def receive(self) -> MutableMapping[str, Any]:
        """The next message of the request; when its body has ended, and the wish was carried out before, nothing more
        is done: raises IdempotencyKeyReused, or the kept answer."""
        message = await self._call.receive()
        if message["type"] == "http.request":
            self._digest.feed(message.get("body", b""))
            if not message.get("more_body", False):
                end_of_body(self._call.scope)
                await self._call.lanes.run(self._look)
        return message

    def keep(self, unit: Unit, reply: Reply) -> None:
        """Keep the answer, in the unit that carries the wish out. Raises RequestUnderWay when another process did."""
        now = self._call.ports.world.now()
        unit.answers.add(
            KeptAnswer(
                space=self._call.caller.space,
                route=self._route,
                key=self._key,
                request_digest=self._digest.value(),
                status=reply.status,
                body=reply.body,
                created_at=now,
            )
        )

    def _look(self) -> None:
        ports = self._call.ports
        kept = ports.views.kept_answer(self._call.caller.space, route=self._route, key=self._key)
        if kept is not None and not kept.is_over(ports.world.now()):
            kept.require_same(self._digest.value())
            raise _Answered(kept)


class _Answered(Exception):
    """The wish was carried out before."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__()
        self.answer = answer


class BodyDigest:
    """Tells one body from another, fed piece by piece.

    The boundary of a form is left out, because clients invent a new one each time they write the same form: what lies
    between boundaries is hashed by itself, so that no content can be taken for one.
    """

    def __init__(self, content_type: str) -> None:
        media_type, options = parse_options_header(content_type)
        boundary = options.get(b"boundary") if media_type == b"multipart/form-data" else None
        self._mark = b"--" + boundary if boundary else b""
        self._segments = hashlib.sha256(media_type if self._mark else content_type.encode("latin-1", "replace"))
        self._segment = hashlib.sha256()
        self.count = 0
        """Boundaries that were left out."""
        self._tail = b""

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        if not self._mark:
            self._segment.update(piece)
            return
        *ended, rest = (self._tail + piece).split(self._mark, MOST_SEGMENTS - self.count)
        for segment in ended:
            self._segment.update(segment)
            self._segments.update(self._segment.digest())
            self._segment = hashlib.sha256()
        self.count += len(ended)
        # What may be the beginning of a boundary waits for the next piece.
        cut = max(0, len(rest) - len(self._mark) + 1)
        self._segment.update(rest[:cut])
        self._tail = rest[cut:]

    def value(self) -> bytes:
        """The digest of what was fed."""
        segments, segment = self._segments.copy(), self._segment.copy()
        segment.update(self._tail)
        segments.update(segment.digest())
        return segments.digest()
