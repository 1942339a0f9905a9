"""The simulated partner of test mode: each behaviour has the outcome that a real partner's would have."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from acuse.as2 import Compression, MDNMode, Weakness
from acuse.cms import DecrepitDigest
from acuse.domain.access import Mode
from acuse.domain.message import Direction, Message, ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.domain.simulation import (
    LATE_AFTER,
    NEGATIVE,
    SIMULATED_RECEIPT_WITHIN,
    Behaviour,
    IncomingBehaviour,
)
from acuse.errors import InvalidInput
from acuse.ports import HTTPReply, MessageFilter, MessageView
from acuse.services.accept_message import OutgoingFile
from acuse.services.answer_as_partner import answer_as_partner, post_simulated_receipt, take_receipt_as_partner
from acuse.services.begin_attempt import begin_attempt
from acuse.services.deliver_receipt import begin_receipt_delivery, settle_receipt_delivery
from acuse.services.expire_receipts import expire_receipts
from acuse.services.manage_partners import change_partner
from acuse.services.settle_attempt import settle_attempt
from acuse.services.simulate_incoming import SimulatedArrival, SimulatedMessage, simulate_incoming
from acuse.testing import FixedWorld
from tests.services.house import INVOICE, House

T, R = Transmission, ReceiptState


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Knows a partner whom nobody answers for."""
    world = FixedWorld()
    house, other = House(tmp_path / "acme", "ACME", world), House(tmp_path / "globex", "GLOBEX", world)
    house.meet(other, Terms())
    house.space = replace(house.space, mode=Mode.TEST)
    other.database.close()
    yield house
    house.database.close()


def exchange(house: House, message: Message) -> Message:
    """One attempt, the answer of the simulated partner, and what is made of it."""
    attempt = begin_attempt(house.ports, message.id)
    assert attempt is not None
    answer = answer_as_partner(house.ports, attempt)
    house.world.advance(answer.after)
    settle_attempt(house.ports, attempt, answer.outcome)
    return house.message(message)


def outcome(message: Message) -> tuple[Transmission, ReceiptState, str | None]:
    return message.transmission, message.receipt, message.problem.code if message.problem else None


@pytest.mark.parametrize(
    ("behaviour", "transmission", "receipt", "code"),
    [
        (None, T.TRANSMITTED, R.POSITIVE, None),
        (Behaviour.POSITIVE, T.TRANSMITTED, R.POSITIVE, None),
        (Behaviour.SLOW, T.TRANSMITTED, R.POSITIVE, None),
        (Behaviour.AUTHENTICATION_FAILED, T.TRANSMITTED, R.NEGATIVE, "MDN_NEGATIVE"),
        (Behaviour.DECOMPRESSION_FAILED, T.TRANSMITTED, R.NEGATIVE, "MDN_NEGATIVE"),
        (Behaviour.DECRYPTION_FAILED, T.TRANSMITTED, R.NEGATIVE, "MDN_NEGATIVE"),
        (Behaviour.INSUFFICIENT_MESSAGE_SECURITY, T.TRANSMITTED, R.NEGATIVE, "MDN_NEGATIVE"),
        (Behaviour.INTEGRITY_CHECK_FAILED, T.TRANSMITTED, R.NEGATIVE, "MDN_NEGATIVE"),
        (Behaviour.UNEXPECTED_PROCESSING_ERROR, T.TRANSMITTED, R.NEGATIVE, "MDN_NEGATIVE"),
        (Behaviour.UNKNOWN_TRADING_PARTNER, T.TRANSMITTED, R.NEGATIVE, "MDN_NEGATIVE"),
        (Behaviour.MIC_MISMATCH, T.TRANSMITTED, R.INVALID, "MIC_MISMATCH"),
        (Behaviour.BAD_SIGNATURE, T.TRANSMITTED, R.INVALID, "RECEIPT_UNVERIFIED"),
        (Behaviour.UNSIGNED_RECEIPT, T.TRANSMITTED, R.INVALID, "RECEIPT_UNSIGNED"),
        (Behaviour.NO_RECEIPT, T.TRANSMITTED, R.INVALID, "RECEIPT_UNREADABLE"),
        (Behaviour.HTTP_403, T.FAILED, R.PENDING, "PARTNER_REFUSED"),
        (Behaviour.HTTP_500, T.RETRY_WAIT, R.PENDING, "PARTNER_REFUSED"),
        (Behaviour.HTTP_503_ONCE, T.RETRY_WAIT, R.PENDING, "PARTNER_REFUSED"),
        (Behaviour.TIMEOUT, T.RETRY_WAIT, R.PENDING, "PARTNER_UNREACHABLE"),
        (Behaviour.CONNECTION_REFUSED, T.RETRY_WAIT, R.PENDING, "PARTNER_UNREACHABLE"),
        (Behaviour.TRUNCATED_ANSWER, T.RETRY_WAIT, R.PENDING, "PARTNER_UNREACHABLE"),
    ],
)
def test_each_behaviour_has_its_outcome(
    house: House, behaviour: Behaviour | None, transmission: Transmission, receipt: ReceiptState, code: str | None
) -> None:
    message = exchange(house, house.accept(simulate=behaviour))

    assert (transmission, receipt, code) == outcome(message)


@pytest.mark.parametrize("behaviour", sorted(NEGATIVE))
def test_a_negative_receipt_says_what_was_asked_for(house: House, behaviour: Behaviour) -> None:
    view = house.view(exchange(house, house.accept(simulate=behaviour)))

    assert view.receipt is not None
    assert f"automatic-action/MDN-sent-automatically; processed/error: {behaviour.value}" == view.receipt.disposition


def test_every_behaviour_is_known_by_a_test_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")

    assert [] == [behaviour for behaviour in Behaviour if f"Behaviour.{behaviour.name}" not in source]
    assert [] == [behaviour for behaviour in IncomingBehaviour if f"IncomingBehaviour.{behaviour.name}" not in source]


@pytest.mark.parametrize(
    "terms",
    [
        Terms(compression=Compression.BEFORE_SIGN),
        Terms(compression=Compression.AFTER_SIGN, mdn_signed=False),
        Terms(sign=None),
        Terms(encrypt=None),
        Terms(sign=None, encrypt=None),
        Terms(sign=DecrepitDigest.SHA1, accept=frozenset({Weakness.SHA1})),
    ],
    ids=["compressed", "compressed last", "unsigned", "in the clear", "plain", "sha1"],
)
def test_the_simulated_partner_reads_whatever_was_agreed(house: House, terms: Terms) -> None:
    assert house.partner is not None
    change_partner(house.ports, house.partner.id, lambda known: replace(known, terms=terms), url_is_vouched=True)

    message = exchange(house, house.accept())

    assert (T.TRANSMITTED, R.POSITIVE, None) == outcome(message)


def test_the_receipt_is_a_real_one(house: House) -> None:
    message = exchange(house, house.accept())

    receipt = house.view(message).receipt
    assert receipt is not None
    assert message.exchange is not None
    assert (True, True, "acuse simulated partner") == (receipt.is_signed, receipt.is_verified, receipt.reporting_ua)
    assert message.wire_id == receipt.original_message_id
    assert receipt.received_content_mic is not None
    assert receipt.received_content_mic.partition(",")[0] in message.exchange.mics.values()
    assert ["queued", "processing", "sent", "delivered"] == house.events()


@pytest.mark.parametrize(
    "behaviour", [Behaviour.HTTP_500, Behaviour.TIMEOUT, Behaviour.CONNECTION_REFUSED, Behaviour.TRUNCATED_ANSWER]
)
def test_a_message_that_never_arrives_is_given_up_within_seconds(house: House, behaviour: Behaviour) -> None:
    began = house.world.now()
    message = house.accept(simulate=behaviour)

    while message.transmission is not Transmission.FAILED:
        message = exchange(house, message)
        house.world.present = message.next_attempt_at or house.world.now()

    assert message.attempts >= 2
    assert house.world.now() - began <= timedelta(seconds=8)
    assert ["queued", "processing", "failed"] == house.events()


def test_a_partner_that_was_down_once_has_the_message_at_the_second_attempt(house: House) -> None:
    message = exchange(house, house.accept(simulate=Behaviour.HTTP_503_ONCE))

    message = exchange(house, message)

    assert (T.TRANSMITTED, R.POSITIVE, None, 2) == (*outcome(message), message.attempts)


def test_an_asynchronous_receipt_comes_by_itself(house: House) -> None:
    message = exchange(house, house.accept(mdn=MDNMode.ASYNC))
    assert (T.TRANSMITTED, R.PENDING, None) == outcome(message)

    assert post_simulated_receipt(house.ports, message.id)

    assert (T.TRANSMITTED, R.POSITIVE, None) == outcome(house.message(message))
    assert () == house.inbound()


def test_an_asynchronous_receipt_can_be_bad(house: House) -> None:
    message = exchange(house, house.accept(mdn=MDNMode.ASYNC, simulate=Behaviour.MIC_MISMATCH))

    post_simulated_receipt(house.ports, message.id)

    assert (T.TRANSMITTED, R.INVALID, "MIC_MISMATCH") == outcome(house.message(message))


def test_a_late_receipt_finds_the_message_failed(house: House) -> None:
    message = exchange(house, house.accept(mdn=MDNMode.ASYNC, simulate=Behaviour.LATE_RECEIPT))
    [(_, due_at)] = [job for job in house.jobs() if job[0] == "simulate_receipt"]
    assert house.world.now() + LATE_AFTER == due_at

    house.world.advance(SIMULATED_RECEIPT_WITHIN + timedelta(seconds=1))
    expire_receipts(house.ports)
    assert (T.TRANSMITTED, R.TIMEOUT, "MDN_TIMEOUT") == outcome(house.message(message))
    house.world.present = due_at
    post_simulated_receipt(house.ports, message.id)

    assert house.message(message).receipt_is_late
    assert ["queued", "processing", "sent", "failed", "receipt_late"] == house.events()


def test_an_asynchronous_receipt_that_never_comes_is_given_up_within_seconds(house: House) -> None:
    message = exchange(house, house.accept(mdn=MDNMode.ASYNC, simulate=Behaviour.NO_RECEIPT))

    assert [] == [job for job in house.jobs() if job[0] == "simulate_receipt"]
    house.world.advance(SIMULATED_RECEIPT_WITHIN + timedelta(seconds=1))
    expire_receipts(house.ports)

    assert (T.TRANSMITTED, R.TIMEOUT, "MDN_TIMEOUT") == outcome(house.message(message))


def test_a_message_without_receipt_is_sent_and_no_more(house: House) -> None:
    message = exchange(house, house.accept(mdn=MDNMode.NONE))

    assert (T.TRANSMITTED, R.NOT_REQUESTED, None) == outcome(message)


def test_a_late_receipt_has_to_be_asynchronous(house: House) -> None:
    with pytest.raises(InvalidInput) as refused:
        house.accept(simulate=Behaviour.LATE_RECEIPT)

    assert ["simulate"] == list(refused.value.fields)
    assert 0 == house.count("message")


def test_a_live_message_simulates_nothing(house: House) -> None:
    with pytest.raises(InvalidInput) as refused:
        house.accept(space=replace(house.space, mode=Mode.LIVE), simulate=Behaviour.POSITIVE)

    assert ["simulate"] == list(refused.value.fields)
    assert 0 == house.count("message")


def test_test_mode_and_live_mode_do_not_see_each_other(house: House) -> None:
    live = replace(house.space, mode=Mode.LIVE)
    in_test, for_real = house.accept(), house.accept(space=live)

    def handles(mode: Mode) -> list[int]:
        space = replace(house.space, mode=mode)
        page = house.ports.views.messages(space, MessageFilter(), limit=9, offset=0)
        return [view.message.handle for view in page.rows]

    assert [in_test.handle] == handles(Mode.TEST)
    assert [for_real.handle] == handles(Mode.LIVE)
    assert in_test.lane != for_real.lane


def test_nothing_of_the_shared_configuration_is_changed(house: House) -> None:
    assert house.partner is not None
    before = house.ports.views.held_certificates()

    exchange(house, house.accept())
    incoming(house)

    assert before == house.ports.views.held_certificates()
    assert house.partner == house.ports.views.partners(house.space)[0]


# ── What the simulated partner sends ──────────────────────────────────────────────────────────────────────────────────


def incoming(house: House, **wishes: object) -> SimulatedArrival:
    assert house.partner is not None
    file = OutgoingFile(filename="invoic.edi", content_type="application/edifact", stage=house.stage(INVOICE))
    fields: dict[str, object] = {"space": house.space, "partner_id": house.partner.id, "file": file, **wishes}
    return simulate_incoming(house.ports, SimulatedMessage(**fields))  # type: ignore[arg-type]


def stored(arrival: SimulatedArrival) -> MessageView:
    assert arrival.view is not None
    return arrival.view


def test_a_simulated_message_is_received_like_any_other(house: House) -> None:
    arrival = incoming(house, subject="An invoice")

    view = stored(arrival)
    assert (200, Mode.TEST, Direction.INBOUND) == (arrival.answer.status, view.message.mode, view.message.direction)
    assert (T.RECEIVED, R.POSITIVE, None) == outcome(view.message)
    assert ("An invoice", True, True) == (view.message.subject, view.message.is_signed, view.message.is_encrypted)
    assert [INVOICE] == house.payloads(view)
    assert ["received"] == house.events()


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (IncomingBehaviour.AS_AGREED, None),
        (IncomingBehaviour.UNKNOWN_SIGNER, "AUTHENTICATION_FAILED"),
        (IncomingBehaviour.WRONG_RECIPIENT, "DECRYPTION_FAILED"),
        (IncomingBehaviour.UNSIGNED, "INSUFFICIENT_MESSAGE_SECURITY"),
        (IncomingBehaviour.UNENCRYPTED, "INSUFFICIENT_MESSAGE_SECURITY"),
    ],
)
def test_each_incoming_behaviour_has_its_outcome(house: House, behaviour: IncomingBehaviour, code: str | None) -> None:
    message = stored(incoming(house, behaviour=behaviour)).message

    assert (T.FAILED if code else T.RECEIVED, code) == (message.transmission, message.problem and message.problem.code)


def test_a_repeated_message_gets_the_stored_receipt_again(house: House) -> None:
    arrival = incoming(house, behaviour=IncomingBehaviour.REPEATED)

    view = stored(arrival)
    assert view.receipt is not None
    assert 1 == view.message.repeats == len(house.inbound())
    assert house.read(view.receipt.wire.blob_id) == arrival.answer.body


def test_the_simulated_partner_takes_our_asynchronous_receipt(house: House) -> None:
    view = stored(incoming(house, mdn=MDNMode.ASYNC))
    delivery = begin_receipt_delivery(house.ports, view.message.id)
    assert delivery is not None

    reply = take_receipt_as_partner(house.ports, delivery)
    settle_receipt_delivery(house.ports, delivery, reply)

    assert HTTPReply(status=200, headers=(), body=b"") == reply
    assert R.POSITIVE is house.message(view.message).receipt
