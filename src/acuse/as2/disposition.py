"""The words that say what became of a message (RFC 4130 sections 7.4.3 to 7.5, RFC 8098 section 3.2.6).

Rule: what we write uses the exact vocabulary below, in lower case; what we read may be spelled in any case, with blanks
anywhere, and with modifiers that nobody registered.
"""

from dataclasses import dataclass
from typing import Self

AUTOMATIC = "automatic-action/MDN-sent-automatically"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """One disposition: mode, type, and what modifies it."""

    mode: str = AUTOMATIC
    type: str = "processed"
    """`processed`, or `failed` when the request for a receipt itself could not be honoured."""
    modifier: str | None = None
    """`error`, `failure` or `warning`; None when all is well."""
    detail: str = ""
    """What follows the modifier, such as `decryption-failed`."""

    @property
    def is_positive(self) -> bool:
        """The message was taken: processed, at most with a warning."""
        return self.type == "processed" and self.modifier in (None, "warning")

    def __str__(self) -> str:
        text = f"{self.mode}; {self.type}"
        if self.modifier:
            text += f"/{self.modifier}"
        return f"{text}: {self.detail}" if self.detail else text

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the field's value as any product writes it. Never raises: the unknown stays visible as it came."""
        mode, _, rest = value.partition(";")
        kind, _, detail = rest.partition(":")
        type_, _, modifier = kind.partition("/")
        return cls(
            mode="/".join(part.strip() for part in mode.split("/")),
            type=type_.strip().lower(),
            modifier=modifier.strip().lower() or None,
            detail=detail.strip(),
        )


PROCESSED = Disposition()


def _error(detail: str) -> Disposition:
    return Disposition(modifier="error", detail=detail)


# RFC 4130 sections 7.5.3 to 7.5.5, the name that the field uses where the RFC has none for an unknown relation, and the
# additions of the rfc4130bis draft, section 8.5.4.
AUTHENTICATION_FAILED = _error("authentication-failed")
DECOMPRESSION_FAILED = _error("decompression-failed")
DECRYPTION_FAILED = _error("decryption-failed")
INSUFFICIENT_MESSAGE_SECURITY = _error("insufficient-message-security")
INTEGRITY_CHECK_FAILED = _error("integrity-check-failed")
UNEXPECTED_PROCESSING_ERROR = _error("unexpected-processing-error")
UNKNOWN_TRADING_PARTNER = _error("unknown-trading-partner")
UNKNOWN_TRADING_RELATIONSHIP = _error("unknown-trading-relationship")
INVALID_MESSAGE_ID = _error("invalid-message-id")
DUPLICATE_FILENAME = _error("duplicate-filename")
ILLEGAL_FILENAME = _error("illegal-filename")
UNSUPPORTED_FORMAT = Disposition(type="failed", modifier="failure", detail="unsupported format")
UNSUPPORTED_MIC_ALGORITHMS = Disposition(type="failed", modifier="failure", detail="unsupported MIC-algorithms")
