"""What the faces need to know of the settings, and the bounds that nobody has to set."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from acuse.domain.plan import Plans


class WebOptions(Protocol):
    """The part of the settings that this package reads."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def url(self) -> str:
        """Where the gateway is reached from outside."""
        ...

    @property
    def role(self) -> str: ...

    @property
    def tls_certificate(self) -> Path | None: ...

    @property
    def tls_key(self) -> Path | None: ...

    @property
    def trusted_proxy(self) -> Sequence[object]:
        """Networks whose word about the client's address is believed."""
        ...

    @property
    def allow_private_networks(self) -> bool:
        """Whether URLs that clients give may lead into private networks, and go without TLS."""
        ...

    @property
    def content_types(self) -> Sequence[str]:
        """The media types that may be sent, in lower case, `text/*` being all of that kind; none: any."""
        ...

    @property
    def plans(self) -> Plans:
        """How much of the API the accounts of each plan may use."""
        ...

    @property
    def like_calls(self) -> int:
        """Calls of a dialect within a minute that ask the same; more block whoever makes them."""
        ...

    @property
    def as2expert_wait(self) -> int:
        """Seconds that an answer waits for the first attempt to send a message."""
        ...

    @property
    def max_body(self) -> int:
        """Bytes of the largest body."""
        ...

    @property
    def max_json_body(self) -> int:
        """Bytes of the largest JSON body, but for the payload of a message: it is held in memory."""
        ...


MAX_HEAD = 64 * 1024
"""Bytes of request line and header fields."""
HEAD_SECONDS = 30.0
"""How long a request's header fields may take to arrive."""
IDLE_SECONDS = 60.0
"""How long a body may pause while it arrives."""
DRAIN_SECONDS = 60
"""How long running requests may take to end after the gateway was asked to stop."""
TURN_SECONDS = 30.0
"""How long a repeated request waits for the one before it; a large message may take that long to be opened."""
MAX_RUNNING = 500
"""How many messages of partners may be under way at once; more are asked to come again."""
RETRY_AFTER = "5"
"""Seconds, as the Retry-After field wants them."""
