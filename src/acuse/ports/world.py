"""The rest of the world: clock, chance, the way to other servers, and all ports together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from acuse.domain.connection import NO_CREDENTIALS, Credentials, HTTPTerms
from acuse.domain.post import PostOffice
from acuse.mime import Source
from acuse.ports.blobs import Blobs
from acuse.ports.reading import Views
from acuse.ports.writing import Units

ANSWER_LIMIT = 1024 * 1024
"""Bytes that are read of an answer to a post: more than any receipt needs."""


class World(Protocol):
    """Time and names, which the inner rings take as arguments."""

    def now(self) -> datetime:
        """The present, in UTC with microseconds."""
        ...

    def new_id(self) -> UUID:
        """A UUIDv7 (RFC 9562 section 5.7)."""
        ...

    def new_token(self) -> str:
        """Letters and digits with at least 100 random bits, for Message-IDs and boundaries."""
        ...

    def jitter(self) -> float:
        """A random number in [0, 1)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An address to post to, and how its server is spoken to."""

    url: str
    is_vouched: bool
    """The operator named the address, so it may lead into a private network."""
    timeout: timedelta
    """The longest standstill, once the connection is there."""
    http: HTTPTerms = field(default_factory=HTTPTerms)
    redirect_hosts: frozenset[str] = frozenset()
    """Hosts that a redirect may lead to."""
    credentials: Credentials = field(default=NO_CREDENTIALS, repr=False)
    needs_tls: bool = False
    """It may not be plain http, unless it is vouched for."""
    answer_limit: int = ANSWER_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """The TLS of a connection."""

    version: str
    """As in `TLSv1.3`."""
    cipher: str
    """The cipher suite, by the name that OpenSSL gives it."""
    certificate: str
    """SHA-256 fingerprint of the server's certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPReply:
    """What the other side answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    redirected_to: str | None = None
    """The address that the partner named and that we did not follow."""
    protection: Protection | None = None
    """None where there was no TLS."""


class Transport(Protocol):
    """Posting to partners and to webhooks."""

    async def post(self, destination: Destination, *, headers: Sequence[tuple[str, str]], body: Source) -> HTTPReply:
        """Post and read the answer, of which the destination's `answer_limit` of bytes is kept.

        A redirect that keeps the method (307, 308) is followed to the hosts that the destination names, never from
        https to http; any other is an answer like the rest. Credentials go to the first host alone, and answer its
        challenge for Digest.
        Raises PartnerUnreachable, whose `is_final` tells whether trying again is pointless.
        """
        ...


class SigningKeys(Protocol):
    """Keys for what the gateway itself signs and reads again, such as tokens and links."""

    def derive(self, purpose: str) -> bytes:
        """The key for a purpose: 32 bytes, the same for as long as the home's master key is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world as the services get it."""

    units: Units
    views: Views
    blobs: Blobs
    world: World
    signing_keys: SigningKeys
    reporting_ua: str = "acuse"
    post: PostOffice = field(default_factory=PostOffice)
