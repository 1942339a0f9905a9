"""Facts about notices, as every service writes them."""

from collections.abc import Mapping
from datetime import datetime

from acuse.domain.notice import Notice
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
