"""The timeline: what was done with a message, on both sides of a real exchange."""

from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.as2 import Compression, MDNMode
from acuse.cms import fingerprint
from acuse.domain.message import Message
from acuse.domain.partner import Terms
from acuse.domain.timeline import StepName, TimelineStep
from acuse.errors import PartnerUnreachable
from acuse.ports import HTTPReply, Protection
from acuse.services.deliver_receipt import begin_receipt_delivery, settle_receipt_delivery
from acuse.services.settle_attempt import settle_attempt
from tests.services.conftest import Neighbours
from tests.services.house import INVOICE, House, carried

_S = StepName


def told(house: House, message: Message) -> tuple[TimelineStep, ...]:
    return house.ports.views.timeline(message.id)


def names(house: House, message: Message) -> list[StepName]:
    return [step.name for step in told(house, message)]


@pytest.mark.parametrize(
    ("compression", "built", "opened"),
    [
        (Compression.NONE, [_S.SIGN, _S.ENCRYPT], [_S.DECRYPT, _S.VERIFY]),
        (Compression.BEFORE_SIGN, [_S.COMPRESS, _S.SIGN, _S.ENCRYPT], [_S.DECRYPT, _S.VERIFY, _S.DECOMPRESS]),
        (Compression.AFTER_SIGN, [_S.SIGN, _S.COMPRESS, _S.ENCRYPT], [_S.DECRYPT, _S.DECOMPRESS, _S.VERIFY]),
    ],
)
def test_every_layer_stands_in_the_timelines_of_both_sides(
    neighbours: Neighbours, compression: Compression, built: list[StepName], opened: list[StepName]
) -> None:
    acme, globex = neighbours.meet(Terms(compression=compression))

    attempt = acme.send(message := acme.accept(), globex)

    [received] = globex.inbound()
    sent, taken = told(acme, message), told(globex, received.message)
    assert [*built, _S.STORE, _S.HTTP, _S.RECEIPT] == [step.name for step in sent]
    assert [_S.HTTP, *opened, _S.MIC, _S.STORE, _S.RECEIPT] == [step.name for step in taken]
    steps = {step.name: step for step in taken}
    ours, theirs = fingerprint(globex.certificate), fingerprint(acme.certificate)
    assert ("aes128_cbc", ours) == (steps[_S.DECRYPT].algorithm, steps[_S.DECRYPT].certificate)
    assert ("sha256", theirs) == (steps[_S.VERIFY].algorithm, steps[_S.VERIFY].certificate)
    assert (attempt.body.size, None) == (steps[_S.HTTP].size, steps[_S.HTTP].outcome)
    assert ours == steps[_S.RECEIPT].certificate
    assert "automatic-action/MDN-sent-automatically; processed" == steps[_S.RECEIPT].outcome
    steps = {step.name: step for step in sent}
    assert (theirs, ours) == (steps[_S.SIGN].certificate, steps[_S.ENCRYPT].certificate)
    assert (attempt.body.size, "HTTP 200") == (steps[_S.HTTP].size, steps[_S.HTTP].outcome)
    assert ("sha-256", ours, "positive") == (
        steps[_S.RECEIPT].algorithm,
        steps[_S.RECEIPT].certificate,
        steps[_S.RECEIPT].outcome,
    )


def test_plain_message_has_no_layers(neighbours: Neighbours) -> None:
    plain = Terms(sign=None, encrypt=None, mdn=MDNMode.NONE, demand_signed=False, demand_encrypted=False)
    acme, globex = neighbours.meet(plain)

    acme.send(message := acme.accept(), globex)

    [received] = globex.inbound()
    assert [_S.STORE, _S.HTTP] == names(acme, message)
    assert [_S.HTTP, _S.MIC, _S.STORE] == names(globex, received.message)
    assert len(INVOICE) * 2 == told(globex, received.message)[-1].size


def test_attempt_over_tls_is_told_with_what_protected_it(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    attempt = acme.begin(message := acme.accept())
    protection = Protection(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", certificate="ab" * 32)

    settle_attempt(acme.ports, attempt, replace(carried(attempt, globex), protection=protection))

    [step] = [step for step in told(acme, message) if step.name is _S.HTTP]
    assert ("TLSv1.3 TLS_AES_256_GCM_SHA384", "ab" * 32) == (step.algorithm, step.certificate)


def test_every_attempt_is_told_with_its_outcome_and_duration(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet()
    message = acme.accept()
    for outcome in (PartnerUnreachable(error_details="refused"), HTTPReply(status=503, headers=(), body=b"")):
        attempt = acme.begin(message)
        neighbours.world.advance(timedelta(milliseconds=1500))
        settle_attempt(acme.ports, attempt, outcome)
    neighbours.world.advance(timedelta(minutes=1))
    acme.send(message, globex)

    attempts = [step for step in told(acme, message) if step.name is _S.HTTP]
    assert ["unreachable: refused", "HTTP 503", "HTTP 200"] == [step.outcome for step in attempts]
    assert [1_500_000, 1_500_000, 0] == [step.duration for step in attempts]
    assert sorted(step.at for step in attempts) == [step.at for step in attempts]


def test_delivery_of_an_asynchronous_receipt_is_told(neighbours: Neighbours) -> None:
    acme, globex = neighbours.meet(replace(Terms(), mdn=MDNMode.ASYNC))
    acme.send(message := acme.accept(), globex)
    [received] = globex.inbound()
    delivery = begin_receipt_delivery(globex.ports, received.message.id)
    assert delivery

    settle_receipt_delivery(globex.ports, delivery, HTTPReply(status=202, headers=(), body=b""))

    last = told(globex, received.message)[-1]
    assert (_S.HTTP, "HTTP 202", delivery.body.size) == (last.name, last.outcome, last.size)
    assert _S.RECEIPT not in names(acme, message)


def test_refused_message_is_told_as_far_as_it_was_opened(neighbours: Neighbours) -> None:
    acme, globex = neighbours.acme, neighbours.globex
    acme.meet(globex, Terms())
    globex.meet(acme, Terms(), certificate=globex.certificate)

    acme.send(acme.accept(), globex)

    [received] = globex.inbound()
    assert [_S.HTTP, _S.DECRYPT, _S.VERIFY, _S.STORE, _S.RECEIPT] == names(globex, received.message)
