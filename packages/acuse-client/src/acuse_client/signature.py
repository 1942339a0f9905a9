"""Whether a webhook is from the gateway: the signature of Standard Webhooks, which also tells its age.

Rule: the comparison takes as long for a wrong signature as for a right one.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping

from acuse_client.errors import SignatureInvalid
from acuse_client.objects import Event

TOLERANCE = 300
"""Seconds that a delivery may be old, or ahead of this machine's clock."""


def verify(
    body: bytes, headers: Mapping[str, str], secret: str, *, tolerance: float = TOLERANCE, now: float | None = None
) -> Event:
    """The event in the body of a webhook, exactly as it was received.

    `secret` is that of the endpoint, `whsec_` and base64. `now` is the time in seconds since 1970, by default the
    present. Raises SignatureInvalid.
    """
    named = {name.lower(): value for name, value in headers.items()}
    try:
        identifier, timestamp = named["webhook-id"], named["webhook-timestamp"]
        given = [entry.partition(",")[2] for entry in named["webhook-signature"].split() if entry.startswith("v1,")]
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        age = (time.time() if now is None else now) - int(timestamp)
    except (KeyError, ValueError, binascii.Error) as error:
        raise SignatureInvalid("The webhook has no signature that could be checked.") from error
    expected = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    if not any([hmac.compare_digest(base64.b64encode(expected), each.encode()) for each in given]):  # noqa: C419
        raise SignatureInvalid("The webhook was not signed with this secret.")
    if abs(age) > tolerance:
        raise SignatureInvalid(f"The webhook was signed {age:.0f} s ago.")
    event: Event = json.loads(body)
    return event
