"""Facts about notices, as every service writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from acuse.domain.notice import Delivery, Notice
from acuse.evidence import Fact, FactKind, Strength
from acuse.ports import Ports

_POLICY = "non-qualified"
"""What every record says about itself: an installation of one's own is not a qualified trust service."""


def fact_about(
    ports: Ports,
    notice: Notice,
    kind: FactKind,
    strength: Strength,
    *,
    now: datetime,
    reasons: tuple[str, ...] = (),
    details: Mapping[str, object] | None = None,
) -> Fact:
    """A fact about the notice, observed now."""
    return Fact(
        id=ports.world.new_id(),
        kind=kind,
        at=now,
        strength=strength,
        message=notice.public_id,
        reasons=reasons,
        details={
            "EvidenceIssuerDetails": {"operator": ports.post.operator, "product": ports.reporting_ua},
            "PolicyIdentifier": _POLICY,
            **(details or {}),
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a fact is called in either way of delivery (ETSI EN 319 522-1 section 6)."""

    good: FactKind
    bad: FactKind


def told(notice: Notice) -> Told:
    """The names of the facts about the way of this notice."""
    if notice.delivery is Delivery.DIRECT:
        return Told(good=FactKind.RELAY_TO_NON_ERDS, bad=FactKind.RELAY_TO_NON_ERDS_FAILURE)
    if notice.expires_at is not None:
        return Told(good=FactKind.NOTIFICATION_FOR_ACCEPTANCE, bad=FactKind.NOTIFICATION_FOR_ACCEPTANCE_FAILURE)
    return Told(good=FactKind.CONSIGNMENT_NOTIFICATION, bad=FactKind.CONSIGNMENT_NOTIFICATION_FAILURE)
