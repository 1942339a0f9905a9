"""Idempotency keys: the answer is kept with the message or not at all, and forgotten after its day."""

from datetime import timedelta

import pytest

from acuse.domain.idempotency import KEPT_FOR, KeptAnswer, check_idempotency_key
from acuse.errors import IdempotencyKeyReused, InvalidInput, RequestUnderWay
from acuse.ports import MessageView, Unit
from acuse.services import forget_answers as forgetting
from acuse.services.accept_message import accept_message
from acuse.services.forget_answers import forget_answers
from tests.services.conftest import Neighbours
from tests.services.house import House


def make_answer(house: House, key: str = "k") -> KeptAnswer:
    return KeptAnswer(
        space=house.space,
        route="POST /v1/messages",
        key=key,
        request_digest=b"d",
        status=202,
        body=b"{}",
        created_at=house.ports.world.now(),
    )


def test_a_message_whose_key_was_taken_meanwhile_leaves_nothing_behind(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    answer = make_answer(acme)

    def keep(unit: Unit, _: MessageView) -> None:
        unit.answers.add(answer)

    first = accept_message(acme.ports, acme.command(b"one"), alongside=keep)
    before = acme.count("blob"), acme.count("job"), acme.count("event"), acme.files()
    with pytest.raises(RequestUnderWay):
        accept_message(acme.ports, acme.command(bytes(100_000)), alongside=keep)

    assert (1, 1) == (acme.count("message"), acme.count("kept_answer"))
    assert before == (acme.count("blob"), acme.count("job"), acme.count("event"), acme.files())
    assert first.message == acme.message(first.message)


def test_an_answer_is_kept_with_the_message_as_it_was_stored(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    seen: list[MessageView] = []

    view = accept_message(acme.ports, acme.command(b"one"), alongside=lambda _, view: seen.append(view))

    assert [view] == seen
    assert 1 == view.message.handle


def test_answers_are_forgotten_after_their_day_however_many_there_are(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    many = forgetting.BATCH + 1

    def decide(unit: Unit) -> None:
        for number in range(many):
            unit.answers.add(make_answer(acme, key=str(number)))

    acme.ports.units.run(decide)
    acme.world.advance(KEPT_FOR - timedelta(microseconds=1))
    assert 0 == forget_answers(acme.ports)
    acme.world.advance(timedelta(microseconds=1))

    assert many == forget_answers(acme.ports)
    assert 0 == acme.count("kept_answer")


def test_another_request_is_not_answered(neighbours: Neighbours) -> None:
    acme, _ = neighbours.meet()
    answer = make_answer(acme)

    answer.require_same(b"d")
    with pytest.raises(IdempotencyKeyReused):
        answer.require_same(b"e")


@pytest.mark.parametrize("text", ["", "x" * 256, "a\nb", "\x00"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="Idempotency-Key"):
        check_idempotency_key(text)
