"""Answers of HTTP that are no success: which are tried again, when, and what is told."""

from datetime import timedelta

import pytest

from acuse.as2 import MDNMode
from acuse.domain.message import Message, ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.domain.retry import RetryPolicy
from acuse.ports import HTTPReply
from acuse.services.deliver_receipt import FEW_TRIES, begin_receipt_delivery, settle_receipt_delivery
from acuse.services.settle_attempt import settle_attempt
from tests.services.conftest import Neighbours
from tests.services.house import House

PATIENT = Terms(retry=RetryPolicy(longest=timedelta(minutes=10)))
PASSING = [408, 425, 429, 500, 501, 502, 503, 504, 511, 599]
LASTING = [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 407, 409, 410, 413, 415, 417, 422]


def reply(status: int, *headers: tuple[str, str], redirected_to: str | None = None) -> HTTPReply:
    return HTTPReply(status=status, headers=headers, body=b"in their words", redirected_to=redirected_to)


def answered(house: House, answer: HTTPReply) -> Message:
    """What becomes of a new message that is answered like this."""
    message = house.accept()
    settle_attempt(house.ports, house.begin(message), answer)
    return house.message(message)


def problem_of(message: Message) -> tuple[str, str]:
    assert message.problem
    return message.problem.code, message.problem.message


@pytest.mark.parametrize("status", PASSING)
def test_message_is_tried_again_after(neighbours: Neighbours, status: int) -> None:
    acme, _ = neighbours.meet()

    message = answered(acme, reply(status))

    assert Transmission.RETRY_WAIT is message.transmission
    assert neighbours.world.now() + timedelta(seconds=2) == message.next_attempt_at


@pytest.mark.parametrize("status", LASTING)
def test_message_is_given_up_at_once_after(neighbours: Neighbours, status: int) -> None:
    acme, _ = neighbours.meet()

    message = answered(acme, reply(status))

    assert (Transmission.FAILED, None) == (message.transmission, message.next_attempt_at)
    assert message.problem
    assert (status, "in their words") == (message.problem.details["status"], message.problem.details["error_details"])


def test_missing_or_wrong_password_is_told_as_such(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()

    code, text = problem_of(answered(acme, reply(401, ("WWW-Authenticate", 'Basic realm="as2"'))))

    assert "PARTNER_REFUSED" == code
    assert "HTTP 401: it did not accept our user name and password, or asks for them" in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (301, "has moved to"),
        (302, "redirects to"),
        (303, "redirects to"),
        (307, "redirects to"),
        (308, "has moved to"),
    ],
)
def test_redirect_is_told_with_the_new_address(neighbours: Neighbours, status: int, words: str) -> None:
    acme, _ = neighbours.meet()

    message = answered(acme, reply(status, redirected_to="https://new.example/as2"))

    assert f"The partner {words} https://new.example/as2 (HTTP {status})." in problem_of(message)[1]
    assert message.problem
    assert "https://new.example/as2" == message.problem.details["redirected_to"]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("1", 2),  # our own wait is longer
        ("86400", 600),  # no longer than the policy's longest wait
        ("9" * 400, 600),
        ("Fri, 20 Nov 2026 12:02:00 GMT", 120),
        ("Fri, 20 Nov 2026 12:02:00 -0000", 120),
        ("Thu, 19 Nov 2026 12:00:00 GMT", 2),
        ("soon", 2),
        ("-5", 2),
        ("1.5", 2),
        ("", 2),
    ],
)
def test_partner_may_ask_for_a_longer_wait(neighbours: Neighbours, value: str, seconds: int) -> None:
    acme, _ = neighbours.meet(PATIENT)
    noon = neighbours.world.present.replace(year=2026, month=11, day=20, hour=12, minute=0, second=0, microsecond=0)
    neighbours.world.present = noon

    message = answered(acme, reply(503, ("retry-after", value)))

    assert noon + timedelta(seconds=seconds) == message.next_attempt_at


# ── Our receipts ──────────────────────────────────────────────────────────────────────────────────────────────────────


def receipt_waits(neighbours: Neighbours, answer: HTTPReply, *, most: int = 20) -> tuple[list[timedelta], Message]:
    """The waits between deliveries of a receipt that are all answered like this."""
    acme, globex = neighbours.meet(Terms(mdn=MDNMode.ASYNC, retry=PATIENT.retry))
    acme.send(acme.accept(), globex)
    [view] = globex.inbound()
    waits: list[timedelta] = []
    while len(waits) < most:
        delivery = begin_receipt_delivery(globex.ports, view.message.id)
        assert delivery
        settle_receipt_delivery(globex.ports, delivery, answer)
        due_at = globex.message(view.message).next_attempt_at
        if due_at is None:
            break
        waits.append(due_at - neighbours.world.now())
        neighbours.world.present = due_at
    return waits, globex.message(view.message)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410])
def test_receipt_that_is_refused_is_posted_a_few_times(neighbours: Neighbours, status: int) -> None:
    waits, message = receipt_waits(neighbours, reply(status))

    assert FEW_TRIES - 1 == len(waits)
    assert (FEW_TRIES, ReceiptState.TIMEOUT) == (message.attempts, message.receipt)
    code, text = problem_of(message)
    assert "RECEIPT_NOT_DELIVERED" == code
    assert f"HTTP {status}" in text


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_receipt_is_posted_for_as_long_as_the_policy_says_after(neighbours: Neighbours, status: int) -> None:
    waits, message = receipt_waits(neighbours, reply(status))

    assert 20 == len(waits)
    assert ReceiptState.PENDING is message.receipt


def test_partner_may_ask_for_a_longer_wait_for_a_receipt_too(neighbours: Neighbours) -> None:
    waits, _ = receipt_waits(neighbours, reply(503, ("Retry-After", "90")), most=2)

    assert [timedelta(seconds=90)] * 2 == waits
