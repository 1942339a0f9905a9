# Made from _async by scripts/draw_sync_client.py: change it there.
"""The client: one attribute for each part of the API."""

import os
from types import TracebackType
from typing import Self

from acuse_client._sync.caller import Caller
from acuse_client._sync.collection import Collection
from acuse_client._sync.messages import Messages
from acuse_client._sync.others import Keys, Notices, Sandbox
from acuse_client._sync.webhooks import Events, Webhooks
from acuse_client.objects import Object
from acuse_client.retrying import RetryPolicy


class Acuse:
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
        self._caller = Caller(
            gateway.rstrip("/"), api_key, tenant=tenant, timeout=timeout, retry=retry or RetryPolicy(), proxy=proxy
        )
        self.messages = Messages(self._caller, "/v1/messages")
        self.partners: Collection[Object] = Collection(self._caller, "/v1/partners")
        self.stations: Collection[Object] = Collection(self._caller, "/v1/stations")
        self.certificates: Collection[Object] = Collection(self._caller, "/v1/certificates")
        self.webhooks = Webhooks(self._caller, "/v1/webhook-endpoints")
        self.events = Events(self._caller)
        self.keys = Keys(self._caller, "/v1/api-keys")
        self.sandbox = Sandbox(self._caller, "/v1/sandbox/messages")
        self.notices = Notices(self._caller, "/v1/notices")

    @classmethod
    def from_environment(cls) -> Self:
        """The gateway in ACUSE_GATEWAY with the key in ACUSE_API_KEY. Raises KeyError."""
        return cls(os.environ["ACUSE_GATEWAY"], os.environ["ACUSE_API_KEY"])

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
