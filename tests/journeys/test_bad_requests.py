"""Requests that are not for us, or no AS2 messages: each gets the answer of RFC 4130, and none leaves anything."""

import pytest

from tests.journeys.meeting import Meeting
from tests.peers import wire
from tests.peers.listener import Listener
from tests.peers.outgoing import Sender
from tests.peers.receipts import read_receipt

pytestmark = pytest.mark.usefixtures("openssl_is_there")


@pytest.mark.parametrize(("sender", "to"), [("GLOBEX", "NOBODY"), ("NOBODY", "ACME"), ("globex", "ACME")])
@pytest.mark.rfc(4130, "6.2")
def test_unknown_relation_gets_an_unsigned_negative_receipt(meeting: Meeting, sender: str, to: str) -> None:
    posting = Sender(as2_id=sender, to=to, url=meeting.gateway.receive_url).prepare(meeting.good_letter())

    reply = posting.post()

    receipt = read_receipt(reply.headers, reply.body)
    assert (200, False) == (reply.status, receipt.is_signed)
    assert receipt.status.startswith("processed/error: ")
    assert posting.message_id == receipt.original_message_id
    assert [] == meeting.gateway.inbound(posting.message_id)


def test_unknown_relation_that_asks_for_no_receipt_is_refused_by_http(meeting: Meeting) -> None:
    posting = Sender(as2_id="GLOBEX", to="NOBODY", url=meeting.gateway.receive_url).prepare(
        meeting.good_letter(), receipt=None
    )

    assert posting.post().status in (403, 404)


def test_unknown_relation_does_not_make_us_call_the_address_it_names(meeting: Meeting) -> None:
    listener = Listener()
    try:
        posting = Sender(as2_id="NOBODY", to="ACME", url=meeting.gateway.receive_url).prepare(
            meeting.good_letter(), receipt_url=listener.url
        )

        assert posting.post().status in (403, 404)
        assert [] == listener.posted
    finally:
        listener.close()


def test_receipt_address_at_a_host_that_was_not_agreed_is_refused(meeting: Meeting) -> None:
    listener = Listener()
    try:
        elsewhere = f"http://localhost:{listener.port}/"
        posting = meeting.sender.prepare(meeting.good_letter(), receipt_url=elsewhere)

        assert posting.post().status in (400, 403)
        assert [] == listener.posted
        assert [] == meeting.gateway.inbound(posting.message_id)
    finally:
        listener.close()


def test_message_for_another_station_than_the_path_names_is_404(meeting: Meeting) -> None:
    posting = Sender(as2_id="GLOBEX", to="ACME", url=f"{meeting.gateway.url}/as2/stn_999999").prepare(
        meeting.good_letter()
    )

    assert 404 == posting.post().status
    assert [] == meeting.gateway.inbound(posting.message_id)


def test_path_may_name_the_station_by_its_id_or_its_as2_id(meeting: Meeting) -> None:
    for name in ("stn_000001", "ACME"):
        posting = Sender(as2_id="GLOBEX", to="ACME", url=f"{meeting.gateway.url}/as2/{name}").prepare(
            meeting.good_letter()
        )

        reply = posting.post()

        assert "processed" == read_receipt(reply.headers, reply.body).status


@pytest.mark.parametrize("missing", ["AS2-From", "AS2-To", "Message-ID"])
def test_message_without_an_as2_header_is_400(meeting: Meeting, missing: str) -> None:
    reply = meeting.sender.prepare(meeting.good_letter(), without=(missing,)).post()

    assert 400 == reply.status
    assert missing.lower() in reply.body.decode().lower()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/json", b"{}"), ("text/plain", b"hello"), ("application/x-www-form-urlencoded", b"a=b")],
)
def test_post_that_is_not_as2_is_400(meeting: Meeting, content_type: str, body: bytes) -> None:
    assert 400 == wire.post(meeting.gateway.receive_url, headers={"Content-Type": content_type}, body=body).status


def test_get_and_head_say_nothing_secret(meeting: Meeting) -> None:
    for method in ("GET", "HEAD"):
        reply = wire.request(method, meeting.gateway.receive_url)

        assert 200 == reply.status
        assert b"GLOBEX" not in reply.body


@pytest.mark.rfc(4130, "5.1")
def test_body_that_breaks_off_leaves_nothing_and_the_repeat_is_taken(meeting: Meeting) -> None:
    posting = meeting.sender.prepare(meeting.good_letter())
    half = len(posting.body) // 2

    answer = wire.post_and_break_off(
        posting.url, headers=posting.headers, body=posting.body[:half], announced=len(posting.body)
    )

    assert not answer.startswith(b"HTTP/1.1 2")
    assert [] == meeting.gateway.inbound(posting.message_id)
    reply = posting.post()
    assert "processed" == read_receipt(reply.headers, reply.body).status


def test_same_message_id_with_other_bytes_is_refused_and_the_first_stays(meeting: Meeting) -> None:
    first = meeting.sender.prepare(meeting.good_letter())
    assert "processed" == meeting.receipt(first).status
    second = meeting.sender.prepare(meeting.good_letter(), message_id=first.message_id)

    receipt = meeting.receipt(second)

    assert "processed/error: unexpected-processing-error" == receipt.status
    messages = meeting.gateway.inbound(first.message_id)
    assert ["received"] == [message["status"] for message in messages]


def test_receipt_for_a_message_that_we_never_sent_is_taken_with_200(meeting: Meeting) -> None:
    posting = meeting.sender.prepare(meeting.good_letter())
    reply = posting.post()
    headers = {name: value for name, value in reply.headers if name.lower() in ("content-type", "mime-version")}
    headers |= {"AS2-From": "GLOBEX", "AS2-To": "ACME", "AS2-Version": "1.1", "Message-ID": "<stray@globex.test>"}

    assert 200 == wire.post(meeting.gateway.receive_url, headers=headers, body=reply.body).status
