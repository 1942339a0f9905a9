"""Receipts that come by a connection of their own: in time, too early, too late, twice, or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.as2 import MDNMode
from acuse.domain.message import Message, ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.domain.stray import KEPT_BYTES
from acuse.errors import PartnerUnreachable
from acuse.mime import Headers, Literal, MediaType, open_entity, read_all, read_parts
from acuse.ports import HTTPReply
from acuse.services.begin_attempt import begin_attempt
from acuse.services.deliver_receipt import begin_receipt_delivery, settle_receipt_delivery
from acuse.services.expire_receipts import expire_receipts
from acuse.services.receive_message import Answer
from acuse.services.repeat_receipt import RECEIPT_DELAY
from acuse.services.settle_attempt import settle_attempt
from acuse.services.settle_receipt import KEPT_RECEIPTS
from tests.services.conftest import Neighbours
from tests.services.house import House, bytes_of, carried, reply_of

ASYNC = Terms(mdn=MDNMode.ASYNC)
TAKEN = HTTPReply(status=200, headers=(), body=b"")
POSITIVE = (Transmission.TRANSMITTED, ReceiptState.POSITIVE)


def states(message: Message) -> tuple[Transmission, ReceiptState]:
    return message.transmission, message.receipt


def post_receipt(sender: House, receiver: House, *, number: int = 0) -> Answer:
    """One delivery of the sender's receipt, which arrives."""
    delivery = begin_receipt_delivery(sender.ports, sender.inbound()[number].message.id)
    assert delivery
    answer = receiver.take(delivery.receipt.wire.headers, bytes_of(delivery.body))
    settle_receipt_delivery(sender.ports, delivery, reply_of(answer))
    return answer


def forge_receipt(sender: House, receiver: House) -> Answer:
    """The sender's receipt, changed after it was signed, is posted by whoever changed it."""
    receipt = sender.inbound()[0].receipt
    assert receipt
    forged = sender.read(receipt.wire.blob_id).replace(b"; processed", b"; Processed")
    return receiver.take(receipt.wire.headers, forged)


def unsigned_receipt(sender: House, receiver: House, word: bytes) -> Answer:
    """The sender's receipt without its signature, and with another disposition."""
    receipt = sender.inbound()[0].receipt
    assert receipt
    wire = Headers(receipt.wire.headers)
    boundary = MediaType.parse(wire.get("Content-Type") or "").get("boundary") or ""
    signed = next(read_parts(Literal(sender.read(receipt.wire.blob_id)).open(), boundary))
    entity = open_entity(signed)
    kept = [(name, value) for name, value in wire if name.lower() != "content-type"]
    headers = [*kept, ("Content-Type", entity.headers.get("Content-Type") or "")]
    return receiver.take(headers, read_all(entity.body, limit=65536).replace(b"; processed", word))


def fail_receipt(sender: House, outcome: HTTPReply | PartnerUnreachable) -> Message:
    [view] = sender.inbound()
    delivery = begin_receipt_delivery(sender.ports, view.message.id)
    assert delivery
    settle_receipt_delivery(sender.ports, delivery, outcome)
    return sender.message(view.message)


# ── In time ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rfc(4130, "7.3")
def test_message_waits_for_its_receipt_and_is_delivered_by_it(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    answer = carried(attempt := acme.begin(message), globex)
    settle_attempt(acme.ports, attempt, answer)

    waiting = acme.message(message)
    assert (200, (), b"") == (answer.status, answer.headers, answer.body)
    assert (Transmission.TRANSMITTED, ReceiptState.PENDING) == states(waiting)
    assert neighbours.world.now() + timedelta(hours=4) == waiting.receipt_due_at
    [inbound] = globex.inbound()
    assert (Transmission.RECEIVED, ReceiptState.PENDING) == states(inbound.message)
    assert [("deliver_receipt", neighbours.world.now() + RECEIPT_DELAY)] == globex.jobs()

    assert Answer(status=200) == post_receipt(globex, acme)

    assert POSITIVE == states(acme.message(message))
    assert acme.message(message).receipt_due_at is None
    assert (Transmission.RECEIVED, ReceiptState.POSITIVE) == states(globex.message(inbound.message))
    assert ["queued", "processing", "sent", "delivered"] == acme.events()


def test_receipt_may_overtake_the_answer(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    attempt = acme.begin(message)
    carried(attempt, globex)

    post_receipt(globex, acme)
    assert POSITIVE == states(acme.message(message))
    settled = acme.message(message)
    settle_attempt(acme.ports, attempt, TAKEN)

    assert settled == acme.message(message)
    assert ["queued", "processing", "sent", "delivered"] == acme.events()


def test_receipt_proves_the_arrival_when_the_answer_was_lost(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    attempt = acme.begin(message)
    carried(attempt, globex)
    settle_attempt(acme.ports, attempt, PartnerUnreachable(error_details="reset"))
    assert Transmission.RETRY_WAIT is acme.message(message).transmission

    post_receipt(globex, acme)

    assert (POSITIVE, None, None) == (
        states(acme.message(message)),
        acme.message(message).problem,
        acme.message(message).next_attempt_at,
    )
    assert begin_attempt(acme.ports, message.id) is None


def test_negative_receipt_is_posted_too(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept(encrypt=False)
    acme.send(message, globex)

    post_receipt(globex, acme)

    assert ReceiptState.NEGATIVE is acme.message(message).receipt
    [inbound] = globex.inbound()
    assert (Transmission.FAILED, ReceiptState.NEGATIVE) == states(inbound.message)
    assert inbound.message.problem
    assert "INSUFFICIENT_MESSAGE_SECURITY" == inbound.message.problem.code


# ── Too late, twice, or of no use ─────────────────────────────────────────────────────────────────────────────────────


def test_overdue_receipt_is_given_up_and_a_late_one_still_counts(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    acme.send(message, globex)

    neighbours.world.advance(timedelta(hours=4))
    assert 0 == expire_receipts(acme.ports)
    neighbours.world.advance(timedelta(microseconds=1))
    assert 1 == expire_receipts(acme.ports)
    assert 0 == expire_receipts(acme.ports)

    expired = acme.message(message)
    assert (Transmission.TRANSMITTED, ReceiptState.TIMEOUT, False) == (*states(expired), expired.receipt_is_late)
    assert expired.problem
    assert "MDN_TIMEOUT" == expired.problem.code

    post_receipt(globex, acme)

    late = acme.message(message)
    assert (*POSITIVE, True) == (*states(late), late.receipt_is_late)
    assert ["queued", "processing", "sent", "failed", "receipt_late"] == acme.events()


@pytest.mark.rfc(4130, "5.5")
def test_overdue_receipt_is_asked_for_with_the_same_bytes_as_often_as_agreed_and_then_given_up(
    neighbours: Neighbours,
) -> None:
    acme, globex = neighbours.meet(replace(ASYNC, ask_again=2, receipt_within=timedelta(hours=1)))
    message = acme.accept()
    first = acme.send(message, globex)

    for times in (1, 2):
        neighbours.world.advance(timedelta(hours=1, microseconds=1))
        assert 1 == expire_receipts(acme.ports)
        assert (Transmission.QUEUED, ReceiptState.PENDING) == states(acme.message(message))
        assert "send_message" in [kind for kind, _ in acme.jobs()]
        again = acme.send(message, globex)
        assert (list(first.headers), bytes_of(first.body)) == (list(again.headers), bytes_of(again.body))
        assert times == acme.message(message).asked_again
    assert 0 == expire_receipts(acme.ports)
    neighbours.world.advance(timedelta(hours=1, microseconds=1))
    expire_receipts(acme.ports)

    assert (Transmission.TRANSMITTED, ReceiptState.TIMEOUT) == states(acme.message(message))
    assert 1 == len(globex.inbound())


def test_receipt_that_was_asked_for_again_counts(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(ASYNC, ask_again=1))
    acme.send(message := acme.accept(), globex)
    neighbours.world.advance(timedelta(hours=4, microseconds=1))
    expire_receipts(acme.ports)
    acme.send(message, globex)

    post_receipt(globex, acme)

    assert (*POSITIVE, False) == (*states(acme.message(message)), acme.message(message).receipt_is_late)
    assert acme.message(message).problem is None


def test_overdue_receipt_that_comes_before_it_is_asked_for_again_stops_that(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(ASYNC, ask_again=1))
    acme.send(message := acme.accept(), globex)
    neighbours.world.advance(timedelta(hours=4, microseconds=1))
    expire_receipts(acme.ports)

    post_receipt(globex, acme)

    assert POSITIVE == states(acme.message(message))
    assert begin_attempt(acme.ports, message.id) is None


def test_partner_that_was_switched_off_is_not_asked_again(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(ASYNC, ask_again=1))
    acme.send(message := acme.accept(), globex)
    acme.execute("UPDATE partner SET active = 0")
    neighbours.world.advance(timedelta(hours=4, microseconds=1))

    expire_receipts(acme.ports)

    assert ReceiptState.TIMEOUT is acme.message(message).receipt


def test_receipt_for_a_message_that_was_given_up_is_late_and_leaves_the_transmission(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    attempt = acme.begin(message)
    carried(attempt, globex)
    settle_attempt(acme.ports, attempt, PartnerUnreachable(is_final=True))

    post_receipt(globex, acme)

    late = acme.message(message)
    assert (Transmission.FAILED, ReceiptState.POSITIVE, True) == (*states(late), late.receipt_is_late)


def test_message_waits_on_after_a_receipt_that_is_nobody_s_and_a_genuine_one_counts(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    acme.send(message, globex)
    due_at = acme.message(message).receipt_due_at

    assert Answer(status=200) == forge_receipt(globex, acme)

    doubted = acme.view(message)
    assert (Transmission.TRANSMITTED, ReceiptState.PENDING) == states(doubted.message)
    assert due_at == doubted.message.receipt_due_at
    assert doubted.message.problem
    assert "RECEIPT_UNPROVEN" == doubted.message.problem.code
    assert "signature does not verify" in doubted.message.problem.message
    assert ["queued", "processing", "sent", "receipt_unproven"] == acme.events()
    assert "unproven: RECEIPT_UNVERIFIED" == acme.ports.views.timeline(message.id)[-1].outcome
    assert doubted.receipt

    post_receipt(globex, acme)

    settled = acme.view(message)
    assert (POSITIVE, None) == (states(settled.message), settled.message.problem)
    assert settled.receipt
    assert settled.receipt.is_verified
    assert 2 == acme.count("receipt")


@pytest.mark.parametrize("word", [b"; processed", b"; processed/error: decryption-failed"])
def test_unsigned_receipt_settles_nothing_where_a_signed_one_was_asked_for_whatever_it_says(
    neighbours: Neighbours, word: bytes
) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    acme.send(message, globex)

    unsigned_receipt(globex, acme, word)

    assert ReceiptState.PENDING is acme.message(message).receipt
    assert "receipt_unproven" == acme.events()[-1]


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        (b"; processed", ReceiptState.POSITIVE),
        (b"; processed/error: decryption-failed", ReceiptState.NEGATIVE),
    ],
)
def test_unsigned_receipt_counts_where_the_terms_accept_it_and_is_told_as_unsigned(
    neighbours: Neighbours, word: bytes, outcome: ReceiptState
) -> None:
    acme, globex = neighbours.meet(replace(ASYNC, accept_unsigned_receipts=True))
    message = acme.accept()
    acme.send(message, globex)

    unsigned_receipt(globex, acme, word)

    settled = acme.view(message)
    assert outcome is settled.message.receipt
    assert settled.receipt
    assert not settled.receipt.is_verified
    code = "RECEIPT_UNSIGNED" if outcome is ReceiptState.POSITIVE else "MDN_NEGATIVE"
    assert f"{outcome}: {code}" == acme.ports.views.timeline(message.id)[-1].outcome


def test_broken_signature_settles_nothing_even_where_unsigned_receipts_are_accepted(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(ASYNC, accept_unsigned_receipts=True))
    message = acme.accept()
    acme.send(message, globex)

    forge_receipt(globex, acme)

    assert ReceiptState.PENDING is acme.message(message).receipt


def test_doubtful_receipts_are_told_once_and_only_some_are_kept(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    acme.send(message, globex)
    steps = len(acme.ports.views.timeline(message.id))

    answers = [forge_receipt(globex, acme) for _ in range(KEPT_RECEIPTS + 5)]

    assert {200} == {answer.status for answer in answers}
    assert 1 == acme.events().count("receipt_unproven")
    assert KEPT_RECEIPTS == acme.count("receipt") == len(acme.ports.views.timeline(message.id)) - steps
    assert [] == list(acme.home.staging.iterdir())
    post_receipt(globex, acme)
    assert POSITIVE == states(acme.message(message))


def test_overdue_message_tells_of_the_receipt_that_proved_nothing(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    acme.send(message, globex)
    forge_receipt(globex, acme)
    neighbours.world.advance(timedelta(hours=5))

    expire_receipts(acme.ports)

    expired = acme.message(message)
    assert ReceiptState.TIMEOUT is expired.receipt
    assert expired.problem
    assert "MDN_TIMEOUT" == expired.problem.code
    assert "does not verify" in str(expired.problem.details["unproven_receipt"])


def test_doubtful_receipt_does_not_stop_an_attempt_that_is_under_way(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    attempt = acme.begin(message)
    carried(attempt, globex)

    forge_receipt(globex, acme)
    assert (Transmission.PROCESSING, ReceiptState.PENDING) == states(acme.message(message))
    settle_attempt(acme.ports, attempt, TAKEN)

    waiting = acme.message(message)
    assert (Transmission.TRANSMITTED, ReceiptState.PENDING) == states(waiting)
    assert waiting.problem
    assert "RECEIPT_UNPROVEN" == waiting.problem.code


def test_receipt_posted_by_anybody_does_not_settle_what_awaits_a_synchronous_one(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms())
    message = acme.accept()
    attempt = acme.begin(message)
    answer = carried(attempt, globex)
    acme.take(answer.headers, answer.body.replace(b"; processed", b"; Processed"))

    assert ReceiptState.PENDING is acme.message(message).receipt
    settle_attempt(acme.ports, attempt, answer)

    assert (POSITIVE, None) == (states(acme.message(message)), acme.message(message).problem)


def test_answer_to_our_own_request_that_does_not_verify_fails_the_message(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms())
    message = acme.accept()
    attempt = acme.begin(message)
    answer = carried(attempt, globex)

    settle_attempt(acme.ports, attempt, replace(answer, body=answer.body.replace(b"; processed", b"; Processed")))

    invalid = acme.message(message)
    assert (Transmission.TRANSMITTED, ReceiptState.INVALID) == states(invalid)
    assert invalid.problem
    assert "RECEIPT_UNVERIFIED" == invalid.problem.code


def test_repeated_receipt_is_kept_and_changes_nothing(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    message = acme.accept()
    acme.send(message, globex)
    post_receipt(globex, acme)
    settled, events = acme.message(message), acme.events()

    assert Answer(status=200) == post_receipt(globex, acme)

    assert (settled, events, 2) == (acme.message(message), acme.events(), acme.count("receipt"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"Original-Message-ID: <", b"Original-Message-ID: <other-", b"for no message"),
        (b"Disposition: ", b"Xisposition: ", b"no disposition"),
    ],
)
def test_receipt_for_nothing_we_sent_is_answered_with_200_and_kept_for_the_operator(
    neighbours: Neighbours, old: bytes, new: bytes, says: bytes
) -> None:
    acme, globex = neighbours.meet(ASYNC)
    acme.send(acme.accept(), globex)
    delivery = begin_receipt_delivery(globex.ports, globex.inbound()[0].message.id)
    assert delivery

    body = bytes_of(delivery.body).replace(old, new)

    answer = acme.take(delivery.receipt.wire.headers, body)

    assert (200, True) == (answer.status, says in answer.body)
    assert (0, []) == (acme.count("receipt"), acme.files())
    [stray] = acme.ports.views.strays.newest(acme.space, limit=5)
    assert ("rcp_000001", "rcp_000001") == (stray.public_id, answer.stray_receipt)
    assert (body, len(body)) == (stray.body, stray.size)
    assert stray.captured.endswith(b"\r\n\r\n" + body)
    assert acme.partner
    assert (acme.partner.id, "GLOBEX", "ACME", False) == (
        stray.partner_id,
        stray.from_as2_id,
        stray.to_as2_id,
        stray.is_verified,
    )
    assert says.decode() in stray.reason


def receipt_between(sender: House, receiver: House, **names: str) -> Answer:
    """The sender's receipt, posted under other AS2 names."""
    receipt = sender.inbound()[0].receipt
    assert receipt
    named = {name.replace("_", "-"): value for name, value in names.items()}
    headers = [(name, named.get(name, value)) for name, value in receipt.wire.headers]
    return receiver.take(headers, sender.read(receipt.wire.blob_id))


def test_receipt_of_strangers_is_answered_with_200_and_kept(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    acme.send(acme.accept(), globex)

    answer = receipt_between(globex, acme, AS2_From="NOBODY")

    [stray] = acme.ports.views.strays.newest(acme.space, limit=5)
    assert (200, 0) == (answer.status, acme.count("receipt"))
    assert ("NOBODY", None, False) == (stray.from_as2_id, stray.partner_id, stray.is_verified)


def test_receipt_for_no_station_of_ours_is_not_kept(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    acme.send(acme.accept(), globex)

    answer = receipt_between(globex, acme, AS2_To="ELSEWHERE")

    assert (200, None) == (answer.status, answer.stray_receipt)
    assert () == acme.ports.views.strays.newest(acme.space, limit=5)


def test_genuine_receipt_for_a_message_that_is_not_ours_is_kept_as_verified(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    acme.send(acme.accept(), globex)
    acme.execute("UPDATE message SET wire_key = 'another'")

    receipt_between(globex, acme)

    [stray] = acme.ports.views.strays.newest(acme.space, limit=5)
    assert (True, True) == (stray.is_signed, stray.is_verified)
    assert stray.disposition
    assert "processed" in stray.disposition
    assert stray.original_message_id


def test_large_stray_receipt_is_kept_in_part(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet(ASYNC)
    headers = [
        ("AS2-From", "NOBODY"),
        ("AS2-To", "ACME"),
        ("Content-Type", "multipart/report; report-type=disposition-notification; boundary=b"),
    ]
    body = b"--b\r\n" + b"x" * KEPT_BYTES

    assert 200 == acme.take(headers, body).status

    [stray] = acme.ports.views.strays.newest(acme.space, limit=5)
    assert (body[:KEPT_BYTES], len(body)) == (stray.body, stray.size)


# ── Delivering ours ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_receipt_is_posted_again_until_it_is_taken(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(ASYNC)
    acme.send(acme.accept(), globex)

    waiting = fail_receipt(globex, HTTPReply(status=404, headers=(), body=b""))
    assert (1, ReceiptState.PENDING, neighbours.world.now() + timedelta(seconds=2)) == (
        waiting.attempts,
        waiting.receipt,
        waiting.next_attempt_at,
    )
    waiting = fail_receipt(globex, PartnerUnreachable())
    assert neighbours.world.now() + timedelta(seconds=4) == waiting.next_attempt_at
    assert ("deliver_receipt", waiting.next_attempt_at) in globex.jobs()
    post_receipt(globex, acme)

    [inbound] = globex.inbound()
    assert (ReceiptState.POSITIVE, None) == (inbound.message.receipt, inbound.message.next_attempt_at)


def test_receipt_that_nobody_takes_is_given_up_and_revived_when_the_message_is_repeated(
    neighbours: Neighbours,
) -> None:
    acme, globex = neighbours.meet(ASYNC)
    attempt = acme.begin(acme.accept())
    carried(attempt, globex)
    message = fail_receipt(globex, PartnerUnreachable(error_details="refused"))
    while message.next_attempt_at:
        neighbours.world.present = message.next_attempt_at
        message = fail_receipt(globex, PartnerUnreachable(error_details="refused"))

    assert (Transmission.RECEIVED, ReceiptState.TIMEOUT) == states(message)
    assert message.problem
    assert "PARTNER_UNREACHABLE" == message.problem.code

    assert 200 == carried(attempt, globex).status
    assert ("deliver_receipt", neighbours.world.now() + RECEIPT_DELAY) in globex.jobs()
    post_receipt(globex, acme)

    [inbound] = globex.inbound()
    assert (Transmission.RECEIVED, ReceiptState.POSITIVE, None) == (*states(inbound.message), inbound.message.problem)


def test_receipt_of_a_message_that_wants_none_is_not_posted(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(Terms(mdn=MDNMode.NONE))
    acme.send(acme.accept(), globex)

    assert begin_receipt_delivery(globex.ports, globex.inbound()[0].message.id) is None
    assert begin_receipt_delivery(globex.ports, globex.station.id) is None
