"""`/v1/webhook-endpoints`: what is taken, what is shown, and to whom."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from acuse.domain.access import Mode, Scope
from acuse.domain.webhook import DeliveryState
from acuse.ports import Unit
from acuse.services.manage_webhooks import EndpointWish, add_endpoint
from tests.web.client import Client, Response
from tests.web.conftest import StartServer, World
from tests.web.test_api_send import problems, wish

URL = "https://erp.acme.example/hook"
PATH = "/v1/webhook-endpoints"


def create(client: Client, **fields: object) -> dict[str, Any]:
    answer = client.api("POST", PATH, {"url": URL, **fields})
    assert 201 == answer.status, answer.body
    made: dict[str, Any] = answer.json["data"]
    return made


def with_key(client: Client, key: str, method: str, path: str, content: object = None, **headers: str) -> Response:
    return client.api(method, path, content, Authorization=f"Bearer {key}", **headers)


def test_a_new_endpoint_is_shown_with_its_secret(client: Client) -> None:
    answer = client.api("POST", PATH, {"url": URL})

    assert (201, "Webhook endpoint created successfully") == (answer.status, answer.json["message"])
    made = answer.json["data"]
    assert made["secret"].startswith("whsec_")
    assert {
        "id": "wh_000001",
        "url": URL,
        "events": ["*"],
        "description": None,
        "active": True,
        "timeout": 30,
        "headers": {},
        "retry_first": 2,
        "retry_longest": 3600,
        "retry_for": 86400,
        "retry_attempts": 33,
        "retry_interval": 2,
        "mode": "live",
        "format": "native",
        "replaced_secret_until": None,
        "last_test": None,
        "secret": made["secret"],
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    } == made


def test_every_field_is_taken_and_shown_again(client: Client) -> None:
    given = {
        "events": ["message.sent", "message.received"],
        "secret": "whsec_" + "QUJD" * 8,
        "description": "the ERP",
        "active": False,
        "timeout": 1.5,
        "headers": {"Authorization": "Bearer opensesame"},
        "retry_first": 0.5,
        "retry_longest": 60,
        "retry_for": 600,
    }

    made = create(client, **given)

    assert {**made, **given} == made
    shown = client.api("GET", f"{PATH}/wh_000001").json["data"]
    hidden = {**made, "headers": {"Authorization": "***"}}
    del hidden["secret"]
    assert hidden == shown
    assert [hidden] == client.api("GET", PATH).json["data"]


def test_two_endpoints_have_two_secrets(client: Client) -> None:
    assert create(client)["secret"] != create(client)["secret"]


def test_a_change_concerns_only_what_it_names(client: Client, world: World) -> None:
    made = create(client, headers={"X-Env": "test"}, description="old")

    answer = client.api("PATCH", f"{PATH}/wh_000001", {"events": ["message.failed"], "description": "new"})

    changed = answer.json["data"]
    expected = {**made, "events": ["message.failed"], "description": "new", "updated_at": changed["updated_at"]}
    expected["headers"] = {"X-Env": "***"}
    secret = expected.pop("secret")
    assert (200, expected) == (answer.status, changed)
    stored = world.ports.views.webhooks.endpoint(world.space, 1)
    assert (secret, (("X-Env", "test"),)) == (stored.secret, stored.headers)


def test_a_deleted_endpoint_is_gone(client: Client) -> None:
    create(client)

    assert 200 == client.api("DELETE", f"{PATH}/wh_000001").status
    for method in ("GET", "PATCH", "DELETE"):
        answer = client.api(method, f"{PATH}/wh_000001", {})
        assert (404, "WEBHOOK_ENDPOINT_NOT_FOUND") == (answer.status, answer.json["error"]["code"])
    assert [] == client.api("GET", PATH).json["data"]
    assert "wh_000002" == create(client)["id"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": None}, "url"),
        ({"url": 7}, "url"),
        ({"url": "erp.acme.example"}, "url"),
        ({"url": "http://erp.acme.example/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": "https://192.168.1.7/"}, "url"),
        ({"url": "https://" + "a" * 2100}, "url"),
        ({"events": "message.sent"}, "events"),
        ({"events": []}, "events"),
        ({"events": ["message.sent", 7]}, "events"),
        ({"events": ["message.lost"]}, "events"),
        ({"secret": "opensesame"}, "secret"),
        ({"description": "x" * 256}, "description"),
        ({"active": "yes"}, "active"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": 61}, "timeout"),
        ({"timeout": "30"}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"headers": ["a"]}, "headers"),
        ({"headers": {"Host": "x"}}, "headers"),
        ({"headers": {"X": "a\nb"}}, "headers"),
        ({"headers": {"Webhook-Signature": "x"}}, "headers"),
        ({"retry_first": 10, "retry_longest": 5}, "retry_first"),
        ({"retry_for": 8 * 86400}, "retry_for"),
        ({"retry_for": -1}, "retry_for"),
        ({"retry_for": 1e300}, "retry_for"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(
    shared_client: Client, shared_world: World, fields: dict[str, object], field: str
) -> None:
    answer = shared_client.api("POST", PATH, {"url": URL, **fields})

    assert [field] == list(problems(answer))
    assert b"opensesame" not in answer.body
    assert () == shared_world.ports.views.webhooks.endpoints(shared_world.space)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(shared_client: Client, body: bytes) -> None:
    assert ["body"] == list(problems(shared_client.api("POST", PATH, body)))


def test_a_wrong_change_changes_nothing(client: Client) -> None:
    create(client)
    before = client.api("GET", f"{PATH}/wh_000001").json

    for fields in ({"url": "http://10.0.0.1/"}, {"description": "new", "events": ["nothing"]}):
        problems(client.api("PATCH", f"{PATH}/wh_000001", fields))

    assert before == client.api("GET", f"{PATH}/wh_000001").json


def test_an_operator_may_allow_private_networks_and_plain_http(start: StartServer) -> None:
    client = start(allow_private_networks=True)

    assert "http://127.0.0.1:9/hook" == create(client, url="http://127.0.0.1:9/hook")["url"]


def test_a_url_that_the_operator_gave_loses_its_rights_when_the_api_changes_it(client: Client, world: World) -> None:
    private = EndpointWish(url="http://10.0.0.1/hook")
    add_endpoint(world.ports, private, space=world.space, url_is_vouched=True)

    def is_vouched() -> bool:
        return world.ports.views.webhooks.endpoint(world.space, 1).url_is_vouched

    client.api("PATCH", f"{PATH}/wh_000001", {"description": "still the operator's"})
    assert is_vouched()
    problems(client.api("PATCH", f"{PATH}/wh_000001", {"url": "http://10.0.0.1/hook"}))
    assert is_vouched()
    assert 200 == client.api("PATCH", f"{PATH}/wh_000001", {"url": URL}).status
    assert not is_vouched()


def test_a_tenant_may_have_fifty_endpoints(client: Client) -> None:
    for _ in range(50):
        create(client)

    assert ["url"] == list(problems(client.api("POST", PATH, {"url": URL})))


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", PATH, Scope.READ),
        ("POST", PATH, Scope.WRITE),
        ("GET", f"{PATH}/wh_000001", Scope.READ),
        ("PATCH", f"{PATH}/wh_000001", Scope.WRITE),
        ("DELETE", f"{PATH}/wh_000001", Scope.DELETE),
        ("GET", f"{PATH}/wh_000001/deliveries", Scope.READ),
        ("GET", "/v1/events", Scope.READ),
    ],
)
def test_a_call_needs_its_scope(
    shared_client: Client, shared_world: World, method: str, path: str, scope: Scope
) -> None:
    others = [each for each in Scope if each not in (scope, Scope.ADMIN)]

    refused = with_key(shared_client, shared_world.new_key(*others), method, path, {})
    taken = with_key(shared_client, shared_world.new_key(scope), method, path, {})

    assert (403, "INSUFFICIENT_SCOPE") == (refused.status, refused.json["error"]["code"])
    assert taken.status in (200, 404, 422)


def test_nothing_of_another_tenant_can_be_seen_or_touched(client: Client, world: World) -> None:
    create(client)
    client.api("POST", "/v1/messages", wish())
    foreign = world.new_key(*Scope, tenant=world.new_tenant("Other"))

    for method, path in [
        ("GET", f"{PATH}/wh_000001"),
        ("PATCH", f"{PATH}/wh_000001"),
        ("DELETE", f"{PATH}/wh_000001"),
        ("GET", f"{PATH}/wh_000001/deliveries"),
    ]:
        assert 404 == with_key(client, foreign, method, path, {}).status
    assert [] == with_key(client, foreign, "GET", PATH).json["data"]
    assert [] == with_key(client, foreign, "GET", "/v1/events").json["data"]
    assert 1 == len(client.api("GET", f"{PATH}/wh_000001/deliveries").json["data"])


def test_a_key_of_test_mode_and_a_live_key_have_webhooks_of_their_own(client: Client, world: World) -> None:
    test_key = world.new_key(*Scope, mode=Mode.TEST)
    live = create(client)["id"]
    test = with_key(client, test_key, "POST", PATH, {"url": URL}).json["data"]["id"]

    assert [test] == [entry["id"] for entry in with_key(client, test_key, "GET", PATH).json["data"]]
    assert [live] == [entry["id"] for entry in client.api("GET", PATH).json["data"]]
    for key, other in [(test_key, live), (client.key, test)]:
        for method, path in [("GET", f"{PATH}/{other}"), ("PATCH", f"{PATH}/{other}"), ("DELETE", f"{PATH}/{other}")]:
            assert 404 == with_key(client, key, method, path, {"active": False}).status


@pytest.mark.parametrize("name", ["wh_1", "wh_0000001", "prt_000001", "x"])
def test_an_unknown_id_is_not_found(shared_client: Client, name: str) -> None:
    assert 404 == shared_client.api("GET", f"{PATH}/{name}").status


def test_the_secret_is_in_no_line_of_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    secret = create(client, headers={"Authorization": "opensesame"})["secret"]

    client.api("PATCH", f"{PATH}/wh_000001", {"secret": secret})
    client.api("GET", PATH)

    lines = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert lines
    assert not [line for line in lines if secret in line or "opensesame" in line]


# ── By hand: another secret, replaying, how the endpoints do ──────────────────────────────────────────────────────────


def test_attempts_that_are_counted_become_equal_waits(shared_client: Client) -> None:
    made = create(shared_client, retry_attempts=7, retry_interval=60)
    alone = create(shared_client, retry_attempts=2)
    mixed = create(shared_client, retry_attempts=2, retry_longest=400)

    shown = ("retry_first", "retry_longest", "retry_for", "retry_attempts", "retry_interval")
    assert (60, 60, 420, 7, 60) == tuple(made[name] for name in shown)
    assert (300, 300, 600, 2, 300) == tuple(alone[name] for name in shown)
    assert 400 == mixed["retry_longest"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"retry_attempts": 0}, "retry_attempts"),
        ({"retry_attempts": 1001}, "retry_attempts"),
        ({"retry_attempts": "5"}, "retry_attempts"),
        ({"retry_attempts": True}, "retry_attempts"),
        ({"retry_interval": 0}, "retry_interval"),
        ({"retry_attempts": 1000, "retry_interval": 86400}, "retry_interval"),
    ],
)
def test_attempts_beyond_their_bounds_are_refused(shared_client: Client, fields: dict[str, object], wrong: str) -> None:
    assert [wrong] == list(problems(shared_client.api("POST", PATH, {"url": URL, **fields})))


def test_an_unknown_event_is_named(shared_client: Client) -> None:
    answer = shared_client.api("POST", PATH, {"url": URL, "events": ["message.sent", "message.eaten"]})

    assert "'message.eaten'" in problems(answer)["events"][0]


def test_a_rotated_secret_is_shown_once_and_the_old_one_signs_for_a_while(client: Client, world: World) -> None:
    old = create(client)["secret"]

    answer = client.api("POST", f"{PATH}/wh_000001/rotate-secret", {"overlap": 60})

    rotated = answer.json["data"]
    assert (200, True) == (answer.status, rotated["secret"].startswith("whsec_"))
    assert old != rotated["secret"]
    assert rotated["replaced_secret_until"] is not None
    (endpoint,) = world.ports.views.webhooks.endpoints(world.space)
    now = world.ports.world.now()
    assert (rotated["secret"], old) == endpoint.secrets(now)
    assert (rotated["secret"],) == endpoint.secrets(now + timedelta(seconds=61))
    assert "secret" not in client.api("GET", f"{PATH}/wh_000001").json["data"]


def test_without_an_overlap_the_old_secret_ends_at_once(client: Client, world: World) -> None:
    create(client)
    chosen = "whsec_" + "QUJD" * 8

    rotated = client.api("POST", f"{PATH}/wh_000001/rotate-secret", {"secret": chosen, "overlap": 0}).json["data"]

    (endpoint,) = world.ports.views.webhooks.endpoints(world.space)
    assert (chosen, None) == (rotated["secret"], rotated["replaced_secret_until"])
    assert (chosen,) == endpoint.secrets(world.ports.world.now())


@pytest.mark.parametrize(("fields", "wrong"), [({"overlap": -1}, "overlap"), ({"secret": "x"}, "secret")])
def test_a_bad_rotation_changes_nothing(client: Client, world: World, fields: dict[str, object], wrong: str) -> None:
    secret = create(client)["secret"]

    assert [wrong] == list(problems(client.api("POST", f"{PATH}/wh_000001/rotate-secret", fields)))

    (endpoint,) = world.ports.views.webhooks.endpoints(world.space)
    assert secret == endpoint.secret


def give_up(world: World, client: Client, count: int) -> list[str]:
    """Messages whose first event nobody took."""
    create(client, retry_first=0.1, retry_longest=0.1, retry_for=0.1)
    handles = [client.api("POST", "/v1/messages", wish()).json["data"]["id"] for _ in range(count)]
    page = world.ports.views.webhooks.deliveries(
        world.ports.views.webhooks.endpoint(world.space, 1).id, limit=100, offset=0
    )

    def decide(unit: Unit) -> None:
        for view in page.rows:
            unit.webhooks.save_delivery(replace(view.delivery, state=DeliveryState.GIVEN_UP, attempts=3, status=500))

    world.ports.units.run(decide)
    return handles


def states(client: Client) -> list[tuple[str, int]]:
    rows = client.api("GET", f"{PATH}/wh_000001/deliveries?per_page=100").json["data"]
    return [(row["state"], row["attempts"]) for row in rows]


def test_one_delivery_is_replayed(client: Client, world: World) -> None:
    give_up(world, client, 2)
    chosen = client.api("GET", f"{PATH}/wh_000001/deliveries").json["data"][0]["id"]

    answer = client.api("POST", f"{PATH}/wh_000001/deliveries/{chosen}/replay")

    assert (202, chosen, "pending") == (answer.status, answer.json["data"]["id"], answer.json["data"]["state"])
    assert [("pending", 0), ("given_up", 3)] == states(client)


def test_all_that_was_given_up_is_replayed_or_what_is_behind_a_position(client: Client, world: World) -> None:
    give_up(world, client, 4)
    positions = [entry["position"] for entry in client.api("GET", "/v1/events").json["data"]]

    some = client.api("POST", f"{PATH}/wh_000001/replay", {"after": positions[2]})
    rest = client.api("POST", f"{PATH}/wh_000001/replay")
    none = client.api("POST", f"{PATH}/wh_000001/replay")

    assert [1, 3, 0] == [answer.json["data"]["deliveries"] for answer in (some, rest, none)]
    assert [("pending", 0)] * 4 == states(client)


@pytest.mark.parametrize("name", ["dlv_1", "dlv_" + "0" * 32, "wh_000001", "dlv_" + "z" * 32])
def test_an_unknown_delivery_is_not_found(client: Client, name: str) -> None:
    create(client)

    answer = client.api("POST", f"{PATH}/wh_000001/deliveries/{name}/replay")

    assert (404, "DELIVERY_NOT_FOUND") == (answer.status, answer.json["error"]["code"])


def test_a_delivery_of_another_endpoint_is_not_replayed(client: Client, world: World) -> None:
    give_up(world, client, 1)
    create(client)
    other = client.api("GET", f"{PATH}/wh_000001/deliveries").json["data"][0]["id"]

    assert 404 == client.api("POST", f"{PATH}/wh_000002/deliveries/{other}/replay").status
    assert [("given_up", 3)] == states(client)


def test_the_stats_count_by_state_and_endpoint(client: Client, world: World) -> None:
    give_up(world, client, 3)
    client.api("POST", f"{PATH}/wh_000001/replay", {"after": 2})
    create(client, active=False)

    shown = client.api("GET", f"{PATH}-stats").json["data"]

    assert (2, 1, 1, 0, 2, 0) == tuple(
        shown[name] for name in ("endpoints", "active", "pending", "delivered", "given_up", "success_rate")
    )
    assert [(1, 2), (0, 0)] == [(line["pending"], line["given_up"]) for line in shown["by_endpoint"]]


def test_what_is_done_by_hand_needs_an_endpoint_of_ones_own(client: Client, world: World) -> None:
    create(client)
    foreign = world.new_key(*Scope, mode=Mode.TEST)

    for tail in ("test", "replay", "rotate-secret"):
        answer = with_key(client, foreign, "POST", f"{PATH}/wh_000001/{tail}", {})
        assert (404, "WEBHOOK_ENDPOINT_NOT_FOUND") == (answer.status, answer.json["error"]["code"])
    assert 0 == with_key(client, foreign, "GET", f"{PATH}-stats").json["data"]["endpoints"]
