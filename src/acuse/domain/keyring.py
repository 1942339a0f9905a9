"""Certificates as an account keeps them: a list for each owner, each with its uses and the time it serves.

Rule: nobody picks a certificate but the functions below. What goes out takes the newest that is active; what comes in
is tried against all that are valid, so that a certificate can be changed without a gap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cryptography import x509

from acuse.cms import KeyPair


class Use(StrEnum):
    """What a certificate is for. A station's `encryption` certificate decrypts, a partner's encrypts."""

    SIGNING = "signing"
    ENCRYPTION = "encryption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One X.509 certificate of a station or a partner."""

    id: UUID
    handle: int
    tenant_id: UUID
    owner_id: UUID
    """The station or the partner."""
    uses: frozenset[Use]
    x509_certificate: x509.Certificate
    key_pair: KeyPair | None
    """Present for a station's own certificates."""
    active_from: datetime
    active_until: datetime | None
    created_at: datetime

    def is_active(self, now: datetime) -> bool:
        """True inside both the activation window and the validity of the certificate itself."""
        started = max(self.active_from, self.x509_certificate.not_valid_before_utc) <= now
        return (
            started
            and now <= self.x509_certificate.not_valid_after_utc
            and (self.active_until is None or now < self.active_until)
        )


def active_certificates(certificates: Iterable[Certificate], use: Use, *, now: datetime) -> tuple[Certificate, ...]:
    """All that serve this use now, the newest first: the first for what goes out, all of them for what comes in."""
    fitting = [entry for entry in certificates if use in entry.uses and entry.is_active(now)]
    return tuple(sorted(fitting, key=lambda entry: (entry.active_from, entry.handle), reverse=True))
