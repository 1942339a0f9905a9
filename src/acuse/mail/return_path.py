"""The return path of a message: an address of ours that names the message and that nobody else can make.

A bounce comes back to it, so it says which message failed before a line of the bounce is read. The keyed part keeps
strangers from declaring messages undeliverable (RFC 3464 section 4.1: reports are easily forged).
"""

import base64
import hashlib
import hmac
from uuid import UUID

_PREFIX = "b+"
_MAC_BYTES = 10


def return_path(message: UUID, *, key: bytes, domain: str) -> str:
    """The address, in lower case: `b+<id>.<code>@domain`, whose local part has 45 of the 64 characters allowed."""
    return f"{_PREFIX}{_write(message.bytes)}.{_write(_code(message, key))}@{domain}"


def read_return_path(address: str, *, key: bytes) -> UUID | None:
    """The message that an address of ours names; None for any other address, also for one that was made up."""
    local = address.strip().rpartition("@")[0].lower()
    name, dot, code = local.removeprefix(_PREFIX).partition(".")
    if not local.startswith(_PREFIX) or not dot:
        return None
    message_bytes, given = _read(name), _read(code)
    if message_bytes is None or len(message_bytes) != 16 or given is None:
        return None
    message = UUID(bytes=message_bytes)
    return message if hmac.compare_digest(given, _code(message, key)) else None


def _code(message: UUID, key: bytes) -> bytes:
    return hmac.digest(key, b"return path\x00" + message.bytes, hashlib.sha256)[:_MAC_BYTES]


def _write(value: bytes) -> str:
    return base64.b32encode(value).decode().rstrip("=").lower()


def _read(text: str) -> bytes | None:
    try:
        value = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    # Base 32 has spare bits at its end: only one spelling counts.
    return value if _write(value) == text else None
