"""`/v1/api-keys`: making, changing, rotating and revoking keys, and what a key may not do to others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acuse.domain.access import Mode, Scope, key_digest, parse_networks
from acuse.services.manage_keys import KeyChange, change_key, create_key
from tests.peers.waiting import wait_until
from tests.web.client import Client, Response
from tests.web.conftest import StartServer, World
from tests.web.test_api_send import problems

PATH = "/v1/api-keys"
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


def create(client: Client, **fields: object) -> dict[str, Any]:
    answer = client.api("POST", PATH, {"name": "ERP", "scopes": ["read"], **fields})
    assert 201 == answer.status, answer.body
    made: dict[str, Any] = answer.json["data"]
    return made


def status(client: Client, key: str, path: str = "/v1/messages", method: str = "GET", **headers: str) -> int:
    return client.api(method, path, Authorization=f"Bearer {key}", **headers).status


def code(answer: Response) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


def tell_limits(answer: Response) -> list[str]:
    """In what a refused key would have gone beyond its maker."""
    assert (403, "INSUFFICIENT_SCOPE") == code(answer)
    return list(answer.json["error"]["details"]["limits"])


def as_key(client: Client, key: str) -> Client:
    return Client(client.port, key=key)


def test_a_key_is_shown_with_its_text_once_and_lets_its_holder_in(client: Client) -> None:
    fields = {
        "name": "Nº 1",
        "scopes": ["write", "read"],
        "mode": "test",
        "tenant_id": "tnt_000001",
        "allowed_ips": ["127.0.0.0/8", "::1"],
        "expires_at": LATER.isoformat(),
    }

    answer = client.api("POST", PATH, fields)

    assert (201, "API key created successfully") == (answer.status, answer.json["message"])
    made = answer.json["data"]
    text = made.pop("api_key")
    assert text.startswith("tk_test_")
    assert {
        "id": "key_000002",
        "name": "Nº 1",
        "dialect": "native",
        "username": None,
        "token_id": None,
        "hint": text[:12],
        "mode": "test",
        "scopes": ["read", "write"],
        "tenant_id": "tnt_000001",
        "allowed_ips": ["127.0.0.0/8", "::1/128"],
        "expires_at": f"{LATER:%Y-%m-%dT%H:%M:%S}.000000Z",
        "previous_expires_at": None,
        "last_used_at": None,
        "last_used_ip": None,
        "created_at": made["created_at"],
    } == made
    assert made == client.api("GET", f"{PATH}/key_000002").json["data"]
    listed = client.api("GET", PATH).json
    assert ["key_000001", "key_000002"] == [entry["id"] for entry in listed["data"]]
    assert made == listed["data"][1]
    assert {"current_page": 1, "last_page": 1, "per_page": 20, "total": 2, "has_more": False} == listed["pagination"]
    assert 200 == status(client, text)


def test_keys_are_listed_page_by_page(client: Client) -> None:
    for _ in range(2):
        create(client)

    pages = [client.api("GET", f"{PATH}?per_page=2&page={page}").json for page in (1, 2)]

    assert [["key_000001", "key_000002"], ["key_000003"]] == [[key["id"] for key in page["data"]] for page in pages]
    assert [True, False] == [page["pagination"]["has_more"] for page in pages]


def test_a_key_is_the_accounts_unless_a_tenant_is_named(client: Client, world: World) -> None:
    world.new_tenant("Second")

    whole, chosen = (
        create(client),
        client.api("POST", PATH, {"name": "x", "scopes": ["read"]}, X_Tenant_ID="tnt_000002"),
    )

    assert ("pk_", None) == (whole["api_key"][:3], whole["tenant_id"])
    assert ("tk_", "tnt_000002") == (chosen.json["data"]["api_key"][:3], chosen.json["data"]["tenant_id"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"scopes": None}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes"),
        ({"scopes": "read"}, "scopes"),
        ({"mode": "dry"}, "mode"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"allowed_ips": "10.0.0.0/8"}, "allowed_ips"),
        ({"allowed_ips": ["10.0.0.0/64"]}, "allowed_ips"),
        ({"tenant_id": 1}, "tenant_id"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(
    shared_client: Client, shared_world: World, fields: dict[str, object], field: str
) -> None:
    before = len(shared_world.ports.views.keys(shared_world.account.id))

    answer = shared_client.api("POST", PATH, {"name": "ERP", "scopes": ["read"], **fields})

    assert [field] == list(problems(answer))
    assert before == len(shared_world.ports.views.keys(shared_world.account.id))


@pytest.mark.parametrize("tenant", ["tnt_000009", "1", "prt_000001"])
def test_a_key_of_an_unknown_tenant_is_not_made(shared_client: Client, tenant: str) -> None:
    answer = shared_client.api("POST", PATH, {"name": "ERP", "scopes": ["read"], "tenant_id": tenant})

    assert (404, "TENANT_NOT_FOUND") == code(answer)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("name", ["key_000099", "key_1", "prt_000001"])
def test_an_unknown_key_is_not_found(shared_client: Client, method: str, name: str) -> None:
    answer = shared_client.api(method, f"{PATH}/{name}", {} if method == "PATCH" else None)

    assert (404, "API_KEY_NOT_FOUND") == code(answer)


@pytest.mark.parametrize("scopes", [[Scope.READ], [Scope.READ, Scope.WRITE, Scope.DELETE]])
def test_only_admin_reads_or_writes_keys(shared_client: Client, shared_world: World, scopes: list[Scope]) -> None:
    other = as_key(shared_client, shared_world.new_key(*scopes))

    answers = [
        other.api("GET", PATH),
        other.api("POST", PATH, {"name": "x", "scopes": ["admin"]}),
        other.api("GET", f"{PATH}/key_000001"),
        other.api("PATCH", f"{PATH}/key_000001", {"name": "x"}),
        other.api("POST", f"{PATH}/key_000001/rotate", {}),
        other.api("DELETE", f"{PATH}/key_000001"),
    ]

    assert {(403, "INSUFFICIENT_SCOPE")} == {code(answer) for answer in answers}
    assert "admin" == answers[0].json["error"]["details"]["required_scope"]


# ── No more than it has ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tenants_key_makes_keys_of_its_tenant_alone(client: Client, world: World) -> None:
    second = world.new_tenant("Second")
    holder = as_key(client, world.new_key(Scope.ADMIN, tenant=second))

    made = create(holder)
    elsewhere = holder.api("POST", PATH, {"name": "x", "scopes": ["read"], "tenant_id": "tnt_000001"})

    assert "tnt_000002" == made["tenant_id"]
    assert (404, "TENANT_NOT_FOUND") == code(elsewhere)
    assert ["key_000002", "key_000003"] == [key["id"] for key in holder.api("GET", PATH).json["data"]]
    for method in ("GET", "DELETE"):
        assert (404, "API_KEY_NOT_FOUND") == code(holder.api(method, f"{PATH}/key_000001"))
    assert (404, "API_KEY_NOT_FOUND") == code(holder.api("POST", f"{PATH}/key_000001/rotate"))


def test_a_test_key_makes_no_live_key(client: Client, world: World) -> None:
    holder = as_key(client, world.new_key(Scope.ADMIN, mode=Mode.TEST))

    assert "test" == create(holder)["mode"]
    assert ["mode"] == tell_limits(holder.api("POST", PATH, {"name": "x", "scopes": ["read"], "mode": "live"}))
    assert (404, "API_KEY_NOT_FOUND") == code(holder.api("GET", f"{PATH}/key_000001"))


def bounded(world: World) -> str:
    """A key for all that ends, and holds in one network."""
    _, text = create_key(
        world.ports,
        account_id=world.account.id,
        tenant_id=None,
        name="bounded",
        mode=Mode.LIVE,
        scopes=[Scope.ADMIN],
        expires_at=LATER,
        networks=parse_networks(["127.0.0.0/8"]),
    )
    return text


def test_a_new_key_inherits_the_bounds_of_its_maker(client: Client, world: World) -> None:
    made = create(as_key(client, bounded(world)))

    assert (["127.0.0.0/8"], f"{LATER:%Y-%m-%dT%H:%M:%S}.000000Z") == (made["allowed_ips"], made["expires_at"])


@pytest.mark.parametrize(
    ("fields", "limits"),
    [
        ({"allowed_ips": []}, ["allowed_ips"]),
        ({"allowed_ips": ["0.0.0.0/0"]}, ["allowed_ips"]),
        ({"expires_at": (LATER + timedelta(seconds=1)).isoformat()}, ["expires_at"]),
    ],
)
def test_a_bounded_key_makes_no_freer_one(
    client: Client, world: World, fields: dict[str, object], limits: list[str]
) -> None:
    holder = as_key(client, bounded(world))

    assert limits == tell_limits(holder.api("POST", PATH, {"name": "x", "scopes": ["read"], **fields}))
    assert limits == tell_limits(holder.api("PATCH", f"{PATH}/key_000002", fields))


def test_a_bounded_key_neither_rotates_nor_changes_a_freer_one(client: Client, world: World) -> None:
    holder = as_key(client, bounded(world))

    assert ["expires_at", "allowed_ips"] == tell_limits(holder.api("POST", f"{PATH}/key_000001/rotate"))
    assert ["expires_at", "allowed_ips"] == tell_limits(holder.api("PATCH", f"{PATH}/key_000001", {"name": "mine"}))
    assert 200 == status(client, world.key)


# ── Changing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_concerns_only_what_it_names_and_holds_at_once(client: Client) -> None:
    made = create(client, scopes=["read"])
    text = made.pop("api_key")
    assert 200 == status(client, text)

    answer = client.api("PATCH", f"{PATH}/{made['id']}", {"scopes": ["write"], "allowed_ips": ["192.0.2.1"]})

    assert (200, "API key updated successfully") == (answer.status, answer.json["message"])
    shown = answer.json["data"]
    assert {**made, "scopes": ["write"], "allowed_ips": ["192.0.2.1/32"]} == {
        **shown,
        "last_used_at": None,
        "last_used_ip": None,
    }
    refused = client.api("GET", "/v1/messages", Authorization=f"Bearer {text}")
    assert (403, "IP_NOT_ALLOWED") == code(refused)
    assert ("authorization_error", {"client_ip": "127.0.0.1"}) == (
        refused.json["error"]["type"],
        refused.json["error"]["details"],
    )
    freed = client.api("PATCH", f"{PATH}/{made['id']}", {"allowed_ips": [], "scopes": ["read"], "name": "B"})
    assert ([], "B") == (freed.json["data"]["allowed_ips"], freed.json["data"]["name"])
    assert 200 == status(client, text)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"expires_at": "2020-01-01"}, "expires_at"),
        ({"allowed_ips": ["x"]}, "allowed_ips"),
    ],
)
def test_a_bad_change_is_refused(shared_client: Client, fields: dict[str, object], field: str) -> None:
    assert [field] == list(problems(shared_client.api("PATCH", f"{PATH}/key_000001", fields)))
    assert 200 == shared_client.api("GET", PATH).status


def test_a_revoked_key_is_a_stranger_at_once(client: Client) -> None:
    made = create(client)
    assert 200 == status(client, made["api_key"])

    answer = client.api("DELETE", f"{PATH}/{made['id']}")

    assert (200, {"message": "API key deleted successfully"}) == (answer.status, answer.json)
    assert 401 == status(client, made["api_key"])
    assert 404 == client.api("GET", f"{PATH}/{made['id']}").status


# ── Rotation ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_both_texts_hold_after_a_rotation(client: Client) -> None:
    made = create(client)

    answer = client.api("POST", f"{PATH}/{made['id']}/rotate", {"grace_seconds": 3600})

    assert (200, "API key rotated successfully") == (answer.status, answer.json["message"])
    rotated = answer.json["data"]
    assert made["api_key"] != rotated["api_key"]
    assert rotated["api_key"].startswith(rotated["hint"])
    grace = datetime.fromisoformat(rotated["previous_expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < grace <= timedelta(hours=1)
    assert (200, 200) == (status(client, made["api_key"]), status(client, rotated["api_key"]))


def test_without_grace_the_old_text_ends_at_once(client: Client) -> None:
    made = create(client)

    rotated = client.api("POST", f"{PATH}/{made['id']}/rotate", {"grace_seconds": 0}).json["data"]

    refused = client.api("GET", "/v1/messages", Authorization=f"Bearer {made['api_key']}")
    assert (401, "API_KEY_EXPIRED") == code(refused)
    assert 200 == status(client, rotated["api_key"])


def test_a_second_rotation_ends_the_first_text(client: Client) -> None:
    made = create(client)

    second = client.api("POST", f"{PATH}/{made['id']}/rotate").json["data"]["api_key"]
    third = client.api("POST", f"{PATH}/{made['id']}/rotate").json["data"]["api_key"]

    assert [401, 200, 200] == [status(client, text) for text in (made["api_key"], second, third)]


@pytest.mark.parametrize("grace", [-1, 30 * 86400 + 1, "1", True])
def test_a_grace_out_of_bounds_is_refused(shared_client: Client, grace: object) -> None:
    answer = shared_client.api("POST", f"{PATH}/key_000001/rotate", {"grace_seconds": grace})

    assert ["grace_seconds"] == list(problems(answer))
    assert 200 == shared_client.api("GET", PATH).status


# ── From where, and when ──────────────────────────────────────────────────────────────────────────────────────────────


def bind(world: World, network: str) -> None:
    """Let the usual key be used from there alone."""
    key = world.ports.views.key(key_digest(world.key))
    assert key is not None
    change_key(world.ports, key.id, KeyChange(networks=parse_networks([network])))


def test_what_a_stranger_says_about_the_address_is_not_believed(client: Client, world: World) -> None:
    bind(world, "192.0.2.0/24")

    answer = client.api("GET", "/v1/messages", X_Forwarded_For="192.0.2.1")

    assert (403, "127.0.0.1") == (answer.status, answer.json["error"]["details"]["client_ip"])


@pytest.mark.parametrize(
    ("forwarded", "expected", "client_ip"),
    [
        ("192.0.2.1", 200, None),
        ("198.51.100.1, 192.0.2.1", 200, None),
        ("192.0.2.1, 198.51.100.1", 403, "198.51.100.1"),
        ("198.51.100.1", 403, "198.51.100.1"),
    ],
)
def test_a_trusted_proxy_says_where_a_request_comes_from(
    start: StartServer, world: World, forwarded: str, expected: int, client_ip: str | None
) -> None:
    bind(world, "192.0.2.0/24")
    client = start(trusted_proxy=parse_networks(["127.0.0.1"]))

    answer = client.api("GET", "/v1/messages", X_Forwarded_For=forwarded)

    assert expected == answer.status
    if client_ip:
        assert client_ip == answer.json["error"]["details"]["client_ip"]


def test_the_last_use_of_a_key_is_shown_and_written_once_a_minute(client: Client, world: World) -> None:
    text = create(client)["api_key"]
    began = world.ports.world.now()

    status(client, text)

    def last_use() -> str | None:
        shown: str | None = client.api("GET", f"{PATH}/key_000002").json["data"]["last_used_at"]
        return shown

    first = wait_until(last_use, what="the last use")
    shown = client.api("GET", f"{PATH}/key_000002").json["data"]
    assert began <= datetime.fromisoformat(first) <= world.ports.world.now()
    assert "127.0.0.1" == shown["last_used_ip"]
    for _ in range(3):
        status(client, text)
    assert first == last_use()


@pytest.mark.parametrize(
    ("dialect", "shown"), [("as2expert", {"token"}), ("mft", {"username", "password", "token_id", "token_secret"})]
)
def test_a_credential_of_a_dialect_is_shown_once_and_opens_no_other_api(
    client: Client, dialect: str, shown: set[str]
) -> None:
    answer = client.api("POST", PATH, {"name": "ERP", "dialect": dialect})

    made = answer.json["data"]
    assert (201, dialect, ["read", "write"]) == (answer.status, made["dialect"], made["scopes"])
    assert all(made[name] for name in shown)
    assert "api_key" not in made
    again = client.api("GET", f"{PATH}/{made['id']}").json["data"]
    assert {"token", "password", "token_secret"}.isdisjoint(again)
    for name in shown:
        assert 401 == status(client, made[name])


def test_a_rotated_token_of_a_dialect_keeps_its_name(client: Client) -> None:
    made = client.api("POST", PATH, {"name": "ERP", "dialect": "mft", "username": "ana"}).json["data"]

    rotated = client.api("POST", f"{PATH}/{made['id']}/rotate").json["data"]

    assert rotated["token_secret"].startswith("mft_live_")
    assert (made["username"], made["token_id"]) == (rotated["username"], rotated["token_id"])
    assert made["token_secret"] != rotated["token_secret"]
    assert {"password", "api_key"}.isdisjoint(rotated)


@pytest.mark.parametrize(
    ("fields", "status_code", "named"),
    [
        ({"dialect": "as4"}, 422, "dialect"),
        ({"dialect": 7}, 422, "dialect"),
        ({"dialect": "as2expert", "username": "ana"}, 422, "username"),
        ({"dialect": "mft", "username": "a:b"}, 422, "username"),
        ({"dialect": "mft", "scopes": ["root"]}, 422, "scopes"),
        ({"dialect": "mft", "username": "taken"}, 409, ""),
    ],
)
def test_a_bad_credential_of_a_dialect_is_refused_and_not_kept(
    client: Client, fields: dict[str, object], status_code: int, named: str
) -> None:
    client.api("POST", PATH, {"name": "ERP", "dialect": "mft", "username": "taken"})

    answer = client.api("POST", PATH, {"name": "ERP", **fields})

    assert status_code == answer.status
    assert named in answer.json.get("errors", {"": None})
    assert 2 == client.api("GET", PATH).json["pagination"]["total"]
