"""Two gateways that know each other: what the users of both see."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.peers.gateway import Gateway, multipart_form
from tests.peers.identity import Identity
from tests.peers.samples import AWKWARD, PAYLOADS, send_body
from tests.peers.waiting import wait_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Each is a partner of the other under its own AS2 identifier."""

    acme: Gateway
    globex: Gateway
    partner: dict[str, Any]
    """GLOBEX, as ACME knows it."""

    def arrived(self, message_id: str) -> dict[str, Any]:
        """What GLOBEX received, in full."""
        row = wait_until(lambda: self.globex.inbound(message_id))[0]
        return self.globex.message(row["id"])


@pytest.fixture(scope="module")
def pair(start_gateway: Callable[[str], Gateway]) -> Pair:
    acme, globex = start_gateway("ACME"), start_gateway("GLOBEX")
    partner = acme.add_partner("--compress", as2_id="GLOBEX", url=globex.receive_url, certificate=globex.certificate)
    globex.add_partner("--mdn", "async", as2_id="ACME", url=acme.receive_url, certificate=acme.certificate)
    return Pair(acme=acme, globex=globex, partner=partner)


def write(folder: Path, name: str, content: bytes) -> str:
    file = folder / name
    file.write_bytes(content)
    return str(file)


def test_send_wait_ends_with_success_and_the_file_lies_in_the_other_inbox(pair: Pair, tmp_path: Path) -> None:
    file = write(tmp_path, "order.edi", AWKWARD)

    finished = pair.acme.cli("send", file, "--to", "GLOBEX", "--subject", "Order 7", "--wait", "--json")

    sent = finished.json
    arrived = pair.arrived(sent["message_id"])
    assert ("delivered", "received") == (sent["status"], sent["mdn_status"])
    assert (True, True, True) == (arrived["signed"], arrived["encrypted"], arrived["compressed"])
    assert ("received", "Order 7", len(AWKWARD)) == (arrived["status"], arrived["subject"], arrived["bytes"])
    assert ("ACME", "GLOBEX") == (arrived["from_as2_id"], arrived["to_as2_id"])
    assert AWKWARD == pair.globex.payload(arrived["id"]).body
    assert "order.edi" in (pair.globex.payload(arrived["id"]).header("Content-Disposition") or "")
    assert sent["message_id"] in [row["message_id"] for row in pair.acme.cli("outbox", "--json").json]
    assert arrived["message_id"] in [row["message_id"] for row in pair.globex.cli("inbox", "--json").json]


def test_show_prints_what_the_api_says(pair: Pair, tmp_path: Path) -> None:
    sent = pair.acme.cli("send", write(tmp_path, "a.edi", b"A"), "--to", "GLOBEX", "--wait", "--json").json

    shown = pair.acme.cli("show", sent["id"], "--json").json
    steps = shown.pop("timeline")
    assert pair.acme.message(sent["id"]) == shown
    assert "http" in [step["step"] for step in steps]


def test_asynchronous_receipt_comes_back(pair: Pair, tmp_path: Path) -> None:
    file = write(tmp_path, "invoice.edi", PAYLOADS["lf"])

    sent = pair.globex.cli("send", file, "--to", "ACME", "--wait", "--json").json

    assert ("async", "delivered", "received") == (sent["mdn_mode"], sent["status"], sent["mdn_status"])
    [arrived] = pair.acme.inbound(sent["message_id"])
    assert PAYLOADS["lf"] == pair.acme.payload(arrived["id"]).body
    wait_until(lambda: pair.acme.message(arrived["id"])["mdn_status"] == "received")


@pytest.mark.profile("several-files")
def test_several_files_travel_in_one_message(pair: Pair, tmp_path: Path) -> None:
    contents = {"order.edi": AWKWARD, "terms.pdf": b"%PDF-1.7\n\x00\r\n", "empty-line.txt": b"\n"}
    files = [write(tmp_path, name, content) for name, content in contents.items()]

    sent = pair.acme.cli("send", *files, "--to", "GLOBEX", "--wait", "--json").json

    attachments = pair.arrived(sent["message_id"])["attachments"]
    assert [(name, hashlib.sha256(content).hexdigest()) for name, content in contents.items()] == [
        (attachment["filename"], attachment["sha256"]) for attachment in attachments
    ]
    assert "delivered" == sent["status"]


def test_wait_fails_when_the_receipt_is_negative(pair: Pair, stranger_identity: Identity, tmp_path: Path) -> None:
    pair.acme.cli("station", "add", "--as2-id", "ACME-2", "--name", "ACME-2")
    pair.globex.add_partner(as2_id="ACME-2", url=pair.acme.receive_url, certificate=stranger_identity.certificate)

    finished = pair.acme.cli(*["send", write(tmp_path, "b.edi", b"B"), "--to", "GLOBEX", "--from", "ACME-2", "--wait"])

    assert 0 != finished.code
    assert "authentication-failed" in finished.errors
    assert "Traceback" not in finished.errors


def test_json_text_is_sent_as_utf_8(pair: Pair) -> None:
    text = "UNB+UNOC:3+Señor's café'\n"
    sent = pair.acme.send(
        {"partner_id": pair.partner["id"], "payload": {"content": text}, "content_type": "application/edifact"}
    )

    arrived = pair.arrived(sent["message_id"])
    assert text.encode() == pair.globex.payload(arrived["id"]).body
    assert "application/edifact" == arrived["content_type"]


def test_accepted_message_is_described_as_documented(pair: Pair) -> None:
    reply = pair.acme.api("POST", "/v1/messages", body=send_body(pair.partner["id"], b"X", subject="S"))

    accepted = reply.json["data"]
    assert (202, "Message queued for delivery") == (reply.status, reply.json["message"])
    assert {
        "partner": {"id": pair.partner["id"], "name": "GLOBEX", "as2_id": "GLOBEX"},
        "direction": "outbound",
        "subject": "S",
        "content_type": "application/octet-stream",
        "bytes": 1,
        "compressed": True,
        "encrypted": True,
        "signed": True,
        "mdn_mode": "sync",
    }.items() <= accepted.items()
    assert accepted["status"] in ("queued", "processing")
    assert accepted["id"].startswith("msg_")
    message = pair.acme.wait_for_end(accepted["id"])
    assert accepted["message_id"] == message["mdn_data"]["original_message_id"]
    assert message["mdn_data"]["disposition"].lower().replace(" ", "").endswith(";processed")
    assert pair.globex.receive_url == message["partner"]["url"]


def test_form_with_a_file_is_sent(pair: Pair) -> None:
    content_type, body = multipart_form(
        [("partner_id", pair.partner["id"]), ("content_type", "application/edi-x12"), ("subject", "Form")],
        [("file", "form.x12", AWKWARD)],
    )

    reply = pair.acme.api("POST", "/v1/messages", body=body, headers={"Content-Type": content_type})

    assert 202 == reply.status, reply
    arrived = pair.arrived(reply.json["data"]["message_id"])
    assert AWKWARD == pair.globex.payload(arrived["id"]).body
    assert [("form.x12", "application/edi-x12")] == [
        (attachment["filename"], attachment["content_type"]) for attachment in arrived["attachments"]
    ]


def test_lists_filter_and_page(pair: Pair) -> None:
    subjects = {"filter one", "filter two", "filter three"}
    handles = [
        pair.acme.send(send_body(pair.partner["id"], b"X", subject=subject))["id"] for subject in sorted(subjects)
    ]
    for handle in handles:
        pair.acme.wait_for_end(handle)

    found = pair.acme.messages(search="filter", status="delivered", direction="outbound")
    first_page = pair.acme.api("GET", "/v1/messages?search=filter&per_page=2&page=1").json
    second_page = pair.acme.api("GET", "/v1/messages?search=filter&per_page=2&page=2").json

    assert subjects == {row["subject"] for row in found}
    assert [] == pair.acme.messages(search="filter", direction="inbound")
    assert (3, 2, 1) == (first_page["pagination"]["total"], len(first_page["data"]), len(second_page["data"]))
    assert list(reversed(handles)) == [row["id"] for row in first_page["data"] + second_page["data"]]
