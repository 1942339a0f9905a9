"""Mail by way of a server of ours that passes it on. What is proved then is that this one took it, and no more."""

import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from acuse.domain.post import SmarthostTLS
from acuse.mime import Source
from acuse.ports import Envelope, MailAnswer
from acuse.transports.smtp.protection import NONE, TLSDemand, verified
from acuse.transports.smtp.session import Login, Patience, Server, Session

_POLICY = "smarthost"


class SmarthostMailer:
    """`ports.Mailer` by way of one server, which the operator named: it may lie in a private network."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        hello: str,
        now: Callable[[], datetime],
        tls: SmarthostTLS = SmarthostTLS.STARTTLS,
        login: Login | None = None,
        patience: Patience | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`context` checks the server's certificate; by default against the machine's authorities."""
        self._server = Server(name=host, address=host, port=port, has_tls_from_the_start=tls is SmarthostTLS.TLS)
        self._hello, self._now, self._login = hello, now, login
        self._patience = patience or Patience()
        if tls is SmarthostTLS.NONE:
            self._demand = TLSDemand(policy=NONE)
        else:
            self._demand = TLSDemand(policy=_POLICY, is_required=True, context=context or verified())

    async def send(self, envelope: Envelope, message: Source) -> MailAnswer:
        """Hand over these very bytes."""
        demand = replace(self._demand, is_required=self._demand.is_required or envelope.needs_tls)
        session = Session(
            self._server,
            hello=self._hello,
            demand=demand,
            patience=self._patience,
            now=self._now,
            login=self._login,
        )
        outcome = await session.hand_over(envelope, message)
        return replace(outcome.answer, is_relayed=True)
