"""The client's other parts: partners, webhooks, the feed, keys and test mode."""

import pytest

from acuse_client import Acuse, AsyncAcuse, Invalid, NotFound, SignatureInvalid, verify
from tests.client.conftest import Pair
from tests.peers.listener import listening
from tests.peers.waiting import wait_until


def test_partners_are_made_changed_and_removed(acuse: Acuse) -> None:
    made = acuse.partners.create(name="Initech", as2_id="INITECH", url="https://as2.initech.example/as2")

    changed = acuse.partners.update(made["id"], name="Initech, Inc.")
    found = [partner["as2_id"] for partner in acuse.partners.list(search="initech")]
    acuse.partners.delete(made["id"])

    assert ("Initech, Inc.", ["INITECH"]) == (changed["name"], found)
    with pytest.raises(NotFound, match="PARTNER_NOT_FOUND"):
        acuse.partners.get(made["id"])
    with pytest.raises(Invalid) as caught:
        acuse.partners.create(name="Nameless")
    assert {"as2_id", "url"} <= caught.value.fields.keys()


def test_webhook_is_verified_by_its_secret(pair: Pair, acuse: Acuse) -> None:
    with listening() as listener:
        made = pair.acme.cli("webhook", "add", "--url", listener.url, "--json").json
        tried = acuse.webhooks.test(made["id"])
        posted = wait_until(lambda: listener.posted)[0]
        replaced = acuse.webhooks.rotate_secret(made["id"], overlap=60)
        acuse.webhooks.test(made["id"])
        after = wait_until(lambda: listener.posted[1:])[0]
    acuse.webhooks.delete(made["id"])

    headers = dict(posted.headers)
    assert tried["success"]
    assert "webhook.test" == verify(posted.body, headers, made["secret"])["type"]
    for secret in (made["secret"], replaced["secret"]):
        assert "webhook.test" == verify(after.body, dict(after.headers), secret)["type"]
    with pytest.raises(SignatureInvalid, match="not signed"):
        verify(posted.body + b" ", headers, made["secret"])
    with pytest.raises(SignatureInvalid, match="not signed"):
        verify(posted.body, headers, replaced["secret"])
    with pytest.raises(SignatureInvalid, match="ago"):
        verify(posted.body, headers, made["secret"], now=int(headers["webhook-timestamp"]) + 301)
    with pytest.raises(SignatureInvalid, match="no signature"):
        verify(posted.body, {}, made["secret"])


def test_deliveries_are_listed_and_delivered_again(pair: Pair, acuse: Acuse) -> None:
    with listening() as listener:
        made = pair.acme.cli("webhook", "add", "--url", listener.url, "--json").json
        sent = acuse.messages.send(pair.partner, b"D")
        acuse.messages.wait(sent["id"])
        wait_until(lambda: acuse.webhooks.deliveries(made["id"]).page(state="delivered").total >= 3)
        [first] = [row for row in acuse.webhooks.deliveries(made["id"]).list() if row["event"] == "message.queued"]
        count = len(listener.posted)
        acuse.webhooks.replay(made["id"], first["id"])
        wait_until(lambda: len(listener.posted) > count)
    acuse.webhooks.delete(made["id"])


def test_feed_goes_on_behind_what_was_read(pair: Pair, acuse: Acuse) -> None:
    before = max([event["position"] for event in acuse.events.list()], default=0)
    sent = acuse.messages.send(pair.partner, b"E")
    acuse.messages.wait(sent["id"])

    events = list(acuse.events.list(after=before))

    own = [event["type"] for event in events if event["data"]["id"] == sent["id"]]
    assert ["message.queued", "message.processing", "message.sent", "message.delivered"] == own
    assert [] == list(acuse.events.list(after=events[-1]["position"]))


async def test_feed_is_followed(pair: Pair, async_acuse: AsyncAcuse) -> None:
    known = [event["position"] async for event in async_acuse.events.list()]
    following = async_acuse.events.follow(after=max(known, default=0), pause=0.05)

    sent = await async_acuse.messages.send(pair.partner, b"F")
    seen = []
    async for event in following:
        seen.append(event["type"])
        if event["type"] == "message.delivered" and event["data"]["id"] == sent["id"]:
            break

    assert "message.queued" == seen[0]


def test_keys_are_made_rotated_and_revoked(pair: Pair, acuse: Acuse) -> None:
    made = acuse.keys.create(name="reader", scopes=["read"])
    rotated = acuse.keys.rotate(made["id"], grace_seconds=0)

    with Acuse(pair.acme.url, rotated["api_key"]) as reader:
        assert reader.messages.page().total >= 0
    acuse.keys.delete(made["id"])

    assert made["api_key"] != rotated["api_key"]
    assert made["id"] not in [key["id"] for key in acuse.keys.list()]


def test_test_mode_is_tried(pair: Pair, acuse: Acuse) -> None:
    made = acuse.keys.create(name="test", scopes=["read", "write", "delete"], mode="test")

    with Acuse(pair.acme.url, made["api_key"]) as testing:
        sent = testing.messages.send(pair.partner, b"T", simulate="mic-mismatch")
        failed = testing.messages.wait(sent["id"])
        came = testing.sandbox.simulate_incoming(partner_id=pair.partner)["message"]
        listed = [message["id"] for message in testing.sandbox.list()]
        known = testing.sandbox.info()
        testing.sandbox.clear()
        left = testing.sandbox.page().total

    assert "failed" == failed["status"]
    assert {sent["id"], came["id"]} <= set(listed)
    assert known
    assert 0 == left
