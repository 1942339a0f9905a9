"""Which servers take mail for a domain (RFC 5321 section 5), and what DNS says about their TLS.

Rule: the domain's own exchangers are asked before anything else; only a domain that names none is its own exchanger. A
domain that says by a null MX that it takes no mail (RFC 7505) is believed.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.name
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TLSA import TLSA

_LIFETIME = 15.0
"""Seconds for a question, with its repetitions."""
_MOST_EXCHANGERS = 6
_PAYLOAD = 1232


class NoMailService(Exception):
    """The domain takes no mail, for good."""

    def __init__(self, text: str, enhanced_code: str) -> None:
        super().__init__(text)
        self.text, self.enhanced_code = text, enhanced_code


class NamesUnanswered(Exception):
    """The name service gave no answer now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanger:
    """A server that takes mail for a domain."""

    name: str
    is_secure: bool = False
    """That it does was authenticated by DNSSEC."""


class NameService:
    """DNS, as mail needs it."""

    def __init__(self, resolver: str = "") -> None:
        """`resolver` is the address of a name server, with a port behind a colon if that is not 53; "": those of the
        system. Its word on DNSSEC is believed, so the way to it should be safe.
        """
        self._resolver = dns.asyncresolver.Resolver(configure=not resolver)
        if resolver:
            host, colon, port = resolver.rpartition(":")
            self._resolver.nameservers = [(host if colon else resolver).strip("[]")]
            self._resolver.port = int(port) if colon else 53
        self._resolver.lifetime = _LIFETIME
        self._resolver.use_edns(0, dns.flags.DO, _PAYLOAD)
        self._resolver.flags = dns.flags.RD | dns.flags.AD
        self._resolver.cache = dns.resolver.LRUCache()

    async def exchangers(self, domain: str) -> Sequence[Exchanger]:
        """The servers in the order in which they are to be tried. Raises NoMailService and NamesUnanswered."""
        try:
            answer = await self._ask(domain, "MX")
        except dns.resolver.NXDOMAIN as error:
            raise NoMailService(f"the domain {domain} does not exist", "5.1.2") from error
        except dns.resolver.NoAnswer:
            return (Exchanger(name=domain),)
        found = [record for record in answer if isinstance(record, MX)]
        if any(record.exchange == dns.name.root for record in found):
            raise NoMailService(f"the domain {domain} takes no mail (RFC 7505)", "5.1.10")
        random.shuffle(found)  # among equals: RFC 5321 section 5.1
        found.sort(key=lambda record: record.preference)
        names = (record.exchange.to_text(omit_final_dot=True).lower() for record in found)
        is_secure = _is_secure(answer)
        return tuple(Exchanger(name=name, is_secure=is_secure) for name in names)[:_MOST_EXCHANGERS]

    async def addresses(self, name: str) -> Sequence[str]:
        """The IP addresses of a server, those of version 4 first. Raises NamesUnanswered."""
        found: list[str] = []
        is_unanswered = None
        for kind in ("A", "AAAA"):
            try:
                found += [record.to_text() for record in await self._ask(name, kind)]
            except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                continue
            except NamesUnanswered as error:
                is_unanswered = error
        if not found and is_unanswered is not None:
            raise is_unanswered
        return found

    async def tls_records(self, exchanger: Exchanger, port: int) -> tuple[TLSA, ...]:
        """The TLSA records of a server that DNSSEC authenticates (RFC 7672 section 2.2). Raises NamesUnanswered."""
        if not exchanger.is_secure:
            return ()
        try:
            answer = await self._ask(f"_{port}._tcp.{exchanger.name}", "TLSA")
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        return tuple(record for record in answer if isinstance(record, TLSA)) if _is_secure(answer) else ()

    async def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records of a name; none where it cannot be found out."""
        try:
            answer = await self._ask(name, "TXT")
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, NamesUnanswered):
            return ()
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer)

    async def _ask(self, name: str, kind: str) -> dns.resolver.Answer:
        try:
            return await self._resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            raise
        except (dns.exception.DNSException, OSError) as error:
            raise NamesUnanswered(f"the name service gave no answer for {name}") from error


def _is_secure(answer: dns.resolver.Answer) -> bool:
    return bool(answer.response.flags & dns.flags.AD)
