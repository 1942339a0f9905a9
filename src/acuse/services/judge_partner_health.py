"""How the exchange with a partner goes, from what is stored of it; nothing is sent for it.

Rule: the score begins at 100 and loses for what is wrong: up to 60 for the part of the last day's messages that failed,
and 20 for each certificate that is needed and missing or over, or 10 for one that ends within a month.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from acuse.as2 import MDNMode
from acuse.domain.access import Mode
from acuse.domain.keyring import Certificate, Use, outgoing_certificate
from acuse.domain.message import Direction, ReceiptState, Transmission
from acuse.domain.partner import Partner
from acuse.ports import PartnerView, Ports

SPAN = timedelta(days=1)
"""How far back failures count."""
_SOON = timedelta(days=30)
_FOR_FAILURES = 60
_FOR_A_CERTIFICATE = 20
_FOR_A_LATE_ONE = 10
_HEALTHY, _DEGRADED = 80, 50
_BAD_RECEIPTS = (ReceiptState.NEGATIVE, ReceiptState.INVALID, ReceiptState.TIMEOUT)


class HealthStatus(StrEnum):
    """The score in a word."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    INACTIVE = "inactive"
    """The partner is switched off."""
    UNKNOWN = "unknown"
    """Nothing is wrong, and nothing was exchanged yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerHealth:
    """What there is to know at one moment."""

    status: HealthStatus
    score: int
    """0 to 100."""
    successes: int
    """Messages of the last day, in both directions, that came to a good end."""
    failures: int
    open_messages: int
    last_success_at: datetime | None
    certificate_expires_at: datetime | None
    """When the first of the partner's certificates in use ends."""
    issues: tuple[str, ...]
    """What is wrong, a sentence each."""


def judge_partner_health(ports: Ports, partner: Partner, *, mode: Mode) -> PartnerHealth:
    """The health of a partner now, by the messages of a mode."""
    now = ports.world.now()
    activity = ports.views.partner_activity(partner, mode=mode, since=now - SPAN)
    view = ports.views.partner_view(partner.id)
    failures = sum(count for way, far, receipt, count in activity.outcomes if _is_failure(way, far, receipt))
    successes = sum(count for way, far, receipt, count in activity.outcomes if _is_success(way, far, receipt))
    ended = failures + successes
    problems = list(_certificate_problems(view, now=now))
    if failures:
        loss = round(_FOR_FAILURES * failures / ended)
        problems.append((loss, f"{failures} of {ended} messages of the last 24 hours failed."))
    score = max(0, 100 - sum(loss for loss, _ in problems))
    is_quiet = activity.last_success_at is None and not ended and not problems
    ends = [entry.expires_at for entry in _in_use(view, now=now).values() if entry is not None]
    return PartnerHealth(
        status=_status(partner, score, is_quiet=is_quiet),
        score=score,
        successes=successes,
        failures=failures,
        open_messages=activity.open_messages,
        last_success_at=activity.last_success_at,
        certificate_expires_at=min(ends, default=None),
        issues=tuple(told for _, told in problems),
    )


def _status(partner: Partner, score: int, *, is_quiet: bool) -> HealthStatus:
    if not partner.active:
        return HealthStatus.INACTIVE
    if is_quiet:
        return HealthStatus.UNKNOWN
    if score >= _HEALTHY:
        return HealthStatus.HEALTHY
    return HealthStatus.DEGRADED if score >= _DEGRADED else HealthStatus.UNHEALTHY


def _is_failure(direction: Direction, transmission: Transmission, receipt: ReceiptState) -> bool:
    """What was cancelled did not fail."""
    if direction is Direction.INBOUND:
        return receipt is ReceiptState.NEGATIVE
    return transmission is Transmission.FAILED or (
        transmission is Transmission.TRANSMITTED and receipt in _BAD_RECEIPTS
    )


def _is_success(direction: Direction, transmission: Transmission, receipt: ReceiptState) -> bool:
    if direction is Direction.INBOUND:
        return receipt is not ReceiptState.NEGATIVE
    good = (ReceiptState.POSITIVE, ReceiptState.NOT_REQUESTED)
    return transmission is Transmission.TRANSMITTED and receipt in good


def _in_use(view: PartnerView, *, now: datetime) -> Mapping[Use, Certificate | None]:
    """The partner's certificate for each use that its terms need one for."""
    terms, grace = view.partner.terms, view.partner.expiry_grace(now)
    signs = terms.demand_signed or (terms.mdn is not MDNMode.NONE and terms.mdn_signed)
    needs = {
        Use.ENCRYPTION: terms.encrypt is not None,
        Use.SIGNING: signs and terms.signing_authorities is None,
    }
    return {
        use: outgoing_certificate(view.certificates, use, now=now, grace=grace, chosen=terms.chosen_certificate(use))
        for use, is_needed in needs.items()
        if is_needed
    }


def _certificate_problems(view: PartnerView, *, now: datetime) -> Iterator[tuple[int, str]]:
    """What each costs, and what is wrong."""
    for use, entry in _in_use(view, now=now).items():
        if entry is None:
            yield _FOR_A_CERTIFICATE, f"The partner has no certificate for {use} that is in use."
        elif entry.expires_at <= now + _SOON:
            told = "ends" if entry.expires_at >= now else "expired"
            yield _FOR_A_LATE_ONE, f"The certificate {entry.public_id} for {use} {told} on {entry.expires_at:%Y-%m-%d}."
