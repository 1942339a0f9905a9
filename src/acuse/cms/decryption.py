"""Decrypting EnvelopedData (RFC 5652 section 6) and AuthEnvelopedData (RFC 5083) as it streams in.

Rule: whatever is wrong, it looks the same (`DecryptionFailed`), and a wrong key is found out only at the end, by the
padding or the tag of the content: with an early answer somebody could have us open other people's messages bit by bit
(RFC 3218). So where no key fits, or the recipient's part is damaged, a random key takes the place of the right one and
the content is decrypted all the same. Plaintext is handed out before the end is known: the caller keeps it in
quarantine until the end was read, and throws it away if that raised.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from cryptography.hazmat.primitives.padding import PKCS7

from acuse.cms import der, identifiers
from acuse.cms.algorithms import Cipher
from acuse.cms.ber import Element
from acuse.cms.ber_stream import BerStream
from acuse.cms.content_cipher import Transform, new_key, takes_initial
from acuse.cms.decrepit import Allowed, AnyCipher, DecrepitCipher
from acuse.cms.errors import CmsMalformed, DecryptionFailed
from acuse.cms.key_agreement import AGREEMENT, AgreedKey, read_agreement
from acuse.cms.key_transport import TransportedKey, read_transport
from acuse.cms.keys import KeyPair
from acuse.cms.strength import is_strong_enough
from acuse.mime.source import Reader
from acuse.mime.streams import PieceReader

_MAX_ATTEMPTS = 32
"""Operations with private keys for one message, each about 0.3 ms."""
_TEXT = b"\t\n\r" + bytes(range(0x20, 0x7F))
_OPEN_ELEMENTS = 3
"""ContentInfo, its explicit tag and EnvelopedData are open around EncryptedContentInfo."""
_AUTHENTICATED_ATTRIBUTES = der.EXPLICIT_0 | 1


@dataclass(frozen=True, slots=True, repr=False)
class _Candidate:
    """A content encryption key that may be the right one."""

    key: bytes
    key_pair: KeyPair | None


class Decrypted(PieceReader):
    """The content, to be read once. Raises `DecryptionFailed` while it is read, at the latest at its end.

    Until the end was read nothing is proved, with an authenticated cipher neither: its tag comes last.
    """

    def __init__(
        self, stream: BerStream, candidates: Sequence[_Candidate], *, cipher: AnyCipher, initial: bytes
    ) -> None:
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
            yield from self._decrypt_authenticated() if self.cipher.is_authenticated else self._decrypt_padded()
            for _ in range(_OPEN_ELEMENTS):
                self._stream.leave()
            if self.key_pair is None:
                raise DecryptionFailed("No key fits.")

    def _decrypt_padded(self) -> Iterator[bytes]:
        transform, pieces = self._start()
        yield from _without_padding(transform, pieces, self.cipher.block_size)
        self._stream.leave()

    def _decrypt_authenticated(self) -> Iterator[bytes]:
        transform, pieces = self._start()
        try:
            for piece in pieces:
                yield transform.update(piece)
            self._stream.leave()
            if self._stream.next_tag() == _AUTHENTICATED_ATTRIBUTES:
                # They would have to be known before the content, and RFC 5083 section 2.1 wants none with plain data.
                raise DecryptionFailed("Authenticated attributes are not supported.")
            transform.check_tag(self._stream.element().octets())
        except ValueError as error:
            raise DecryptionFailed("The tag is wrong: a wrong key, or the content was damaged.") from error

    def _start(self) -> tuple[Transform, Iterator[bytes]]:
        """Choose the key by the first block."""
        pieces = self._stream.octets(der.CONTEXT_0)
        first = b""
        size = self.cipher.block_size
        while len(first) < size and (piece := next(pieces, b"")):
            first += piece
        self._candidates = _likeliest(self._candidates, first[:size], self.cipher, self._initial)
        return Transform.decrypting(self.cipher, self._candidates[0].key, self._initial), chain((first,), pieces)


def decrypt(reader: Reader, keys: Sequence[KeyPair], *, allow: Allowed = ()) -> Decrypted:
    """The content of EnvelopedData or AuthEnvelopedData in DER or BER; bytes after the structure are not read.

    The key pair that a recipient's part names is taken, by issuer and serial number or by key identifier; if it names
    none of them, each is tried: partners keep using old certificates after a key got a new one. A decrepit cipher or a
    short key of ours works only when it is in `allow`. Raises `DecryptionFailed` at once only for what shows in the
    open structure.
    """
    stream = BerStream(reader)
    with _failing_alike():
        stream.enter(der.SEQUENCE)
        content_type = stream.element()
        is_authenticated = _IS_AUTHENTICATED.get(content_type.in_der())
        if is_authenticated is None:
            raise DecryptionFailed(f"This is no EnvelopedData but {content_type.dotted()}.")
        stream.enter(der.EXPLICIT_0)
        stream.enter(der.SEQUENCE)
        stream.element().expect(der.INTEGER)
        if stream.next_tag() == der.EXPLICIT_0:
            # OriginatorInfo: certificates that may help with key agreement.
            stream.element()
        recipients = stream.element().expect(der.SET).children()
        stream.enter(der.SEQUENCE)
        stream.element().expect(der.OBJECT_IDENTIFIER)
        cipher, initial = _read_algorithm(stream.element(), allow)
        if cipher.is_authenticated != is_authenticated:
            raise DecryptionFailed(f"The cipher {cipher} does not belong in {content_type.dotted()}.")
        usable = [key_pair for key_pair in keys if is_strong_enough(key_pair.private_key, allow)]
        return Decrypted(stream, _candidates(recipients, usable, cipher), cipher=cipher, initial=initial)


@contextmanager
def _failing_alike() -> Iterator[None]:
    try:
        yield
    except CmsMalformed as error:
        raise DecryptionFailed(error.message) from error


def _read_algorithm(algorithm: Element, allow: Allowed) -> tuple[AnyCipher, bytes]:
    name, *parameters = algorithm.expect(der.SEQUENCE).children() or [algorithm]
    cipher = identifiers.CIPHERS.get(name.in_der())
    if cipher is None:
        raise DecryptionFailed(f"The cipher {name.dotted()} is not supported.")
    if isinstance(cipher, DecrepitCipher) and cipher not in allow:
        raise DecryptionFailed(f"The cipher {name.dotted()} ({cipher}) is too weak to be taken unasked.")
    if parameters and cipher.is_authenticated and cipher is not Cipher.CHACHA20_POLY1305:
        parameters = parameters[0].expect(der.SEQUENCE).children()
    initial = parameters[0].octets() if parameters else b""
    if not takes_initial(cipher, initial):
        raise DecryptionFailed("The initialisation vector has a wrong size.")
    return cipher, initial


def _candidates(recipients: Iterable[Element], keys: Sequence[KeyPair], cipher: AnyCipher) -> Sequence[_Candidate]:
    """The keys that may be right, at least one. How many operations are made depends on the names only."""
    every = [(sent, key_pair) for info in recipients for sent in _read_recipient(info) for key_pair in keys]
    named = [
        (sent, key_pair) for sent, key_pair in every if sent.identifier in identifiers.name_of(key_pair.certificate)
    ]
    found = [
        _Candidate(key, key_pair)
        for sent, key_pair in (named or every)[:_MAX_ATTEMPTS]
        if len(key := sent.open(key_pair.private_key)) == cipher.key_size
    ]
    return found or [_Candidate(new_key(cipher), None)]


def _read_recipient(info: Element) -> Iterable[TransportedKey | AgreedKey]:
    """Nothing for other kinds of recipients: those who share a secret or a password with the sender."""
    if info.tag == AGREEMENT:
        return read_agreement(info)
    return read_transport(info) if info.tag == der.SEQUENCE else ()


def _likeliest(
    candidates: Sequence[_Candidate], block: bytes, cipher: AnyCipher, initial: bytes
) -> Sequence[_Candidate]:
    """Of several keys the one under which the content begins as a MIME entity does, with a line of text.

    A wrong private key yields a key of the right length by chance in one of some 250 cases.
    """
    if len(candidates) == 1:
        return candidates
    textual = [
        candidate
        for candidate in candidates
        if not Transform.decrypting(cipher, candidate.key, initial).update(block).translate(None, _TEXT)
    ]
    return textual or candidates


def _without_padding(transform: Transform, pieces: Iterator[bytes], block: int) -> Iterator[bytes]:
    """What each piece decrypts to once the next one is there, so that only the last block is touched.

    That block comes by itself: what is read before it does not depend on the padding.
    """
    last = b""
    try:
        for encrypted in pieces:
            piece = transform.update(encrypted)
            if last and piece:
                yield last
            last = piece or last
        transform.finish()
        if len(last) > block:
            yield last[:-block]
        unpadder = PKCS7(8 * block).unpadder()
        tail = unpadder.update(last[-block:]) + unpadder.finalize()
    except ValueError as error:
        raise DecryptionFailed("The padding is wrong: a wrong key, or the content was damaged.") from error
    yield tail


_IS_AUTHENTICATED = {identifiers.ENVELOPED_DATA: False, identifiers.AUTH_ENVELOPED_DATA: True}
