"""Whether a certificate may be used now, and if not, why: for people who set it up or look for what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from acuse.as2.agreement import allowed_by
from acuse.domain.keyring import CertificateState, expiry_warning
from acuse.domain.partner import Partner
from acuse.errors import InvalidInput
from acuse.ports import HeldCertificate
from acuse.services.manage_partners import check_key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIssue:
    """Something that is wrong with a certificate, or soon will be."""

    code: str
    message: str
    is_error: bool
    """Nothing can be done with the certificate while this holds."""


def validate_certificate(held: HeldCertificate, *, now: datetime) -> tuple[CertificateIssue, ...]:
    """All that is wrong; without an error among it, the certificate may be used now."""
    return tuple(_issues(held, now))


def _issues(held: HeldCertificate, now: datetime) -> Iterator[CertificateIssue]:
    entry, owner = held.entry, held.owner
    grace = owner.expiry_grace(now) if isinstance(owner, Partner) else None
    why = entry.why_refused(now) if grace is None else entry.why_refused(now, grace=grace)
    state = entry.state(now)
    if why is not None:
        yield CertificateIssue(code=state.value.upper(), message=f"The certificate {why}.", is_error=True)
    elif state is CertificateState.EXPIRED:
        message = f"The certificate expired on {entry.expires_at:%Y-%m-%d}, which is accepted with this partner."
        yield CertificateIssue(code="EXPIRED", message=message, is_error=False)
    elif state is CertificateState.PENDING:
        message = f"The certificate is used for what goes out from {entry.active_from:%Y-%m-%d %H:%M} UTC on."
        yield CertificateIssue(code="PENDING", message=message, is_error=True)
    elif days := expiry_warning(entry.expires_at, now=now):
        message = f"The certificate expires on {entry.expires_at:%Y-%m-%d}, in {days} days or less."
        yield CertificateIssue(code="EXPIRES_SOON", message=message, is_error=False)
    try:
        accepted = owner.terms.accept if isinstance(owner, Partner) else frozenset()
        check_key_of(entry.x509_certificate, entry.uses, allow=allowed_by(accepted))
    except InvalidInput as error:
        yield CertificateIssue(code="KEY_UNUSABLE", message=error.fields["certificate"], is_error=True)
    yield from _issues_of_chain(entry.x509_certificate, entry.chain)


def _issues_of_chain(certificate: x509.Certificate, chain: str) -> Iterator[CertificateIssue]:
    """What came with it has to lead from one to the next; that an authority is known to us is not asked."""
    child = certificate
    for issuer in x509.load_pem_x509_certificates(chain.encode("ascii")) if chain else ():
        try:
            child.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            message = "What came with the certificate is not the chain of those who issued it."
            yield CertificateIssue(code="CHAIN_BROKEN", message=message, is_error=False)
            return
        child = issuer
