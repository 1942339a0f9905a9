"""The user name and password of whoever comes in by them: a partner that posts to us (RFC 7617), or a program that logs
in to an API.

Rule: of a password only its scrypt hash is kept, and two are compared in a time that tells nothing.
"""

import hashlib
import hmac
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass

from acuse.errors import InvalidInput

SALT_SIZE = 16
_COST = 2**14
_BLOCK = 8
_LANES = 1
_MEMORY = 64 * 1024 * 1024
_LEAST_PASSWORD = 12
_LONGEST = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who may come in."""

    user: str
    salt: str
    """In hexadecimal digits."""
    password_hash: str
    """scrypt (RFC 7914) with N 16384, r 8, p 1; in hexadecimal digits."""

    def admits(self, authorization: str | None) -> bool:
        """Whether an Authorization field shows this user and password. Takes about 50 ms, unless there is none."""
        shown = _read_basic(authorization)
        if shown is None:
            return False
        return self.belongs_to(*shown)

    def belongs_to(self, user: str, password: bytes) -> bool:
        """Whether this is that user's login. Takes about 50 ms."""
        is_user = hmac.compare_digest(user.encode(), self.user.encode())
        is_password = hmac.compare_digest(_hash(password, self.salt), bytes.fromhex(self.password_hash))
        return is_user and is_password


def make_login(user: str, password: str, *, salt: bytes) -> Login:
    """A login for this user and password; `salt` is SALT_SIZE random bytes. Raises InvalidInput.

    RFC 7617 section 2: a user name has no colon, neither has control characters.
    """
    if not 1 <= len(user) <= _LONGEST or ":" in user or not user.isprintable():
        raise InvalidInput(fields={"login_user": "1 to 255 printable characters, none of them a colon"})
    if not _LEAST_PASSWORD <= len(password) <= _LONGEST or not password.isprintable():
        raise InvalidInput(fields={"login_password": "12 to 255 printable characters"})
    return Login(user=user, salt=salt.hex(), password_hash=_hash(password.encode(), salt.hex()).hex())


def _read_basic(authorization: str | None) -> tuple[str, bytes] | None:
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = b64decode(token.strip(), validate=True).partition(b":")
        name = user.decode()
    except (Base64Error, ValueError):
        return None
    return (name, password) if colon and len(password) <= 4 * _LONGEST else None


def _hash(password: bytes, salt: str) -> bytes:
    return hashlib.scrypt(password, salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=_LANES, maxmem=_MEMORY, dklen=32)
