"""Taking what arrives, and saying what became of it (RFC 4130 section 7).

Rule: nothing is trusted while it streams: the attachments leave `receive` only when the last byte was read and every
signature and length proved right. A message that fails still gets an `Arrival`, because a refusal has to be answered
too; the sentence for the partner depends on the disposition alone where a difference would tell an attacker something.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Self

from cryptography import x509

from acuse.as2 import disposition as words
from acuse.as2.agreement import Agreement
from acuse.as2.disposition import Disposition
from acuse.as2.envelope import Envelope
from acuse.as2.errors import ContentRefused, StructureBroken
from acuse.as2.forms import SignedForm
from acuse.as2.metering import Clock, LayerStep, no_clock, steps_of
from acuse.as2.mic import Mic
from acuse.as2.opening import DEFAULT_LIMITS, Layers, Limits, Opening
from acuse.as2.received_files import ReceivedAttachment, S
from acuse.as2.signed_part import AnotherPassNeeded, Pass
from acuse.as2.wrapping import is_report
from acuse.cms import (
    Authorities,
    CmsError,
    DecompressionFailed,
    DecryptionFailed,
    DigestMismatch,
    KeyPair,
    SignatureError,
    Verified,
)
from acuse.cms.authority import NOBODY
from acuse.errors import CoreError
from acuse.mime import MimeError, Source

_REASONS: Mapping[Disposition, str] = {
    words.AUTHENTICATION_FAILED: (
        "The signature is not of a certificate that is known here for the sender, or uses an algorithm that is not "
        "supported. Check the signing certificate and the digest."
    ),
    words.INTEGRITY_CHECK_FAILED: "The content was changed after it was signed. Send the message again.",
    words.DECRYPTION_FAILED: (
        "The message cannot be decrypted, or what is inside is broken. Check which certificate it is encrypted to, and "
        "that the content is signed."
    ),
    words.DECOMPRESSION_FAILED: "The compressed content is damaged, or expands beyond what is allowed here.",
}
"""What the partner reads. It knows our side by these dispositions only; details are for our operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival(Generic[S]):
    """What became of a message that arrived."""

    disposition: Disposition
    reason: str
    """One sentence for the partner."""
    cause: str = ""
    """What exactly was wrong, for our operator. It never reaches the partner: it may tell what was decrypted."""
    attachments: tuple[ReceivedAttachment[S], ...] = ()
    """Empty when the message is refused."""
    content_type: str = ""
    """Of the payload: the attachment's, or that of the multipart that holds several."""
    mic: Mic | None = None
    recipient: x509.Certificate | None = None
    """Ours, to which the message is encrypted; None also when it could not be decrypted."""
    signature: Verified | None = None
    form: SignedForm | None = None
    """Over which form of the content the partner's signature holds; None without one."""
    is_encrypted: bool = False
    is_compressed: bool = False
    steps: tuple[LayerStep, ...] = ()
    """The layers that were opened, from the outside in."""

    @property
    def is_receipt(self) -> bool:
        """What came is no message: inside of its layers there is a receipt, to be read with `read_receipt`."""
        return is_report(self.content_type)

    @property
    def is_accepted(self) -> bool:
        return self.disposition.is_positive

    def refused(self, disposition: Disposition, *, cause: str, reason: str = "") -> Self:
        """The same message, refused for what its opening could not know, such as the end of a certificate.

        Without a `reason` the partner reads the same as for everything else under this disposition.
        """
        is_closed = disposition == words.DECRYPTION_FAILED
        return replace(
            self,
            disposition=disposition,
            reason=reason or _REASONS[disposition],
            cause=cause,
            attachments=(),
            mic=None,
            # Of a message that could not be opened nothing is told, not even by the digest that signs the receipt.
            signature=None if is_closed else self.signature,
        )


def receive(
    envelope: Envelope,
    body: Source,
    agreement: Agreement,
    *,
    keys: Sequence[KeyPair],
    certificates: Sequence[x509.Certificate],
    stage: Callable[[], S],
    authorities: Authorities = NOBODY,
    limits: Limits = DEFAULT_LIMITS,
    form: SignedForm = SignedForm.AS_RECEIVED,
    clock: Clock = no_clock,
) -> Arrival[S]:
    """Open a message from the partner of this agreement.

    `keys` may decrypt, `certificates` may have signed, and so may those that the `authorities` vouch for.

    `stage` is called for a fresh place for each attachment; those
    that the arrival does not name are the caller's to discard. `form` is the one in which the partner is known to sign;
    it saves a pass. `clock` measures the layers. Never raises for what the partner sent: the arrival says it.
    """
    opening = Opening(
        envelope=envelope,
        keys=keys,
        certificates=certificates,
        authorities=authorities,
        stage=stage,
        limits=limits,
        agreement=agreement,
        current=Pass(forms=frozenset({SignedForm.AS_RECEIVED, form})),
        clock=clock,
    )
    try:
        while (following := _read(opening, body)) is not None:
            opening = replace(opening, current=following, layers=Layers(), attachments=[])
        _check_security(agreement, opening.layers)
    except (ContentRefused, MimeError, CmsError, StructureBroken) as error:
        return _refused(error, opening.layers)
    layers = opening.layers
    return Arrival(
        disposition=words.PROCESSED,
        reason="The message was received and is intact.",
        attachments=tuple(opening.attachments),
        content_type=layers.content_type,
        mic=layers.mic,
        recipient=layers.opened_with.certificate if layers.opened_with else None,
        signature=layers.signature,
        form=layers.form,
        is_encrypted=layers.is_encrypted,
        is_compressed=layers.is_compressed,
        steps=steps_of(layers.meters),
    )


def _read(opening: Opening[S], body: Source) -> Pass | None:
    """One pass. Each further one hashes more than the last, but for the one that reads what was signed; so they come to
    an end.
    """
    try:
        opening.read(body)
    except AnotherPassNeeded as needed:
        return needed.following
    return None


def _check_security(agreement: Agreement, layers: Layers) -> None:
    """Refuse what is weaker than agreed (RFC 4130 section 7.5.3)."""
    is_unsigned = agreement.demand_signed and layers.signature is None
    if is_unsigned and layers.is_encrypted:
        # Only compressed content gets here. Its form must not decide between two answers either.
        raise DecryptionFailed("The message is not signed, as was agreed.")
    is_open = agreement.demand_encrypted and not layers.is_encrypted
    missing = [name for name, is_missing in (("signed", is_unsigned), ("encrypted", is_open)) if is_missing]
    if missing:
        raise ContentRefused(
            words.INSUFFICIENT_MESSAGE_SECURITY, f"The message is not {' and not '.join(missing)}, as was agreed."
        )


def _refused(error: CoreError, layers: Layers) -> Arrival[S]:
    disposition = _disposition_for(error)
    cause = error.reason if isinstance(error, DecryptionFailed) else error.message
    return Arrival(
        disposition=disposition,
        reason=_REASONS.get(disposition, error.message),
        cause=cause,
        content_type=layers.content_type,
        recipient=layers.opened_with.certificate if layers.opened_with else None,
        # As in `Arrival.refused`.
        signature=None if disposition == words.DECRYPTION_FAILED else layers.signature,
        is_encrypted=layers.is_encrypted,
        is_compressed=layers.is_compressed,
        steps=steps_of(layers.meters),
    )


def _disposition_for(error: CoreError) -> Disposition:
    """The modifier that an error deserves (RFC 4130 section 7.5.3)."""
    match error:
        case ContentRefused():
            return error.disposition
        case DigestMismatch():
            return words.INTEGRITY_CHECK_FAILED
        case SignatureError():
            return words.AUTHENTICATION_FAILED
        case DecryptionFailed():
            return words.DECRYPTION_FAILED
        case DecompressionFailed():
            return words.DECOMPRESSION_FAILED
        case _:
            return words.UNEXPECTED_PROCESSING_ERROR
