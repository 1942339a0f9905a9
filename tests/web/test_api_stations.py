"""`/v1/stations`: what is taken and shown, and what of it holds for messages."""

from typing import Any

import pytest
from cryptography import x509

from acuse.domain.access import Mode, Scope
from tests.web.client import Client
from tests.web.conftest import StartServer, World
from tests.web.test_api_send import problems, wish

PATH = "/v1/stations"
WAREHOUSE = {"name": "Warehouse", "as2_id": "ACME-2"}


def create(client: Client, **fields: object) -> dict[str, Any]:
    answer = client.api("POST", PATH, {**WAREHOUSE, **fields})
    assert (201, "Station created successfully") == (answer.status, answer.json.get("message")), answer.body
    made: dict[str, Any] = answer.json["data"]
    return made


def listed(client: Client, query: str = "") -> list[str]:
    return [row["id"] for row in client.api("GET", f"{PATH}{query}").json["data"]]


def test_a_station_is_made_with_a_key_pair_and_shown_again(client: Client) -> None:
    made = create(client)

    assert {
        **WAREHOUSE,
        "id": "stn_000002",
        "receive_url": "http://127.0.0.1:8080/as2",
        "email": None,
        "default": False,
    }.items() <= made.items()
    assert "CN=ACME-2" == x509.load_pem_x509_certificate(made["certificate"].encode()).subject.rfc4514_string()
    assert made == client.api("GET", f"{PATH}/stn_000002").json["data"]
    identities = client.api("GET", "/v1/certificates?type=identity").json["data"]
    assert ["stn_000001", "stn_000002"] == [row["station_id"] for row in identities]


def test_every_field_is_taken_in_either_spelling(client: Client) -> None:
    fields = {"receiveUrl": "https://two.example.com/edi", "email": "edi@acme.example", "default": True}

    made = create(client, **fields)

    assert ("https://two.example.com/edi", "edi@acme.example", True) == (
        made["receive_url"],
        made["email"],
        made["default"],
    )
    assert ["stn_000002", "stn_000001"] == listed(client)
    assert ["stn_000001"] == listed(client, "?page=2&per_page=1")
    assert ["stn_000002"] == listed(client, "?search=ware")


def test_the_default_station_sends_what_names_none(client: Client) -> None:
    create(client)
    client.api("PATCH", f"{PATH}/stn_000002", {"default": True})

    sent = client.api("POST", "/v1/messages", wish()).json["data"]

    shown = client.api("GET", f"/v1/messages/{sent['id']}").json["data"]
    assert "ACME-2" == shown["from_as2_id"]
    client.api("PATCH", f"{PATH}/stn_000002", {"default": False})
    assert ["stn_000001", "stn_000002"] == listed(client)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "New"},
        {"as2_id": "ACME-3"},
        {"receive_url": "https://new.example.com/as2"},
        {"email": "edi@acme.example"},
    ],
)
def test_a_change_concerns_only_what_it_names(client: Client, change: dict[str, str]) -> None:
    made = create(client)

    answer = client.api("PATCH", f"{PATH}/stn_000002", change)

    shown = answer.json["data"]
    assert (200, "Station updated successfully") == (answer.status, answer.json["message"])
    assert {**made, **change, "updated_at": shown["updated_at"]} == shown
    assert shown == client.api("GET", f"{PATH}/stn_000002").json["data"]


def test_an_email_address_is_emptied_by_null(client: Client) -> None:
    create(client, email="edi@acme.example")

    assert client.api("PATCH", f"{PATH}/stn_000002", {"email": None}).json["data"]["email"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", 7),
        ("name", "x" * 256),
        ("as2_id", None),
        ("as2_id", "é"),
        ("as2_id", "x" * 129),
        ("receive_url", "as2.example.com"),
        ("receive_url", 7),
        ("email", "nobody"),
        ("default", "yes"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(client: Client, field: str, value: object) -> None:
    answer = client.api("POST", PATH, {**WAREHOUSE, field: value})

    assert (422, [field]) == (answer.status, list(problems(answer)))
    assert ["stn_000001"] == listed(client)
    if value is not None:
        answer = client.api("PATCH", f"{PATH}/stn_000001", {field: value})
        assert (422, [field]) == (answer.status, list(problems(answer)))


def test_the_same_as2_id_twice_is_a_conflict(client: Client) -> None:
    create(client)

    assert 409 == client.api("POST", PATH, WAREHOUSE).status
    assert 409 == client.api("PATCH", f"{PATH}/stn_000001", {"as2_id": "ACME-2"}).status


def test_a_station_with_messages_under_way_stays_as_it_is_known(client: Client) -> None:
    create(client)
    message = client.api("POST", "/v1/messages", wish(station_id="stn_000002")).json["data"]["id"]

    for answer in (
        client.api("DELETE", f"{PATH}/stn_000002"),
        client.api("PATCH", f"{PATH}/stn_000002", {"as2_id": "ACME-3"}),
    ):
        assert (409, "IN_USE", 1) == (
            answer.status,
            answer.json["error"]["code"],
            answer.json["error"]["details"]["open_messages"],
        )
    client.api("POST", f"/v1/messages/{message}/cancel")
    assert 200 == client.api("DELETE", f"{PATH}/stn_000002").status


def test_a_deleted_station_is_gone_and_its_identifier_is_free(client: Client) -> None:
    create(client)

    answer = client.api("DELETE", f"{PATH}/stn_000002")

    assert (200, "Station deleted successfully") == (answer.status, answer.json["message"])
    assert ["stn_000001"] == listed(client)
    for method in ("GET", "PATCH", "DELETE"):
        gone = client.api(method, f"{PATH}/stn_000002", {} if method == "PATCH" else None)
        assert (404, "STATION_NOT_FOUND") == (gone.status, gone.json["error"]["code"])
    assert 1 == len(client.api("GET", "/v1/certificates?type=identity").json["data"])
    assert "stn_000003" == create(client)["id"]


def test_the_last_station_stays_while_there_are_partners(start: StartServer) -> None:
    client = start(url="https://as2.acme.example")
    assert (409, "IN_USE") == (
        (answer := client.api("DELETE", f"{PATH}/stn_000001")).status,
        answer.json["error"]["code"],
    )
    client.api("DELETE", "/v1/partners/prt_000001")
    assert 200 == client.api("DELETE", f"{PATH}/stn_000001").status
    assert [] == listed(client)
    assert "https://as2.acme.example/as2" == create(client)["receive_url"]


def test_a_key_of_test_mode_reads_stations_and_makes_none(client: Client, world: World) -> None:
    test = Client(client.port, key=world.new_key(*Scope, mode=Mode.TEST))

    assert ["stn_000001"] == listed(test)
    assert (403, "LIVE_KEY_REQUIRED") == (
        (answer := test.api("POST", PATH, WAREHOUSE)).status,
        answer.json["error"]["code"],
    )
