"""Trust by authority: which of the certificates that came with a signature an authority vouches for.

Rule: a certificate proves nothing by coming along. It counts only at the end of a chain to an authority that the
operator named, built and checked by the X.509 verification of `cryptography` (RFC 5280 section 6.1): validity,
signatures, basic constraints and path length, name constraints, and critical extensions that are not understood.
Revocation is not looked up: whoever withdraws a certificate takes the authority out, or the partner does not use it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

_MOST_EMBEDDED = 16
_LONGEST_CHAIN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorities:
    """Those whose word counts at one moment; none at all vouch for nothing."""

    certificates: tuple[x509.Certificate, ...] = ()
    now: datetime

    def vouched_for(self, embedded: Sequence[bytes]) -> tuple[x509.Certificate, ...]:
        """Of certificates in DER that came along, those that may sign and lead to an authority. What cannot be read is
        left out, and of too many all are.
        """
        if not self.certificates or len(embedded) > _MOST_EMBEDDED:
            return ()
        found = [certificate for der in embedded if (certificate := _read(der))]
        verifier = (
            PolicyBuilder()
            .store(Store(list(self.certificates)))
            .time(self.now)
            .max_chain_depth(_LONGEST_CHAIN)
            .extension_policies(ca_policy=_AUTHORITY, ee_policy=_SIGNER)
            .build_client_verifier()
        )
        vouched = []
        for certificate in found:
            try:
                verifier.verify(certificate, [other for other in found if other != certificate])
            except (VerificationError, ValueError):
                continue
            vouched.append(certificate)
        return tuple(vouched)


NOBODY = Authorities(now=datetime.min.replace(tzinfo=UTC))


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether the certificate may issue others (RFC 5280 section 4.2.1.9)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _read(der: bytes) -> x509.Certificate | None:
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
        certificate.extensions  # noqa: B018 - what cannot be read raises here
    except Exception:  # noqa: BLE001 - anybody may have made these bytes, and the library has many words for broken
        return None
    return certificate


def _may_issue(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    """RFC 5280 section 4.2.1.3."""
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("the authority's key may not sign certificates")


def _may_sign(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    """RFC 8550 section 4.4.2: one of the two is needed for signatures."""
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise ValueError("the key may not sign messages")


def _is_no_authority(
    _policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints | None
) -> None:
    """The authority vouches for others; messages are signed by those."""
    if constraints is not None and constraints.ca:
        raise ValueError("an authority signs no messages")


_AUTHORITY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_issue)
)
"""The library itself sees to it that `cA` is asserted, and counts the length of the path."""
_SIGNER = (
    ExtensionPolicy.permit_all()
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
    .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_no_authority)
)
