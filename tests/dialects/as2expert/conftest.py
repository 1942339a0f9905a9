"""Two gateways that exchange messages; programs speak to the first as they speak to as2expert."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.peers import wire
from tests.peers.gateway import Gateway
from tests.peers.listener import Listener, listening
from tests.peers.waiting import wait_until
from tests.peers.wire import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """The gateway ACME as a program of as2expert sees it. GLOBEX is its partner, and a gateway too."""

    acme: Gateway
    globex: Gateway
    token: str
    station: int
    partner: int
    nobody: int
    """A partner where nobody listens."""

    @property
    def base_url(self) -> str:
        return f"{self.acme.url}/api/v1"

    def call(
        self, path: str, body: object = None, *, token: str | None = None, headers: Mapping[str, str] = {}
    ) -> Reply:
        """POST, as every call of this API is."""
        text = self.token if token is None else token
        return wire.request(
            "POST",
            self.base_url + path,
            headers={"Authorization": f"Bearer {text}", "Content-Type": "application/json", **headers},
            body=body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode(),
        )

    def data(self, path: str, body: object = None) -> Any:
        """The data of a call that succeeds."""
        reply = self.call(path, body)
        assert (200, "success") == (reply.status, reply.json.get("status")), reply.body
        return reply.json["data"]

    def error(self, path: str, body: object = None, **more: Any) -> tuple[int, str]:
        """Status and words of a call that is refused."""
        reply = self.call(path, body, **more)
        assert "error" == reply.json["status"], reply.body
        return reply.status, reply.json["msg"]

    def new_token(self, *options: str) -> str:
        token: str = self.acme.cli("key", "create", "--dialect", "as2expert", *options, "--json").json["token"]
        return token

    def arrived(self, as2_id: str) -> dict[str, Any]:
        """The message with this id as it arrived at the partner, whole."""
        found = wait_until(lambda: self.globex.inbound(as2_id), what="the message at the partner")
        return self.globex.message(found[0]["id"])

    @property
    def message_count(self) -> int:
        return len(self.acme.messages())


@pytest.fixture(scope="module")
def expert(start_gateway: Callable[..., Gateway]) -> Expert:
    settings = {"ACUSE_ALLOW_PRIVATE_NETWORKS": "true"}
    acme, globex = start_gateway("ACME", within=settings), start_gateway("GLOBEX")
    # Other numbers than those of the first of everything, so that none is right by chance.
    acme.cli("station", "add", "--name", "Second", "--as2-id", "SECOND")
    globex.add_partner("--demand", "none", as2_id="ACME", url=acme.receive_url, certificate=acme.certificate)
    nobody = acme.add_partner(
        as2_id="NOBODY", url=f"http://127.0.0.1:{wire.free_port()}/", certificate=globex.certificate
    )
    partner = acme.add_partner(as2_id="GLOBEX", url=globex.receive_url, certificate=globex.certificate)
    token = acme.cli("key", "create", "--dialect", "as2expert", "--json").json["token"]
    return Expert(
        acme=acme,
        globex=globex,
        token=token,
        station=1,
        partner=int(partner["id"].partition("_")[2]),
        nobody=int(nobody["id"].partition("_")[2]),
    )


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found
