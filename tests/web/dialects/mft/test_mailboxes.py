"""The lists: what lies where, in which order, and which filters narrow them."""

from datetime import timedelta

import pytest

from acuse.domain.message import Transmission
from acuse.errors import PartnerUnreachable
from acuse.ports import HTTPReply
from acuse.services.cancel_message import cancel_message
from tests.web.dialects.mft.desk import Desk, of
from tests.web.dialects.mft.transcript import transcript

REFUSED = HTTPReply(status=422, headers=(), body=b"no")
BUSY = HTTPReply(status=503, headers=(), body=b"")
SILENT = PartnerUnreachable("The partner did not answer within 60 seconds.", error_details="timeout", awaited="answer")


def ids(desk: Desk, path: str) -> list[str]:
    answer = desk("GET", f"/message/{path}")
    assert 200 == answer.status, answer.body
    found: list[str] = answer.json["messages"]
    return found


def give_up(desk: Desk, wire_id: str, outcome: HTTPReply | PartnerUnreachable) -> None:
    """Attempts until there are no more."""
    while desk.message(wire_id).transmission is not Transmission.FAILED:
        due = desk.message(wire_id).next_attempt_at
        desk.world.present = max(desk.world.present, due or desk.world.present)
        desk.fail(wire_id, outcome)


@transcript(
    "GET /message/outbox",
    "GET /message/outbox/queued",
    "GET /message/outbox/failed",
    "GET /message/outbox/incomplete",
    "queued → sent",
    "queued → queued after an answer that is safe to retry",
    "queued → failed",
    "no answer in time: incomplete",
)
def test_a_message_lies_where_its_life_cycle_puts_it(desk: Desk) -> None:
    sent, refused, waiting, silent, fresh = (desk.sent(b"x" * size) for size in (1, 20, 300, 4000, 5))

    desk.deliver(sent)
    desk.fail(refused, REFUSED)
    desk.fail(waiting, BUSY)
    give_up(desk, silent, SILENT)
    desk.token = desk.log_in()["apiToken"]

    assert [sent] == ids(desk, "outbox")
    assert [refused] == ids(desk, "outbox/failed")
    assert [fresh, waiting] == ids(desk, "outbox/queued")
    assert [silent] == ids(desk, "outbox/incomplete")
    assert ["Sent", "Failed", "Queued", "Incomplete", "Queued"] == [
        desk("GET", f"/message/outbox/{of(wire_id)}").json["msgStatus"]
        for wire_id in (sent, refused, waiting, silent, fresh)
    ]
    assert 1 == desk("GET", f"/message/outbox/{of(waiting)}").json["failures"]
    assert 422 == desk("GET", f"/message/outbox/{of(refused)}").json["transportStatusReceived"]
    assert 200 == desk("GET", f"/message/outbox/{of(sent)}").json["transportStatusReceived"]


def test_a_cancelled_message_lies_with_the_failed_ones(desk: Desk) -> None:
    wire_id = desk.sent()
    cancel_message(desk.acme.ports, desk.message(wire_id).id)

    assert [wire_id] == ids(desk, "outbox/failed")
    assert [] == ids(desk, "outbox/queued")


@transcript("POST /message/outbox/{id}/retry")
def test_a_failed_message_is_queued_again_by_hand(desk: Desk) -> None:
    wire_id = desk.sent()
    desk.fail(wire_id, REFUSED)

    answer = desk("POST", f"/message/outbox/{of(wire_id)}/retry")

    assert (200, {"message": f"Message {wire_id} queued for retry"}) == (answer.status, answer.json)
    assert [wire_id] == ids(desk, "outbox/queued")
    desk.deliver(wire_id)
    assert [wire_id] == ids(desk, "outbox")
    assert 409 == desk("POST", f"/message/outbox/{of(wire_id)}/retry").status
    assert 404 == desk("POST", "/message/outbox/%3Cnone%40x%3E/retry").status


@transcript("GET /message/inbox", "fetchAll=false lists what was not yet read")
def test_the_inbox_lists_what_was_not_read_unless_all_is_asked_for(desk: Desk) -> None:
    first, second = desk.receive(b"one"), desk.receive(b"two" * 1000)

    assert [second, first] == ids(desk, "inbox")
    desk("GET", f"/message/inbox/{of(first)}")
    assert [second] == ids(desk, "inbox")
    assert [second] == ids(desk, "inbox?fetchAll=false")
    assert [second, first] == ids(desk, "inbox?fetchAll=true")
    assert [] == ids(desk, "outbox")


@transcript("sortDir, pageLength and pageOffset")
def test_a_list_is_paged_and_sorted_by_time(desk: Desk) -> None:
    all_of_them = []
    for number in range(12):
        desk.world.advance(timedelta(seconds=1))
        all_of_them.append(desk.sent(Subject=f"number {number}"))

    assert all_of_them[:1:-1] == ids(desk, "outbox/queued")
    assert all_of_them[:10] == ids(desk, "outbox/queued?sortDir=asc")
    assert all_of_them[::-1] == ids(desk, "outbox/queued?sortDir=desc&pageLength=100")
    assert all_of_them[3:8] == ids(desk, "outbox/queued?sortDir=asc&pageLength=5&pageOffset=3")
    assert [] == ids(desk, "outbox/queued?pageOffset=12")


@pytest.mark.parametrize(
    "query", ["pageLength=0", "pageLength=101", "pageLength=x", "pageOffset=-1", "sortDir=up", "fetchAll=maybe"]
)
def test_a_bad_parameter_is_named(desk: Desk, query: str) -> None:
    answer = desk("GET", f"/message/outbox?{query}")

    assert 422 == answer.status
    assert [query.partition("=")[0]] == [name for entry in answer.json["errors"] for name in entry]


@transcript(
    "filters by partner and station, both spellings", "filters by id and subject", "?service=as2 is taken and ignored"
)
@pytest.mark.parametrize(
    "words",
    [("partnerAS2Id", "stationAS2Id", "as2MessageId"), ("partnerIdentifier", "stationIdentifier", "identifier")],
)
def test_filters_narrow_a_list_and_the_primary_ones_go_before_the_others(
    desk: Desk, words: tuple[str, str, str]
) -> None:
    partner, station, identifier = words
    one, two = desk.sent(Subject="Order 17"), desk.sent(Subject="Invoice")

    assert [two, one] == ids(desk, f"outbox/queued?service=as2&{partner}=GLOBEX&{station}=ACME")
    assert [] == ids(desk, f"outbox/queued?{partner}=NOBODY")
    assert [] == ids(desk, f"outbox/queued?{station}=NOBODY")
    assert [one] == ids(desk, f"outbox/queued?{identifier}={of(one)}")
    assert [one] == ids(desk, f"outbox/queued?{identifier}={of(one.strip('<>'))}")
    assert [one] == ids(desk, "outbox/queued?subject=order%2017")
    assert [two] == ids(desk, f"outbox/queued?{identifier}={of(two)}&subject=order")
    assert [two, one] == ids(desk, f"outbox/queued?{partner}=GLOBEX&subject=order")
    assert [] == ids(desk, "outbox/queued?subject=100%25")
