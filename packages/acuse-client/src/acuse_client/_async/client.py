"""The client: one attribute for each part of the API."""

import os
from types import TracebackType
from typing import Self

from acuse_client._async.caller import AsyncCaller
from acuse_client._async.collection import AsyncCollection
from acuse_client._async.messages import AsyncMessages
from acuse_client._async.others import AsyncKeys, AsyncNotices, AsyncSandbox
from acuse_client._async.webhooks import AsyncEvents, AsyncWebhooks
from acuse_client.objects import Object
from acuse_client.retrying import RetryPolicy


class AsyncAcuse:
    """A gateway, as one key sees it. Use it in a `with` block, or `close` it."""

    def __init__(
        self,
        gateway: str,
        api_key: str,
        *,
        tenant: str | None = None,
        timeout: float = 60.0,
        retry: RetryPolicy | None = None,
        proxy: str | None = None,
    ) -> None:
        """`gateway` is its URL without `/v1`. `timeout` is for connecting, and for each piece that is read or written.

        `tenant` chooses one of the account's tenants. `proxy` is the URL of a proxy, else that of the environment.
        """
        self._caller = AsyncCaller(
            gateway.rstrip("/"), api_key, tenant=tenant, timeout=timeout, retry=retry or RetryPolicy(), proxy=proxy
        )
        self.messages = AsyncMessages(self._caller, "/v1/messages")
        self.partners: AsyncCollection[Object] = AsyncCollection(self._caller, "/v1/partners")
        self.stations: AsyncCollection[Object] = AsyncCollection(self._caller, "/v1/stations")
        self.certificates: AsyncCollection[Object] = AsyncCollection(self._caller, "/v1/certificates")
        self.webhooks = AsyncWebhooks(self._caller, "/v1/webhook-endpoints")
        self.events = AsyncEvents(self._caller)
        self.keys = AsyncKeys(self._caller, "/v1/api-keys")
        self.sandbox = AsyncSandbox(self._caller, "/v1/sandbox/messages")
        self.notices = AsyncNotices(self._caller, "/v1/notices")

    @classmethod
    def from_environment(cls) -> Self:
        """The gateway in ACUSE_GATEWAY with the key in ACUSE_API_KEY. Raises KeyError."""
        return cls(os.environ["ACUSE_GATEWAY"], os.environ["ACUSE_API_KEY"])

    async def close(self) -> None:
        """Close the connections."""
        await self._caller.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
