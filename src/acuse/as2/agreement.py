"""What a station and a partner agreed: how a message is wrapped, and which receipt is asked for.

Rule: an agreement names everything that shapes the bytes on the wire; no other setting reaches into the format.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from acuse.as2.profile import Profile
from acuse.as2.quirks import STANDARD, Quirks
from acuse.cms import (
    Allowed,
    AnyCipher,
    AnyDigest,
    Cipher,
    DecrepitCipher,
    DecrepitDigest,
    Digest,
    KeyTransport,
    SignatureScheme,
    WeakKeys,
)


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


class Weakness(StrEnum):
    """What is too weak to be taken unless the agreement names it."""

    SHA1 = "sha1"
    TRIPLE_DES = "3des"
    SHORT_KEYS = "short-keys"
    """RSA keys from 1024 to 2047 bits."""


_NAMED: Mapping[Weakness, AnyDigest | AnyCipher | WeakKeys] = {
    Weakness.SHA1: DecrepitDigest.SHA1,
    Weakness.TRIPLE_DES: DecrepitCipher.DES_EDE3_CBC,
    Weakness.SHORT_KEYS: WeakKeys.SHORT_KEYS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The terms of one exchange, seen from our side."""

    our_id: str
    """AS2 identifier of the station (RFC 4130 section 6.2)."""
    their_id: str
    """AS2 identifier of the partner."""
    sign: AnyDigest | None = Digest.SHA256
    """Digest of our signature; None sends unsigned."""
    encrypt: AnyCipher | None = Cipher.AES128_CBC
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
    signature_scheme: SignatureScheme = SignatureScheme.PKCS1V15
    """How our RSA key signs, messages and receipts."""
    key_transport: KeyTransport = KeyTransport.PKCS1V15
    """How the content key is encrypted to the partner's RSA key."""
    accept: frozenset[Weakness] = frozenset()
    """The weak algorithms that the partner may use towards us."""
    check_filenames: bool = False
    """Refuse file names that are illegal or came before."""
    profile: Profile = Profile.AS2_1_1
    quirks: Quirks = STANDARD

    @property
    def allow(self) -> Allowed:
        """What `accept` means to `cms`."""
        return allowed_by(self.accept)

    @property
    def allow_in_receipts(self) -> Allowed:
        """A receipt may be signed with the digest that it was asked to use."""
        return {*self.allow, *([self.sign] if self.sign else [])}

    def mic_digest(self, asked_for: Sequence[AnyDigest]) -> AnyDigest:
        """The digest of a MIC that no signature decides: the first that was asked for and may be used.

        RFC 4130 section 7.4.3 falls back to SHA-1, which counts where the agreement names it; the rfc4130bis draft,
        section 8.4.3, falls back to SHA-256.
        """
        usable = usable_digests(asked_for, self.allow)
        falls_back_to_sha1 = Weakness.SHA1 in self.accept and not self.profile.is_modern
        return usable[0] if usable else DecrepitDigest.SHA1 if falls_back_to_sha1 else Digest.SHA256


def allowed_by(accept: Collection[Weakness]) -> Allowed:
    """What these words mean to `cms`."""
    return frozenset(_NAMED[weakness] for weakness in accept)


def usable_digests(digests: Sequence[AnyDigest], allow: Allowed) -> Sequence[AnyDigest]:
    """Those that are strong, or named in `allow`."""
    return [digest for digest in digests if isinstance(digest, Digest) or digest in allow]
