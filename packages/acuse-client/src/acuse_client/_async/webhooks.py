"""Webhook endpoints and the feed of events."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from acuse_client._async.caller import AsyncCaller
from acuse_client._async.collection import AsyncCollection, AsyncReadable
from acuse_client.objects import Event, Object
from acuse_client.retrying import Call


class AsyncWebhooks(AsyncCollection[Object]):
    """Where events are posted to. `acuse_client.verify` checks what arrives there."""

    async def test(self, name: str) -> Object:
        """Post a signed `webhook.test` there, and tell what came back."""
        return await self._one("POST", name, "test")

    def deliveries(self, name: str) -> AsyncReadable[Object]:
        """What became of each event there."""
        return AsyncReadable(self._caller, f"{self._path}/{name}/deliveries")

    async def replay(self, name: str, delivery: str | None = None, *, after: int | None = None) -> Object:
        """Deliver again: one event, or all that were given up, with `after` those behind a position of the feed."""
        action = "replay" if delivery is None else f"deliveries/{delivery}/replay"
        return await self._one("POST", name, action, body={} if after is None else {"after": after})

    async def rotate_secret(self, name: str, /, **fields: object) -> Object:
        """Give it another secret, which is in the answer; `overlap` seconds long both sign."""
        return await self._one("POST", name, "rotate-secret", body=fields)


class AsyncEvents:
    """The feed: every event in the order of its commit."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list(self, *, after: int = 0) -> AsyncIterator[Event]:
        """Those behind a position, up to the last one. Keep the `position` of what is done, to go on there later."""
        has_more = True
        while has_more:
            rows, after, has_more = await self._page(after)
            for event in rows:
                yield event

    async def follow(self, *, after: int = 0, pause: float = 1.0) -> AsyncIterator[Event]:
        """The same, and then those that still come, looked for every `pause` seconds. Never ends by itself."""
        while True:
            async for event in self.list(after=after):
                after = event.get("position", after)
                yield event
            await asyncio.sleep(pause)

    async def _page(self, after: int) -> tuple[Sequence[Event], int, bool]:
        query = {"after": after, "per_page": 100}
        answer = await self._caller.call(Call(method="GET", path="/v1/events", query=query))
        return answer["data"], answer["cursor"]["after"], answer["cursor"]["has_more"]
