"""The client of an acuse gateway: `Acuse` waits for each answer, `AsyncAcuse` is for asyncio; both do the same.

Rule: what the gateway answers is handed on as it is, as typed dictionaries; a refusal is an exception with its code.
This package imports nothing of the gateway.
"""

from acuse_client._async.client import AsyncAcuse
from acuse_client._sync.client import Acuse
from acuse_client.errors import (
    AcuseClientError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    Invalid,
    NotFound,
    NotSettled,
    PayloadTooLarge,
    RateLimited,
    Refused,
    ServerFailed,
    SignatureInvalid,
    Unauthorized,
)
from acuse_client.objects import Event, Message, Page
from acuse_client.retrying import RetryPolicy
from acuse_client.signature import verify

__all__ = [
    "Acuse",
    "AcuseClientError",
    "AsyncAcuse",
    "Conflict",
    "ConnectionFailed",
    "Event",
    "Forbidden",
    "Invalid",
    "Message",
    "NotFound",
    "NotSettled",
    "Page",
    "PayloadTooLarge",
    "RateLimited",
    "Refused",
    "RetryPolicy",
    "ServerFailed",
    "SignatureInvalid",
    "Unauthorized",
    "verify",
]
