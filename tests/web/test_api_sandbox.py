"""Test mode over HTTP: what a test key sends, how it says what the simulated partner is to do, and who sees it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from acuse.domain.access import Mode, Scope
from acuse.domain.simulation import Behaviour, IncomingBehaviour
from acuse.web.api.samples import SAMPLES
from tests.web.client import Client, Response
from tests.web.conftest import World
from tests.web.test_api_send import problems, wish

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "sandbox.md"


class SandboxClient:
    """A client with a key of test mode."""

    def __init__(self, client: Client, world: World) -> None:
        self._client = client
        self._key = world.new_key(*Scope, mode=Mode.TEST)

    def __call__(self, method: str, path: str, content: object = None, **headers: str) -> Response:
        return self._client.api(method, path, content, Authorization=f"Bearer {self._key}", **headers)

    def send(self, **fields: object) -> dict[str, Any]:
        answer = self("POST", "/v1/messages", wish(**fields))
        assert 202 == answer.status, answer.body
        made: dict[str, Any] = answer.json["data"]
        return made

    def simulated(self, public_id: str) -> object:
        """What a message asks of the simulated partner."""
        return self("GET", f"/v1/messages/{public_id}").json["data"]["simulate"]


@pytest.fixture(scope="module")
def tester(shared_client: Client, shared_world: World) -> SandboxClient:
    return SandboxClient(shared_client, shared_world)


def test_a_message_of_a_test_key_is_of_test_mode_and_no_live_key_sees_it(
    tester: SandboxClient, shared_client: Client
) -> None:
    made = tester.send()

    path = f"/v1/messages/{made['id']}"
    assert ("test", "queued") == (made["mode"], made["status"])
    assert (200, 404) == (tester("GET", path).status, shared_client.api("GET", path).status)
    assert made["id"] not in [entry["id"] for entry in shared_client.api("GET", "/v1/messages").json["data"]]
    assert made["id"] in [entry["id"] for entry in tester("GET", "/v1/messages").json["data"]]
    for part in ("payload", "timeline"):
        assert (200, 404) == (tester("GET", f"{path}/{part}").status, shared_client.api("GET", f"{path}/{part}").status)


def test_a_live_message_is_seen_by_no_test_key(tester: SandboxClient, shared_client: Client) -> None:
    made = shared_client.api("POST", "/v1/messages", wish()).json["data"]

    assert "live" == made["mode"]
    assert 404 == tester("GET", f"/v1/messages/{made['id']}").status


def test_a_field_or_a_header_says_what_the_simulated_partner_does(tester: SandboxClient) -> None:
    by_field = tester.send(simulate="http-500")
    by_header = tester("POST", "/v1/messages", wish(), X_Acuse_Simulate="timeout").json["data"]
    by_both = tester("POST", "/v1/messages", wish(simulate="slow"), X_Acuse_Simulate="timeout").json["data"]

    assert ["http-500", "timeout", "slow"] == [tester.simulated(made["id"]) for made in (by_field, by_header, by_both)]


def test_a_form_says_it_too(tester: SandboxClient) -> None:
    boundary = "b"
    fields = {"partner_id": "prt_000001", "content_type": "text/plain", "simulate": "bad-signature"}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
    parts.append('--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc\r\n--b--\r\n')

    answer = tester(
        "POST", "/v1/messages", "".join(parts).encode(), Content_Type=f"multipart/form-data; boundary={boundary}"
    )

    assert "bad-signature" == tester.simulated(answer.json["data"]["id"])


@pytest.mark.parametrize("value", ["nonsense", "", 7, ["slow"], "late-receipt"])
def test_what_cannot_be_simulated_is_refused_by_its_name(tester: SandboxClient, value: object) -> None:
    assert ["simulate"] == list(problems(tester("POST", "/v1/messages", wish(simulate=value))))


def test_an_unknown_behaviour_in_the_header_is_refused_by_the_fields_name(tester: SandboxClient) -> None:
    answer = tester("POST", "/v1/messages", wish(), X_Acuse_Simulate="nonsense")

    assert ["simulate"] == list(problems(answer))


def test_a_live_key_simulates_nothing(shared_world: World, shared_client: Client) -> None:
    before = shared_world.message_count

    answer = shared_client.api("POST", "/v1/messages", wish(simulate="slow"))

    assert ["simulate"] == list(problems(answer))
    assert before == shared_world.message_count


def test_the_reference_page_names_every_behaviour() -> None:
    page = PAGE.read_text(encoding="utf-8")

    for behaviour in (*Behaviour, *IncomingBehaviour):
        assert f"| `{behaviour.value}`" in page, behaviour


# ── The partner's side, samples, and a clean table ────────────────────────────────────────────────────────────────────

INCOMING = "/v1/sandbox/simulate-incoming"


def test_the_simulated_partner_sends_a_message_that_is_received(tester: SandboxClient, shared_client: Client) -> None:
    answer = tester("POST", INCOMING, {"partner_id": "prt_000001", "message_type": "invoic", "subject": "An invoice"})

    assert 201 == answer.status
    message = answer.json["data"]["message"]
    assert ("test", "received", "inbound", "received") == tuple(
        message[name] for name in ("mode", "status", "direction", "mdn_status")
    )
    assert "An invoice" == message["subject"]
    payload = tester("GET", f"/v1/messages/{message['id']}/payload").body
    assert SAMPLES["INVOIC"].read() == payload
    assert 404 == shared_client.api("GET", f"/v1/messages/{message['id']}").status


def test_the_simulated_partner_sends_what_it_is_told_to_and_how(tester: SandboxClient) -> None:
    own = {"content": "hello", "content_type": "text/plain", "filename": "a.txt", "mdn_mode": "none"}
    good = tester("POST", INCOMING, {"partner_id": "prt_000001", **own}).json["data"]
    bad = tester("POST", INCOMING, {"partner_id": "prt_000001", "simulate": "unknown-signer"}).json["data"]

    file = good["message"]["attachments"][0]
    assert ("a.txt", "text/plain", 5) == (file["filename"], file["content_type"], file["bytes"])
    assert "none" == good["message"]["mdn_status"]
    assert ("failed", "AUTHENTICATION_FAILED") == (bad["message"]["status"], bad["message"]["error"]["code"])


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"partner_id": None}, "partner_id"),
        ({"message_type": "997"}, "message_type"),
        ({"content": ""}, "content"),
        ({"content": 7}, "content"),
        ({"simulate": "http-500"}, "simulate"),
        ({"mdn_mode": "later"}, "mdn_mode"),
    ],
)
def test_a_wrong_field_of_an_incoming_message_is_named(
    tester: SandboxClient, fields: dict[str, object], wrong: str
) -> None:
    assert [wrong] == list(problems(tester("POST", INCOMING, {"partner_id": "prt_000001", **fields})))


def test_a_test_message_is_a_sample_or_content_of_ones_own(tester: SandboxClient) -> None:
    path = "/v1/messages/test"
    sample = tester("POST", path, {"partnerId": "prt_000001", "messageType": "x12-810", "requestMdn": False})
    own = tester("POST", path, {"partnerId": "prt_000001", "customContent": "ISA*", "sign": False, "encrypt": False})

    assert [202, 202] == [sample.status, own.status]
    assert ("none", True) == (sample.json["data"]["mdn_mode"], sample.json["data"]["signed"])
    assert (4, False, False) == tuple(own.json["data"][name] for name in ("bytes", "signed", "encrypted"))
    assert b"ISA*" == tester("GET", f"/v1/messages/{own.json['data']['id']}/payload").body
    for fields, wrong in [({}, "partnerId"), ({"partnerId": "prt_000001", "messageType": "997"}, "messageType")]:
        assert wrong in problems(tester("POST", path, fields))


def test_a_repeated_test_message_with_the_same_idempotency_key_is_one(tester: SandboxClient) -> None:
    asked = {"partnerId": "prt_000001"}

    first, second = (tester("POST", "/v1/messages/test", asked, Idempotency_Key="once") for _ in range(2))

    assert first.json["data"]["id"] == second.json["data"]["id"]


@pytest.mark.parametrize("name", [*SAMPLES, "x12-850", "edifact-orders", "invoic"])
def test_a_sample_can_be_sent_as_it_is_shown(tester: SandboxClient, name: str) -> None:
    shown = tester("GET", f"/v1/sandbox/samples/{name}").json["data"]

    made = tester.send(payload=shown["payload"], content_type=shown["content_type"])

    assert SAMPLES[shown["type"]].read() == tester("GET", f"/v1/messages/{made['id']}/payload").body


def test_an_unknown_sample_is_not_found(tester: SandboxClient) -> None:
    assert 404 == tester("GET", "/v1/sandbox/samples/997").status


def test_the_info_lists_what_can_be_simulated(tester: SandboxClient, shared_client: Client) -> None:
    shown = tester("GET", "/v1/sandbox/info").json["data"]

    assert ("test", [behaviour.value for behaviour in Behaviour]) == (shown["mode"], shown["simulate"])
    assert list(SAMPLES) == [sample["type"] for sample in shown["samples"]]
    assert {"id": "prt_000001", "name": "Globex", "as2_id": "GLOBEX"} in shown["partners"]
    assert "live" == shared_client.api("GET", "/v1/sandbox/info").json["data"]["mode"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/sandbox/messages"),
        ("POST", INCOMING),
        ("POST", "/v1/messages/test"),
        ("POST", "/v1/sandbox/clear"),
        ("DELETE", "/v1/sandbox/clear"),
    ],
)
def test_a_live_key_simulates_and_forgets_nothing(shared_client: Client, method: str, path: str) -> None:
    answer = shared_client.api(method, path, {"partner_id": "prt_000001", "partnerId": "prt_000001"})

    assert (403, "TEST_KEY_REQUIRED") == (answer.status, answer.json["error"]["code"])


def test_clearing_forgets_the_messages_of_test_mode_and_no_other(world: World, client: Client) -> None:
    tester = SandboxClient(client, world)
    live = client.api("POST", "/v1/messages", wish(payload={"content": "x" * 200_000})).json["data"]["id"]
    tester("POST", "/v1/webhook-endpoints", {"url": "https://erp.acme.example/hook"})
    tester.send(payload={"content": "y" * 200_000})
    tester("POST", INCOMING, {"partner_id": "prt_000001", "mdn_mode": "async"})
    files = len(list(world.gateway.home.blobs.rglob("*")))

    answer = tester("DELETE", "/v1/sandbox/clear")

    assert (200, {"messages": 2}) == (answer.status, answer.json["data"])
    assert [] == tester("GET", "/v1/sandbox/messages").json["data"] == tester("GET", "/v1/events").json["data"]
    assert 1 == len(tester("GET", "/v1/webhook-endpoints").json["data"])
    assert [] == tester("GET", "/v1/webhook-endpoints/wh_000001/deliveries").json["data"]
    assert [live] == [entry["id"] for entry in client.api("GET", "/v1/messages").json["data"]]
    assert 200_000 == len(client.api("GET", f"/v1/messages/{live}/payload").body)
    assert len(list(world.gateway.home.blobs.rglob("*"))) < files
    assert {"messages": 0} == tester("POST", "/v1/sandbox/clear").json["data"]
    with closing(sqlite3.connect(world.gateway.home.database)) as database:
        assert [("send_message",)] == database.execute("SELECT kind FROM job").fetchall()
        assert [] == database.execute("PRAGMA foreign_key_check").fetchall()
