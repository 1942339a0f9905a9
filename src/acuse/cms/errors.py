"""What can be wrong with a CMS structure, or with the keys that it needs.

Rule: the outside cannot tell one failed decryption from another, neither by class nor by message: a difference would
let somebody find the key by trial (RFC 3218). The reason is a field, for the operator's eyes only.

CmsError
├── CmsMalformed              not ASN.1, or not the structure that it should be
├── AlgorithmUnsupported      an algorithm that is unknown, or too weak to be taken without asking
├── DecryptionFailed          no key fits, or the ciphertext is damaged: always the same from outside
├── SignatureError            the signature does not prove what it should
│   ├── SignatureBroken       the signer's certificate does not confirm the signature value
│   ├── SignerUnknown         none of the certificates at hand made it
│   └── DigestMismatch        a right signature, over other content
├── DecompressionFailed       damaged or cut off
│   └── ExpansionTooLarge     more content than is allowed
├── SignerUnusable            a key of ours cannot sign, or a certificate cannot verify
├── RecipientUnusable         a partner's certificate cannot encrypt
└── SourceChanged             content had another length than its source said
"""

from acuse.errors import CoreError, Fault


class CmsError(CoreError):
    """The cryptographic envelope is broken. Ask the partner to send it again."""

    code = "CMS_BROKEN"


class CmsMalformed(CmsError):
    """The cryptographic envelope does not follow its format. Ask the partner to check its software."""

    code = "CMS_MALFORMED"


class AlgorithmUnsupported(CmsError):
    """The partner used an algorithm that is not supported. Agree on another one with the partner."""

    code = "CMS_ALGORITHM_UNSUPPORTED"


class DecryptionFailed(CmsError):
    """The message cannot be decrypted. Check which certificate the partner encrypts to."""

    code = "CMS_DECRYPTION_FAILED"

    def __init__(self, reason: str) -> None:
        """`reason` is for the operator; it never reaches the partner."""
        self.reason = reason
        super().__init__()


class SignatureError(CmsError):
    """The signature does not hold. Check the partner's certificate."""

    code = "CMS_SIGNATURE_INVALID"


class SignatureBroken(SignatureError):
    """The signature value does not fit the signer's certificate. Ask the partner to send it again."""

    code = "CMS_SIGNATURE_BROKEN"


class SignerUnknown(SignatureError):
    """None of the partner's certificates made this signature. Ask the partner for its current certificate."""

    code = "CMS_SIGNER_UNKNOWN"


class DigestMismatch(SignatureError):
    """The signature is right, but the content was changed after it. Ask the partner to send it again."""

    code = "CMS_DIGEST_MISMATCH"


class DecompressionFailed(CmsError):
    """The compressed content is damaged. Ask the partner to send it again."""

    code = "CMS_DECOMPRESSION_FAILED"


class ExpansionTooLarge(DecompressionFailed):
    """The compressed content expands beyond what is allowed. Raise the limit if the partner means it."""

    code = "CMS_EXPANSION_TOO_LARGE"


class SignerUnusable(CmsError):
    """The station's key cannot sign. Give it a key that is supported and fits its certificate."""

    code = "CMS_SIGNER_UNUSABLE"
    fault = Fault.OPERATOR


class RecipientUnusable(CmsError):
    """Nothing can be encrypted to this certificate. Ask the partner for one with another key."""

    code = "CMS_RECIPIENT_UNUSABLE"
    fault = Fault.OPERATOR


class SourceChanged(CmsError):
    """The content changed while it was read. Send the message again."""

    code = "CMS_SOURCE_CHANGED"
    fault = Fault.OURS
