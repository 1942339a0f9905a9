"""`/v1/accounts` and `/v1/tenants`: what is shown, changed and refused, and to whom."""

from typing import Any

import pytest

from acuse.domain.access import Scope
from acuse.domain.account import Space
from acuse.services.manage_stations import add_station
from tests.web.client import Client, Response
from tests.web.conftest import World
from tests.web.test_api_send import problems, wish

PATH = "/v1/tenants"


def create(client: Client, name: str = "Second", **fields: object) -> dict[str, Any]:
    answer = client.api("POST", PATH, {"name": name, **fields})
    assert 201 == answer.status, answer.body
    made: dict[str, Any] = answer.json["data"]
    return made


def code(answer: Response) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


def test_an_account_is_shown_with_its_plan(client: Client) -> None:
    shown = client.api("GET", "/v1/accounts").json["data"]

    assert {
        "id": "acc_000001",
        "name": "Acme",
        "slug": "acme",
        "plan_type": "enterprise",
        "status": "active",
        "tenants_count": 1,
        "limits": {"payload_bytes": 2 << 30, "concurrency": None, "rate_per_minute": None, "burst": None},
        "created_at": shown["created_at"],
        "updated_at": shown["created_at"],
    } == shown


def test_an_account_is_renamed_but_chooses_no_plan(client: Client) -> None:
    before = client.api("GET", "/v1/accounts").json["data"]

    answer = client.api("PUT", "/v1/accounts", {"name": "Acme, Ltd", "slug": "acme-2", "plan_type": "free"})

    assert (200, "Account updated successfully") == (answer.status, answer.json["message"])
    shown = answer.json["data"]
    assert {**before, "name": "Acme, Ltd", "slug": "acme-2", "updated_at": shown["updated_at"]} == shown
    assert before["updated_at"] < shown["updated_at"]
    assert shown == client.api("GET", "/v1/accounts").json["data"]


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v1/accounts"), ("POST", PATH), ("PUT", f"{PATH}/tnt_000001")])
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"slug": "Upper"}, "slug"),
        ({"slug": "-a"}, "slug"),
        ({"slug": "a--b"}, "slug"),
        ({"slug": "x" * 65}, "slug"),
        ({"slug": ["a"]}, "slug"),
    ],
)
def test_a_bad_field_is_named(
    shared_client: Client, shared_world: World, method: str, path: str, fields: dict[str, object], field: str
) -> None:
    before = shared_world.ports.views.account(), shared_world.ports.views.tenants(shared_world.account.id)

    answer = shared_client.api(method, path, {"name": "x", **fields})

    assert [field] == list(problems(answer))
    assert before == (shared_world.ports.views.account(), shared_world.ports.views.tenants(shared_world.account.id))


def test_a_tenant_needs_a_name(shared_client: Client) -> None:
    assert ["name"] == list(problems(shared_client.api("POST", PATH, {})))


def test_a_tenant_is_made_shown_changed_and_removed(client: Client, world: World) -> None:
    made = create(client, "Zweite Straße Nº 2")

    assert {
        "id": "tnt_000002",
        "account_id": "acc_000001",
        "name": "Zweite Straße Nº 2",
        "slug": "zweite-strae-no-2",
        "status": "active",
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    } == made
    assert made == client.api("GET", f"{PATH}/tnt_000002").json["data"]
    assert made == client.api("GET", f"{PATH}/current", X_Tenant_ID="tnt_000002").json["data"]
    assert "tnt_000001" == client.api("GET", f"{PATH}/current").json["data"]["id"]
    listed = client.api("GET", PATH).json
    assert ["tnt_000001", "tnt_000002"] == [tenant["id"] for tenant in listed["data"]]
    assert {"current_page": 1, "last_page": 1, "per_page": 20, "total": 2, "has_more": False} == listed["pagination"]
    assert 2 == client.api("GET", "/v1/accounts").json["data"]["tenants_count"]

    changed = client.api("PUT", f"{PATH}/tnt_000002", {"name": "Other", "slug": "other"})

    assert (200, "Tenant updated successfully") == (changed.status, changed.json["message"])
    shown = changed.json["data"]
    assert {**made, "name": "Other", "slug": "other", "updated_at": shown["updated_at"]} == shown
    removed = client.api("DELETE", f"{PATH}/tnt_000002")
    assert (200, {"message": "Tenant deleted successfully"}) == (removed.status, removed.json)
    assert (404, "TENANT_NOT_FOUND") == code(client.api("GET", f"{PATH}/tnt_000002"))
    assert "tnt_000003" == create(client)["id"]


def test_tenants_are_listed_page_by_page(client: Client) -> None:
    create(client)

    page = client.api("GET", f"{PATH}?per_page=1&page=2").json

    assert (["tnt_000002"], 2) == ([tenant["id"] for tenant in page["data"]], page["pagination"]["last_page"])


def test_equal_names_get_slugs_of_their_own(client: Client) -> None:
    assert ["second", "second-2", "second-3"] == [create(client)["slug"] for _ in range(3)]
    assert "tenant" == create(client, "東京")["slug"]
    assert ["x" * 64, "x" * 59 + "-2"] == [create(client, "x" * 100)["slug"] for _ in range(2)]


def test_a_slug_is_given_once(client: Client) -> None:
    create(client, slug="mine")

    assert (409, "ALREADY_EXISTS") == code(client.api("POST", PATH, {"name": "x", "slug": "mine"}))
    assert (409, "ALREADY_EXISTS") == code(client.api("PUT", f"{PATH}/tnt_000001", {"slug": "mine"}))
    assert 200 == client.api("PUT", f"{PATH}/tnt_000002", {"slug": "mine"}).status


def test_a_tenant_with_anything_in_it_is_not_removed(client: Client, world: World) -> None:
    create(client)
    second = world.ports.views.tenants(world.account.id)[1]
    space = Space(account_id=world.account.id, tenant_id=second.id)
    add_station(world.ports, space=space, name="Two", as2_id="ACME-2", url="http://127.0.0.1:8080")
    world.new_key(Scope.READ, tenant=second)

    answer = client.api("DELETE", f"{PATH}/tnt_000002")

    assert (409, "TENANT_IN_USE") == code(answer)
    assert {"station": 1, "certificate": 1, "api_key": 1} == answer.json["error"]["details"]["contents"]
    assert 200 == client.api("GET", f"{PATH}/tnt_000002").status


def test_a_tenant_with_messages_is_not_removed(client: Client) -> None:
    create(client)
    client.api("POST", "/v1/messages", wish(), Idempotency_Key="k")

    contents = client.api("DELETE", f"{PATH}/tnt_000001").json["error"]["details"]["contents"]

    assert {**contents, "message": 1, "station": 1, "partner": 1, "certificate": 2} == contents
    assert "kept_answer" not in contents


def test_the_last_tenant_stays(client: Client) -> None:
    answer = client.api("DELETE", f"{PATH}/tnt_000001")

    assert (409, "TENANT_IN_USE") == code(answer)
    assert "one tenant at least" in answer.json["message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("name", ["tnt_000099", "tnt_1", "prt_000001"])
def test_an_unknown_tenant_is_not_found(shared_client: Client, method: str, name: str) -> None:
    answer = shared_client.api(method, f"{PATH}/{name}", {} if method == "PUT" else None)

    assert (404, "TENANT_NOT_FOUND") == code(answer)


def test_a_tenants_key_sees_its_tenant_alone_and_changes_nothing(client: Client, world: World) -> None:
    second = world.new_tenant("Second")
    holder = Client(client.port, key=world.new_key(*Scope, tenant=second))

    assert ["tnt_000002"] == [tenant["id"] for tenant in holder.api("GET", PATH).json["data"]]
    assert 1 == holder.api("GET", "/v1/accounts").json["data"]["tenants_count"]
    assert (404, "TENANT_NOT_FOUND") == code(holder.api("GET", f"{PATH}/tnt_000001"))
    refused = [
        holder.api("PUT", "/v1/accounts", {"name": "Mine"}),
        holder.api("POST", PATH, {"name": "Third"}),
        holder.api("PUT", f"{PATH}/tnt_000002", {"name": "Mine"}),
        holder.api("DELETE", f"{PATH}/tnt_000002"),
    ]
    assert {(403, "INSUFFICIENT_SCOPE")} == {code(answer) for answer in refused}
    assert (world.tenant, second) == world.ports.views.tenants(world.account.id)
