"""Encrypting: EnvelopedData for RSA certificates (RFC 5652 section 6), as a source.

Rule: the key and the initialisation vector are drawn once, when the envelope is made, and never leave it; so its size
is known before a byte is read, and reading it again (for a repeated transmission) gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from acuse.cms import der, identifiers
from acuse.cms.algorithms import Cipher
from acuse.cms.content_cipher import BLOCK, Transform, new_initial, new_key, padding_for
from acuse.cms.errors import RecipientUnusable, SourceChanged
from acuse.cms.identifiers import MIN_RSA_BITS
from acuse.cms.keys import fingerprint, public_key_of
from acuse.mime.source import CHUNK, Reader, Source
from acuse.mime.streams import PieceReader

_PKCS1 = PKCS1v15()
_RSA_ALGORITHM = der.sequence(identifiers.RSA, der.NULL)
_CIPHER_OIDS = {cipher: oid for oid, cipher in identifiers.CIPHERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Enveloped:
    """A source of the encrypted form of another source."""

    head: bytes
    content: Source
    key: bytes = field(repr=False)
    initial: bytes

    @property
    def size(self) -> int:
        return len(self.head) + _encrypted_size(self.content.size)

    def open(self) -> Reader:
        return PieceReader(self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        transform = Transform.encrypting(self.key, self.initial)
        reader = self.content.open()
        ahead = self.head
        total = 0
        while piece := reader.read(CHUNK):
            total += len(piece)
            yield ahead + transform.update(piece) if ahead else transform.update(piece)
            ahead = b""
        if total != self.content.size:
            raise SourceChanged(size=self.content.size, found=total)
        yield ahead + transform.update(padding_for(total))


def encrypt(source: Source, certificates: Sequence[x509.Certificate], cipher: Cipher) -> Source:
    """The source as a ContentInfo in DER that each of the certificates' owners can open.

    Raises `RecipientUnusable` for a certificate without an RSA key of 2048 bits or more, and when there is none; while
    reading, `SourceChanged` when the content is not as long as its source says.
    """
    if not certificates:
        raise RecipientUnusable("There is no certificate to encrypt to.")
    key, initial = new_key(cipher), new_initial()
    recipients = der.set_of(*(_recipient(certificate, key) for certificate in certificates))
    head = _head(recipients, cipher, initial, _encrypted_size(source.size))
    return _Enveloped(head=head, content=source, key=key, initial=initial)


def _recipient(certificate: x509.Certificate, key: bytes) -> bytes:
    public_key = public_key_of(certificate)
    if not isinstance(public_key, rsa.RSAPublicKey) or public_key.key_size < MIN_RSA_BITS:
        raise RecipientUnusable(fingerprint=fingerprint(certificate))
    return der.sequence(_recipient_start(certificate), der.octet_string(public_key.encrypt(key, _PKCS1)))


@lru_cache(maxsize=4096)
def _recipient_start(certificate: x509.Certificate) -> bytes:
    name = identifiers.name_of(certificate).issuer_and_serial
    return der.small_integer(0) + der.sequence(name) + _RSA_ALGORITHM


def _head(recipients: bytes, cipher: Cipher, initial: bytes, size: int) -> bytes:
    """Everything before the encrypted content, which ends all the elements that are open by then."""
    algorithm = der.sequence(_CIPHER_OIDS[cipher], der.octet_string(initial))
    head = identifiers.DATA + algorithm + der.header(der.CONTEXT_0, size)
    head = der.small_integer(0) + recipients + der.header(der.SEQUENCE, len(head) + size) + head
    head = der.header(der.SEQUENCE, len(head) + size) + head
    head = identifiers.ENVELOPED_DATA + der.header(der.EXPLICIT_0, len(head) + size) + head
    return der.header(der.SEQUENCE, len(head) + size) + head


def _encrypted_size(size: int) -> int:
    return size + BLOCK - size % BLOCK
