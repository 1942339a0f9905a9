"""Certificates, private keys and secrets as they lie in their rows, and the caches that make reading them cheap.

Rule: a cache is keyed by the content that was read, never by an id. A row that another process changed is read fresh,
and only what was read before is not parsed or unsealed again.
"""

from functools import lru_cache
from uuid import UUID

from cryptography import x509

from acuse.cms import KeyPair, PrivateKey, dump_private_key, load_private_key
from acuse.domain.connection import NO_CREDENTIALS, Credentials
from acuse.storage import columns
from acuse.storage.secrets import MasterKey

_CERTIFICATES = 4096
_KEY_PAIRS = 512
_TEXTS = 512


class Vault:
    """Seals and opens the secrets of one home. Safe from any thread."""

    def __init__(self, master_key: MasterKey) -> None:
        self._master_key = master_key
        self.certificate = lru_cache(_CERTIFICATES)(x509.load_der_x509_certificate)
        """The parsed form of a certificate in DER."""
        self.key_pair = lru_cache(_KEY_PAIRS)(self._open)
        """The key pair of a row: its id, the certificate in DER, the sealed key. Raises MasterKeyWrong."""
        self.open_text = lru_cache(_TEXTS)(self._open_text)
        """A text: the purpose that it was sealed for, the sealed text. Raises MasterKeyWrong."""

    def seal(self, certificate_id: UUID, pair: KeyPair) -> bytes:
        """The private key as it may be stored, bound to the row of that certificate."""
        return self.seal_key(certificate_id, pair.private_key)

    def seal_key(self, row_id: UUID, key: PrivateKey) -> bytes:
        """A private key as it may be stored, bound to the row with that id."""
        return self._master_key.seal(_purpose(row_id), dump_private_key(key))

    def private_key(self, row_id: UUID, sealed: bytes) -> PrivateKey:
        """What was sealed for that row. Raises MasterKeyWrong."""
        return load_private_key(self._master_key.open(_purpose(row_id), sealed))

    def seal_text(self, purpose: str, text: str) -> bytes:
        """A secret text as it may be stored. The purpose names its row."""
        return self._master_key.seal(purpose, text.encode("utf-8"))

    def _open_text(self, purpose: str, sealed: bytes) -> str:
        return self._master_key.open(purpose, sealed).decode("utf-8")

    def _open(self, certificate_id: UUID, certificate: bytes, sealed: bytes) -> KeyPair:
        return KeyPair(self.certificate(certificate), self.private_key(certificate_id, sealed))

    def seal_credentials(self, partner_id: UUID, credentials: Credentials) -> bytes | None:
        """The credentials as they may be stored, bound to the row of that partner; None where there are none."""
        if credentials == NO_CREDENTIALS:
            return None
        return self.seal_text(_credentials_of(partner_id), columns.json_text(credentials))

    def credentials(self, partner_id: UUID, sealed: bytes | None) -> Credentials:
        """What was sealed for that partner. Raises MasterKeyWrong."""
        if sealed is None:
            return NO_CREDENTIALS
        return columns.credentials(self.open_text(_credentials_of(partner_id), sealed))


def _credentials_of(partner_id: UUID) -> str:
    return f"credentials:{partner_id}"


def _purpose(row_id: UUID) -> str:
    return f"private-key:{row_id}"
