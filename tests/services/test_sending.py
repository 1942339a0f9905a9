"""Sending: from the acceptance to the judged receipt, and what follows when it does not go well."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from acuse.as2 import Compression, MDNMode
from acuse.domain.message import Message, Priority, ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.errors import PartnerUnreachable
from acuse.mime import Headers
from acuse.ports import HTTPReply
from acuse.services.begin_attempt import begin_attempt
from acuse.services.settle_attempt import settle_attempt
from tests.services.conftest import Neighbours
from tests.services.house import INVOICE, House, bytes_of, carried

OPEN = Terms(sign=None, encrypt=None, mdn_signed=False, demand_signed=False, demand_encrypted=False)


def states(message: Message) -> tuple[Transmission, ReceiptState]:
    return message.transmission, message.receipt


DELIVERED = (Transmission.TRANSMITTED, ReceiptState.POSITIVE)


def refuse(house: House, message: Message, status: int, body: bytes = b"no") -> Message:
    settle_attempt(house.ports, house.begin(message), HTTPReply(status=status, headers=(), body=body))
    return house.message(message)


# ── When all is well ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_message_is_delivered_and_both_sides_can_prove_it(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()

    message = acme.accept(subject="Order 7")
    assert (Transmission.QUEUED, ReceiptState.PENDING) == states(message)
    assert [("send_message", neighbours.world.now())] == acme.jobs()
    acme.send(message, globex)

    sent, [received] = acme.view(message), globex.inbound()
    assert DELIVERED == states(sent.message)
    assert (Transmission.RECEIVED, ReceiptState.POSITIVE) == states(received.message)
    assert [INVOICE] == globex.payloads(received)
    assert ("Order 7", "1.edi", "application/edifact") == (
        received.message.subject,
        received.attachments[0].filename,
        received.attachments[0].content_type,
    )
    assert sent.receipt
    assert received.receipt
    assert (True, True) == (sent.receipt.is_signed, sent.receipt.is_verified)
    assert sent.receipt.received_content_mic == received.receipt.received_content_mic
    assert acme.read(sent.receipt.wire.blob_id) == globex.read(received.receipt.wire.blob_id)
    assert sent.message.raw_sha256 == received.message.raw_sha256
    assert ["queued", "processing", "sent", "delivered"] == acme.events()
    assert ["received"] == globex.events()
    assert neighbours.world.now() == sent.message.delivered_at


@pytest.mark.parametrize("compression", list(Compression))
@pytest.mark.parametrize("is_encrypted", [True, False])
@pytest.mark.parametrize("is_signed", [True, False])
def test_every_combination_of_layers_arrives(
    neighbours: Neighbours, compression: Compression, is_encrypted: bool, is_signed: bool
) -> None:
    acme, globex = neighbours.meet(replace(OPEN, compression=compression))

    message = acme.accept(INVOICE, b"%PDF\0", encrypt=is_encrypted, sign=is_signed)
    acme.send(message, globex)

    [received] = globex.inbound()
    assert DELIVERED == states(acme.message(message))
    assert [INVOICE, b"%PDF\0"] == globex.payloads(received)
    assert (is_signed, is_encrypted, compression is not Compression.NONE) == (
        received.message.is_signed,
        received.message.is_encrypted,
        received.message.is_compressed,
    )


def test_wishes_for_one_message_overrule_the_terms(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(OPEN)

    message = acme.accept(encrypt=True, sign=True, compress=True, mdn=MDNMode.NONE, priority=Priority.HIGH)
    acme.send(message, globex)

    [received] = globex.inbound()
    assert (Transmission.TRANSMITTED, ReceiptState.NOT_REQUESTED) == states(acme.message(message))
    assert (True, True, True, MDNMode.NONE) == (
        received.message.is_signed,
        received.message.is_encrypted,
        received.message.is_compressed,
        received.message.mdn,
    )
    assert received.receipt is None


def test_large_message_arrives_and_leaves_no_staged_file(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    payload = bytes(range(256)) * 2000

    acme.send(acme.accept(payload), globex)

    [received] = globex.inbound()
    assert [payload] == globex.payloads(received)
    assert [] == [*acme.home.staging.iterdir(), *globex.home.staging.iterdir()]


def test_scheduled_message_waits_for_its_time(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    tomorrow = neighbours.world.now() + timedelta(days=1)

    message = acme.accept(scheduled_at=tomorrow)

    assert (Transmission.SCHEDULED, [("send_message", tomorrow)]) == (message.transmission, acme.jobs())


def test_message_that_is_settled_is_not_sent_again(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    message = acme.accept()
    acme.send(message, globex)

    assert begin_attempt(acme.ports, message.id) is None


# ── When the partner does not answer well ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 301, 302, 307])
def test_refusal_by_http_is_final(neighbours: Neighbours, status: int) -> None:
    acme, _ = neighbours.meet()

    message = refuse(acme, acme.accept(), status, b"unknown \xff sender")

    assert (Transmission.FAILED, ReceiptState.PENDING) == states(message)
    assert message.problem
    assert ("PARTNER_REFUSED", status, "unknown � sender") == (
        message.problem.code,
        message.problem.details["status"],
        message.problem.details["error_details"],
    )
    assert ["queued", "processing", "failed"] == acme.events()
    assert 1 == len(acme.jobs())  # the one that is under way


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507])
def test_trouble_of_the_moment_is_tried_again(neighbours: Neighbours, status: int) -> None:
    acme, globex = neighbours.meet()
    message = acme.accept()

    waiting = refuse(acme, message, status)

    due_at = neighbours.world.now() + timedelta(seconds=2)
    assert (Transmission.RETRY_WAIT, due_at) == (waiting.transmission, waiting.next_attempt_at)
    assert ("send_message", due_at) in acme.jobs()
    acme.send(message, globex)
    assert (DELIVERED, 2, None) == (
        states(acme.message(message)),
        acme.message(message).attempts,
        acme.message(message).problem,
    )


def test_unreachable_partner_is_tried_for_a_day_with_the_same_bytes_and_then_given_up(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    message, began = acme.accept(), neighbours.world.now()
    wires, times = set(), []
    while (attempt := begin_attempt(acme.ports, message.id)) is not None:
        wires.add((tuple(attempt.headers), bytes_of(attempt.body)))
        times.append(neighbours.world.now())
        settle_attempt(acme.ports, attempt, PartnerUnreachable(error_details="refused"))
        if due_at := acme.message(message).next_attempt_at:
            neighbours.world.present = due_at

    given_up = acme.message(message)
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert 1 == len(wires)
    assert (Transmission.FAILED, len(times)) == (given_up.transmission, given_up.attempts)
    assert [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)] == waits[:3]
    assert timedelta(hours=1) == max(waits)
    assert timedelta(hours=23) <= times[-1] - began <= timedelta(hours=24)
    assert given_up.problem
    assert ("PARTNER_UNREACHABLE", "refused") == (given_up.problem.code, given_up.problem.details["error_details"])
    assert Counter({"queued": 1, "processing": 1, "failed": 1}) == Counter(acme.events())


def test_unreachable_for_good_is_given_up_at_once(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    message = acme.accept()

    settle_attempt(acme.ports, acme.begin(message), PartnerUnreachable(is_final=True))

    assert Transmission.FAILED is acme.message(message).transmission


@pytest.mark.rfc(4130, "7.6")
@pytest.mark.parametrize(
    ("content_type", "body"), [("text/html", b"<h1>Thanks</h1>"), ("", b""), ("multipart/report; boundary=x", b"--x")]
)
def test_success_without_a_receipt_is_no_success_and_nothing_is_sent_again(
    neighbours: Neighbours, content_type: str, body: bytes
) -> None:
    acme, _ = neighbours.meet()
    message = acme.accept()
    reply = HTTPReply(status=200, headers=(("Content-Type", content_type),), body=body)

    settle_attempt(acme.ports, acme.begin(message), reply)

    settled = acme.message(message)
    assert (Transmission.TRANSMITTED, ReceiptState.INVALID) == states(settled)
    assert settled.problem
    assert ("RECEIPT_UNREADABLE", body.decode()) == (settled.problem.code, settled.problem.details["error_details"])
    assert ["queued", "processing", "sent", "failed"] == acme.events()
    assert begin_attempt(acme.ports, message.id) is None


def test_partner_s_refusal_is_negative_and_told_in_its_own_words(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    message = acme.accept(sign=False)

    acme.send(message, globex)

    settled = acme.message(message)
    assert (Transmission.TRANSMITTED, ReceiptState.NEGATIVE) == states(settled)
    assert settled.problem
    assert "MDN_NEGATIVE" == settled.problem.code
    assert "insufficient-message-security" in str(settled.problem.details["disposition"])
    assert "not signed" in str(settled.problem.details["text"])
    assert ["queued", "processing", "sent", "failed"] == acme.events()


def test_receipt_of_an_earlier_message_does_not_pass_for_one_of_this(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    earlier = carried(acme.begin(acme.accept()), globex)
    message = acme.accept()

    settle_attempt(acme.ports, acme.begin(message), earlier)

    settled = acme.view(message)
    assert ReceiptState.INVALID is settled.message.receipt
    assert settled.message.problem
    assert "RECEIPT_FOR_ANOTHER" == settled.message.problem.code
    assert settled.receipt  # kept all the same


def test_receipt_signed_by_somebody_else_is_invalid(neighbours: Neighbours) -> None:
    acme, globex = neighbours.acme, neighbours.globex
    acme.meet(globex, Terms(encrypt=None), certificate=acme.certificate)
    globex.meet(acme, Terms(demand_encrypted=False))
    message = acme.accept()

    acme.send(message, globex)

    settled = acme.view(message)
    assert ReceiptState.INVALID is settled.message.receipt
    assert settled.receipt
    assert (True, False) == (settled.receipt.is_signed, settled.receipt.is_verified)


# ── When the process dies ─────────────────────────────────────────────────────────────────────────────────────────────


def test_attempt_that_was_taken_over_can_write_nothing_any_more(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    message = acme.accept()
    first = acme.begin(message)
    second = acme.begin(message)
    assert (tuple(first.headers), bytes_of(first.body)) == (tuple(second.headers), bytes_of(second.body))

    settle_attempt(acme.ports, first, PartnerUnreachable())
    assert Transmission.PROCESSING is acme.message(message).transmission
    settle_attempt(acme.ports, first, HTTPReply(status=404, headers=(), body=b""))
    assert Transmission.PROCESSING is acme.message(message).transmission
    settle_attempt(acme.ports, second, carried(second, globex))

    assert DELIVERED == states(acme.message(message))
    assert ["queued", "processing", "sent", "delivered"] == acme.events()


def test_answer_that_was_lost_is_given_again_byte_for_byte(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    message = acme.accept()
    attempt = acme.begin(message)
    lost = carried(attempt, globex)
    settle_attempt(acme.ports, attempt, PartnerUnreachable(error_details="reset"))
    neighbours.world.advance(timedelta(seconds=2))

    again = acme.begin(message)
    reply = carried(again, globex)
    settle_attempt(acme.ports, again, reply)

    assert lost == reply
    assert DELIVERED == states(acme.message(message))
    assert 1 == len(globex.inbound())


def test_every_attempt_carries_the_same_message_id_and_date(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    message = acme.accept()
    first = acme.begin(message)
    neighbours.world.advance(timedelta(hours=1))

    second = acme.begin(message)

    headers = Headers(tuple(second.headers))
    assert first.headers == second.headers
    assert (message.wire_id, "Fri, 20 Nov 2026 12:00:00 +0000") == (headers.get("Message-ID"), headers.get("Date"))
