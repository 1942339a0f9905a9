"""Algorithms and keys that are too weak for anybody who has the choice, for partners who have none.

Rule: nothing here works unless the caller names it, message by message: in `allow` when reading, in `allow` or as the
algorithm itself when writing. Whoever reads such a call sees what it gives up.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final, TypeAlias

from acuse.cms.algorithms import Cipher, Digest


class DecrepitDigest(StrEnum):
    """A hash function for which collisions can be made."""

    SHA1 = "sha1"

    @property
    def micalg(self) -> str:
        """Without a hyphen (RFC 3851 section 3.4.3.2): those who still use it know this spelling only."""
        return self.value

    @property
    def oid(self) -> str:
        """RFC 3370 section 2.1."""
        return "1.3.14.3.2.26"

    @classmethod
    def from_micalg(cls, name: str) -> "DecrepitDigest | None":
        """The digest that a partner means, or None. Case, hyphens and an `rsa-` in front do not matter."""
        return cls.SHA1 if name.strip().strip('"').lower().removeprefix("rsa-").replace("-", "") == "sha1" else None


class DecrepitCipher(StrEnum):
    """A content encryption algorithm whose blocks are so short that they repeat within some gigabytes."""

    DES_EDE3_CBC = "3des"

    @property
    def key_size(self) -> int:
        """Bytes of the content encryption key."""
        return 24

    @property
    def block_size(self) -> int:
        """Bytes that are encrypted at once."""
        return 8

    @property
    def is_authenticated(self) -> bool:
        """A changed ciphertext is noticed."""
        return False

    @property
    def oid(self) -> str:
        """RFC 3370 section 5.1."""
        return "1.2.840.113549.3.7"


class WeakKeys(StrEnum):
    """Keys that are too small."""

    SHORT_KEYS = "short_keys"
    """RSA keys from 1024 to 2047 bits, ours and the partner's, for all uses."""


SHORT_KEYS: Final = WeakKeys.SHORT_KEYS
AnyDigest: TypeAlias = Digest | DecrepitDigest
AnyCipher: TypeAlias = Cipher | DecrepitCipher
Allowed: TypeAlias = Collection[AnyDigest | AnyCipher | WeakKeys]
"""What a caller accepts by name; naming what is strong changes nothing."""
