"""Decrypting EnvelopedData as it streams in (RFC 5652 section 6).

Rule: whatever is wrong, it looks the same (`DecryptionFailed`), and a wrong key is found out only at the end, by the
padding of the content: with an early answer somebody could have us open other people's messages bit by bit (RFC 3218).
So where no key fits, or the recipient's part is damaged, a random key takes the place of the right one and the content
is decrypted all the same. Plaintext is handed out before the end is known: the caller keeps it aside until then.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.padding import PKCS7

from acuse.cms import ber, der, identifiers
from acuse.cms.algorithms import Cipher
from acuse.cms.ber import Element
from acuse.cms.ber_stream import BerStream
from acuse.cms.content_cipher import BLOCK, Transform, new_key
from acuse.cms.errors import CmsMalformed, DecryptionFailed
from acuse.cms.keys import KeyPair
from acuse.mime.source import Reader
from acuse.mime.streams import PieceReader

_PKCS1 = PKCS1v15()
_PADDING = PKCS7(8 * BLOCK)
_MAX_ATTEMPTS = 32
"""RSA operations for one message, each about 0.3 ms."""
_TEXT = b"\t\n\r" + bytes(range(0x20, 0x7F))
_OPEN_ELEMENTS = 4
"""ContentInfo, its explicit tag, EnvelopedData and EncryptedContentInfo are open around the content."""


@dataclass(frozen=True, slots=True)
class _Transport:
    """A KeyTransRecipientInfo: for whom, and the encrypted key."""

    identifier: bytes
    encrypted_key: bytes


@dataclass(frozen=True, slots=True, repr=False)
class _Candidate:
    """A content encryption key that may be the right one."""

    key: bytes
    key_pair: KeyPair | None


class Decrypted(PieceReader):
    """The content, to be read once. Raises `DecryptionFailed` while it is read, at the latest at its end."""

    def __init__(self, stream: BerStream, candidates: Sequence[_Candidate], *, cipher: Cipher, initial: bytes) -> None:
        self.cipher = cipher
        self._stream = stream
        self._candidates = candidates
        self._initial = initial
        super().__init__(self._decrypt())

    @property
    def key_pair(self) -> KeyPair | None:
        """Whose message it is: final once something was read, None when no key fits."""
        return self._candidates[0].key_pair

    def _decrypt(self) -> Iterator[bytes]:
        with _failing_alike():
            yield from _without_padding(self._decrypt_blocks())
            for _ in range(_OPEN_ELEMENTS):
                self._stream.leave()
            if self.key_pair is None:
                raise DecryptionFailed("No key fits.")

    def _decrypt_blocks(self) -> Iterator[bytes]:
        pieces = self._stream.octets(der.CONTEXT_0)
        first = b""
        while len(first) < BLOCK and (piece := next(pieces, b"")):
            first += piece
        self._candidates = _likeliest(self._candidates, first[:BLOCK], self._initial)
        transform = Transform.decrypting(self._candidates[0].key, self._initial)
        yield transform.update(first)
        for piece in pieces:
            yield transform.update(piece)
        transform.finish()


def decrypt(reader: Reader, keys: Sequence[KeyPair]) -> Decrypted:
    """The content of EnvelopedData in DER or BER; bytes after the structure are not read.

    The key pair that a recipient's part names is taken, by issuer and serial number or by key identifier; if it names
    none of them, each is tried: partners keep using old certificates after a key got a new one. Raises
    `DecryptionFailed` at once only for what shows in the open structure.
    """
    stream = BerStream(reader)
    with _failing_alike():
        stream.enter(der.SEQUENCE)
        content_type = stream.element()
        if content_type.in_der() != identifiers.ENVELOPED_DATA:
            raise DecryptionFailed(f"This is no EnvelopedData but {ber.dotted(content_type)}.")
        stream.enter(der.EXPLICIT_0)
        stream.enter(der.SEQUENCE)
        stream.element().expect(der.INTEGER)
        if stream.next_tag() == der.EXPLICIT_0:
            # OriginatorInfo: certificates that may help with key agreement.
            stream.element()
        recipients = stream.element().expect(der.SET).children()
        stream.enter(der.SEQUENCE)
        stream.element().expect(der.OBJECT_IDENTIFIER)
        cipher, initial = _read_algorithm(stream.element())
        return Decrypted(stream, _candidates(recipients, keys, cipher), cipher=cipher, initial=initial)


@contextmanager
def _failing_alike() -> Iterator[None]:
    try:
        yield
    except CmsMalformed as error:
        raise DecryptionFailed(error.message) from error


def _read_algorithm(algorithm: Element) -> tuple[Cipher, bytes]:
    name, *parameters = algorithm.expect(der.SEQUENCE).children() or [algorithm]
    cipher = identifiers.CIPHERS.get(name.in_der())
    if cipher is None:
        raise DecryptionFailed(f"The cipher {ber.dotted(name)} is not supported.")
    initial = parameters[0].octets() if parameters else b""
    if len(initial) != BLOCK:
        raise DecryptionFailed("The initialisation vector has a wrong size.")
    return cipher, initial


def _candidates(recipients: Iterable[Element], keys: Sequence[KeyPair], cipher: Cipher) -> Sequence[_Candidate]:
    """The keys that may be right, at least one. How many RSA operations are made depends on the names only."""
    transports = [transport for info in recipients if (transport := _read_transport(info)) is not None]
    every = [(transport, key_pair) for transport in transports for key_pair in keys]
    named = [
        (transport, key_pair)
        for transport, key_pair in every
        if transport.identifier in identifiers.name_of(key_pair.certificate)
    ]
    found = [
        _Candidate(key, key_pair)
        for transport, key_pair in (named or every)[:_MAX_ATTEMPTS]
        if len(key := _decrypt_key(transport, key_pair)) == cipher.key_size
    ]
    return found or [_Candidate(new_key(cipher), None)]


def _read_transport(info: Element) -> _Transport | None:
    """None for other kinds of recipients, and for RSA with another padding."""
    if info.tag != der.SEQUENCE:
        return None
    fields = info.children()
    if len(fields) < 4:
        raise CmsMalformed("A recipient lacks an element.")
    _, identifier, algorithm, encrypted_key = fields[:4]
    algorithm_fields = algorithm.expect(der.SEQUENCE).children()
    if not algorithm_fields or algorithm_fields[0].in_der() != identifiers.RSA:
        return None
    return _Transport(identifiers.read_identifier(identifier), encrypted_key.octets())


def _decrypt_key(transport: _Transport, key_pair: KeyPair) -> bytes:
    """With a wrong key or a damaged ciphertext: nothing, or random bytes of random length."""
    try:
        return key_pair.private_key.decrypt(transport.encrypted_key, _PKCS1)
    except ValueError:
        return b""


def _likeliest(candidates: Sequence[_Candidate], block: bytes, initial: bytes) -> Sequence[_Candidate]:
    """Of several keys the one under which the content begins as a MIME entity does, with a line of text.

    A wrong private key yields a key of the right length by chance in one of some 250 cases.
    """
    if len(candidates) == 1:
        return candidates
    textual = [c for c in candidates if not Transform.decrypting(c.key, initial).update(block).translate(None, _TEXT)]
    return textual or candidates


def _without_padding(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Each piece once the next one is there, so that only the last block is touched.

    That block comes by itself: what is read before it does not depend on the padding.
    """
    last = b""
    try:
        for piece in pieces:
            if last and piece:
                yield last
            last = piece or last
        if len(last) > BLOCK:
            yield last[:-BLOCK]
        unpadder = _PADDING.unpadder()
        tail = unpadder.update(last[-BLOCK:]) + unpadder.finalize()
    except ValueError as error:
        raise DecryptionFailed("The padding is wrong: a wrong key, or the content was damaged.") from error
    yield tail
