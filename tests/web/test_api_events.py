"""`/v1/events`, the log of an endpoint, and the reference page of the events."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from acuse.domain.event import EventKind
from acuse.domain.webhook_signature import new_secret, signed_headers
from acuse.services.recall_event import recall_event
from acuse.web.api.event_objects import event_body
from tests.web.client import Client
from tests.web.conftest import World
from tests.web.test_api_send import problems, wish

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "events.md"


@pytest.fixture
def handles(client: Client) -> list[str]:
    """Seven messages, each with one event."""
    return [client.api("POST", "/v1/messages", wish(subject=f"order {n}")).json["data"]["id"] for n in range(7)]


def feed(client: Client, query: str) -> Any:
    answer = client.api("GET", f"/v1/events?{query}")
    assert 200 == answer.status, answer.body
    return answer.json


def test_a_reader_that_follows_the_cursor_gets_every_event_once(client: Client, handles: list[str]) -> None:
    got, after, has_more = [], 0, True
    while has_more:
        page = feed(client, f"after={after}&per_page=3")
        got += page["data"]
        after, has_more = page["cursor"]["after"], page["cursor"]["has_more"]

    assert handles == [event["data"]["id"] for event in got]
    assert {"message.queued"} == {event["event"] for event in got}
    assert sorted({event["position"] for event in got}) == [event["position"] for event in got]
    assert {"data": [], "cursor": {"after": after, "has_more": False}} == feed(client, f"after={after}")

    later = client.api("POST", "/v1/messages", wish()).json["data"]["id"]
    assert [later] == [event["data"]["id"] for event in feed(client, f"after={after}")["data"]]


def test_the_feed_has_the_same_objects_as_a_delivery(client: Client, world: World, handles: list[str]) -> None:
    (event,) = feed(client, "per_page=1")["data"]

    position = event.pop("position")
    posted = event_body(recall_event(world.ports, world.ports.views.webhooks.event(position)))

    assert json.loads(posted) == event
    assert client.api("GET", f"/v1/messages/{handles[0]}").json["data"] == event["data"]


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=1.5", f"after={2**63}", "per_page=0", "per_page=101"])
def test_a_wrong_cursor_is_refused(shared_client: Client, query: str) -> None:
    assert [query.partition("=")[0]] == list(problems(shared_client.api("GET", f"/v1/events?{query}")))


def test_the_log_of_an_endpoint_has_pages_and_a_filter(client: Client) -> None:
    client.api("POST", "/v1/webhook-endpoints", {"url": "https://erp.acme.example/"})
    sent = [client.api("POST", "/v1/messages", wish()).json["data"]["id"] for _ in range(3)]
    path = "/v1/webhook-endpoints/wh_000001/deliveries"

    page = client.api("GET", f"{path}?per_page=2&page=2&state=pending").json

    pagination = {"current_page": 2, "last_page": 2, "per_page": 2, "total": 3, "has_more": False}
    assert pagination == page["pagination"]
    (line,) = page["data"]
    assert {
        "id": line["id"],
        "event_id": feed(client, "per_page=1")["data"][0]["id"],
        "event": "message.queued",
        "message_id": sent[0],
        "certificate_id": None,
        "notice_id": None,
        "partner_id": None,
        "state": "pending",
        "attempts": 0,
        "status_code": None,
        "error": None,
        "response_excerpt": None,
        "duration": None,
        "created_at": line["created_at"],
        "last_attempt_at": None,
        "next_attempt_at": line["created_at"],
        "delivered_at": None,
    } == line
    assert 0 == client.api("GET", f"{path}?state=delivered").json["pagination"]["total"]
    assert ["state"] == list(problems(client.api("GET", f"{path}?state=lost")))


def test_the_reference_page_names_every_kind_in_order() -> None:
    listed = re.findall(r"^\| `(\w+\.\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert [kind.value for kind in EventKind] == listed


def test_the_example_of_the_reference_page_has_the_fields_of_a_real_event(client: Client, handles: list[str]) -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (real,) = feed(client, "per_page=1")["data"]
    del real["position"]
    shown = json.loads(example)

    assert list(real) == list(shown)
    assert list(real["data"]) == list(shown["data"])
    assert list(real["data"]["attachments"][0]) == list(shown["data"]["attachments"][0])
    assert real["data"]["partner"].keys() == shown["data"]["partner"].keys()


@pytest.mark.parametrize("number", [0, 1])
def test_the_programs_of_the_reference_page_know_a_right_signature_from_a_wrong_one(world: World, number: int) -> None:
    programs = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    secret, body = new_secret("AB" * 30), b'{"event": "message.sent"}'
    signature = signed_headers([secret], event_id="evt_1", body=body, now=world.ports.world.now())
    headers = {name.lower(): value for name, value in signature}

    exec(programs[number], {"secret": secret, "body": body, "headers": headers})
    with pytest.raises(Exception, match=r"not sent by our gateway|No matching signature"):
        exec(programs[number], {"secret": secret, "body": body + b" ", "headers": headers})
