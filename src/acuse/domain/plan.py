"""Plans: how much of the gateway an account may use.

Rule: a plan is configuration of the operator, never of the account. What a plan does not limit is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

_MIB = 1 << 20


class PlanName(StrEnum):
    """The plans there are."""

    FREE = "free"
    STARTER = "starter"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The limits of one plan."""

    name: PlanName
    payload: int
    """Bytes of the largest payload."""
    concurrency: int | None = None
    """Calls of the API that may be under way at once."""
    rate: int | None = None
    """Calls of the API in a minute, in the long run."""
    burst: int | None = None
    """Calls that may come at once after a pause; as many as `rate` when not said."""


_USUAL = (
    Plan(name=PlanName.FREE, payload=50 * _MIB, concurrency=5, rate=100, burst=20),
    Plan(name=PlanName.STARTER, payload=100 * _MIB, concurrency=10, rate=300, burst=60),
    Plan(name=PlanName.PROFESSIONAL, payload=500 * _MIB, concurrency=25, rate=1000, burst=200),
    Plan(name=PlanName.ENTERPRISE, payload=2048 * _MIB),
)


@dataclass(frozen=True, slots=True)
class Plans:
    """All plans of a gateway."""

    plans: tuple[Plan, ...]

    def __getitem__(self, name: PlanName) -> Plan:
        return next(plan for plan in self.plans if plan.name is name)

    def changed(self, changes: Mapping[PlanName, Mapping[str, int | None]]) -> "Plans":
        """With other limits, by plan and by the names of its fields."""
        return Plans(tuple(replace(plan, **changes.get(plan.name, {})) for plan in self.plans))  # type: ignore[arg-type]


USUAL_PLANS = Plans(_USUAL)
