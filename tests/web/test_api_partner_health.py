"""`GET /v1/partners/{id}/health`: what is stored of the exchange decides, and nothing else."""

from typing import Any

import pytest

from acuse.domain.message import Outcome, Step
from acuse.services.change_certificate import remove_certificate
from tests.web.client import Client
from tests.web.conftest import World
from tests.web.test_api_certificates import DAY, make_pair, pem
from tests.web.test_api_send import wish

PATH = "/v1/partners/prt_000001/health"


def health(client: Client) -> dict[str, Any]:
    answer = client.api("GET", PATH)
    assert 200 == answer.status, answer.body
    data: dict[str, Any] = answer.json["data"]
    return data


def send(client: Client, world: World, outcome: Outcome) -> None:
    """A message that was sent, and whose receipt came to that."""
    public_id = client.api("POST", "/v1/messages", wish()).json["data"]["id"]
    now = world.ports.world.now()
    sent = world.message(public_id).step(Step.START, now=now).step(Step.TRANSMIT, now=now, sent_at=now)
    world.save(sent.settle(outcome, now=now))


@pytest.mark.parametrize(
    ("good", "bad", "status", "score"),
    [(2, 0, "healthy", 100), (3, 1, "healthy", 85), (1, 1, "degraded", 70), (0, 1, "unhealthy", 40)],
)
def test_what_failed_in_the_last_day_costs_by_its_part(
    client: Client, world: World, good: int, bad: int, status: str, score: int
) -> None:
    for outcome in [Outcome.POSITIVE] * good + [Outcome.NEGATIVE] * bad:
        send(client, world, outcome)

    shown = health(client)

    assert (status, score, good, bad) == (
        shown["health_status"],
        shown["health_score"],
        shown["successes_24h"],
        shown["failures_24h"],
    )
    assert (good > 0) is (shown["last_success_at"] is not None)
    assert 0 == shown["open_messages"]


def test_of_a_partner_with_whom_nothing_was_exchanged_nothing_is_known(client: Client, world: World) -> None:
    (entry,) = world.ports.views.certificates(world.partner.id)

    assert {
        "partner_id": "prt_000001",
        "health_status": "unknown",
        "health_score": 100,
        "successes_24h": 0,
        "failures_24h": 0,
        "open_messages": 0,
        "last_success_at": None,
        "certificate_expires_at": entry.expires_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "issues": [],
    } == health(client)


def test_an_open_message_is_counted(client: Client) -> None:
    client.api("POST", "/v1/messages", wish())

    assert (1, 0) == ((shown := health(client))["open_messages"], shown["failures_24h"])


def test_a_certificate_that_ends_soon_or_is_missing_costs(client: Client, world: World) -> None:
    body = {"partner_id": "prt_000001", "certificate": pem(make_pair(end=10 * DAY))}
    assert 201 == client.api("POST", "/v1/certificates", body).status

    soon = health(client)
    for held in world.ports.views.held_certificates(world.space)[1:]:
        remove_certificate(world.ports, held)
    missing = health(client)

    assert ("healthy", 80, 2) == (soon["health_status"], soon["health_score"], len(soon["issues"]))
    assert ("degraded", 60, 2) == (missing["health_status"], missing["health_score"], len(missing["issues"]))
    assert missing["certificate_expires_at"] is None


def test_a_partner_that_is_switched_off_is_inactive(client: Client) -> None:
    client.api("PATCH", "/v1/partners/prt_000001", {"active": False})

    assert "inactive" == health(client)["health_status"]
