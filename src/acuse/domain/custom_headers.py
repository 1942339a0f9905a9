"""Which header fields may be added to an AS2 message, by a client or for a partner.

Rule: nothing that AS2, MIME or HTTP itself says about the message may be said beside it.
"""

import re
from collections.abc import Mapping

from acuse.errors import InvalidAS2Headers

RESERVED = frozenset(
    [
        "as2-from",
        "as2-to",
        "as2-version",
        "as2-product",
        "ediint-features",
        "message-id",
        "subject",
        "date",
        "from",
        "destination",
        "recipient-address",
        "disposition-notification-to",
        "disposition-notification-options",
        "receipt-delivery-option",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-encoding",
        "content-length",
        "content-range",
        "host",
        "connection",
        "keep-alive",
        "proxy-connection",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
    ]
)
LARGEST = 8 * 1024
"""Bytes of all custom header fields together."""

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}")
_VALUE = re.compile(r"[\t -~]*")


def check_headers(given: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The fields in the order in which they were given; raises InvalidAS2Headers that names the first bad one."""
    checked: dict[str, tuple[str, str]] = {}
    for name, value in given.items():
        if not _NAME.fullmatch(name):
            raise InvalidAS2Headers(f"{name[:128]!a} cannot be the name of a header field.", header=name[:128])
        if name.lower() in RESERVED:
            raise InvalidAS2Headers(f"{name} is set by the gateway itself. Remove it.", header=name)
        if not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise InvalidAS2Headers(f"The value of {name} must be one line of printable ASCII text.", header=name)
        if name.lower() in checked:
            raise InvalidAS2Headers(f"{name} is given twice, in other letter case.", header=name)
        checked[name.lower()] = (name, value.strip())
    size = sum(len(name) + len(value) + 4 for name, value in checked.values())
    if size > LARGEST:
        raise InvalidAS2Headers(f"The custom header fields are larger than {LARGEST} bytes.", size_bytes=size)
    return tuple(checked.values())
