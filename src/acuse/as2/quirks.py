"""Habits of partners' software that change how we write to them, each switched on by name in the agreement.

Rule: a quirk changes a spelling or an encoding, never what is proved: no switch here lets a check pass that would fail
without it. What partners write is read in every form anyway, without a switch.
"""

from dataclasses import dataclass
from enum import StrEnum

from acuse.cms import AnyDigest


class UnknownRelation(StrEnum):
    """What a receipt says to a sender whom we do not exchange messages with; RFC 4130 section 6.2 leaves it open."""

    TRADING_PARTNER = "unknown-trading-partner"
    """What most products write."""
    TRADING_RELATIONSHIP = "unknown-trading-relationship"
    """The word of the rfc4130bis draft, section 8.5.4."""
    AUTHENTICATION_FAILED = "authentication-failed"
    """The nearest word that RFC 4130 itself has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """The switches of one agreement. The defaults are what the standards say."""

    plain_digest_names: bool = False
    """Write `sha256` instead of `sha-256` (RFC 5751 section 3.4.3.2) wherever a digest is named."""
    base64_parts: bool = False
    """Send the files in base64, in lines of 76 characters, instead of `binary`."""
    binary_signature: bool = False
    """Send the signature as it is instead of in base64."""
    bare_filenames: bool = False
    """Write file names without quotation marks where their characters allow it."""
    omit_certificate: bool = False
    """Leave our certificate out of signatures, for programs that take none but the one that they hold."""
    refuse_by_status: bool = False
    """Answer a message that is refused, and asks for no receipt, with 422 instead of 200."""
    unknown_relation: UnknownRelation | None = None
    """What the partner reads while its relation is switched off. None: the word of the AS2-Version that it sent."""

    def digest_name(self, digest: AnyDigest) -> str:
        """The name in `micalg`, `signed-receipt-micalg` and `Received-Content-MIC`."""
        return digest.micalg.replace("-", "") if self.plain_digest_names else digest.micalg


STANDARD = Quirks()
"""None of them."""
