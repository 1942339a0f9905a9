"""Which certificates a message to a partner uses, decided when it is built.

Rule: nothing goes out under an expired certificate, unless the partner's terms accept that until a date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from acuse.domain.keyring import Certificate, CertificateState, Use, outgoing_certificate
from acuse.domain.message import Message
from acuse.errors import AcuseError, CertificateExpired, EncryptionFailed, SigningFailed
from acuse.ports import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """None where the message is not signed, or not encrypted."""

    signer: Certificate | None = None
    """The station's."""
    recipient: Certificate | None = None
    """The partner's."""


def choose_certificates(message: Message, relation: Relation, *, now: datetime) -> Chosen:
    """The newest that is active for each use. Raises SigningFailed, EncryptionFailed and CertificateExpired."""
    grace = relation.partner.expiry_grace(now)
    signer = recipient = None
    if message.is_signed:
        signer = outgoing_certificate(relation.station_certificates, Use.SIGNING, now=now, grace=grace)
        if signer is None:
            raise _why_none(relation.station_certificates, Use.SIGNING, SigningFailed(), now=now)
    if message.is_encrypted:
        chosen = relation.partner.terms.chosen_certificate(Use.ENCRYPTION)
        recipient = outgoing_certificate(
            relation.partner_certificates, Use.ENCRYPTION, now=now, grace=grace, chosen=chosen
        )
        if recipient is None:
            raise _why_none(relation.partner_certificates, Use.ENCRYPTION, EncryptionFailed(), now=now)
    return Chosen(signer=signer, recipient=recipient)


def expired_among(entries: Sequence[Certificate | None], *, now: datetime) -> tuple[str, ...]:
    """Those that had expired when they were used, for the log: the partner's terms let them pass."""
    expired = {entry.public_id for entry in entries if entry and entry.state(now) is CertificateState.EXPIRED}
    return tuple(sorted(expired))


def _why_none(certificates: Sequence[Certificate], use: Use, otherwise: AcuseError, *, now: datetime) -> AcuseError:
    expired = [entry for entry in certificates if use in entry.uses and entry.state(now) is CertificateState.EXPIRED]
    if not expired:
        return otherwise
    last = max(expired, key=lambda entry: entry.expires_at)
    return CertificateExpired(
        f"The certificate {last.public_id} expired on {last.expires_at:%Y-%m-%d}. Add the next one, or accept expired "
        "certificates with this partner until a date.",
        certificate_id=last.public_id,
        expired_at=last.expires_at,
    )
