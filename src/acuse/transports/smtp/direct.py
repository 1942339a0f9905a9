"""Mail straight to the recipient's own server: what it says is the strongest proof of delivery that SMTP has.

Servers are tried in the order of the domain until one of them was spoken to; from the first word about a message on,
its answer counts. Where TLS is merely welcome and breaks, the same server is asked once more without it, which the
record shows.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from acuse.domain.address import is_public
from acuse.mime import Source
from acuse.ports import Envelope, MailAnswer, Said
from acuse.transports.smtp.dialogue import Dialogue
from acuse.transports.smtp.exchangers import Exchanger, NameService, NamesUnanswered, NoMailService
from acuse.transports.smtp.mta_sts import Fetch, STSPolicies, STSPolicy, fetch_policy
from acuse.transports.smtp.protection import MTA_STS, NONE, TLSDemand, demand_of_records, verified
from acuse.transports.smtp.session import Outcome, Patience, Progress, Server, Session

SMTP_PORT = 25
_MOST_ADDRESSES = 2
"""Addresses of one server that are tried."""
_LONGEST_SESSION = 3600.0
"""Seconds: a server that is merely slow is waited for, one that never ends is not."""


class DirectMailer:
    """`ports.Mailer` without anybody in between."""

    def __init__(
        self,
        *,
        names: NameService,
        hello: str,
        now: Callable[[], datetime],
        port: int = SMTP_PORT,
        allow_private_networks: bool = False,
        patience: Patience | None = None,
        fetch: Fetch | None = None,
    ) -> None:
        """`hello` is our name to other servers; `port` that of theirs; `fetch` gets policies of MTA-STS."""
        self._names, self._hello, self._now, self._port = names, hello, now, port
        self._allow_private_networks = allow_private_networks
        self._patience = patience or Patience()
        self._policies = STSPolicies(
            names, fetch or partial(fetch_policy, allow_private_networks=allow_private_networks)
        )

    async def send(self, envelope: Envelope, message: Source) -> MailAnswer:
        """Hand over these very bytes."""
        domain = envelope.recipient.domain
        dialogue = Dialogue(self._now)
        try:
            async with asyncio.timeout(_LONGEST_SESSION):
                exchangers = await self._names.exchangers(domain)
                policy = await self._policies.enforced(domain)
                return await self._try(exchangers, policy, envelope, message, dialogue)
        except NoMailService as reason:
            return MailAnswer(said=Said.NEVER, text=reason.text, enhanced_code=reason.enhanced_code)
        except NamesUnanswered as reason:
            return MailAnswer(said=Said.LATER, text=str(reason), enhanced_code="4.4.3", dialogue=dialogue.lines)
        except TimeoutError:
            text = f"the session with the server of {domain} took too long"
            # Nobody knows how far it came, so the worst is said.
            return MailAnswer(
                said=Said.LATER, text=text, enhanced_code="4.4.2", dialogue=dialogue.lines, is_uncertain=True
            )

    async def _try(
        self,
        exchangers: Sequence[Exchanger],
        policy: STSPolicy | None,
        envelope: Envelope,
        message: Source,
        dialogue: Dialogue,
    ) -> MailAnswer:
        last = MailAnswer(
            said=Said.NEVER,
            text=f"the domain {envelope.recipient.domain} has no server that could take mail",
            enhanced_code="5.4.4",
        )
        for exchanger in exchangers:
            if policy is not None and not policy.allows(exchanger.name):
                dialogue.note(f"({exchanger.name} is none of the servers that the domain's policy names, RFC 8461)")
                last = _later(f"{exchanger.name} is none of the servers that MTA-STS allows", "4.7.5", dialogue)
                continue
            addresses = (await self._names.addresses(exchanger.name))[:_MOST_ADDRESSES]
            demand = await self._demand(exchanger, policy, envelope) if addresses else TLSDemand()
            for address in addresses:
                if not (self._allow_private_networks or is_public(address)):
                    dialogue.note(f"({exchanger.name} [{address}] lies in a private network)")
                    last = _later(f"{exchanger.name} lies in a private network", "4.4.1", dialogue)
                    continue
                server = Server(name=exchanger.name, address=address, port=self._port)
                outcome = await self._speak(server, demand, envelope, message, dialogue)
                last = outcome.answer
                if outcome.progress is Progress.BEGUN:
                    return last
        return replace(last, dialogue=dialogue.lines)

    async def _demand(self, exchanger: Exchanger, policy: STSPolicy | None, envelope: Envelope) -> TLSDemand:
        demand = demand_of_records(await self._names.tls_records(exchanger, self._port))
        if demand is None and policy is not None:
            demand = TLSDemand(policy=MTA_STS, is_required=True, context=verified())
        return demand or TLSDemand(is_required=envelope.needs_tls)

    async def _speak(
        self, server: Server, demand: TLSDemand, envelope: Envelope, message: Source, dialogue: Dialogue
    ) -> Outcome:
        outcome = await self._session(server, demand, dialogue).hand_over(envelope, message)
        if outcome.is_tls_broken and not demand.is_required:
            dialogue.note("(once more without TLS, which nobody asked for)")
            outcome = await self._session(server, TLSDemand(policy=NONE), dialogue).hand_over(envelope, message)
        return outcome

    def _session(self, server: Server, demand: TLSDemand, dialogue: Dialogue) -> Session:
        return Session(
            server, hello=self._hello, demand=demand, patience=self._patience, now=self._now, dialogue=dialogue
        )


def _later(text: str, enhanced_code: str, dialogue: Dialogue) -> MailAnswer:
    return MailAnswer(said=Said.LATER, text=text, enhanced_code=enhanced_code, dialogue=dialogue.lines)
