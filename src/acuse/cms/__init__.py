"""Cryptographic messages (RFC 5652): sign, verify, encrypt, decrypt, compress, decompress.

Rule: content streams through, in either direction and at any size; only keys, certificates and signatures are held.
"""

from acuse.cms.algorithms import Cipher, Digest
from acuse.cms.compression import compress, decompress
from acuse.cms.decryption import Decrypted, decrypt
from acuse.cms.encryption import encrypt
from acuse.cms.errors import (
    AlgorithmUnsupported,
    CmsError,
    CmsMalformed,
    DecompressionFailed,
    DecryptionFailed,
    DigestMismatch,
    ExpansionTooLarge,
    RecipientUnusable,
    SignatureBroken,
    SignatureError,
    SignerUnknown,
    SignerUnusable,
    SourceChanged,
)
from acuse.cms.keys import (
    KeyPair,
    dump_private_key,
    fingerprint,
    load_certificate,
    load_private_key,
    self_signed,
)
from acuse.cms.signing import sign, signature_size
from acuse.cms.verifying import Signature, Verified, read_signature

__all__ = [
    "AlgorithmUnsupported",
    "Cipher",
    "CmsError",
    "CmsMalformed",
    "DecompressionFailed",
    "Decrypted",
    "DecryptionFailed",
    "Digest",
    "DigestMismatch",
    "ExpansionTooLarge",
    "KeyPair",
    "RecipientUnusable",
    "Signature",
    "SignatureBroken",
    "SignatureError",
    "SignerUnknown",
    "SignerUnusable",
    "SourceChanged",
    "Verified",
    "compress",
    "decompress",
    "decrypt",
    "dump_private_key",
    "encrypt",
    "fingerprint",
    "load_certificate",
    "load_private_key",
    "read_signature",
    "self_signed",
    "sign",
    "signature_size",
]
