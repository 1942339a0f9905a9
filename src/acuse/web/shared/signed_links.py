"""Links that open one download for a short while, for whoever has them: what an object store calls pre-signed URLs.

The signature is an HMAC-SHA256 over the path and the second in which the link ends. The path names the tenant, so no
link leads out of it. What is compared is text, and the text has one spelling only, so that no changed character can be
read as the one before.
Rule: nothing is looked up before the signature was found right.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from acuse.errors import ServiceError

LIFE = timedelta(minutes=10)
_QUERY = re.compile(r"expires=([1-9][0-9]{0,11})&signature=([0-9a-f]{64})")


class LinkRefused(ServiceError):
    """This link has ended or is not whole. Ask for a new one."""

    code = "LINK_REFUSED"


class SignedLinks:
    """Writes and reads the links of one gateway. Every process with the same key reads them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, path: str, *, now: datetime) -> str:
        """Path and query of a link that is good for ten minutes; the path is given as it stands in the request."""
        expires = int((now + LIFE).timestamp())
        return f"{path}?expires={expires}&signature={self._signature(path, expires)}"

    def check(self, path: str, query: str, *, now: datetime) -> None:
        """Raises LinkRefused for a link that ended, or that is not as it was written."""
        found = _QUERY.fullmatch(query)
        if found is None:
            raise LinkRefused
        is_ours = hmac.compare_digest(self._signature(path, int(found[1])), found[2])
        if not is_ours or datetime.fromtimestamp(int(found[1]), UTC) <= now:
            raise LinkRefused

    def _signature(self, path: str, expires: int) -> str:
        return hmac.digest(self._key, f"{expires}\n{path}".encode("utf-8", "surrogateescape"), hashlib.sha256).hex()
