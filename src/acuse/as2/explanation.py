"""Explaining one message or receipt: what each of its layers is, and what is wrong with it.

This is for the people at this end, who hold the keys. So it does the opposite of `inbound`: it goes on where it can,
takes weak algorithms (and says so), and tells everything that it learned. What it says must never decide what becomes
of a message, nor reach a partner: to whoever can ask often enough it would decrypt messages (RFC 3218).

Rule: whatever the bytes are, the outcome is an `Explanation`; what cannot be read is a finding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from cryptography import x509

from acuse.as2.mic import Mic
from acuse.as2.mic_doctor import Candidate, Covered, find_mic, mismatch_sentence
from acuse.as2.receipt_in import ReadReceipt
from acuse.as2.signature_doctor import SignatureSeen
from acuse.cms import Digest, KeyPair
from acuse.mime import Scratch

S = TypeVar("S", bound=Scratch)


class LayerKind(StrEnum):
    """What a layer is."""

    HTTP = "http"
    ENCRYPTED = "encrypted"
    COMPRESSED = "compressed"
    SIGNED = "signed"
    MULTIPART = "multipart"
    PAYLOAD = "payload"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer, from the outside in."""

    kind: LayerKind
    size: int
    """Bytes of what it is made of, without its own headers."""
    content_type: str
    algorithm: str | None = None
    """A cipher or digest by our names, `zlib`, or the transfer encoding of a payload."""
    certificate: x509.Certificate | None = None
    """Which of those given opened or verified it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedAttachment(Generic[S]):
    """A file that was found."""

    filename: str | None
    content_type: str
    size: int
    sha256: str
    place: S


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools(Generic[S]):
    """What may be used to open the layers."""

    keys: Sequence[KeyPair]
    certificates: Sequence[x509.Certificate]
    scratch: Callable[[], S]
    """A fresh place for what a layer holds; each is as large as the message at most."""
    expanded_size: int = 16 * 1024**3
    """Bytes that one layer may expand to."""


@dataclass(slots=True, kw_only=True)
class Explanation(Generic[S]):
    """What is known of a message, filled while it is opened."""

    layers: list[Layer] = field(default_factory=list)
    signature: SignatureSeen | None = None
    mic: Mic | None = None
    """Of a message, what its receipt must say; of a receipt, what it says."""
    receipt: ReadReceipt | None = None
    attachments: list[ExplainedAttachment[S]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    """What is worth knowing, one sentence each."""
    advice: str = ""
    """The finding that tells what to do about a signature that we refuse."""
    is_broken: bool = False
    """Something could not be read, although nothing was missing that only the caller could have given."""
    candidates: list[Candidate] = field(default_factory=list)
    """What a receipt's MIC may cover, the likeliest first."""
    expected: Covered = Covered.BODY
    """What it should cover."""

    def compare(self, sent: "Explanation[S]") -> None:
        """Say whether this receipt's MIC is that of the message `sent`, or else what the other side hashed."""
        if self.receipt is None:
            self.findings.append("This is no receipt, so there is nothing to compare with the message.")
        elif self.mic is None:
            self.findings.append("The receipt has no MIC, so it does not say which bytes the partner received.")
        elif sent.mic is None:
            self.findings.append("The message could not be opened far enough to compute its MIC.")
        else:
            digest = sent.mic.digest or Digest.SHA256
            match = find_mic(self.mic, sent.candidates)
            self.findings.append(mismatch_sentence(match, expected=sent.expected, digest=digest))
