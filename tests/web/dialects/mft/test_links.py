"""Attachments and MDNs behind links that are good for ten minutes."""

import string
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tests.web.dialects.mft.desk import INVOICE, Desk, of
from tests.web.dialects.mft.transcript import transcript


def links(desk: Desk, path: str) -> list[tuple[str, str]]:
    """Names and URLs of the attachments."""
    answer = desk("GET", f"/message/{path}/attachments")
    assert 200 == answer.status, answer.body
    assert len(answer.json["attachments"]) == answer.json["total"]
    return [(entry["name"], entry["url"]) for entry in answer.json["attachments"]]


@transcript(
    "GET /message/inbox/{id}/attachments",
    "GET /message/outbox/{id}/attachments",
    "a link needs no token and gives the bytes",
)
@pytest.mark.parametrize("size", [1, 5_000, 400_000])
@pytest.mark.parametrize("box", ["inbox", "outbox"])
def test_a_link_gives_the_file_with_its_name_and_type(desk: Desk, box: str, size: int) -> None:
    data = b"\x00z" * (size // 2) + b"!"
    wire_id = desk.receive(data) if box == "inbox" else desk.sent(data, Attachment_Name="a b.edifact")

    [(name, url)] = links(desk, f"{box}/{of(wire_id)}")

    got = desk.follow(url)
    assert ("1.edi" if box == "inbox" else "a b.edifact") == name
    assert (200, data) == (got.status, got.body)
    assert f'attachment; filename="{name}"' == got.headers["content-disposition"]
    assert ("application/edifact" if box == "inbox" else "application/edi-x12") == got.headers["content-type"]


@transcript("a link is good for ten minutes")
def test_a_link_ends_after_ten_minutes_and_not_before(desk: Desk) -> None:
    [(_, url)] = links(desk, f"outbox/{of(desk.sent())}")

    desk.world.advance(timedelta(minutes=10) - timedelta(seconds=1))
    assert 200 == desk.follow(url).status
    desk.world.advance(timedelta(seconds=1))
    assert 403 == desk.follow(url).status


@transcript("a changed link is refused")
def test_a_link_with_any_one_character_changed_opens_nothing(desk: Desk) -> None:
    [(_, url)] = links(desk, f"outbox/{of(desk.sent(Attachment_Name='n.x12'))}")
    parts = urlsplit(url)
    whole = f"{parts.path}?{parts.query}"
    assert 200 == desk.client.request("GET", whole).status

    opened = []
    for place, character in enumerate(whole[1:], start=1):
        others = {character.swapcase(), _next(character), "%"} - {character}
        for other in others:
            changed = whole[:place] + other + whole[place + 1 :]
            if desk.client.request("GET", changed).status not in (403, 404):
                opened.append(changed)

    assert [] == opened
    for more in (f"{whole}&x=1", whole.replace("/download", "//download"), whole[:-1], whole.replace("=", "=0", 1)):
        assert desk.client.request("GET", more).status in (403, 404)


def _next(character: str) -> str:
    among = string.ascii_letters + string.digits
    return among[(among.index(character) + 1) % len(among)] if character in among else "x"


def test_a_link_for_one_file_does_not_open_another(desk: Desk) -> None:
    [(_, one)] = links(desk, f"outbox/{of(desk.sent(b'one'))}")
    [(_, two)] = links(desk, f"outbox/{of(desk.sent(b'two'))}")

    mixed = f"{one.partition('?')[0]}?{two.partition('?')[2]}"

    assert 403 == desk.follow(mixed).status


@transcript("an attachment without extension gets that of its type, .raw if unknown")
@pytest.mark.parametrize(
    ("name", "content_type", "shown"),
    [
        ("Attachment", "application/octet-stream", "Attachment.raw"),
        ("invoice", "application/xml", "invoice.xml"),
        ("invoice", "text/plain; charset=utf-8", "invoice.txt"),
        ("order", "Application/EDI-X12", "order.x12"),
        ("order.v2.x12", "application/xml", "order.v2.x12"),
        (".hidden", "application/edifact", ".hidden.edifact"),
        ("..\\up/name", "text/csv", ".._up_name.csv"),
        ("what", "application/vnd.unknown", "what.raw"),
    ],
)
def test_a_name_without_extension_gets_that_of_its_type(desk: Desk, name: str, content_type: str, shown: str) -> None:
    wire_id = desk.sent(INVOICE, Attachment_Name=name, Content_Type=content_type)

    [(told, url)] = links(desk, f"outbox/{of(wire_id)}")

    assert shown == told
    assert INVOICE == desk.follow(url).body


@transcript("GET /message/inbox/{id}/attachments for a sent id")
def test_a_sent_id_has_its_attachments_in_the_inbox_too(desk: Desk) -> None:
    wire_id = desk.sent(b"mine")

    [(_, url)] = links(desk, f"inbox/{of(wire_id)}")

    assert b"mine" == desk.follow(url).body


@transcript("404 for missing attachments and MDNs")
def test_missing_attachments_and_mdns_are_told_in_the_words_of_the_api(desk: Desk) -> None:
    queued = desk.sent()

    for path in ("inbox/none", "outbox/none"):
        answer = desk("GET", f"/message/{path}/attachments")
        assert (404, {"message": "Attachment(s) not found"}) == (answer.status, answer.json)
    for path in ("inbox/none/mdn", "outbox/none/mdn", f"outbox/{of(queued)}/mdn", "inbox/none/mdnt"):
        answer = desk("GET", f"/message/{path}")
        assert (404, {"message": "MDN not found"}) == (answer.status, answer.json)


@transcript("GET /message/inbox/{id}/mdn", "GET /message/outbox/{id}/mdn", "GET /message/inbox/{id}/mdnt")
def test_the_mdn_is_the_one_that_was_on_the_wire(desk: Desk) -> None:
    sent, received = desk.sent(), desk.receive()
    desk.deliver(sent)

    for path, wire_id in (("inbox/{}/mdn", received), ("inbox/{}/mdnt", received), ("outbox/{}/mdn", sent)):
        answer = desk("GET", f"/message/{path.format(of(wire_id))}")
        assert ["url"] == list(answer.json)
        got = desk.follow(answer.json["url"])
        assert 200 == got.status
        assert b"Original-Message-ID: " + wire_id.encode() in got.body
        assert got.headers["content-type"].startswith("multipart/signed")


def test_a_link_can_be_asked_for_its_head_and_for_a_range(desk: Desk) -> None:
    [(_, url)] = links(desk, f"outbox/{of(desk.sent(b'0123456789'))}")
    parts = urlsplit(url)

    head = desk.follow(url, method="HEAD")
    part = desk.client.request("GET", f"{parts.path}?{parts.query}", None, {"Range": "bytes=2-4"})

    assert (200, "10", b"") == (head.status, head.headers["content-length"], head.body)
    assert (206, b"234") == (part.status, part.body)
    assert 405 == desk.follow(url, method="DELETE").status
