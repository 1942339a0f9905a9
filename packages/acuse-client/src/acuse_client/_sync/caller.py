# Made from _async by scripts/draw_sync_client.py: change it there.
"""One call of the API: made, made again where that is safe, and its refusal raised."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx

from acuse_client.errors import ConnectionFailed, refusal_of
from acuse_client.retrying import Call, RetryPolicy


class Caller:
    """A connection to a gateway, for one key."""

    def __init__(
        self, gateway: str, api_key: str, *, tenant: str | None, timeout: float, retry: RetryPolicy, proxy: str | None
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}", **({"X-Tenant-ID": tenant} if tenant else {})}
        self._http = httpx.Client(base_url=gateway, headers=headers, timeout=timeout, proxy=proxy)
        self._retry = retry

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, call: Call) -> Any:
        """What is answered, from JSON; None for an answer without a body. Raises Refused and ConnectionFailed."""
        response = self._send(call, is_streamed=False)
        return response.json() if response.content else None

    @contextmanager
    def stream(self, call: Call) -> Iterator[httpx.Response]:
        """An answer whose body is still to be read. Raises Refused and ConnectionFailed."""
        response = self._send(call, is_streamed=True)
        try:
            yield response
        except httpx.TransportError as error:
            raise ConnectionFailed(f"{call.method} {call.path}: the answer ended early: {error}") from error
        finally:
            response.close()

    def _send(self, call: Call, *, is_streamed: bool) -> httpx.Response:
        for made in count(1):
            request = self._http.build_request(
                call.method,
                call.path,
                params={name: str(value) for name, value in call.query.items()},
                json=call.json,
                data=call.form,
                files=call.files,
                headers=dict(call.headers),
            )
            try:
                response = self._http.send(request, stream=is_streamed)
                if response.is_success:
                    return response
                response.read()
            except httpx.TransportError as error:
                pause = self._retry.after_failure(call, error, made=made)
                if pause is None:
                    reason = str(error) or type(error).__name__
                    raise ConnectionFailed(f"{call.method} {request.url}: {reason}") from error
            else:
                refusal = refusal_of(response)
                pause = self._retry.after_refusal(call, refusal, made=made)
                if pause is None:
                    raise refusal
            time.sleep(pause)
        raise AssertionError("counting never ends")
