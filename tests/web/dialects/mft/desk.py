"""A program of MFT Gateway's at a gateway with one partner; between the two, messages are carried by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from acuse.domain.access import Mode, Scope
from acuse.domain.dialect import Dialect
from acuse.domain.message import Direction, Message
from acuse.errors import PartnerUnreachable
from acuse.ports import HTTPReply, MessageView
from acuse.services.issue_credential import Issued, issue_credential
from acuse.services.manage_keys import create_key
from acuse.services.settle_attempt import settle_attempt
from acuse.testing import FixedWorld
from tests.services.house import House
from tests.web.client import Client, Response

INVOICE = b"ISA*00*          *00*          *ZZ*ACME           *ZZ*GLOBEX         *~\r\nIEA*1*000000001~\r\n"


@dataclass(slots=True, kw_only=True)
class Desk:
    """A client that has logged in, and both houses."""

    client: Client
    world: FixedWorld
    acme: House
    globex: House
    credential: Issued
    token: str = ""
    native_key: str = ""

    # ── Coming in ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def authorize(self, **given: object) -> Response:
        return self.client.request(
            "POST", "/authorize", json.dumps(given).encode(), {"Content-Type": "application/json"}
        )

    def log_in(self, credential: Issued | None = None) -> dict[str, Any]:
        """The pair of tokens of a credential, by its password."""
        issued = credential or self.credential
        assert issued.key.login is not None
        answer = self.authorize(username=issued.key.login.user, password=issued.password)
        assert 200 == answer.status, answer.body
        pair: dict[str, Any] = answer.json
        return pair

    def issue(self, username: str, *scopes: Scope, mode: Mode = Mode.LIVE) -> Issued:
        return issue_credential(
            self.acme.ports,
            dialect=Dialect.MFT,
            account_id=self.acme.space.account_id,
            tenant_id=None,
            name="a program",
            mode=mode,
            scopes=scopes or tuple(Scope),
            username=username,
        )

    # ── Calling ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def __call__(
        self, method: str, path: str, content: object = None, *, headers: Mapping[str, str] | None = None
    ) -> Response:
        body = None if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.client.request(method, path, body, {"Authorization": self.token, **(headers or {})})

    def native(self, path: str) -> Any:
        """What the native API says."""
        if not self.native_key:
            space = self.acme.space
            _, self.native_key = create_key(
                self.acme.ports,
                account_id=space.account_id,
                tenant_id=None,
                name="native",
                mode=Mode.LIVE,
                scopes=frozenset(Scope),
            )
        answer = self.client.request("GET", path, None, {"Authorization": f"Bearer {self.native_key}"})
        assert 200 == answer.status, answer.body
        return answer.json

    def submit(self, body: bytes = INVOICE, **headers: str) -> Response:
        """Submit a file from ACME to GLOBEX; header fields are written with `_` for `-`."""
        given = {"AS2-From": "ACME", "AS2-To": "GLOBEX", "Content-Type": "application/edi-x12"}
        return self("POST", "/message/submit", body, headers={**given, **named(headers)})

    def sent(self, body: bytes = INVOICE, **headers: str) -> str:
        """The id of a submitted message."""
        answer = self.submit(body, **headers)
        assert 202 == answer.status, answer.body
        wire_id: str = answer.json["as2MessageId"]
        return wire_id

    def follow(self, url: str, *, method: str = "GET") -> Response:
        """What stands behind an absolute URL; no token is shown."""
        parts = urlsplit(url)
        assert f"127.0.0.1:{self.client.port}" == parts.netloc
        return self.client.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path)

    # ── What happens meanwhile ────────────────────────────────────────────────────────────────────────────────────────

    def view(self, wire_id: str, direction: Direction = Direction.OUTBOUND) -> MessageView:
        return self.acme.ports.views.message_named(self.acme.space, direction, wire_id)

    def message(self, wire_id: str) -> Message:
        return self.view(wire_id).message

    def deliver(self, wire_id: str) -> None:
        """The partner takes the message and gives its receipt."""
        self.acme.send(self.message(wire_id), self.globex)

    def fail(self, wire_id: str, outcome: HTTPReply | PartnerUnreachable) -> None:
        """One attempt that comes to nothing."""
        settle_attempt(self.acme.ports, self.acme.begin(self.message(wire_id)), outcome)

    def receive(self, body: bytes = INVOICE, **wishes: object) -> str:
        """GLOBEX sends something; the id of it."""
        message = self.globex.accept(body, **wishes)
        self.globex.send(message, self.acme)
        return message.wire_id


def named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def of(wire_id: str) -> str:
    """An id as one part of a path."""
    return quote(wire_id, safe="")
