"""A station: an AS2 identity of our own."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from acuse.errors import InvalidInput

_EMAIL = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Who we are towards partners."""

    id: UUID
    handle: int
    account_id: UUID
    tenant_id: UUID
    name: str
    as2_id: str
    receive_url: str
    """Where partners post messages and asynchronous receipts for this station."""
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    """Where people of this station are reached; for partners to see."""
    is_default: bool = False
    """It was chosen to send what names no station. Where none was, the first one sends."""
    removed_at: datetime | None = None
    """When it was removed. Messages still refer to it; nothing else does."""

    @property
    def public_id(self) -> str:
        """The handle that people and the native API use."""
        return f"stn_{self.handle:06d}"


def message_id_domain(receive_url: str) -> str:
    """What stands behind the @ of our Message-IDs: the host that partners know us by (RFC 5322 section 3.6.4)."""
    host = urlsplit(receive_url).hostname or "localhost"
    return f"[{host}]" if ":" in host else host


def check_as2_id(field: str, value: str) -> str:
    """An AS2 identifier: 1 to 128 printable ASCII characters (RFC 4130 section 6.2). Raises InvalidInput."""
    if not 1 <= len(value) <= 128 or not all(" " <= character <= "~" for character in value) or value != value.strip():
        raise InvalidInput(fields={field: "1 to 128 printable ASCII characters, no blank at either end"})
    return value


def check_name(field: str, value: str) -> str:
    """A name for people: 1 to 255 characters, none of them a control character. Raises InvalidInput."""
    if not 1 <= len(value.strip()) <= 255 or any(ord(character) < 32 for character in value):
        raise InvalidInput(fields={field: "1 to 255 characters on one line"})
    return value.strip()


def check_email(field: str, value: str) -> str:
    """One address of a mailbox, without a name beside it (RFC 5321 section 4.5.3.1). Raises InvalidInput."""
    if len(value) > 254 or not _EMAIL.fullmatch(value):
        raise InvalidInput(fields={field: "an e-mail address, such as edi@example.com"})
    return value
