"""`acuse webhook`."""

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.peers.listener import Answer, listening
from tests.peers.wire import Reply


def test_an_endpoint_is_added_listed_and_removed(shell: Shell) -> None:
    made = shell("webhook", "add", "--url", "http://127.0.0.1:9/hook", "--json").json

    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert ("wh_000001", "http://127.0.0.1:9/hook", ["*"], None) == (
        made["id"],
        made["url"],
        made["events"],
        made["description"],
    )
    listed = shell("webhook", "list", "--json")
    assert [made] == listed.json
    assert secret not in listed.output + shell("webhook", "list").output
    assert shell("webhook", "remove", "wh_000001").code == 0
    assert shell("webhook", "list", "--json").json == []


def test_the_events_are_given_with_commas(shell: Shell) -> None:
    options = ("--events", "message.failed, message.delivered", "--description", "the ERP")

    made = shell("webhook", "add", "--url", "https://erp.example/", *options, "--json").json

    assert ["message.delivered", "message.failed"] == made["events"]
    assert "the ERP" == made["description"]


def test_people_see_the_secret_once(shell: Shell) -> None:
    added = shell("webhook", "add", "--url", "https://erp.example/")

    assert "whsec_" in added.output
    assert "shown this once" in added.output
    assert "https://erp.example/" in shell("webhook", "list").output


@pytest.mark.parametrize(
    ("options", "word"),
    [(("--url", "erp.example"), "url"), (("--url", "https://a.example", "--events", "x"), "events")],
)
def test_bad_input_is_one_line(shell: Shell, options: tuple[str, ...], word: str) -> None:
    assert word in shell("webhook", "add", *options).refusal


def test_an_unknown_endpoint_cannot_be_removed(shell: Shell) -> None:
    assert "wh_000009" in shell("webhook", "remove", "wh_000009").refusal


def test_no_webhook_is_said_so(shell: Shell) -> None:
    assert "No webhook yet" in shell("webhook", "list").output


def hook(shell: Shell, url: str) -> str:
    made: str = shell("webhook", "add", "--url", url, "--json").json["id"]
    return made


def test_a_test_tells_what_the_endpoint_answered(shell: Shell) -> None:
    with listening() as good, listening(lambda _: Answer(reply=Reply(status=500))) as bad:
        first, second = hook(shell, good.url), hook(shell, bad.url)

        assert "took it: HTTP 200" in shell("webhook", "test", first).output
        assert "answered HTTP 500" in shell("webhook", "test", second).refusal
        shown = shell("webhook", "test", second, "--json").json

    assert (False, 500) == (shown["success"], shown["status_code"])
    assert ["webhook.test"] == [json.loads(posted.body)["type"] for posted in good.posted]


def test_deliveries_are_shown_and_replayed(shell: Shell, tmp_path: Path) -> None:
    endpoint = hook(shell, "http://127.0.0.1:9/hook")
    assert "Nothing was to be delivered" in shell("webhook", "deliveries", endpoint).output
    shell.add_partner("--sign", "none", "--encrypt", "none", "--mdn", "none")
    (tmp_path / "order.x12").write_text("ISA*")
    assert 0 == shell("send", "--to", "GLOBEX", tmp_path / "order.x12").code

    lines = shell("webhook", "deliveries", endpoint, "--state", "pending", "--json").json
    assert ["message.queued", "partner.created"] == [line["event"] for line in lines]
    line = lines[0]
    assert line["id"] in shell("webhook", "deliveries", endpoint).output
    assert (
        f"{line['id']} will be delivered again" in shell("webhook", "replay", endpoint, "--delivery", line["id"]).output
    )
    assert "Nothing was given up" in shell("webhook", "replay", endpoint).output
    assert "delivery" in shell("webhook", "replay", endpoint, "--delivery", "dlv_1").refusal
