"""The post office: what the operator decided about sending mail, as the services need it."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from acuse.domain.retry import RetryPolicy

UNNAMED = "localhost.localdomain"
"""The domain of a gateway that was given none: nothing leaves it by mail."""
USUAL_OPERATOR = "acuse"


class Route(StrEnum):
    """The way that mail takes."""

    CAPTURE = "capture"
    """Nothing leaves: messages go to a mailbox in the home."""
    DIRECT = "direct"
    """To the recipient's own server. What it says is the strongest proof of delivery that SMTP has."""
    SMARTHOST = "smarthost"
    """To a server that passes it on: what is proved is that this one took it."""


class SmarthostTLS(StrEnum):
    """How a connection to a smarthost is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    """From its first byte."""
    NONE = "none"
    """Not at all: for one on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """How this gateway sends mail."""

    route: Route = Route.CAPTURE
    domain: str = UNNAMED
    """Bounces come back to an address here, and Message-IDs end in it."""
    page_url: str = "http://127.0.0.1:8080"
    """Where recipients find their pages, without a slash at the end."""
    return_path_key: bytes = field(default=b"", repr=False)
    """Makes return paths that nobody else can make."""
    credits_per_notice: int = 900
    """In hundredths; 0: nothing is billed."""
    bounce_wait: timedelta = timedelta(minutes=15)
    """How long a notice that was handed over waits for a bounce before it counts as delivered."""
    retry: RetryPolicy = field(
        default_factory=lambda: RetryPolicy(
            first=timedelta(minutes=1), longest=timedelta(hours=4), give_up_after=timedelta(hours=72)
        )
    )
    operator: str = USUAL_OPERATOR
    """Who runs this gateway, as every record of evidence says."""
