# Made from _async by scripts/draw_sync_client.py: change it there.
"""What all lists of things have in common: one page, all of them, one thing, make, change, remove."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from acuse_client._sync.caller import Caller
from acuse_client.objects import Page
from acuse_client.retrying import Call
from acuse_client.wishes import query_of

T = TypeVar("T", bound=Mapping[str, Any])


class Readable(Generic[T]):
    """Things that can be listed and shown."""

    def __init__(self, caller: Caller, path: str) -> None:
        self._caller = caller
        self._path = path

    def page(self, **filters: object) -> Page[T]:
        """One page; filters are those of the reference, among them `page`, `per_page` and, for messages, `cursor`."""
        answer = self._caller.call(Call(method="GET", path=self._path, query=query_of(filters.items())))
        return Page.of(answer)

    def list(self, **filters: object) -> Iterator[T]:
        """All of them, page by page as they are needed."""
        following: Mapping[str, object] | None = {"per_page": 100}
        while following is not None:
            page = self.page(**{**filters, **following})
            for row in page.rows:
                yield row
            following = page.following and {"per_page": 100, **page.following}

    def get(self, name: str) -> T:
        """One of them. Raises NotFound."""
        return self._one("GET", name)

    def _one(self, method: str, name: str, action: str = "", *, body: object = None) -> T:
        thing: T = (self._call(method, name, action, body=body))["data"]
        return thing

    def _call(self, method: str, name: str = "", action: str = "", *, body: object = None) -> Any:
        path = "/".join(part for part in (self._path, name, action) if part)
        return self._caller.call(Call(method=method, path=path, json=body))

    def _download(self, path: str, target: Path) -> int:
        written = 0
        with self._caller.stream(Call(method="GET", path=path)) as response:
            with target.open("wb") as file:
                for piece in response.iter_bytes():
                    written += file.write(piece)
        return written


class Collection(Readable[T]):
    """Things that can also be made, changed and removed."""

    def create(self, **fields: object) -> T:
        """Make one; the fields are those of the reference. Raises Invalid, which names the fields that are wrong."""
        return self._one("POST", "", body=fields)

    def update(self, name: str, /, **fields: object) -> T:
        """Change what is named. Raises NotFound and Invalid."""
        return self._one("PATCH", name, body=fields)

    def delete(self, name: str) -> None:
        """Remove one. Raises NotFound, and Conflict while it is in use."""
        self._call("DELETE", name)
