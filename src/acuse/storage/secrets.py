"""Secrets at rest: private keys leave the process only sealed with the master key of the home.

Rule: a secret is sealed for a purpose and opens for that purpose alone, so that a sealed value moved to another row
stays shut. Each purpose has its own AES-256-GCM key, derived by HKDF (RFC 5869), so random nonces never add up over all
secrets.

    sealed = version (1 byte) | key id (8) | nonce (12) | ciphertext and tag
"""

import base64
import binascii
import hashlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from acuse.errors import MasterKeyWrong, OperationError
from acuse.storage.home import sync_folder

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12
_HEAD = len(_VERSION) + 8


class MasterKey:
    """The one key that opens a home's secrets. A backup leaves it out; without it the private keys are lost."""

    __slots__ = ("_head", "_secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise OperationError(f"A master key has {KEY_BYTES} bytes. This one has {len(secret)}.")
        self._secret = secret
        self._head = _VERSION + hashlib.sha256(self._derive("key id")).digest()[:8]

    def __repr__(self) -> str:
        return f"MasterKey({self._head[1:].hex()})"

    @classmethod
    def create(cls, path: Path) -> "MasterKey":
        """Make a new key and write it to a file of mode 600. Raises OperationError where a file is already."""
        secret = os.urandom(KEY_BYTES)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(secret) + b"\n")
                file.flush()
                os.fsync(handle)
            sync_folder(path.parent)
        except FileExistsError as error:
            raise OperationError(f"{path} exists already. A master key is never overwritten.") from error
        except OSError as error:
            raise OperationError(f"The master key cannot be written to {path}: {error.strerror}.") from error
        return cls(secret)

    @classmethod
    def load(cls, path: Path) -> "MasterKey":
        """Read the key from its file. Raises OperationError when it is missing, damaged or open to other users."""
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_text("ascii", "replace")
        except OSError as error:
            raise OperationError(f"The master key {path} cannot be read: {error.strerror}.") from error
        if mode & 0o077:
            raise OperationError(f"Other users can read the master key {path} (mode {mode:o}). Run: chmod 600 {path}")
        return cls.parse(text)

    @classmethod
    def parse(cls, text: str) -> "MasterKey":
        """The key from 64 hexadecimal digits or base64, as it comes from the environment. Raises OperationError."""
        plain = text.strip()
        try:
            secret = bytes.fromhex(plain) if len(plain) == 2 * KEY_BYTES else base64.b64decode(plain, validate=True)
        except (ValueError, binascii.Error) as error:
            raise OperationError("The master key is neither base64 nor hexadecimal.") from error
        return cls(secret)

    def seal(self, purpose: str, plaintext: bytes) -> bytes:
        """What may be stored: only this key opens it, and only for this purpose."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._head + nonce + self._cipher(purpose).encrypt(nonce, plaintext, self._bound_to(purpose))

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """What was sealed. Raises MasterKeyWrong for another key's value, another purpose's, or a damaged one."""
        if not self.fits(sealed):
            raise MasterKeyWrong
        nonce, ciphertext = sealed[_HEAD : _HEAD + _NONCE_BYTES], sealed[_HEAD + _NONCE_BYTES :]
        try:
            return self._cipher(purpose).decrypt(nonce, ciphertext, self._bound_to(purpose))
        except (InvalidTag, ValueError) as error:
            raise MasterKeyWrong("A sealed secret is damaged or stands in the wrong place.") from error

    def derive(self, purpose: str) -> bytes:
        """32 bytes for this purpose, the same each time: for what is checked, not kept."""
        return self._derive(f"derive {purpose}")

    def fits(self, sealed: bytes) -> bool:
        """Whether a value was sealed with this key."""
        return sealed[:_HEAD] == self._head

    def _bound_to(self, purpose: str) -> bytes:
        return self._head + purpose.encode()

    def _cipher(self, purpose: str) -> AESGCM:
        return AESGCM(self._derive(f"seal {purpose}"))

    def _derive(self, label: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"acuse " + label.encode()).derive(self._secret)
