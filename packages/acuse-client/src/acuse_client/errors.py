"""What can go wrong, as exceptions.

AcuseClientError
├── Refused             the gateway answered with an error; `status`, `code`, `type`, `details`, `fields`
│   ├── Invalid         400 and 422: the request is wrong; `fields` names the fields
│   ├── Unauthorized    401
│   ├── Forbidden       403
│   ├── NotFound        404
│   ├── Conflict        409
│   ├── PayloadTooLarge 413
│   ├── RateLimited     429, after all retries; `retry_after`
│   └── ServerFailed    5xx, after all retries
├── ConnectionFailed    no answer came
├── NotSettled          a message took longer than the caller would wait
└── SignatureInvalid    a webhook is not what the gateway sent
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import httpx


class AcuseClientError(Exception):
    """Something did not work."""


class ConnectionFailed(AcuseClientError):
    """No answer came from the gateway; it may or may not have heard the request."""


class NotSettled(AcuseClientError):
    """The message is still under way. `message` is its last state."""

    def __init__(self, message: Mapping[str, Any], timeout: float) -> None:
        super().__init__(f"{message['id']} is still {message['status']} after {timeout:g} s.")
        self.message = message


class SignatureInvalid(AcuseClientError):
    """A webhook was not signed with this secret, or too long ago."""


class Refused(AcuseClientError):
    """The gateway answered with an error."""

    statuses: ClassVar[Sequence[int]] = ()

    def __init__(self, status: int, envelope: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        error = envelope.get("error") or {}
        self.status = status
        self.code: str = error.get("code", "")
        self.type: str = error.get("type", "")
        self.message: str = error.get("message") or envelope.get("message") or f"HTTP {status}"
        self.details: Mapping[str, Any] = error.get("details") or {}
        self.fields: Mapping[str, Sequence[str]] = envelope.get("errors") or {}
        """The problems of each field, for a request that is wrong."""
        self.retry_after = _seconds(headers.get("Retry-After"))
        """Seconds until it may work, where the gateway says so."""
        super().__init__(f"{self.code or status}: {self.message}")


class Invalid(Refused):
    """The request is wrong."""

    statuses = (400, 422)


class Unauthorized(Refused):
    """The key is missing, unknown or has expired."""

    statuses = (401,)


class Forbidden(Refused):
    """The key may not do this."""

    statuses = (403,)


class NotFound(Refused):
    """There is no such thing."""

    statuses = (404,)


class Conflict(Refused):
    """The state of the thing does not allow it."""

    statuses = (409,)


class PayloadTooLarge(Refused):
    """The payload is larger than the account's plan allows."""

    statuses = (413,)


class RateLimited(Refused):
    """Too many calls."""

    statuses = (429,)


class ServerFailed(Refused):
    """The gateway could not do it."""

    statuses = tuple(range(500, 600))


_BY_STATUS = {status: kind for kind in Refused.__subclasses__() for status in kind.statuses}


def refusal_of(response: httpx.Response) -> Refused:
    """The exception for an answer whose body has been read."""
    try:
        envelope = response.json()
    except ValueError:
        envelope = {}
    kind = _BY_STATUS.get(response.status_code, Refused)
    return kind(response.status_code, envelope if isinstance(envelope, dict) else {}, response.headers)


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:  # the other form, a date, is not used by the gateway
        return None
