"""MTA-STS: policies by which a domain asks for TLS without DNSSEC (RFC 8461).

A policy holds for as long as it says, also when it cannot be fetched anew: that is what keeps somebody on the way from
hiding it. Only mode `enforce` changes what is sent.
"""

import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import aiohttp

from acuse.transports.guard import GuardedResolver
from acuse.transports.smtp.exchangers import NameService

LARGEST_POLICY: Final = 64 * 1024
_LONGEST_AGE: Final = 31_557_600
_MOST_KEPT: Final = 4096
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)

Fetch = Callable[[str], Awaitable[str | None]]
"""The text of the policy of a domain; None where there is none to be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class STSPolicy:
    """What a domain asks for."""

    is_enforced: bool
    exchangers: tuple[str, ...]
    """Names, or `*.` and a name for exactly one label more."""
    max_age: int
    """Seconds."""

    def allows(self, exchanger: str) -> bool:
        """Whether a server is one of the policy's (RFC 8461 section 4.1)."""
        name = exchanger.lower().rstrip(".")
        return any(
            name.partition(".")[2] == pattern[2:] if pattern.startswith("*.") else name == pattern
            for pattern in self.exchangers
        )


def read_policy(text: str) -> STSPolicy | None:
    """The policy of a text; None where it is no policy (RFC 8461 section 3.2)."""
    fields: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), []).append(value.strip())
    version, mode, age = (fields.get(name, [""])[0] for name in ("version", "mode", "max_age"))
    exchangers = tuple(name.lower().rstrip(".") for name in fields.get("mx", []))
    if version != "STSv1" or mode not in {"enforce", "testing", "none"} or not age.isascii() or not age.isdigit():
        return None
    if mode != "none" and not exchangers:
        return None
    return STSPolicy(is_enforced=mode == "enforce", exchangers=exchangers, max_age=min(int(age), _LONGEST_AGE))


class STSPolicies:
    """The policies of domains, kept for as long as they hold."""

    def __init__(self, names: NameService, fetch: Fetch) -> None:
        self._names = names
        self._fetch = fetch
        self._kept: dict[str, tuple[str, STSPolicy, float]] = {}

    async def enforced(self, domain: str) -> STSPolicy | None:
        """The policy that has to be kept for mail to this domain."""
        kept = self._kept.get(domain)
        if kept is not None and kept[2] <= time.monotonic():
            del self._kept[domain]
            kept = None
        record = next((text for text in await self._names.texts(f"_mta-sts.{domain}") if _is_record(text)), None)
        if record is not None and (kept is None or kept[0] != record):
            policy = read_policy(await self._fetch(domain) or "")
            if policy is not None:
                kept = (record, policy, time.monotonic() + policy.max_age)
                while len(self._kept) >= _MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[domain] = kept
        return kept[1] if kept is not None and kept[1].is_enforced else None


async def fetch_policy(
    domain: str, *, port: int = 443, context: ssl.SSLContext | None = None, allow_private_networks: bool = False
) -> str | None:
    """Fetch the policy of a domain by HTTPS, without following anybody elsewhere (RFC 8461 section 3.3)."""
    resolver = aiohttp.ThreadedResolver()
    connector = aiohttp.TCPConnector(
        resolver=resolver if allow_private_networks else GuardedResolver(resolver), ssl=context or True
    )
    url = f"https://mta-sts.{domain}:{port}/.well-known/mta-sts.txt"
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as client,
            client.get(url, allow_redirects=False) as reply,
        ):
            if reply.status != 200 or reply.content_type != "text/plain":
                return None
            return (await reply.content.read(LARGEST_POLICY)).decode("utf-8", "replace")
    except Exception:  # noqa: BLE001 - whatever it was, there is no policy to be had now
        return None


def _is_record(text: str) -> bool:
    return text.replace(" ", "").startswith("v=STSv1;")
