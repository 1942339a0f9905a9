"""Encrypting: EnvelopedData (RFC 5652 section 6) and AuthEnvelopedData (RFC 5083), as a source.

Rule: the key and the initialisation vector are drawn once, when the envelope is made, and never leave it; so its size
is known before a byte is read, and reading it again (for a repeated transmission) gives the same bytes. That is safe
because a source gives the same content each time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from acuse.cms import der, identifiers
from acuse.cms.algorithms import Cipher, KeyTransport
from acuse.cms.certificates import public_key_of
from acuse.cms.content_cipher import TAG, Transform, new_initial, new_key, padding_for
from acuse.cms.decrepit import Allowed, AnyCipher
from acuse.cms.errors import RecipientUnusable, SourceChanged
from acuse.cms.key_agreement import AGREEMENT, AgreementKey, agreement_info
from acuse.cms.key_transport import transport_info
from acuse.cms.strength import check_recipient
from acuse.mime.source import CHUNK, Reader, Source
from acuse.mime.streams import PieceReader

_CIPHER_OIDS = {cipher: oid for oid, cipher in identifiers.CIPHERS.items()}
_TAG_ELEMENT = len(der.octet_string(bytes(TAG)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Enveloped:
    """A source of the encrypted form of another source."""

    head: bytes
    content: Source
    cipher: AnyCipher
    key: bytes = field(repr=False)
    initial: bytes

    @property
    def size(self) -> int:
        return len(self.head) + _encrypted_size(self.content.size, self.cipher) + _size_after(self.cipher)

    def open(self) -> Reader:
        return PieceReader(self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        transform = Transform.encrypting(self.cipher, self.key, self.initial)
        reader = self.content.open()
        ahead = self.head
        total = 0
        while piece := reader.read(CHUNK):
            total += len(piece)
            yield ahead + transform.update(piece) if ahead else transform.update(piece)
            ahead = b""
        if total != self.content.size:
            raise SourceChanged(size=self.content.size, found=total)
        if self.cipher.is_authenticated:
            yield ahead + der.octet_string(transform.finish_with_tag())
        else:
            yield ahead + transform.update(padding_for(total, self.cipher))


def encrypt(
    source: Source,
    certificates: Sequence[x509.Certificate],
    cipher: AnyCipher,
    *,
    key_transport: KeyTransport = KeyTransport.PKCS1V15,
    allow: Allowed = (),
) -> Source:
    """The source as a ContentInfo in DER that each of the certificates' owners can open.

    RSA keys get the content key as `key_transport` says, EC and X25519 keys by key agreement. Raises
    `RecipientUnusable` for a certificate that `check_recipient` refuses, and when there is none; while reading,
    `SourceChanged` when the content is not as long as its source says.
    """
    if not certificates:
        raise RecipientUnusable("There is no certificate to encrypt to.")
    key, initial = new_key(cipher), new_initial(cipher)
    infos = [_recipient_info(certificate, key, key_transport, allow) for certificate in certificates]
    version = der.small_integer(_version(infos, cipher))
    head = _head(version + der.set_of(*infos), cipher, initial, _encrypted_size(source.size, cipher))
    return _Enveloped(head=head, content=source, cipher=cipher, key=key, initial=initial)


def _recipient_info(certificate: x509.Certificate, key: bytes, transport: KeyTransport, allow: Allowed) -> bytes:
    check_recipient(certificate, allow=allow)
    public_key = public_key_of(certificate)
    if isinstance(public_key, AgreementKey):
        return agreement_info(certificate, public_key, key)
    assert isinstance(public_key, rsa.RSAPublicKey)
    return transport_info(certificate, public_key, key, transport)


def _version(infos: Iterable[bytes], cipher: AnyCipher) -> int:
    """RFC 5652 section 6.1: 2 where there is more than keys for RSA. RFC 5083 section 2.1: always 0."""
    return 0 if cipher.is_authenticated or all(info[0] != AGREEMENT for info in infos) else 2


def _head(version_and_recipients: bytes, cipher: AnyCipher, initial: bytes, size: int) -> bytes:
    """Everything before the encrypted content; nothing but a tag follows that."""
    head = identifiers.DATA + _algorithm(cipher, initial) + der.header(der.CONTEXT_0, size)
    head = version_and_recipients + der.header(der.SEQUENCE, len(head) + size) + head
    size += _size_after(cipher)
    head = der.header(der.SEQUENCE, len(head) + size) + head
    content_type = identifiers.AUTH_ENVELOPED_DATA if cipher.is_authenticated else identifiers.ENVELOPED_DATA
    head = content_type + der.header(der.EXPLICIT_0, len(head) + size) + head
    return der.header(der.SEQUENCE, len(head) + size) + head


def _algorithm(cipher: AnyCipher, initial: bytes) -> bytes:
    parameters = der.octet_string(initial)
    if cipher.is_authenticated and cipher is not Cipher.CHACHA20_POLY1305:
        # RFC 5084 section 3.2: the size of the tag is 12 unless it is written.
        parameters = der.sequence(parameters, der.small_integer(TAG))
    return der.sequence(_CIPHER_OIDS[cipher], parameters)


def _encrypted_size(size: int, cipher: AnyCipher) -> int:
    return size + len(padding_for(size, cipher))


def _size_after(cipher: AnyCipher) -> int:
    """Bytes of the elements that follow the encrypted content."""
    return _TAG_ELEMENT if cipher.is_authenticated else 0
