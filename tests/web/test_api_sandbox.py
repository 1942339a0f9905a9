"""Test mode over HTTP: what a test key sends, how it says what the simulated partner is to do, and who sees it."""

from pathlib import Path
from typing import Any

import pytest

from acuse.domain.access import Mode, Scope
from acuse.domain.simulation import Behaviour
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

    for behaviour in Behaviour:
        assert f"| `{behaviour.value}`" in page, behaviour
