"""What a station and a partner agreed: how a message is wrapped, and which receipt is asked for.

Rule: an agreement names everything that shapes the bytes on the wire; no other setting reaches into the format.
"""

from dataclasses import dataclass
from enum import StrEnum

from acuse.as2.profile import Profile
from acuse.as2.quirks import STANDARD, Quirks
from acuse.cms import Cipher, Digest


class Compression(StrEnum):
    """Where compression stands among the layers (RFC 5402 section 3); it is always inside the encryption."""

    NONE = "none"
    BEFORE_SIGN = "before_sign"
    AFTER_SIGN = "after_sign"


class MDNMode(StrEnum):
    """How the receipt comes back (RFC 4130 section 7.3)."""

    SYNC = "sync"
    ASYNC = "async"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The terms of one exchange, seen from our side."""

    our_id: str
    """AS2 identifier of the station (RFC 4130 section 6.2)."""
    their_id: str
    """AS2 identifier of the partner."""
    sign: Digest | None = Digest.SHA256
    """Digest of our signature; None sends unsigned."""
    encrypt: Cipher | None = Cipher.AES128_CBC
    """Content encryption of what we send; None sends in the clear."""
    compression: Compression = Compression.NONE
    mdn: MDNMode = MDNMode.SYNC
    """The receipt that we ask for."""
    mdn_signed: bool = True
    receipt_url: str | None = None
    """Where the partner posts an asynchronous receipt; needed for MDNMode.ASYNC only."""
    demand_signed: bool = True
    """Refuse an unsigned message of this partner with insufficient-message-security.

    Without it nothing vouches for encrypted content: whoever can post here and read the answers can find out, byte by
    byte, what a captured message says, because a good CBC padding is answered otherwise than a bad one.
    """
    demand_encrypted: bool = True
    """Refuse an unencrypted message of this partner with insufficient-message-security."""
    profile: Profile = Profile.AS2_1_1
    quirks: Quirks = STANDARD
