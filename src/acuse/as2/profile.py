"""Profiles: which edition of AS2 a partner is spoken to in, and the headers that say so.

| Profile   | AS2-Version                | EDIINT-Features      | AS2-Product |
|-----------|----------------------------|----------------------|-------------|
| `as2-1.1` | 1.1; 1.2 for several files | with several files   | no          |
| `as2-1.2` | 1.2                        | always (RFC 6017)    | no          |
| `as2-1.3` | 1.3                        | always               | always      |

1.3 is the edition of the IETF draft rfc4130bis, sections 6 and 7: SHA-256 for every MIC that nobody asked for by
another name, no weak algorithm in anything that we write, and disposition modifiers of its own. Whoever speaks one
edition is read in all of them.
"""

import re
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum

from acuse import __version__
from acuse.as2.identifiers import quote_identifier

PRODUCT = "acuse"
_FEATURES = "multiple-attachments"
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")
_MODERN = re.compile(r"1\.0*(?:[3-9]|[1-9][0-9]+)")


class Profile(StrEnum):
    """An edition of AS2, agreed with a partner."""

    AS2_1_1 = "as2-1.1"
    AS2_1_2 = "as2-1.2"
    AS2_1_3 = "as2-1.3"

    @property
    def is_modern(self) -> bool:
        """The profile follows the rfc4130bis draft."""
        return self is Profile.AS2_1_3


def as2_headers(
    our_id: str, their_id: str, message_id: str, *, profile: Profile, has_several_files: bool = False, now: datetime
) -> list[tuple[str, str]]:
    """The headers that open everything we send, receipts included (RFC 4130 section 6, RFC 6017)."""
    has_features = has_several_files or profile is not Profile.AS2_1_1
    version = "1.2" if has_features and profile is Profile.AS2_1_1 else profile.removeprefix("as2-")
    return [
        ("AS2-Version", version),
        ("AS2-From", quote_identifier(our_id)),
        ("AS2-To", quote_identifier(their_id)),
        ("Message-ID", message_id),
        ("Date", format_datetime(now)),
        ("MIME-Version", "1.0"),
        *((("EDIINT-Features", _FEATURES),) if has_features else ()),
        *((("AS2-Product", _product()),) if profile.is_modern else ()),
    ]


def speaks_modern(version: str) -> bool:
    """Whether an AS2-Version that was received is 1.3 or a later edition of 1.x."""
    return _MODERN.fullmatch(version) is not None


def _product() -> str:
    """`name:version` in lower case, the version in numbers (rfc4130bis draft, section 6.2)."""
    found = _NUMBERS.match(__version__)
    return f"{PRODUCT}:{found[0] if found else '0'}"
