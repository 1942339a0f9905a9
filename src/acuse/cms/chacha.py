"""ChaCha20-Poly1305 piece by piece (RFC 8439 section 2.8), for content that does not fit into memory.

The library offers it for whole messages only. Its two halves are composed here as the RFC says, without additional
data: the first block of the key stream makes the key of the authenticator, which then runs over the encrypted content.
"""

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.poly1305 import Poly1305

_BLOCK = 64
_AUTHENTICATOR_KEY = 32
_FIRST_BLOCK = bytes(4)
_PADDED = 16


class ChaCha20Poly1305:
    """One pass of encryption or decryption, used as the contexts of the library are."""

    def __init__(self, key: bytes, nonce: bytes, *, is_encrypting: bool) -> None:
        """A key of 32 bytes and a nonce of 12."""
        self._stream = ciphers.Cipher(ChaCha20(key, _FIRST_BLOCK + nonce), mode=None).encryptor()
        self._authenticator = Poly1305(self._stream.update(bytes(_BLOCK))[:_AUTHENTICATOR_KEY])
        self._is_encrypting = is_encrypting
        self._size = 0

    def update_into(self, data: bytes, buffer: bytearray) -> int:
        """Put the other form of the data into the buffer; the number of its bytes."""
        written = self._stream.update_into(data, buffer)
        self._authenticator.update(bytes(memoryview(buffer)[:written]) if self._is_encrypting else data)
        self._size += written
        return written

    def finalize(self) -> bytes:
        """There are no blocks to fill."""
        return b""

    @property
    def tag(self) -> bytes:
        """Over everything that was encrypted; to be asked for once."""
        self._end()
        return self._authenticator.finalize()

    def finalize_with_tag(self, tag: bytes) -> bytes:
        """Raises InvalidTag when the tag is not that of everything that was decrypted."""
        self._end()
        try:
            self._authenticator.verify(tag)
        except InvalidSignature:
            raise InvalidTag from None
        return b""

    def _end(self) -> None:
        lengths = (0).to_bytes(8, "little") + self._size.to_bytes(8, "little")
        self._authenticator.update(bytes(-self._size % _PADDED) + lengths)
