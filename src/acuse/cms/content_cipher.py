"""Content encryption: the ciphers of `algorithms.Cipher` at work (RFC 3565, RFC 5652 section 6.3).

Rule: output goes through one reused buffer. Measured: twice the speed of fresh buffers when encrypting, six times when
decrypting, because large fresh buffers are cleared and paged in each time.
"""

# Secrets are the one thing that nobody hands in: a caller could only make them worse.
from secrets import token_bytes  # noqa: TID251

from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from acuse.cms.algorithms import Cipher

BLOCK = 16
"""Bytes of an AES block, and of its initialisation vector."""


class Transform:
    """One pass of encryption or decryption, without padding."""

    def __init__(self, context: ciphers.CipherContext) -> None:
        self._context = context
        self._buffer = bytearray()

    @classmethod
    def encrypting(cls, key: bytes, initial: bytes) -> "Transform":
        return cls(ciphers.Cipher(AES(key), CBC(initial)).encryptor())

    @classmethod
    def decrypting(cls, key: bytes, initial: bytes) -> "Transform":
        return cls(ciphers.Cipher(AES(key), CBC(initial)).decryptor())

    def update(self, data: bytes) -> bytes:
        """All whole blocks that there are so far; at most one block more than `data`."""
        wanted = len(data) + BLOCK
        if len(self._buffer) < wanted:
            self._buffer = bytearray(wanted)
        written = self._context.update_into(data, self._buffer)
        return bytes(memoryview(self._buffer)[:written])

    def finish(self) -> None:
        """Raises ValueError when the last block is not whole."""
        self._context.finalize()


def new_key(cipher: Cipher) -> bytes:
    return token_bytes(cipher.key_size)


def new_initial() -> bytes:
    """An initialisation vector; with CBC nobody may foresee it."""
    return token_bytes(BLOCK)


def padding_for(size: int) -> bytes:
    """What makes `size` bytes whole blocks: always at least one byte (RFC 5652 section 6.3)."""
    count = BLOCK - size % BLOCK
    return bytes([count]) * count
