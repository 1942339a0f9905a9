# Made from _async by scripts/draw_sync_client.py: change it there.
"""Webhook endpoints and the feed of events."""

import time
from collections.abc import Iterator, Sequence

from acuse_client._sync.caller import Caller
from acuse_client._sync.collection import Collection, Readable
from acuse_client.objects import Event, Object
from acuse_client.retrying import Call


class Webhooks(Collection[Object]):
    """Where events are posted to. `acuse_client.verify` checks what arrives there."""

    def test(self, name: str) -> Object:
        """Post a signed `webhook.test` there, and tell what came back."""
        return self._one("POST", name, "test")

    def deliveries(self, name: str) -> Readable[Object]:
        """What became of each event there."""
        return Readable(self._caller, f"{self._path}/{name}/deliveries")

    def replay(self, name: str, delivery: str | None = None, *, after: int | None = None) -> Object:
        """Deliver again: one event, or all that were given up, with `after` those behind a position of the feed."""
        action = "replay" if delivery is None else f"deliveries/{delivery}/replay"
        return self._one("POST", name, action, body={} if after is None else {"after": after})

    def rotate_secret(self, name: str, /, **fields: object) -> Object:
        """Give it another secret, which is in the answer; `overlap` seconds long both sign."""
        return self._one("POST", name, "rotate-secret", body=fields)


class Events:
    """The feed: every event in the order of its commit."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(self, *, after: int = 0) -> Iterator[Event]:
        """Those behind a position, up to the last one. Keep the `position` of what is done, to go on there later."""
        has_more = True
        while has_more:
            rows, after, has_more = self._page(after)
            for event in rows:
                yield event

    def follow(self, *, after: int = 0, pause: float = 1.0) -> Iterator[Event]:
        """The same, and then those that still come, looked for every `pause` seconds. Never ends by itself."""
        while True:
            for event in self.list(after=after):
                after = event.get("position", after)
                yield event
            time.sleep(pause)

    def _page(self, after: int) -> tuple[Sequence[Event], int, bool]:
        query = {"after": after, "per_page": 100}
        answer = self._caller.call(Call(method="GET", path="/v1/events", query=query))
        return answer["data"], answer["cursor"]["after"], answer["cursor"]["has_more"]
