"""No route shows or changes anything of one tenant to the key of another."""

import json
import re

import pytest

from acuse.domain.access import Mode, Scope, key_digest
from acuse.web.api.application import BUILT
from tests.web.client import Client
from tests.web.conftest import World
from tests.web.test_api_send import wish

CALLS = [(method, path) for path, handlers in BUILT.items() for method in handlers]
NAMED = [(method, path) for method, path in CALLS if "{id}" in path]
LISTS = [path for path, handlers in BUILT.items() if "GET" in handlers and "{" not in path]


@pytest.fixture(scope="module")
def owner(shared_world: World, shared_client: Client) -> Client:
    """The client of the first tenant, which has something of each kind."""
    client = Client(shared_client.port, key=shared_world.new_key(*Scope, tenant=shared_world.tenant))
    assert 202 == client.api("POST", "/v1/messages", wish()).status
    assert 201 == client.api("POST", "/v1/webhook-endpoints", {"url": "https://erp.acme.example/hook"}).status
    assert 201 == client.api("POST", "/v1/senders", {"address": "office@acme.example"}).status
    return client


@pytest.fixture(scope="module")
def stranger(shared_world: World, shared_client: Client) -> Client:
    """The client of a second tenant, whose key may do everything there."""
    second = shared_world.new_tenant("Second")
    return Client(shared_client.port, key=shared_world.new_key(*Scope, tenant=second))


def snapshot(client: Client) -> dict[str, object]:
    """What a tenant sees of itself, but for the last use of its key."""
    shown = {path: json.dumps(client.api("GET", path).json) for path in LISTS}
    return {path: re.sub(r'"last_used_(at|ip)": ("[^"]*"|null)', "", text) for path, text in shown.items()}


def ids_of(client: Client, path: str) -> set[str]:
    """The ids that a list shows."""
    answer = client.api("GET", path)
    found = answer.json.get("data", []) if answer.status == 200 else []
    return {entry["id"] for entry in found if isinstance(entry, dict) and "id" in entry}


@pytest.mark.parametrize(("method", "path"), NAMED)
def test_a_strangers_key_with_our_id_finds_nothing_and_changes_nothing(
    owner: Client, stranger: Client, method: str, path: str
) -> None:
    ours = sorted(ids_of(owner, path.partition("/{id}")[0]))
    if not ours:
        pytest.skip("there is nothing of that kind")
    before = snapshot(owner)
    where = re.sub(r"\{\w+\}", "1", path.replace("{id}", ours[0]))

    answer = stranger.api(method, where, None if method in ("GET", "DELETE") else {})

    assert answer.status in (403, 404), answer.body
    assert before == snapshot(owner)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_shows_nothing_of_another_tenant(owner: Client, stranger: Client, path: str) -> None:
    assert not ids_of(owner, path) & ids_of(stranger, path)


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("key", ["", "pk_live_unknown"])
def test_no_route_answers_without_a_key(shared_client: Client, method: str, path: str, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    answer = shared_client.request(method, re.sub(r"\{\w+\}", "msg_000001", path), headers=headers)

    assert answer.status in (401, 429)


def test_a_key_of_test_mode_governs_no_live_key(shared_world: World, shared_client: Client) -> None:
    holder = Client(shared_client.port, key=shared_world.new_key(Scope.ADMIN, mode=Mode.TEST))

    assert {"test"} == {key["mode"] for key in holder.api("GET", "/v1/api-keys").json["data"]}


def test_a_key_is_found_by_its_digest_alone_so_that_no_comparison_tells_of_its_text(shared_world: World) -> None:
    """Texts that have all but their last character in common have digests that have nothing in common."""
    text = shared_world.key
    near = text[:-1] + ("A" if text[-1] != "A" else "B")
    views = shared_world.ports.views

    assert views.access(key_digest(text)) is not None
    assert views.access(key_digest(near)) is None
    assert text.encode() not in shared_world.gateway.home.database.read_bytes()
