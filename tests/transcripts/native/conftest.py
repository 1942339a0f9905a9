"""Two gateways as the document tells them: YOUR-AS2-ID sends, ACME-CORP-AS2 is the partner prt_000001."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.peers.gateway import Gateway
from tests.peers.identity import Identity
from tests.peers.waiting import wait_until

OURS, THEIRS = "YOUR-AS2-ID", "ACME-CORP-AS2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Our gateway with its partners, and the gateway on the other side."""

    ours: Gateway
    theirs: Gateway
    acme: str
    """The partner of the document: asynchronous receipts, signed and encrypted."""
    other: str
    """The same gateway under another AS2 identifier and name: synchronous receipts, nothing else in common."""

    def arrived(self, message: dict[str, Any]) -> dict[str, Any]:
        """What the other gateway received under this Message-ID, in full."""
        row = wait_until(lambda: self.theirs.inbound(message["message_id"]), timeout=20)[0]
        return self.theirs.message(row["id"])

    def payload_there(self, message: dict[str, Any]) -> bytes:
        """The file as it arrived."""
        return self.theirs.payload(self.arrived(message)["id"]).body

    def partner(self, name: str) -> str:
        """The id of a partner by the field of this class."""
        return {"acme": self.acme, "other": self.other}[name]


@pytest.fixture(scope="module")
def market(start_gateway: Callable[[str], Gateway], stranger_identity: Identity) -> Market:
    ours, theirs = start_gateway(OURS), start_gateway(THEIRS)
    acme = ours.add_partner(
        *("--name", "Acme Corporation", "--mdn", "async"),
        as2_id=THEIRS,
        url=theirs.receive_url,
        certificate=theirs.certificate,
    )
    second = theirs.cli("station", "add", "--as2-id", "SOEHNE 2", "--name", "Two", "--json")
    other = ours.add_partner(
        *("--name", "Söhne & Co", "--mdn", "sync"),
        as2_id="SOEHNE 2",
        url=theirs.receive_url,
        certificate=second.json["certificate"].encode(),
    )
    theirs.add_partner(
        "--mdn", "async", "--demand", "none", as2_id=OURS, url=ours.receive_url, certificate=ours.certificate
    )
    assert "prt_000001" == acme["id"]
    return Market(ours=ours, theirs=theirs, acme=acme["id"], other=other["id"])
