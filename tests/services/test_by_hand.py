"""What somebody decides over a message: to send it again, to try it again, to cancel it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.as2 import MDNMode
from acuse.domain.message import Message, Priority, ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.domain.retry import RetryPolicy
from acuse.errors import (
    CertificateExpired,
    NotCancellable,
    NotResendable,
    NotRetryable,
    PartnerUnreachable,
    ServiceError,
)
from acuse.ports import HTTPReply
from acuse.services.begin_attempt import begin_attempt
from acuse.services.cancel_message import cancel_message
from acuse.services.expire_receipts import expire_receipts
from acuse.services.resend_message import resend_message
from acuse.services.retry_message import retry_message
from acuse.services.settle_attempt import settle_attempt
from tests.services.conftest import Neighbours
from tests.services.house import INVOICE, House, bytes_of, carried

GONE = PartnerUnreachable(error_details="connection refused")


def failed(house: House) -> Message:
    """A message that the partner refused for good."""
    message = house.accept()
    settle_attempt(house.ports, house.begin(message), HTTPReply(status=404, headers=(), body=b"no"))
    return house.message(message)


def waiting(house: House) -> Message:
    """A message that did not get through and will be tried again; the job of the first attempt is done."""
    message = house.accept()
    house.execute("DELETE FROM job")
    settle_attempt(house.ports, house.begin(message), GONE)
    return house.message(message)


def scheduled(house: House) -> Message:
    return house.accept(scheduled_at=house.world.now() + timedelta(days=1))


def queued(house: House) -> Message:
    return house.accept()


def under_way(house: House) -> Message:
    return house.begin(house.accept()).message


def cancelled(house: House) -> Message:
    return cancel_message(house.ports, house.accept().id).message


def without_receipt(house: House) -> Message:
    """A message that the partner took, without a word."""
    message = house.accept(mdn=MDNMode.NONE)
    settle_attempt(house.ports, house.begin(message), HTTPReply(status=200, headers=(), body=b""))
    return house.message(message)


def in_doubt(house: House) -> Message:
    """A message that the partner took; its answer was no receipt."""
    message = house.accept()
    settle_attempt(house.ports, house.begin(message), HTTPReply(status=200, headers=(), body=b"thanks"))
    return house.message(message)


Make = Callable[[House], Message]

# ── Resending ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_resend_is_a_new_message_with_the_same_files_and_wishes_linked_both_ways(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    wishes = {"subject": "Order 7", "priority": Priority.HIGH, "headers": (("X-A", "1"),), "metadata": {"a": 1}}
    old = acme.accept(INVOICE, b"%PDF\0", compress=True, **wishes)
    acme.send(old, globex)

    new = resend_message(acme.ports, old.id).message
    acme.send(new, globex)

    before, after = acme.view(old), acme.view(new)
    assert old.wire_id != new.wire_id
    assert ((new.handle,), old.handle) == (before.message.resent_as, after.message.resend_of)
    assert [INVOICE, b"%PDF\0"] == acme.payloads(after)
    assert ("Order 7", Priority.HIGH, (("X-A", "1"),), {"a": 1}) == (
        after.message.subject,
        after.message.priority,
        after.message.custom_headers,
        after.message.metadata,
    )
    assert (True, True, True, old.size, old.content_type) == (
        new.is_signed,
        new.is_encrypted,
        new.is_compressed,
        new.size,
        new.content_type,
    )
    assert ReceiptState.POSITIVE is after.message.receipt
    assert [old.wire_id, new.wire_id] == [view.message.wire_id for view in reversed(globex.inbound())]


def test_message_can_be_resent_more_than_once(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    old = failed(acme)

    handles = [resend_message(acme.ports, old.id).message.handle for _ in range(2)]

    assert tuple(handles) == acme.message(old).resent_as


@pytest.mark.parametrize("make", [failed, cancelled, without_receipt, in_doubt])
def test_what_has_ended_can_be_resent(neighbours: Neighbours, make: Make) -> None:
    acme, _ = neighbours.meet()

    new = resend_message(acme.ports, make(acme).id).message

    assert (Transmission.QUEUED, 0, None, None) == (new.transmission, new.attempts, new.problem, new.wire)
    assert "queued" == acme.events()[-1]
    assert ("send_message", neighbours.world.now()) in acme.jobs()


@pytest.mark.parametrize("make", [scheduled, queued, under_way, waiting])
def test_what_is_still_on_its_way_is_not_resent(neighbours: Neighbours, make: Make) -> None:
    acme, _ = neighbours.meet()
    message = make(acme)
    count = acme.count("message")

    with pytest.raises(NotResendable):
        resend_message(acme.ports, message.id)

    assert count == acme.count("message")


def test_resend_is_refused_where_the_certificate_has_expired_since(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    old = failed(acme)
    neighbours.world.advance(timedelta(days=4000))

    with pytest.raises(CertificateExpired):
        resend_message(acme.ports, old.id)

    assert 1 == acme.count("message")
    assert () == acme.message(old).resent_as


# ── Retrying ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "5.5")
def test_failed_message_goes_out_again_with_the_same_bytes_and_message_id(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    message = acme.accept()
    first = acme.begin(message)
    settle_attempt(acme.ports, first, HTTPReply(status=404, headers=(), body=b"no"))

    again = retry_message(acme.ports, message.id, is_forced=False).message
    second = acme.begin(again)

    assert (Transmission.QUEUED, None, None) == (again.transmission, again.problem, again.first_attempt_at)
    assert (first.headers, bytes_of(first.body)) == (second.headers, bytes_of(second.body))
    settle_attempt(acme.ports, second, carried(second, globex))
    assert (ReceiptState.POSITIVE, 2) == (acme.message(message).receipt, acme.message(message).attempts)
    assert ["queued", "processing", "failed", "queued", "sent", "delivered"] == acme.events()


def test_retry_gives_a_message_its_whole_time_again(neighbours: Neighbours) -> None:
    policy = RetryPolicy(give_up_after=timedelta(hours=1))
    acme, _ = neighbours.meet(replace(Terms(), retry=policy))
    message = waiting(acme)
    neighbours.world.advance(timedelta(hours=2))
    settle_attempt(acme.ports, acme.begin(message), GONE)
    assert Transmission.FAILED is acme.message(message).transmission

    retry_message(acme.ports, message.id, is_forced=False)
    settle_attempt(acme.ports, acme.begin(message), GONE)

    assert Transmission.RETRY_WAIT is acme.message(message).transmission


def test_waiting_message_is_tried_at_once_instead_of_later(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    message = waiting(acme)
    assert [neighbours.world.now()] != [due_at for _, due_at in acme.jobs()]

    again = retry_message(acme.ports, message.id, is_forced=False).message

    assert (Transmission.RETRY_WAIT, message.problem) == (again.transmission, again.problem)
    assert [("send_message", neighbours.world.now())] == acme.jobs()


def test_message_whose_attempt_is_due_is_left_alone(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    message = waiting(acme)
    neighbours.world.advance(timedelta(minutes=1))
    jobs = acme.jobs()

    assert message == retry_message(acme.ports, message.id, is_forced=False).message

    assert jobs == acme.jobs()


def test_message_that_could_not_be_built_is_built_by_a_retry(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    message = scheduled(acme)
    acme.execute("UPDATE certificate SET active_from = active_from + 999999999999999")
    assert begin_attempt(acme.ports, message.id) is None
    acme.execute("UPDATE certificate SET active_from = active_from - 999999999999999")

    retry_message(acme.ports, message.id, is_forced=False)
    acme.send(message, globex)

    assert ReceiptState.POSITIVE is acme.message(message).receipt


@pytest.mark.parametrize("make", [without_receipt, in_doubt])
def test_message_that_arrived_is_tried_again_only_by_force(neighbours: Neighbours, make: Make) -> None:
    acme, globex = neighbours.meet()
    message = make(acme)

    with pytest.raises(NotRetryable):
        retry_message(acme.ports, message.id, is_forced=False)
    assert message == acme.message(message)

    again = retry_message(acme.ports, message.id, is_forced=True).message
    assert (Transmission.QUEUED, None) == (again.transmission, again.problem)
    acme.send(message, globex)
    assert Transmission.TRANSMITTED is acme.message(message).transmission


def test_lost_receipt_is_got_again_by_force(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(Terms(), mdn=MDNMode.ASYNC))
    message = acme.accept()
    acme.send(message, globex)
    neighbours.world.advance(timedelta(days=30))
    expire_receipts(acme.ports)
    assert ReceiptState.TIMEOUT is acme.message(message).receipt

    again = retry_message(acme.ports, message.id, is_forced=True).message
    acme.send(message, globex)

    assert ReceiptState.PENDING is again.receipt
    assert (ReceiptState.PENDING, False) == (acme.message(message).receipt, acme.message(message).receipt_is_late)
    assert acme.message(message).receipt_due_at is not None
    assert 1 == len(globex.inbound())


@pytest.mark.parametrize("make", [scheduled, queued, under_way, cancelled])
@pytest.mark.parametrize("is_forced", [True, False])
def test_what_was_not_tried_or_is_under_way_is_not_retried(neighbours: Neighbours, make: Make, is_forced: bool) -> None:
    acme, _ = neighbours.meet()
    message = make(acme)

    with pytest.raises(NotRetryable):
        retry_message(acme.ports, message.id, is_forced=is_forced)

    assert message == acme.message(message)


def test_what_the_partner_has_answered_is_final_even_by_force(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    message = acme.accept()
    acme.send(message, globex)

    with pytest.raises(NotRetryable, match="as a new one"):
        retry_message(acme.ports, message.id, is_forced=True)


def test_receipt_that_comes_while_a_repeat_waits_ends_the_repeat(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(Terms(), mdn=MDNMode.ASYNC))
    message = acme.accept()
    attempt = acme.begin(message)
    carried(attempt, globex)
    settle_attempt(acme.ports, attempt, HTTPReply(status=404, headers=(), body=b"no"))
    retry_message(acme.ports, message.id, is_forced=False)
    [received] = globex.inbound()
    assert received.receipt

    acme.take(received.receipt.wire.headers, globex.read(received.receipt.wire.blob_id))

    settled = acme.message(message)
    assert (Transmission.TRANSMITTED, ReceiptState.POSITIVE) == (settled.transmission, settled.receipt)
    assert begin_attempt(acme.ports, message.id) is None


# ── Cancelling ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [scheduled, queued, waiting])
def test_what_waits_is_cancelled_and_never_sent(neighbours: Neighbours, make: Make) -> None:
    acme, _ = neighbours.meet()
    message = make(acme)

    after = cancel_message(acme.ports, message.id).message

    assert after == acme.message(message)
    assert after.problem
    assert (Transmission.CANCELLED, "CANCELLED", None) == (
        after.transmission,
        after.problem.code,
        after.next_attempt_at,
    )
    assert [] == acme.jobs()
    assert "failed" == acme.events()[-1]
    assert begin_attempt(acme.ports, message.id) is None


@pytest.mark.parametrize("make", [under_way, failed, without_receipt, in_doubt, cancelled])
def test_what_does_not_wait_cannot_be_cancelled(neighbours: Neighbours, make: Make) -> None:
    acme, _ = neighbours.meet()
    message = make(acme)

    with pytest.raises(NotCancellable):
        cancel_message(acme.ports, message.id)

    assert message == acme.message(message)


def test_receipt_of_a_cancelled_message_that_had_arrived_is_kept_as_late(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(Terms(), mdn=MDNMode.ASYNC))
    message = acme.accept()
    attempt = acme.begin(message)
    carried(attempt, globex)
    settle_attempt(acme.ports, attempt, GONE)
    cancel_message(acme.ports, message.id)
    [received] = globex.inbound()
    assert received.receipt

    acme.take(received.receipt.wire.headers, globex.read(received.receipt.wire.blob_id))

    settled = acme.message(message)
    assert (Transmission.CANCELLED, ReceiptState.POSITIVE, True) == (
        settled.transmission,
        settled.receipt,
        settled.receipt_is_late,
    )
    assert "receipt_late" == acme.events()[-1]


# ── What came in ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_this_is_for_what_the_partner_sent(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    acme.send(acme.accept(), globex)
    [received] = globex.inbound()
    acts: list[Callable[[], object]] = [
        lambda: resend_message(globex.ports, received.message.id),
        lambda: retry_message(globex.ports, received.message.id, is_forced=True),
        lambda: cancel_message(globex.ports, received.message.id),
    ]

    for act in acts:
        with pytest.raises(ServiceError, match="Only"):
            act()

    assert 1 == globex.count("message")
