"""Who may call the API, and what of the data each caller sees."""

from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.domain.access import Mode, Scope, key_digest
from tests.web.client import Client, Response
from tests.web.conftest import World
from tests.web.test_api_send import wish


def call(client: Client, method: str, path: str, key: str, **headers: str) -> Response:
    content = wish() if method == "POST" else None
    return client.api(method, path, content, Authorization=f"Bearer {key}", **headers)


def codes(answer: Response) -> tuple[int, str, str]:
    return answer.status, answer.json["error"]["type"], answer.json["error"]["code"]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer pk_live_unknown", "Basic eDp5", "pk_live_x"]
)
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/msg_000001", "/v1/partners"])
def test_without_a_known_key_the_answer_is_401_with_a_challenge(
    shared_client: Client, authorization: str, path: str
) -> None:
    answer = shared_client.request("GET", path, headers={"Authorization": authorization} if authorization else {})

    assert (401, "authentication_error", "INVALID_API_KEY") == codes(answer)
    assert 'Bearer realm="acuse"' == answer.headers["www-authenticate"]
    assert {"message", "error"} == answer.json.keys()


def test_the_scheme_is_read_in_any_letter_case(shared_client: Client) -> None:
    answer = shared_client.request("GET", "/v1/messages", headers={"Authorization": f"bearer  {shared_client.key}"})

    assert 200 == answer.status


def test_a_key_that_is_refused_costs_no_reading_of_the_body(shared_client: Client) -> None:
    head = "POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 1000000\r\n\r\n"

    with shared_client.connect() as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 401")


def test_an_expired_key_is_refused(world: World, client: Client) -> None:
    key = world.ports.views.key(key_digest(world.key))
    assert key is not None
    old = replace(
        key,
        id=world.ports.world.new_id(),
        handle=99,
        digest=key_digest("pk_live_old"),
        expires_at=world.ports.world.now() - timedelta(seconds=1),
    )
    world.ports.units.run(lambda unit: unit.directory.add_key(old))

    answer = call(client, "GET", "/v1/messages", "pk_live_old")

    assert (401, "authentication_error", "API_KEY_EXPIRED") == codes(answer)
    assert old.expires_at is not None
    assert old.expires_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") == answer.json["error"]["details"]["expired_at"]


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.READ, {"GET"}),
        (Scope.WRITE, {"POST", "PATCH"}),
        (Scope.DELETE, {"DELETE"}),
        (Scope.ADMIN, {"GET", "POST", "PATCH", "DELETE"}),
    ],
)
def test_a_scope_allows_its_methods_and_no_others(
    shared_world: World, shared_client: Client, scope: Scope, allowed: set[str]
) -> None:
    key = shared_world.new_key(scope)
    paths = {"GET": "/v1/messages", "POST": "/v1/messages", "PATCH": "/v1/partners/prt_000001"}

    answers = {
        method: call(shared_client, method, paths.get(method, "/v1/partners/prt_000001"), key)
        for method in ("GET", "POST", "PATCH", "DELETE")
    }

    assert allowed == {method for method, answer in answers.items() if answer.status != 403}
    for answer in answers.values():
        if answer.status == 403:
            assert (403, "authorization_error", "INSUFFICIENT_SCOPE") == codes(answer)
            assert [scope.value] == answer.json["error"]["details"]["current_scopes"]


CONFIGURATION = [
    ("POST", "/v1/partners"),
    ("PATCH", "/v1/partners/prt_000001"),
    ("DELETE", "/v1/partners/prt_000001"),
    ("POST", "/v1/partners/prt_000001/test"),
    ("POST", "/v1/certificates"),
    ("PUT", "/v1/accounts"),
    ("POST", "/v1/tenants"),
]


@pytest.mark.parametrize(("method", "path"), CONFIGURATION)
def test_a_test_key_changes_no_configuration(
    shared_world: World, shared_client: Client, method: str, path: str
) -> None:
    key = shared_world.new_key(*Scope, mode=Mode.TEST)

    answer = call(shared_client, method, path, key)

    assert (403, "authorization_error", "LIVE_KEY_REQUIRED") == codes(answer)


# ── Tenants ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_account_key_chooses_the_tenant_and_sees_no_other(world: World, client: Client) -> None:
    world.new_tenant("Second")
    sent = call(client, "POST", "/v1/messages", world.key).json["data"]["id"]

    first = call(client, "GET", f"/v1/messages/{sent}", world.key, X_Tenant_ID="tnt_000001")
    second = call(client, "GET", f"/v1/messages/{sent}", world.key, X_Tenant_ID="tnt_000002")
    listed = call(client, "GET", "/v1/messages", world.key, X_Tenant_ID="tnt_000002")
    partner = call(client, "POST", "/v1/messages", world.key, X_Tenant_ID="tnt_000002")
    download = call(client, "GET", f"/v1/messages/{sent}/payload", world.key, X_Tenant_ID="tnt_000002")

    assert (200, 404, 404) == (first.status, second.status, download.status)
    assert [] == listed.json["data"]
    assert (404, "resource_error", "PARTNER_NOT_FOUND") == codes(partner)


def test_a_tenant_key_needs_no_choice_and_has_none(world: World, client: Client) -> None:
    second = world.new_tenant("Second")
    key = world.new_key(*Scope, tenant=second)
    call(client, "POST", "/v1/messages", world.key)

    own = call(client, "GET", "/v1/messages", key)
    same = call(client, "GET", "/v1/messages", key, X_Tenant_ID="tnt_000002")
    other = call(client, "GET", "/v1/messages", key, X_Tenant_ID="tnt_000001")

    assert ([], []) == (own.json["data"], same.json["data"])
    assert (404, "resource_error", "TENANT_NOT_FOUND") == codes(other)


@pytest.mark.parametrize("tenant", ["tnt_000009", "tnt_1", "1", "prt_000001"])
def test_an_unknown_tenant_is_not_found(shared_client: Client, tenant: str) -> None:
    answer = call(shared_client, "GET", "/v1/messages", shared_client.key, X_Tenant_ID=tenant)

    assert (404, "resource_error", "TENANT_NOT_FOUND") == codes(answer)
