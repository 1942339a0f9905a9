"""One call of this API, from the accepted token to the answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from starlette.types import Receive, Scope, Send

from acuse.domain.access import ApiKey
from acuse.domain.account import Space
from acuse.domain.plan import Plan
from acuse.ports import Ports
from acuse.web.asgi import Reply, header
from acuse.web.lanes import Lanes
from acuse.web.options import WebOptions
from acuse.web.shared.signed_links import SignedLinks


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who logged in, and the space that the calls work in."""

    key: ApiKey
    space: Space
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of a caller who was let in."""

    ports: Ports
    lanes: Lanes
    options: WebOptions
    links: SignedLinks
    caller: Caller
    scope: Scope
    receive: Receive
    send: Send
    """For answers that are too long to be a Reply."""
    names: Sequence[str]
    """The variable parts of the path."""

    @property
    def space(self) -> Space:
        """Whose messages, stations and partners the call sees."""
        return self.caller.space

    @property
    def max_payload(self) -> int:
        """Bytes of the largest payload that may be sent."""
        return min(self.caller.plan.payload, self.options.max_body)

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters behind the question mark; an empty one is not given."""
        return dict(parse_qsl(self.scope["query_string"].decode("latin-1")))

    def absolute(self, path: str) -> str:
        """The whole URL of a path of this gateway, by the name under which the client reaches it."""
        host = header(self.scope, b"host") or "{}:{}".format(*self.scope["server"])
        return f"{self.scope['scheme']}://{host}{path}"


Handler = Callable[[Call], Awaitable[Reply | None]]
"""Answers a call: with a Reply, or with None when it sent its answer itself."""


def in_path(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")
