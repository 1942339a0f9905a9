"""DKIM: the sending domain signs what it sends (RFC 6376).

`From`, `To` and `Subject` are named once more than they occur, so that nobody can add a second one to a signed message.
"""

from dataclasses import dataclass, field

import dkim

_SIGNED = (b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type")
_ONCE_MORE = (b"from", b"to", b"subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class DKIMKey:
    """The key of a domain; its public half stands in DNS under `<selector>._domainkey.<domain>`."""

    domain: str
    selector: str
    private_key: bytes = field(repr=False)
    """PEM, RSA of 2048 bits or more (RFC 8301 section 3.2)."""


def sign(message: bytes, key: DKIMKey) -> bytes:
    """The message with a DKIM-Signature in front of it."""
    signature: bytes = dkim.sign(
        message,
        key.selector.encode(),
        key.domain.encode(),
        key.private_key,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[*_SIGNED, *_ONCE_MORE],
    )
    return signature + message
