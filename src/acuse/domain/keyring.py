"""Certificates as an account keeps them: a list for each owner, each with its uses and the time it serves.

Rule: nobody picks a certificate but the functions below. What goes out takes the newest that is active; what comes in
is tried against all of them, and what it turns out to use is judged afterwards. So a certificate can be changed without
a gap, and what is refused is refused for a reason that names the certificate.
Two spans bound a certificate. Its own validity stands in it. Its activation is ours: from when we use it for what goes
out, and until when we use it at all. What comes in may use it before: partners do not switch at the same second.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from cryptography import x509

from acuse.cms import KeyPair, PrivateKey, fingerprint
from acuse.cms.certificates import public_key_of

WARNING_DAYS = (60, 30, 14, 7, 1)
"""Days before its end at which a certificate is warned of."""
NO_GRACE = timedelta()
RECENTLY = timedelta(days=7)
"""How long after its end a certificate still verifies receipts: the message may have been sent before."""


class Use(StrEnum):
    """What a certificate is for. A station's `encryption` certificate decrypts, a partner's encrypts."""

    SIGNING = "signing"
    ENCRYPTION = "encryption"


def fitting_uses(certificate: x509.Certificate) -> frozenset[Use]:
    """What the kind of its key is good for: Ed25519 signs, X25519 encrypts, every other does both."""
    kinds = {"1.3.101.112": Use.SIGNING, "1.3.101.110": Use.ENCRYPTION}
    only = kinds.get(certificate.public_key_algorithm_oid.dotted_string)
    return frozenset(Use) if only is None else frozenset((only,))


class CertificateState(StrEnum):
    """Where a certificate is in its life."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"
    RETIRED = "retired"
    """Taken out of use by us; also when it has expired since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One X.509 certificate of a station or a partner."""

    id: UUID
    handle: int
    tenant_id: UUID
    owner_id: UUID
    """The station or the partner."""
    name: str
    """For people."""
    uses: frozenset[Use]
    """Empty for our client certificate, which is shown to the partner's server and serves no message."""
    x509_certificate: x509.Certificate
    key_pair: KeyPair | None
    """Present for a station's own certificates."""
    active_from: datetime
    active_until: datetime | None
    created_at: datetime
    updated_at: datetime
    first_used_at: datetime | None = None
    """When the partner first used it towards us: signed with its own, or encrypted to ours."""
    told_days: int | None = None
    """The shortest of WARNING_DAYS that was told; 0 when its end was."""
    chain: str = ""
    """Those between it and an authority, in PEM, for whoever downloads it."""
    removed_at: datetime | None = None
    """When it was removed from the lists. It stays, to explain what was signed with it."""

    @property
    def public_id(self) -> str:
        """The handle that people and the native API use."""
        return f"cert_{self.handle:06d}"

    @property
    def is_for_server(self) -> bool:
        """It is ours, and shown to the server of the partner that it is listed with."""
        return not self.uses

    @property
    def subject(self) -> str:
        """Whose it says it is (RFC 4514)."""
        return _text_of(lambda: self.x509_certificate.subject)

    @property
    def issuer(self) -> str:
        """Who says so (RFC 4514)."""
        return _text_of(lambda: self.x509_certificate.issuer)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate in DER, in hexadecimal digits."""
        return fingerprint(self.x509_certificate)

    @property
    def expires_at(self) -> datetime:
        """The last second in which it is valid."""
        return self.x509_certificate.not_valid_after_utc

    def state(self, now: datetime) -> CertificateState:
        """Where it is in its life."""
        if self.active_until is not None and self.active_until <= now:
            return CertificateState.RETIRED
        if self.expires_at < now:
            return CertificateState.EXPIRED
        if now < max(self.active_from, self.x509_certificate.not_valid_before_utc):
            return CertificateState.PENDING
        return CertificateState.ACTIVE

    def is_retired(self, now: datetime) -> bool:
        """We took it out of use."""
        return self.state(now) is CertificateState.RETIRED

    def is_active(self, now: datetime) -> bool:
        """True inside both the activation window and the validity of the certificate itself."""
        return self.state(now) is CertificateState.ACTIVE

    def why_refused(self, now: datetime, *, grace: timedelta = NO_GRACE) -> str | None:
        """Why nothing may come in under it, as the end of a sentence about it; None if all is well.

        `grace` is how long after its own end it still counts; a certificate that we retired never does.
        """
        state = self.state(now)
        if state is CertificateState.RETIRED:
            return f"was taken out of use on {self.active_until:%Y-%m-%d}"
        if state is CertificateState.EXPIRED and now - self.expires_at > grace:
            return f"expired on {self.expires_at:%Y-%m-%d}"
        if now < (start := self.x509_certificate.not_valid_before_utc):
            return f"is not valid before {start:%Y-%m-%d %H:%M} UTC"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """A key pair of a station whose certificate is still to be made by an authority."""

    id: UUID
    tenant_id: UUID
    station_id: UUID
    key_sha256: str
    """The digest of the public key: by it the certificate that comes back is recognised."""
    pkcs10_der: bytes
    """What the authority is asked to sign (RFC 2986)."""
    private_key: PrivateKey = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatesUsed:
    """The certificates that a message and its receipt turned out to use, by their SHA-256 fingerprints.

    For an outbound message the signer is ours, the recipient and the signer of the receipt are the partner's; for an
    inbound one it is the other way round.
    """

    signer: str | None = None
    recipient: str | None = None
    receipt_signer: str | None = None


def active_certificates(certificates: Iterable[Certificate], use: Use, *, now: datetime) -> tuple[Certificate, ...]:
    """All that serve this use now, the newest first."""
    return _newest_first(entry for entry in certificates if use in entry.uses and entry.is_active(now))


def outgoing_certificate(
    certificates: Iterable[Certificate],
    use: Use,
    *,
    now: datetime,
    grace: timedelta = NO_GRACE,
    chosen: UUID | None = None,
) -> Certificate | None:
    """The one to sign with or to encrypt to: the one that was chosen while it is active, else the newest that is.

    Where none is, the newest that expired no longer than `grace` ago.
    """
    fitting = _newest_first(entry for entry in certificates if use in entry.uses)
    active = sorted((entry for entry in fitting if entry.is_active(now)), key=lambda entry: entry.id != chosen)
    expired = (entry for entry in fitting if entry.state(now) is CertificateState.EXPIRED)
    late = (entry for entry in expired if entry.why_refused(now, grace=grace) is None)
    return next(itertools.chain(active, late), None)


def incoming_certificates(certificates: Iterable[Certificate], use: Use, *, now: datetime) -> tuple[Certificate, ...]:
    """All for this use, to be tried in this order: first those that are good, then those that will be refused."""
    fitting = _newest_first(entry for entry in certificates if use in entry.uses)
    return tuple(sorted(fitting, key=lambda entry: entry.why_refused(now) is not None))


def entry_for(
    certificates: Sequence[Certificate], found: x509.Certificate, *, now: datetime, grace: timedelta = NO_GRACE
) -> Certificate:
    """The entry that counts for what turned out to be used; `found` is the certificate of one of them.

    An expired certificate may have been renewed without its key: whoever has the key has the newer certificate too.
    """
    same = [entry for entry in certificates if entry.x509_certificate == found]
    same_key = [entry for entry in certificates if public_key_of(entry.x509_certificate) == public_key_of(found)]
    good = (entry for entry in same + same_key if entry.why_refused(now, grace=grace) is None)
    return next(good, same[0])


def _text_of(read_name: Callable[[], x509.Name]) -> str:
    """A name as text. Partners' certificates hold names in encodings that cannot be read: no reason to fail."""
    try:
        return read_name().rfc4514_string()
    except ValueError:
        return "(not readable)"


def expiry_warning(expires_at: datetime, *, now: datetime) -> int | None:
    """The shortest of WARNING_DAYS that has begun before this end; 0 after it, None while it is further away."""
    if expires_at < now:
        return 0
    return min((days for days in WARNING_DAYS if expires_at - now <= timedelta(days=days)), default=None)


def warning_due(entry: Certificate, *, now: datetime) -> int | None:
    """The warning that has still to be told of a certificate; nobody needs one for what is retired."""
    warning = expiry_warning(entry.expires_at, now=now)
    if warning is None or entry.is_retired(now):
        return None
    return warning if entry.told_days is None or warning < entry.told_days else None


def days_until(end: datetime, *, now: datetime) -> int:
    """Days from now on, rounded up; 0 when it is over."""
    return max(0, -((now - end) // timedelta(days=1)))


def fingerprint_of(entry: Certificate | None) -> str | None:
    """What a message notes of a certificate."""
    return None if entry is None else entry.fingerprint


def _newest_first(certificates: Iterable[Certificate]) -> tuple[Certificate, ...]:
    return tuple(sorted(certificates, key=lambda entry: (entry.active_from, entry.handle), reverse=True))
