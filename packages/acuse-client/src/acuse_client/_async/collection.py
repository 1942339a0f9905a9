"""What all lists of things have in common: one page, all of them, one thing, make, change, remove."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from acuse_client._async.caller import AsyncCaller
from acuse_client.objects import Page
from acuse_client.retrying import Call
from acuse_client.wishes import query_of

T = TypeVar("T", bound=Mapping[str, Any])


class AsyncReadable(Generic[T]):
    """Things that can be listed and shown."""

    def __init__(self, caller: AsyncCaller, path: str) -> None:
        self._caller = caller
        self._path = path

    async def page(self, **filters: object) -> Page[T]:
        """One page; filters are those of the reference, among them `page`, `per_page` and, for messages, `cursor`."""
        answer = await self._caller.call(Call(method="GET", path=self._path, query=query_of(filters.items())))
        return Page.of(answer)

    async def list(self, **filters: object) -> AsyncIterator[T]:
        """All of them, page by page as they are needed."""
        following: Mapping[str, object] | None = {"per_page": 100}
        while following is not None:
            page = await self.page(**{**filters, **following})
            for row in page.rows:
                yield row
            following = page.following and {"per_page": 100, **page.following}

    async def get(self, name: str) -> T:
        """One of them. Raises NotFound."""
        return await self._one("GET", name)

    async def _one(self, method: str, name: str, action: str = "", *, body: object = None) -> T:
        thing: T = (await self._call(method, name, action, body=body))["data"]
        return thing

    async def _call(self, method: str, name: str = "", action: str = "", *, body: object = None) -> Any:
        path = "/".join(part for part in (self._path, name, action) if part)
        return await self._caller.call(Call(method=method, path=path, json=body))

    async def _download(self, path: str, target: Path) -> int:
        written = 0
        async with self._caller.stream(Call(method="GET", path=path)) as response:
            with target.open("wb") as file:
                async for piece in response.aiter_bytes():
                    written += file.write(piece)
        return written


class AsyncCollection(AsyncReadable[T]):
    """Things that can also be made, changed and removed."""

    async def create(self, **fields: object) -> T:
        """Make one; the fields are those of the reference. Raises Invalid, which names the fields that are wrong."""
        return await self._one("POST", "", body=fields)

    async def update(self, name: str, /, **fields: object) -> T:
        """Change what is named. Raises NotFound and Invalid."""
        return await self._one("PATCH", name, body=fields)

    async def delete(self, name: str) -> None:
        """Remove one. Raises NotFound, and Conflict while it is in use."""
        await self._call("DELETE", name)
