"""Errors as the API shows them: a status number, a type, and the envelope.

Rule: this table alone knows which error is which HTTP status. An error that nobody raised on purpose shows nothing of
itself but the id under which the log knows it.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from acuse.domain.moments import written
from acuse.errors import AcuseError, InvalidInput, NotFound, OperationError, ServiceError
from acuse.web.asgi import Reply
from acuse.web.options import RETRY_AFTER
from acuse.web.shared.ranges import RangeNotSatisfiable

ERRORS: Mapping[str, tuple[int, str]] = {
    "INVALID_API_KEY": (401, "authentication_error"),
    "API_KEY_EXPIRED": (401, "authentication_error"),
    "INSUFFICIENT_SCOPE": (403, "authorization_error"),
    "IP_NOT_ALLOWED": (403, "authorization_error"),
    "LIVE_KEY_REQUIRED": (403, "authorization_error"),
    "TEST_KEY_REQUIRED": (403, "authorization_error"),
    "VALIDATION_FAILED": (422, "validation_error"),
    "TENANT_IN_USE": (409, "validation_error"),
    "ALREADY_EXISTS": (409, "validation_error"),
    "NOT_CANCELLABLE": (409, "state_error"),
    "NOT_RESENDABLE": (409, "state_error"),
    "NOT_RETRYABLE": (409, "state_error"),
    "CREDITS_EXHAUSTED": (402, "payment_error"),
    "NOTICE_GONE": (409, "state_error"),
    "NOTICE_NOT_LOCKED": (409, "state_error"),
    "SENDER_NOT_VALIDATED": (403, "validation_error"),
    "RATE_LIMITED": (429, "rate_limit_error"),
    "IDEMPOTENCY_KEY_REUSED": (409, "idempotency_error"),
    "IDEMPOTENCY_KEY_IN_USE": (409, "idempotency_error"),
    "IN_USE": (409, "validation_error"),
    "PARTNER_INACTIVE": (400, "validation_error"),
    "RANGE_NOT_SATISFIABLE": (416, "validation_error"),
    "PAYLOAD_TOO_LARGE": (413, "validation_error"),
    "INVALID_CONTENT_TYPE": (400, "validation_error"),
    "INVALID_AS2_HEADERS": (400, "validation_error"),
    "ENCRYPTION_FAILED": (400, "security_error"),
    "SIGNING_FAILED": (400, "security_error"),
    "CERTIFICATE_EXPIRED": (400, "certificate_error"),
    "PARTNER_UNREACHABLE": (400, "transmission_error"),
    "MDN_TIMEOUT": (408, "transmission_error"),
    "METHOD_NOT_ALLOWED": (405, "resource_error"),
    "NOT_IMPLEMENTED": (501, "server_error"),
    "STORAGE_FAILED": (503, "server_error"),
    "INTERNAL_ERROR": (500, "server_error"),
}
"""Status and type by code."""


class MethodNotAllowed(ServiceError):
    """This path does not take that method. See the Allow field for those that it takes."""

    code = "METHOD_NOT_ALLOWED"


class PathUnknown(NotFound):
    """There is nothing at this path. See the reference of the API."""


def http_status(error: AcuseError) -> int:
    """The status that an error deserves; those without a line of their own get their family's."""
    if error.code in ERRORS:
        return ERRORS[error.code][0]
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, OperationError):
        return 503
    return 400 if isinstance(error, ServiceError) else 500


def error_type(code: str) -> str:
    """The family of a code. What has no line in the table arose on the way to the partner."""
    if code.endswith("NOT_FOUND"):
        return "resource_error"
    return ERRORS[code][1] if code in ERRORS else "transmission_error"


def error_object(error: AcuseError) -> dict[str, object]:
    """An error that was raised on purpose, in the envelope; one of ours tells nothing of itself."""
    if http_status(error) == 500:
        return _envelope_of(AcuseError.code, _OURS, {})
    fields = error.fields if isinstance(error, InvalidInput) else None
    return _envelope_of(error.code, error.message, error.details, fields=fields)


def error_reply(error: AcuseError, *, request_id: str) -> Reply:
    """The answer for an error: the envelope, and the header fields that its status asks for."""
    status = http_status(error)
    if status == 500:
        return unexpected_reply(request_id=request_id)
    return _reply(status, error_object(error), _headers(error, status))


def unexpected_reply(*, request_id: str) -> Reply:
    """The answer for what nobody expected."""
    return _reply(500, _envelope_of(AcuseError.code, _OURS, {"request_id": request_id}))


_OURS = "Something went wrong inside the gateway. Its log knows this request by the id in the details."


def _headers(error: AcuseError, status: int) -> tuple[tuple[str, str], ...]:
    if status == 401:
        return (("WWW-Authenticate", 'Bearer realm="acuse"'),)
    if "retry_after" in error.details:
        return (("Retry-After", str(error.details["retry_after"])),)
    if status == 503:
        return (("Retry-After", RETRY_AFTER),)
    if isinstance(error, RangeNotSatisfiable):
        return (("Content-Range", f"bytes */{error.details['size_bytes']}"),)
    if isinstance(error, MethodNotAllowed):
        return (("Allow", str(error.details["allowed"])),)
    return ()


def _reply(status: int, body: Mapping[str, object], headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    encoded = msgspec.json.encode(body)
    return Reply(status=status, body=encoded, headers=(("Content-Type", "application/json"), *headers))


def _envelope_of(
    code: str, message: str, details: Mapping[str, object], *, fields: Mapping[str, str] | None = None
) -> dict[str, object]:
    body: dict[str, object] = {"message": message}
    if fields is not None:
        body["errors"] = {name: [problem] for name, problem in fields.items()}
    body["error"] = {
        "type": error_type(code),
        "code": code,
        "message": message,
        "details": msgspec.to_builtins({name: _plain(value) for name, value in details.items()}, enc_hook=str),
    }
    return body


def _plain(value: object) -> object:
    return written(value) if isinstance(value, datetime) else value
