"""Errors as MFT Gateway tells them: `{"message": …}`, and `errors` with the field names where something was entered.

Rule: this table alone knows which error is which status here.
"""

from collections.abc import Mapping, Sequence

import msgspec

from acuse.errors import (
    AcuseError,
    AddressNotAllowed,
    AlreadyExists,
    ApiKeyExpired,
    InsufficientScope,
    InUse,
    InvalidApiKey,
    InvalidInput,
    MessageNotFound,
    NotFound,
    NotInTestMode,
    NotRetryable,
    OperationError,
    PayloadTooLarge,
    RateLimited,
    ServiceError,
)
from acuse.web.asgi import Reply
from acuse.web.options import RETRY_AFTER
from acuse.web.shared.ranges import RangeNotSatisfiable
from acuse.web.shared.signed_links import LinkRefused

JSON = ("Content-Type", "application/json")
INVALID = "User input validation failed. Please try again"
_BROKEN = "Something went wrong inside the gateway. Its log knows this request by the id {id}."


class BadCredentials(InvalidApiKey):
    """Authentication Failed: Bad credentials"""


class RefreshRefused(InvalidApiKey):
    """Error occurred while refreshing the user session"""


class NothingHere(NotFound):
    """There is nothing at this path. See the reference of the API."""


class MethodUnknown(ServiceError):
    """This path does not take that method."""

    code = "METHOD_NOT_ALLOWED"


class AttachmentsMissing(NotFound):
    """Attachment(s) not found"""


class ReceiptMissing(NotFound):
    """MDN not found"""


class NothingDeleted(NotFound):
    """Unable to find message"""


class NoneDeleted(NotFound):
    """Unable to find messages"""


_STATUS: Sequence[tuple[type[AcuseError], int]] = (
    (InvalidApiKey, 401),
    (ApiKeyExpired, 401),
    (InsufficientScope, 403),
    (AddressNotAllowed, 403),
    (NotInTestMode, 403),
    (LinkRefused, 403),
    (NotFound, 404),
    (AlreadyExists, 422),
    (InUse, 409),
    (NotRetryable, 409),
    (MethodUnknown, 405),
    (PayloadTooLarge, 413),
    (RangeNotSatisfiable, 416),
    (RateLimited, 429),
    (OperationError, 503),
    (ServiceError, 422),
)
"""The first that fits counts."""


def json_reply(status: int, content: object, *headers: tuple[str, str]) -> Reply:
    """An answer in JSON."""
    return Reply(status=status, body=msgspec.json.encode(content), headers=(JSON, *headers))


def http_status(error: AcuseError) -> int:
    """The status that an error deserves."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def error_reply(error: AcuseError, *, request_id: str) -> Reply:
    """The answer for an error that was raised on purpose."""
    status = (
        405 if isinstance(error, MethodUnknown) else next((s for kind, s in _STATUS if isinstance(error, kind)), 500)
    )
    if status == 500:
        return unexpected_reply(request_id=request_id)
    return json_reply(status, _content(error), *_headers(error, status))


def unexpected_reply(*, request_id: str) -> Reply:
    """The answer for what nobody expected: it tells nothing but where to look."""
    return json_reply(500, {"message": _BROKEN.format(id=request_id)})


def _content(error: AcuseError) -> Mapping[str, object]:
    if isinstance(error, InvalidInput):
        return {"message": INVALID, "errors": [{name: problem} for name, problem in error.fields.items()]}
    if type(error) in (InvalidApiKey, ApiKeyExpired):
        return {"message": "Unauthorized"}
    if type(error) is MessageNotFound:
        return {"message": "Message not found"}
    return {"message": error.message}


def _headers(error: AcuseError, status: int) -> tuple[tuple[str, str], ...]:
    if "retry_after" in error.details:
        return (("Retry-After", str(error.details["retry_after"])),)
    if status == 503:
        return (("Retry-After", RETRY_AFTER),)
    if isinstance(error, MethodUnknown):
        return (("Allow", str(error.details["allowed"])),)
    if isinstance(error, RangeNotSatisfiable):
        return (("Content-Range", f"bytes */{error.details['size_bytes']}"),)
    return ()
