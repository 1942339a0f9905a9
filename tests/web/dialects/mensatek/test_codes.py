"""The tables of numbers: complete, and true to what the published description says."""

from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest

from acuse.domain.notice import Delivery, Failure, Notice, Passage, Reading, Recipient
from acuse.web.dialects.mensatek.codes import CERTIFIED, ESTADO_TEXTS, FAILURES, RES_TEXTS, Res, estado

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def notice(passage: Passage, reading: Reading = Reading.UNSEEN, **changes: object) -> Notice:
    fields: dict[str, object] = {
        "id": UUID(int=1),
        "handle": 7,
        "sending_id": UUID(int=2),
        "account_id": UUID(int=3),
        "tenant_id": UUID(int=4),
        "recipient": Recipient(address="a@example.net", name="A"),
        "subject": "s",
        "delivery": Delivery.DIRECT,
        "credits": 900,
        "passage": passage,
        "reading": reading,
        "created_at": NOW,
        "updated_at": NOW,
        "certified_at": NOW,
    }
    return Notice(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("passage", "reading", "failure"), list(product(Passage, Reading, (None, *Failure))))
def test_whatever_becomes_of_a_message_has_a_number_with_a_text(
    passage: Passage, reading: Reading, failure: Failure | None
) -> None:
    for asked, certified in product((None, NOW), repeat=2):
        number = estado(notice(passage, reading, failure=failure, expires_at=asked, certified_at=certified))
        assert ESTADO_TEXTS[number]


def test_every_failure_and_every_result_has_a_number_or_a_text() -> None:
    assert set(Failure) == set(FAILURES)
    assert set(Res) == set(RES_TEXTS)
    assert CERTIFIED <= ESTADO_TEXTS.keys()


def test_11_and_14_are_those_of_the_published_description() -> None:
    assert 14 == estado(notice(Passage.DELIVERED))
    assert 11 == estado(notice(Passage.DELIVERED, Reading.READ))
    assert "Mensaje entregado, abierto, leído y certificado" == ESTADO_TEXTS[11]
    assert "Mensaje entregado y certificado" == ESTADO_TEXTS[14]


@pytest.mark.parametrize(
    ("number", "made"),
    [
        (0, notice(Passage.QUEUED)),
        (1, notice(Passage.SCHEDULED)),
        (2, notice(Passage.SENDING)),
        (10, notice(Passage.HANDED_OVER)),
        (12, notice(Passage.DEFERRED)),
        (13, notice(Passage.DELIVERED, certified_at=None)),
        (15, notice(Passage.DELIVERED, Reading.OPENED)),
        (16, notice(Passage.DELIVERED, expires_at=NOW)),
        (16, notice(Passage.DELIVERED, Reading.OPENED, expires_at=NOW)),
        (18, notice(Passage.DELIVERED, Reading.ACCEPTED, expires_at=NOW)),
        (19, notice(Passage.DELIVERED, Reading.REFUSED, expires_at=NOW)),
        (20, notice(Passage.DELIVERED, Reading.EXPIRED, expires_at=NOW)),
        (21, notice(Passage.DELIVERED, Reading.LOCKED)),
        (29, notice(Passage.CANCELLED)),
        (31, notice(Passage.DELIVERED, Reading.IDENTIFYING)),
        (50, notice(Passage.FAILED, failure=Failure.MAILBOX_UNKNOWN)),
        (59, notice(Passage.BOUNCED)),
        (59, notice(Passage.BOUNCED, Reading.OPENED)),
        (11, notice(Passage.BOUNCED, Reading.READ)),
    ],
)
def test_the_number_of_a_message_follows_from_its_two_axes(number: int, made: Notice) -> None:
    assert number == estado(made)
