"""How a receiver knows that a delivery is ours: two signatures side by side, by the same secret.

`X-Signature` is HMAC-SHA256 over the raw body, keyed with the whole secret as text. The three `webhook-…` fields follow
the Standard Webhooks specification: HMAC-SHA256 over id, time and body, keyed with the decoded part of the secret; they
also keep old deliveries from being played again.

Rule: the body that is signed is the body that is sent, byte for byte.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from acuse.domain.dialect import Dialect
from acuse.errors import InvalidInput

PREFIX = "whsec_"
LONGEST_TEXT = 255
"""Characters of a secret in a dialect, which takes any text."""
LEAST_BYTES, MOST_BYTES = 24, 64
"""Length of the decoded secret, as Standard Webhooks wants it."""


def new_secret(random_text: str) -> str:
    """A secret made of a random text in ASCII, which carries its randomness unchanged."""
    return PREFIX + b64encode(random_text.encode("ascii")[:MOST_BYTES]).decode("ascii")


def check_secret(field: str, value: str, *, dialect: Dialect = Dialect.NATIVE) -> str:
    """A secret that a client chose. Raises InvalidInput, which does not repeat it."""
    if dialect is not Dialect.NATIVE:
        if 1 <= len(value) <= LONGEST_TEXT and value.isprintable():
            return value
        raise InvalidInput(fields={field: f"1 to {LONGEST_TEXT} printable characters"})
    if LEAST_BYTES <= len(_decoded(value)) <= MOST_BYTES:
        return value
    raise InvalidInput(fields={field: f"'{PREFIX}' and base64 of {LEAST_BYTES} to {MOST_BYTES} random bytes"})


def signed_headers(secrets: Sequence[str], *, event_id: str, body: bytes, now: datetime) -> tuple[tuple[str, str], ...]:
    """The header fields that prove this body to whoever knows one of the secrets, the newest of which comes first."""
    timestamp = str(int(now.timestamp()))
    content = f"{event_id}.{timestamp}.".encode() + body
    standard = (hmac.digest(_decoded(secret), content, hashlib.sha256) for secret in secrets)
    newest, *replaced = (f"sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}" for secret in secrets)
    return (
        ("X-Signature", newest),
        *(("X-Signature-Replaced", signature) for signature in replaced),
        ("X-Timestamp", timestamp),
        ("webhook-id", event_id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", " ".join(f"v1,{b64encode(signature).decode('ascii')}" for signature in standard)),
    )


def dialect_headers(
    dialect: Dialect, secrets: Sequence[str], *, event_id: str, body: bytes, now: datetime
) -> tuple[tuple[str, str], ...]:
    """The header fields by which a receiver knows a delivery in the words of this dialect; MFT has none."""
    match dialect:
        case Dialect.NATIVE | Dialect.MENSATEK:
            return signed_headers(secrets, event_id=event_id, body=body, now=now)
        case Dialect.AS2EXPERT:
            timestamp = str(int(now.timestamp()))
            signature = hmac.digest(secrets[0].encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
            return (("X-AS2Expert-Timestamp", timestamp), ("X-AS2Expert-Signature", f"sha256={signature.hex()}"))
        case Dialect.MFT:
            return ()
        case _:
            assert_never(dialect)


def _decoded(secret: str) -> bytes:
    """The key inside a secret; empty when it is none."""
    if not secret.startswith(PREFIX):
        return b""
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except (Base64Error, ValueError):
        return b""
