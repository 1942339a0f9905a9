"""Events on their way to webhooks: what is planned with each change, and what follows from each attempt."""

import json
from datetime import timedelta
from typing import Any

import pytest

from acuse.domain.message import Message
from acuse.domain.webhook import DeliveryState, WebhookEndpoint
from acuse.errors import PartnerUnreachable, WebhookEndpointNotFound
from acuse.ports import DeliveryView, HTTPReply, Job, JobKind
from acuse.services.deliver_event import EventAttempt, begin_event_delivery, settle_event_delivery
from acuse.services.manage_webhooks import EndpointWish, add_endpoint, change_endpoint, remove_endpoint
from acuse.web.api.event_objects import event_body
from tests.services.conftest import Neighbours
from tests.services.house import House

OK = HTTPReply(status=204, headers=(), body=b"")
BROKEN = HTTPReply(status=500, headers=(), body=b"oh no")
URL = "https://erp.acme.example/hook"


@pytest.fixture
def acme(neighbours: Neighbours) -> House:
    acme, _ = neighbours.meet()
    return acme


def subscribe(house: House, **wishes: Any) -> WebhookEndpoint:
    return add_endpoint(house.ports, EndpointWish(url=URL, **wishes), space=house.space, url_is_vouched=False)


def due(house: House) -> list[Job]:
    """The deliveries whose turn it is now; they count as under way from then on."""
    jobs = house.database.jobs.claim(house.world.now(), limit=100)
    return [job for job in jobs if job.kind is JobKind.DELIVER_EVENT]


def begin(house: House, job: Job) -> EventAttempt | None:
    return begin_event_delivery(house.ports, job.subject_id, event_body)


def deliver(house: House, outcome: HTTPReply | PartnerUnreachable = OK) -> list[str]:
    """Do what is due, one after the other, until nothing is; the kinds in the order in which they were posted."""
    told = []
    while jobs := due(house):
        for job in jobs:
            attempt = begin(house, job)
            house.database.jobs.finish([job])
            if attempt:
                told.append(attempt.event.event.kind.value.removeprefix("message."))
                settle_event_delivery(house.ports, attempt, outcome)
    return told


def log(house: House, endpoint: WebhookEndpoint) -> list[DeliveryView]:
    """The deliveries of an endpoint, oldest first."""
    return list(reversed(house.ports.views.webhooks.deliveries(endpoint.id, limit=100, offset=0).rows))


def states(house: House, endpoint: WebhookEndpoint) -> list[str]:
    return [view.delivery.state.value for view in log(house, endpoint)]


def sent(acme: House, globex: House) -> Message:
    message = acme.accept()
    acme.send(message, globex)
    return message


def test_without_an_endpoint_nothing_is_planned(neighbours: Neighbours, acme: House) -> None:
    sent(acme, neighbours.globex)

    assert (4, 0) == (len(acme.events()), acme.count("webhook_delivery"))
    assert [] == due(acme)


def test_the_events_of_a_message_are_told_in_their_order(neighbours: Neighbours, acme: House) -> None:
    endpoint = subscribe(acme)
    sent(acme, neighbours.globex)

    assert ["queued", "processing", "sent", "delivered"] == deliver(acme)
    assert ["delivered"] * 4 == states(acme, endpoint)


def test_each_endpoint_is_told_what_it_wants(neighbours: Neighbours, acme: House) -> None:
    narrow = subscribe(acme, events=("message.delivered", "message.failed"))
    wide = subscribe(acme)
    inactive = subscribe(acme, active=False)

    sent(acme, neighbours.globex)

    assert ["message.delivered"] == [view.kind for view in log(acme, narrow)]
    assert 4 == len(log(acme, wide))
    assert [] == log(acme, inactive)


def test_an_event_tells_the_state_of_its_moment_however_late(neighbours: Neighbours, acme: House) -> None:
    subscribe(acme)
    sent(acme, neighbours.globex)
    neighbours.world.advance(timedelta(hours=1))

    bodies = []
    while jobs := due(acme):
        attempt = begin(acme, jobs[0])
        assert attempt
        bodies.append(json.loads(attempt.body))
        settle_event_delivery(acme.ports, attempt, OK)

    words = [(body["data"]["status"], body["data"]["mdn_status"], body["data"]["attempts"]) for body in bodies]
    assert [
        ("queued", "pending", 0),
        ("processing", "pending", 1),
        ("sent", "pending", 1),
        ("delivered", "received", 1),
    ] == words
    assert [None, None, None] == [body["data"]["mdn_data"] for body in bodies[:3]]
    assert "automatic-action/MDN-sent-automatically; processed" == bodies[3]["data"]["mdn_data"]["disposition"]
    assert [None, None, None] == [body["data"]["delivered_at"] for body in bodies[:3]]
    assert bodies[3]["timestamp"] == bodies[3]["data"]["delivered_at"]


def test_an_event_that_fails_is_tried_again_and_holds_up_what_follows(neighbours: Neighbours, acme: House) -> None:
    endpoint = subscribe(acme)
    sent(acme, neighbours.globex)

    assert ["queued"] == deliver(acme, BROKEN)
    assert ["pending"] * 4 == states(acme, endpoint)
    first = log(acme, endpoint)[0].delivery
    assert (1, 500, "answered HTTP 500") == (first.attempts, first.status, first.error)
    assert neighbours.world.now() + timedelta(seconds=2) == first.next_attempt_at
    assert [] == due(acme)

    neighbours.world.advance(timedelta(seconds=2))
    assert ["queued", "processing", "sent", "delivered"] == deliver(acme)
    assert [2, 1, 1, 1] == [view.delivery.attempts for view in log(acme, endpoint)]


def test_waits_double_up_to_the_longest_until_the_event_is_given_up(neighbours: Neighbours, acme: House) -> None:
    seconds = {"retry_first": 1, "retry_longest": 3, "retry_for": 8}
    endpoint = subscribe(acme, **{name: timedelta(seconds=value) for name, value in seconds.items()})
    acme.accept()

    waits = []
    while log(acme, endpoint)[0].delivery.state is DeliveryState.PENDING:
        assert ["queued"] == deliver(acme, PartnerUnreachable(error_details="no route"))
        delivery = log(acme, endpoint)[0].delivery
        if delivery.next_attempt_at:
            waits.append((delivery.next_attempt_at - neighbours.world.now()).total_seconds())
            neighbours.world.advance(delivery.next_attempt_at - neighbours.world.now())

    assert [1, 2, 3] == waits
    assert (DeliveryState.GIVEN_UP, 4, None, "no route") == (
        delivery.state,
        delivery.attempts,
        delivery.status,
        delivery.error,
    )
    assert neighbours.world.now() == delivery.settled_at


def test_after_an_event_is_given_up_the_next_one_has_its_turn(neighbours: Neighbours, acme: House) -> None:
    endpoint = subscribe(acme, retry_for=timedelta(seconds=0.1))
    sent(acme, neighbours.globex)

    deliver(acme, BROKEN)

    assert ["given_up"] * 4 == states(acme, endpoint)


def test_messages_do_not_wait_for_each_other(neighbours: Neighbours, acme: House) -> None:
    subscribe(acme)
    messages = [acme.accept() for _ in range(3)]

    assert {message.id for message in messages} == {
        attempt.event.event.subject_id for job in due(acme) if (attempt := begin(acme, job))
    }


@pytest.mark.parametrize("status", [199, 301, 302, 400, 404, 410, 429, 503])
def test_nothing_but_a_2xx_is_taken_for_delivered(acme: House, status: int) -> None:
    endpoint = subscribe(acme)
    acme.accept()

    deliver(acme, HTTPReply(status=status, headers=(), body=b""))

    assert ["pending"] == states(acme, endpoint)


def test_an_attempt_that_was_overtaken_changes_nothing(acme: House) -> None:
    endpoint = subscribe(acme)
    acme.accept()
    (job,) = due(acme)
    overtaken, later = begin(acme, job), begin(acme, job)
    assert overtaken
    assert later

    settle_event_delivery(acme.ports, overtaken, BROKEN)
    assert log(acme, endpoint)[0].delivery.status is None
    settle_event_delivery(acme.ports, later, OK)
    settle_event_delivery(acme.ports, overtaken, BROKEN)

    assert (["delivered"], 204) == (states(acme, endpoint), log(acme, endpoint)[0].delivery.status)
    assert begin(acme, job) is None


def test_what_is_pending_for_an_endpoint_that_was_stopped_is_given_up(neighbours: Neighbours, acme: House) -> None:
    endpoint = subscribe(acme)
    sent(acme, neighbours.globex)
    change_endpoint(acme.ports, endpoint.id, EndpointWish(active=False), url_is_vouched=False)

    assert [] == deliver(acme)
    assert ["given_up"] * 4 == states(acme, endpoint)


def test_a_removed_endpoint_leaves_nothing_to_do(neighbours: Neighbours, acme: House) -> None:
    endpoint = subscribe(acme)
    sent(acme, neighbours.globex)
    (job,) = due(acme)
    attempt = begin(acme, job)
    assert attempt
    remove_endpoint(acme.ports, endpoint.id)

    settle_event_delivery(acme.ports, attempt, OK)

    assert 0 == acme.count("webhook_delivery")
    assert begin(acme, job) is None
    with pytest.raises(WebhookEndpointNotFound):
        change_endpoint(acme.ports, endpoint.id, EndpointWish(active=True), url_is_vouched=False)


def test_what_is_pending_goes_to_the_new_url_with_the_new_secret(acme: House) -> None:
    endpoint = subscribe(acme)
    acme.accept()
    secret = "whsec_" + "QUJD" * 11
    moved = EndpointWish(url="https://new.acme.example/", secret=secret, headers={"X-Env": "test"})
    change_endpoint(acme.ports, endpoint.id, moved, url_is_vouched=False)

    (job,) = due(acme)
    attempt = begin(acme, job)

    assert attempt
    assert ("https://new.acme.example/", secret) == (attempt.endpoint.url, attempt.endpoint.secret)
    assert ("X-Env", "test") in attempt.headers


def test_a_secret_never_stands_in_the_text_of_an_endpoint(acme: House) -> None:
    endpoint = subscribe(acme, headers={"Authorization": "Bearer opensesame"})

    assert endpoint.secret not in repr(endpoint)
    assert "opensesame" not in repr(endpoint)
    assert endpoint.secret.encode() not in acme.home.database.read_bytes()
