"""`/v1/messages/{id}/resend`, `/retry` and `/cancel`. Nothing is sent here: no engine runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from acuse.domain.access import Mode, Scope
from acuse.domain.message import Problem, ReceiptState, Transmission
from tests.web.client import Client, Response
from tests.web.conftest import World
from tests.web.test_api_send import problems, wish


def sent(world: World, client: Client, transmission: Transmission = Transmission.QUEUED, **state: object) -> str:
    """A message in this state."""
    answer = client.api("POST", "/v1/messages", wish(subject="Order 7"))
    public_id: str = answer.json["data"]["id"]
    message = world.message(public_id)
    world.save(replace(message, transmission=transmission, **state))  # type: ignore[arg-type]
    return public_id


def shown(client: Client, public_id: str) -> dict[str, object]:
    found: dict[str, object] = client.api("GET", f"/v1/messages/{public_id}").json["data"]
    return found


def refusal(answer: Response) -> tuple[int, str, str]:
    return answer.status, answer.json["error"]["type"], answer.json["error"]["code"]


def test_resend_answers_202_with_a_new_message_and_both_show_the_link(
    shared_world: World, shared_client: Client
) -> None:
    old = sent(shared_world, shared_client, Transmission.FAILED)

    answer = shared_client.api("POST", f"/v1/messages/{old}/resend")

    new = answer.json["data"]
    assert (202, "Message queued for delivery") == (answer.status, answer.json["message"])
    assert (old, "queued", "Order 7") == (new["resend_of"], new["status"], new["subject"])
    assert [new["id"]] == shown(shared_client, old)["resent_as"]
    assert new["message_id"] != shown(shared_client, old)["message_id"]
    assert (None, []) == (shown(shared_client, old)["resend_of"], shown(shared_client, new["id"])["resent_as"])


def test_retry_answers_202_with_the_message_back_in_the_queue(shared_world: World, shared_client: Client) -> None:
    problem = Problem(code="PARTNER_REFUSED", message="No.")
    public_id = sent(shared_world, shared_client, Transmission.FAILED, problem=problem, attempts=3)
    assert "failed" == shown(shared_client, public_id)["status"]

    answer = shared_client.api("POST", f"/v1/messages/{public_id}/retry")

    assert (202, "Message queued for another attempt") == (answer.status, answer.json["message"])
    assert (public_id, "queued", 3, None) == tuple(
        answer.json["data"][name] for name in ("id", "status", "attempts", "error")
    )


def test_retry_of_what_arrived_takes_force(shared_world: World, shared_client: Client) -> None:
    public_id = sent(shared_world, shared_client, Transmission.TRANSMITTED, receipt=ReceiptState.TIMEOUT)

    refused = shared_client.api("POST", f"/v1/messages/{public_id}/retry", {"force": False})
    taken = shared_client.api("POST", f"/v1/messages/{public_id}/retry", {"force": True})

    assert (409, "state_error", "NOT_RETRYABLE") == refusal(refused)
    assert (202, "pending") == (taken.status, taken.json["data"]["mdn_status"])


def test_cancel_answers_200_with_the_message_failed_as_cancelled(shared_world: World, shared_client: Client) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    public_id = shared_client.api("POST", "/v1/messages", wish(scheduled_at=later)).json["data"]["id"]

    answer = shared_client.api("POST", f"/v1/messages/{public_id}/cancel")

    assert (200, "Message cancelled", "failed") == (
        answer.status,
        answer.json["message"],
        answer.json["data"]["status"],
    )
    assert "CANCELLED" == answer.json["data"]["error"]["code"]
    assert "CANCELLED" == shown(shared_client, public_id)["error"]["code"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("act", "transmission", "code"),
    [
        ("resend", Transmission.QUEUED, "NOT_RESENDABLE"),
        ("resend", Transmission.PROCESSING, "NOT_RESENDABLE"),
        ("retry", Transmission.QUEUED, "NOT_RETRYABLE"),
        ("retry", Transmission.CANCELLED, "NOT_RETRYABLE"),
        ("cancel", Transmission.PROCESSING, "NOT_CANCELLABLE"),
        ("cancel", Transmission.TRANSMITTED, "NOT_CANCELLABLE"),
        ("cancel", Transmission.FAILED, "NOT_CANCELLABLE"),
        ("cancel", Transmission.CANCELLED, "NOT_CANCELLABLE"),
    ],
)
def test_what_the_state_does_not_allow_is_a_409_that_names_the_state(
    shared_world: World, shared_client: Client, act: str, transmission: Transmission, code: str
) -> None:
    public_id = sent(shared_world, shared_client, transmission)
    before = shared_world.message(public_id)

    answer = shared_client.api("POST", f"/v1/messages/{public_id}/{act}")

    assert (409, "state_error", code) == refusal(answer)
    assert {"id": public_id, "transmission": transmission.value} == answer.json["error"]["details"]
    assert before == shared_world.message(public_id)


@pytest.mark.parametrize("act", ["resend", "retry", "cancel"])
def test_an_unknown_message_is_not_found(shared_client: Client, act: str) -> None:
    for public_id in ("msg_999999", "msg_1", "prt_000001"):
        answer = shared_client.api("POST", f"/v1/messages/{public_id}/{act}")
        assert (404, "resource_error", "MESSAGE_NOT_FOUND") == refusal(answer)


@pytest.mark.parametrize("act", ["resend", "retry", "cancel"])
def test_keys_that_may_not_write_or_are_for_tests_change_nothing_live(
    shared_world: World, shared_client: Client, act: str
) -> None:
    public_id = sent(shared_world, shared_client, Transmission.RETRY_WAIT)
    before = shared_world.message(public_id), shared_world.message_count
    reader, tester = shared_world.new_key(Scope.READ), shared_world.new_key(*Scope, mode=Mode.TEST)

    answers = [
        shared_client.api("POST", f"/v1/messages/{public_id}/{act}", Authorization=f"Bearer {key}")
        for key in (reader, tester)
    ]

    assert [403, 404] == [answer.status for answer in answers]
    assert before == (shared_world.message(public_id), shared_world.message_count)


@pytest.mark.parametrize(
    ("body", "field"), [({"force": "yes"}, "force"), (b"{", "body"), (b"[]", "body"), (b'"force"', "body")]
)
def test_a_body_that_cannot_be_read_changes_nothing(
    shared_world: World, shared_client: Client, body: object, field: str
) -> None:
    public_id = sent(shared_world, shared_client, Transmission.FAILED)
    before = shared_world.message(public_id)

    assert [field] == list(problems(shared_client.api("POST", f"/v1/messages/{public_id}/retry", body)))
    assert before == shared_world.message(public_id)
