"""One call of the API, from the accepted key to the answer, and what every call needs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope, Send

from acuse.domain.plan import Plan
from acuse.ports import Ports, Unit
from acuse.web.api.access import Caller
from acuse.web.asgi import Reply
from acuse.web.lanes import Lanes
from acuse.web.options import WebOptions
from acuse.web.turns import Turns

T = TypeVar("T")


class Once(Protocol):
    """A request that is carried out once; see `once`."""

    def keep(self, unit: Unit, reply: Reply) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of a caller who was let in."""

    ports: Ports
    lanes: Lanes
    options: WebOptions
    caller: Caller
    scope: Scope
    receive: Receive
    send: Send
    """For answers that are too long to be a Reply."""
    turns: Turns
    plan: Plan
    once: Once | None = None
    """The Idempotency-Key of the request, if it has one and its route heeds it."""

    def keep(self, unit: Unit, reply: Reply) -> None:
        """Keep an answer under the request's Idempotency-Key, in the unit that makes it true."""
        if self.once is not None:
            self.once.keep(unit, reply)

    @property
    def max_payload(self) -> int:
        """Bytes of the largest payload that may be sent."""
        return min(self.plan.payload, self.options.max_body)

    @property
    def path(self) -> Mapping[str, str]:
        """The variable parts of the path."""
        found: Mapping[str, str] = self.scope["path_params"]
        return found

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters behind the question mark; of a repeated one the last counts, an empty one is not given."""
        return dict(parse_qsl(self.scope["query_string"].decode("latin-1")))


Handler = Callable[[Call], Awaitable[Reply | None]]
"""Answers a call: with a Reply, or with None when it sent its answer itself."""


def json_reply(status: int, content: Mapping[str, object]) -> Reply:
    """An answer in JSON."""
    return Reply(status=status, body=msgspec.json.encode(content), headers=(("Content-Type", "application/json"),))


MOST_PAGES = 10_000_000
"""The highest number of a page that is understood."""


def pagination(*, page: int, per_page: int, total: int) -> dict[str, object]:
    """Where a page stands in its list."""
    return {
        "current_page": page,
        "last_page": max(1, -(-total // per_page)),
        "per_page": per_page,
        "total": total,
        "has_more": page * per_page < total,
    }
