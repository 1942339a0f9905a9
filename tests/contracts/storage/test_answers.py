"""What the storage promises about the answers of idempotency keys."""

from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.domain.access import Mode
from acuse.domain.account import Space
from acuse.domain.idempotency import KEPT_FOR, KeptAnswer
from acuse.errors import RequestUnderWay
from acuse.ports import Unit
from tests.contracts.storage.conftest import Storage
from tests.contracts.storage.samples import NOON, World


def make_answer(world: World, **changes: object) -> KeptAnswer:
    answer = KeptAnswer(
        space=world.space,
        route="POST /v1/messages",
        key="order-7",
        request_digest=b"d" * 32,
        status=202,
        body=b'{"data":{}}',
        created_at=NOON,
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


def keep(storage: Storage, *answers: KeptAnswer) -> None:
    def decide(unit: Unit) -> None:
        for answer in answers:
            unit.answers.add(answer)

    storage.units.run(decide)


def find(storage: Storage, answer: KeptAnswer) -> KeptAnswer | None:
    return storage.views.kept_answer(answer.space, route=answer.route, key=answer.key)


def test_an_answer_is_found_by_space_route_and_key(storage: Storage, world: World) -> None:
    answer = make_answer(world)
    others = [
        make_answer(world, key="ORDER-7"),
        make_answer(world, route="POST /v1/messages/msg_000001/resend"),
        make_answer(world, space=replace(world.space, mode=Mode.TEST)),
    ]

    keep(storage, answer)

    assert answer == find(storage, answer)
    assert [None] * 3 == [find(storage, other) for other in others]
    stranger = Space(account_id=world.new_id(), tenant_id=world.tenant.id)
    assert storage.views.kept_answer(stranger, route=answer.route, key=answer.key) is None
    keep(storage, *others)
    assert others == [find(storage, other) for other in others]


@pytest.mark.parametrize("later", [timedelta(), KEPT_FOR - timedelta(microseconds=1)])
def test_a_key_is_taken_once_in_its_day(storage: Storage, world: World, later: timedelta) -> None:
    answer = make_answer(world)
    keep(storage, answer)

    with pytest.raises(RequestUnderWay):
        keep(storage, make_answer(world, body=b"other", created_at=NOON + later))

    assert answer == find(storage, answer)


def test_an_answer_that_is_over_gives_way(storage: Storage, world: World) -> None:
    keep(storage, make_answer(world))
    new = make_answer(world, request_digest=b"e" * 32, status=200, body=b"new", created_at=NOON + KEPT_FOR)

    keep(storage, new)

    assert new == find(storage, new)


def test_the_oldest_answers_are_forgotten_first(storage: Storage, world: World) -> None:
    answers = [make_answer(world, key=str(day), created_at=NOON + timedelta(days=day)) for day in (3, 1, 2, 4)]
    keep(storage, *answers)

    forgotten = [storage.units.run(lambda unit: unit.answers.forget(NOON + timedelta(days=3), limit=2)) for _ in "ab"]

    assert [2, 1] == forgotten
    assert [False, False, False, True] == [find(storage, answer) is not None for answer in answers]
