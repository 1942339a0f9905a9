"""The exchange: the small value that remembers what was sent, so that a receipt can be judged later, also
after a crash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from acuse.as2.agreement import MDNMode
from acuse.cms import AnyDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What judges the receipt of one sent message."""

    message_id: str
    """The Message-ID with its brackets, as it went out."""
    our_id: str
    their_id: str
    mics: Mapping[AnyDigest, str]
    """The message integrity check in base64, under the digests that receipts usually name."""
    digest: AnyDigest
    """The digest that the receipt was asked to use."""
    mdn: MDNMode
    mdn_signed: bool
    boundary: str = ""
    """Stands between the parts of what was sent, so that it can be built again to find out what the partner hashed."""

    def knowing(self, mics: Mapping[AnyDigest, str]) -> Self:
        """The same, with the message integrity check under further digests."""
        return replace(self, mics={**self.mics, **mics})
