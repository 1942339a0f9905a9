"""One message in its three parts, its marks, and how it is deleted."""

from dataclasses import replace

import pytest

from acuse.as2 import MDNMode
from acuse.domain.partner import PartnerDetails, Terms
from acuse.ports import HTTPReply
from acuse.services.manage_partners import change_partner
from tests.web.dialects.mft.desk import Desk, of
from tests.web.dialects.mft.test_mailboxes import ids
from tests.web.dialects.mft.transcript import transcript


@transcript("GET /message/outbox/{id}", "the three parts of a message", "old and new names of its fields")
@pytest.mark.parametrize(("subject", "size"), [("Order 1", 100), ("Something else", 70_000)])
def test_a_sent_message_is_shown_in_three_parts(desk: Desk, subject: str, size: int) -> None:
    wire_id = desk.sent(b"d" * size, Subject=subject, Attachment_Name="order.x12")
    desk.deliver(wire_id)

    shown = desk("GET", f"/message/outbox/{of(wire_id)}").json

    view = desk.view(wire_id)
    mdn, headers = shown.pop("mdnMessage"), shown.pop("transportHeaders")
    exchange = view.message.exchange
    assert exchange is not None
    mic = f"{exchange.mics[exchange.digest]}, {exchange.digest.micalg}"
    assert {
        "id": view.message.handle,
        "as2MessageId": wire_id,
        "identifier": wire_id,
        "incoming": False,
        "msgStatus": "Sent",
        "mdnStatus": "Received; MDN Signature Verified",
        "senderAS2Id": "ACME",
        "senderIdentifier": "ACME",
        "receiverAS2Id": "GLOBEX",
        "receiverIdentifier": "GLOBEX",
        "subject": subject,
        "failures": 0,
        "attachmentPaths": [f"{view.message.public_id}/1/order.x12"],
        "compressed": False,
        "signed": True,
        "encrypted": True,
        "mic": mic,
        "micMatches": True,
        "transportStatusReceived": 200,
        "timestamp": int(view.message.created_at.timestamp() * 1000),
        "apiFetched": False,
    } == shown
    assert ("ACME", "GLOBEX", wire_id) == (headers["AS2-From"], headers["AS2-To"], headers["Message-ID"])
    assert view.receipt is not None
    assert {
        "mdnId": mdn["mdnId"],
        "messageId": view.message.handle,
        "as2MessageId": wire_id,
        "identifier": wire_id,
        "disposition": view.receipt.disposition,
        "humanMessage": view.receipt.text,
        "rawMdnS3Key": f"{view.message.public_id}/mdn",
        "mic": mic,
        "signed": True,
        "incoming": True,
        "status": "Received; MDN Signature Verified",
        "timestamp": int(view.receipt.created_at.timestamp() * 1000),
    } == mdn


@transcript("GET /message/inbox/{id}", "markAsRead is true unless it is refused")
def test_showing_a_received_message_marks_it_as_read_unless_that_is_refused(desk: Desk) -> None:
    wire_id = desk.receive(b"hello", subject="Invoice 9")
    path = f"/message/inbox/{of(wire_id)}"

    assert False is desk("GET", f"{path}?markAsRead=false").json["apiFetched"]
    assert [wire_id] == ids(desk, "inbox")
    shown = desk("GET", path).json
    assert (True, "Received", "Sent Signed MDN", True, 0) == (
        shown["incoming"],
        shown["msgStatus"],
        shown["mdnStatus"],
        shown["apiFetched"],
        shown["transportStatusReceived"],
    )
    assert ("GLOBEX", "ACME", "Invoice 9") == (shown["senderAS2Id"], shown["receiverAS2Id"], shown["subject"])
    assert ("GLOBEX", False) == (shown["transportHeaders"]["AS2-From"], shown["mdnMessage"]["incoming"])
    assert [] == ids(desk, "inbox")


@transcript("POST /message/inbox/{id}/markUnread")
def test_a_message_is_marked_as_unread_and_read_again(desk: Desk) -> None:
    wire_id = desk.receive()
    path = f"/message/inbox/{of(wire_id)}"
    desk("GET", path)

    answer = desk("POST", f"{path}/markUnread")

    assert (200, {"message": f"Successfully marked message {wire_id} as unread"}) == (answer.status, answer.json)
    assert [wire_id] == ids(desk, "inbox")
    assert 200 == desk("POST", f"{path}/markRead").status
    assert [] == ids(desk, "inbox")
    missing = desk("POST", "/message/inbox/none/markUnread")
    assert (404, {"message": "Message not found"}) == (missing.status, missing.json)


@transcript("batch mark read and unread")
@pytest.mark.parametrize("name", ["messageIdentifiers", "as2MessageIds"])
def test_several_messages_are_marked_at_once(desk: Desk, name: str) -> None:
    one, two, three = (desk.receive(body) for body in (b"1", b"22", b"333"))

    answer = desk("POST", "/message/inbox/markRead", {name: [one, three.strip("<>"), "none"]})

    assert (200, [one, three]) == (answer.status, answer.json["messageIdentifiers"])
    assert [two] == ids(desk, "inbox")
    assert 200 == desk("POST", "/message/inbox/markUnread", {name: [one]}).status
    assert [two, one] == ids(desk, "inbox")
    assert 404 == desk("POST", "/message/inbox/markRead", {name: ["none"]}).status


@transcript("DELETE /message/inbox/{id} and /message/outbox/{id}")
@pytest.mark.parametrize("box", ["inbox", "outbox"])
def test_a_deleted_message_is_gone_here_and_kept_as_evidence(desk: Desk, box: str) -> None:
    wire_id, other = (desk.receive() if box == "inbox" else desk.sent() for _ in range(2))
    path = f"/message/{box}/{of(wire_id)}"

    answer = desk("DELETE", path)

    assert (200, {"deleted": wire_id}) == (answer.status, answer.json)
    assert 404 == desk("GET", path).status
    assert 404 == desk("GET", f"{path}/attachments").status
    again = desk("DELETE", path)
    assert (404, {"message": "Unable to find message"}) == (again.status, again.json)
    assert [other] == ids(desk, "inbox" if box == "inbox" else "outbox/queued")
    assert 2 == desk.native("/v1/messages")["pagination"]["total"]


@transcript("POST /message/inbox/delete and /message/outbox/delete")
@pytest.mark.parametrize("box", ["inbox", "outbox"])
@pytest.mark.parametrize("name", ["messageIdentifiers", "as2MessageIds"])
def test_several_messages_are_deleted_at_once(desk: Desk, box: str, name: str) -> None:
    one, two, three = (desk.receive() if box == "inbox" else desk.sent() for _ in range(3))

    answer = desk("POST", f"/message/{box}/delete", {name: [one, "none", three, one]})

    assert (200, {"deleted": [one, three]}) == (answer.status, answer.json)
    assert [two] == ids(desk, "inbox" if box == "inbox" else "outbox/queued")
    missing = desk("POST", f"/message/{box}/delete", {name: [one]})
    assert (404, {"message": "Unable to find messages"}) == (missing.status, missing.json)


@pytest.mark.parametrize("body", [b"x", b"[]", b"{}", b'{"as2MessageIds": "x"}', b'{"as2MessageIds": [1]}'])
def test_a_bad_batch_is_refused_and_deletes_nothing(desk: Desk, body: bytes) -> None:
    wire_id = desk.sent()

    assert 422 == desk("POST", "/message/outbox/delete", body).status
    assert 422 == desk("POST", "/message/outbox/delete", {"as2MessageIds": [wire_id] * 101}).status
    assert [wire_id] == ids(desk, "outbox/queued")


@transcript("ids with brackets, without, and with every sign")
@pytest.mark.parametrize(
    "wire_id", ["<a b@host>", "<100%@x.example>", "<a/b+c?d#e&f=g@h>", "no-brackets@host", "<ü@x>"]
)
def test_an_id_with_any_sign_is_found_with_and_without_its_brackets(desk: Desk, wire_id: str) -> None:
    real = desk.receive()
    bare = wire_id.strip("<>")
    desk.acme.execute(f"UPDATE message SET wire_id = '{wire_id}', wire_key = '{bare}' WHERE wire_id = '{real}'")

    for spelling in (of(wire_id), of(bare)):
        shown = desk("GET", f"/message/inbox/{spelling}")
        assert (200, wire_id) == (shown.status, shown.json.get("identifier")), shown.body
    assert 1 == desk("GET", f"/message/inbox/{of(bare)}/attachments").json["total"]
    assert [wire_id] == ids(desk, "inbox?fetchAll=true")


@transcript("404 for an unknown message")
def test_what_is_not_there_is_told_in_the_words_of_the_api(desk: Desk) -> None:
    sent, received = desk.sent(), desk.receive()

    for path in ("inbox/none", "outbox/none", f"inbox/{of(sent)}", f"outbox/{of(received)}"):
        answer = desk("GET", f"/message/{path}")
        assert (404, {"message": "Message not found"}) == (answer.status, answer.json)
    assert 404 == desk("GET", "/message").status
    assert 404 == desk("GET", "/message/inbox/").status
    assert 405 == desk("PATCH", "/message/inbox").status


@transcript("a receipt changes mdnStatus and nothing else", "mdnStatus in words")
@pytest.mark.parametrize(
    ("mdn", "signed", "before", "after"),
    [
        (MDNMode.NONE, True, "Not Requested", "Not Requested"),
        (MDNMode.SYNC, True, "Pending", "Received; MDN Signature Verified"),
        (MDNMode.SYNC, False, "Pending", "Received"),
        (MDNMode.ASYNC, True, "Pending", "Pending"),
    ],
)
def test_the_status_of_the_receipt_follows_what_was_agreed(
    desk: Desk, mdn: MDNMode, signed: bool, before: str, after: str
) -> None:
    partner = desk.acme.partner
    assert partner is not None
    terms = Terms(mdn=mdn, mdn_signed=signed)
    change_partner(desk.acme.ports, partner.id, lambda known: _with_terms(known, terms), url_is_vouched=True)
    wire_id = desk.sent()

    def status() -> tuple[str, str]:
        shown = desk("GET", f"/message/outbox/{of(wire_id)}").json
        return shown["msgStatus"], shown["mdnStatus"]

    assert ("Queued", before) == status()
    desk.deliver(wire_id)
    assert ("Sent", after) == status()


def test_a_broken_receipt_leaves_a_message_sent(desk: Desk) -> None:
    broken, queued = desk.sent(), desk.sent()

    desk.fail(broken, HTTPReply(status=200, headers=(("Content-Type", "text/html"),), body=b"<p>thanks"))

    assert "Sent" == desk("GET", f"/message/outbox/{of(broken)}").json["msgStatus"]
    assert [broken] == ids(desk, "outbox")
    assert [queued] == ids(desk, "outbox/queued")


def _with_terms(details: PartnerDetails, terms: Terms) -> PartnerDetails:
    return replace(details, terms=terms)
