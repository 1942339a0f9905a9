"""Cryptographic messages (RFC 5652): sign, verify, encrypt, decrypt, compress, decompress.

Rule: content streams through, in either direction and at any size; only keys, certificates and signatures are held.
"""

from acuse.cms.algorithms import Cipher, Curve, Digest, KeyTransport, SignatureScheme
from acuse.cms.authority import Authorities, is_authority
from acuse.cms.certificates import fingerprint, load_certificate
from acuse.cms.compression import compress, decompress
from acuse.cms.decrepit import Allowed, AnyCipher, AnyDigest, DecrepitCipher, DecrepitDigest, WeakKeys
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
    PrivateKey,
    dump_private_key,
    load_private_key,
    self_signed,
)
from acuse.cms.signing import sign, signing_digest
from acuse.cms.strength import check_recipient, check_signer_certificate
from acuse.cms.verifying import Signature, Verified, read_signature

__all__ = [
    "AlgorithmUnsupported",
    "Allowed",
    "AnyCipher",
    "AnyDigest",
    "Authorities",
    "Cipher",
    "CmsError",
    "CmsMalformed",
    "Curve",
    "DecompressionFailed",
    "DecrepitCipher",
    "DecrepitDigest",
    "Decrypted",
    "DecryptionFailed",
    "Digest",
    "DigestMismatch",
    "ExpansionTooLarge",
    "KeyPair",
    "KeyTransport",
    "PrivateKey",
    "RecipientUnusable",
    "Signature",
    "SignatureBroken",
    "SignatureError",
    "SignatureScheme",
    "SignerUnknown",
    "SignerUnusable",
    "SourceChanged",
    "Verified",
    "WeakKeys",
    "check_recipient",
    "check_signer_certificate",
    "compress",
    "decompress",
    "decrypt",
    "dump_private_key",
    "encrypt",
    "fingerprint",
    "is_authority",
    "load_certificate",
    "load_private_key",
    "read_signature",
    "self_signed",
    "sign",
    "signing_digest",
]
