"""The algorithms that a message may use without anybody having to ask for them by name.

Rule: everything else in acuse names an algorithm by these members, never by an OID or by a partner's spelling. Weak
ones do not belong here.
"""

from enum import StrEnum


class Digest(StrEnum):
    """A hash function for signatures and for the message integrity check."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"

    @property
    def micalg(self) -> str:
        """The name in `micalg`, `signed-receipt-micalg` and `Received-Content-MIC` (RFC 5751 section 3.4.3.2)."""
        return f"sha-{self.value[3:]}"

    @property
    def oid(self) -> str:
        """RFC 5754 section 2."""
        return _DIGEST_OIDS[self]

    @classmethod
    def from_micalg(cls, name: str) -> "Digest | None":
        """The digest that a partner means, or None. Case, hyphens and an `rsa-` in front do not matter."""
        return _BY_NAME.get(name.strip().strip('"').lower().removeprefix("rsa-").replace("-", ""))


_DIGEST_OIDS = {
    Digest.SHA256: "2.16.840.1.101.3.4.2.1",
    Digest.SHA384: "2.16.840.1.101.3.4.2.2",
    Digest.SHA512: "2.16.840.1.101.3.4.2.3",
}
_BY_NAME = {digest.value: digest for digest in Digest}


class Cipher(StrEnum):
    """A content encryption algorithm: AES with CBC (RFC 3565) or, authenticated, with GCM (RFC 5084); and
    ChaCha20-Poly1305, authenticated too (RFC 8103).
    """

    AES128_CBC = "aes128_cbc"
    AES192_CBC = "aes192_cbc"
    AES256_CBC = "aes256_cbc"
    AES128_GCM = "aes128_gcm"
    AES192_GCM = "aes192_gcm"
    AES256_GCM = "aes256_gcm"
    CHACHA20_POLY1305 = "chacha20_poly1305"

    @property
    def key_size(self) -> int:
        """Bytes of the content encryption key."""
        return 32 if self is Cipher.CHACHA20_POLY1305 else int(self.value[3:6]) // 8

    @property
    def block_size(self) -> int:
        """Bytes that are encrypted at once."""
        return 16

    @property
    def is_authenticated(self) -> bool:
        """A changed ciphertext is noticed; such content travels as AuthEnvelopedData (RFC 5083)."""
        return self in _AUTHENTICATED

    @property
    def oid(self) -> str:
        """RFC 3565 section 4.1, RFC 5084 section 3.2, RFC 8103 section 3."""
        return _CIPHER_OIDS[self]


_CIPHER_OIDS = {
    Cipher.AES128_CBC: "2.16.840.1.101.3.4.1.2",
    Cipher.AES192_CBC: "2.16.840.1.101.3.4.1.22",
    Cipher.AES256_CBC: "2.16.840.1.101.3.4.1.42",
    Cipher.AES128_GCM: "2.16.840.1.101.3.4.1.6",
    Cipher.AES192_GCM: "2.16.840.1.101.3.4.1.26",
    Cipher.AES256_GCM: "2.16.840.1.101.3.4.1.46",
    Cipher.CHACHA20_POLY1305: "1.2.840.113549.1.9.16.3.18",
}
_AUTHENTICATED = frozenset((Cipher.AES128_GCM, Cipher.AES192_GCM, Cipher.AES256_GCM, Cipher.CHACHA20_POLY1305))


class SignatureScheme(StrEnum):
    """How an RSA key signs (RFC 8017 section 8). A certificate may reserve its key for PSS (RFC 4055 section 1.2)."""

    PKCS1V15 = "pkcs1v15"
    PSS = "pss"
    """With MGF1 and a salt as long as the digest (RFC 4056 section 3)."""


class KeyTransport(StrEnum):
    """How the content key is encrypted to an RSA key (RFC 8017 section 7)."""

    PKCS1V15 = "pkcs1v15"
    OAEP = "oaep"
    """With SHA-256 in both places (RFC 4055 section 4.1)."""


class Curve(StrEnum):
    """The elliptic curves of keys that sign by ECDSA and agree on keys by ECDH (RFC 5480 section 2.1.1.1)."""

    P256 = "p256"
    P384 = "p384"
    P521 = "p521"
