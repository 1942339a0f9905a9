"""The plans as an operator writes them: a table in the file, or one line anywhere else.

    [plans.starter]                          starter.rate=600, starter.payload=200 MiB
    rate = 600
    payload = "200 MiB"

Rule: what is not named keeps its usual value, and a name that nobody knows is an error.
"""

from collections.abc import Mapping

from acuse.config.reading import read_size
from acuse.domain.plan import USUAL_PLANS, Plan, PlanName, Plans

NO_LIMIT = "none"
_COUNTS = ("concurrency", "rate", "burst")
_EXPECTED = (
    f"limits by plan ({', '.join(PlanName)}) and name (payload, {', '.join(_COUNTS)}),"
    f" such as starter.rate=600, enterprise.burst={NO_LIMIT}"
)


def read_plans(value: object) -> Plans:
    """The usual plans with what was given; raises ValueError whose text says what is expected."""
    if isinstance(value, Plans):
        return value
    given = _tables(value) if isinstance(value, str) else value
    if not isinstance(given, Mapping):
        raise ValueError(_EXPECTED)
    changes: dict[PlanName, Mapping[str, int | None]] = {}
    for name, limits in given.items():
        if name not in set(PlanName) or not isinstance(limits, Mapping):
            raise ValueError(_EXPECTED)
        changes[PlanName(name)] = {limit: _read_limit(limit, number) for limit, number in limits.items()}
    return USUAL_PLANS.changed(changes)


def plans_table() -> str:
    """The usual plans for the reference page."""
    head = "| Plan | `payload` | `concurrency` | `rate` | `burst` |\n|---|---|---|---|---|\n"
    return head + "".join(_row(plan) for plan in USUAL_PLANS.plans)


def _tables(line: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for entry in filter(None, (part.strip() for part in line.split(","))):
        place, _, number = entry.partition("=")
        plan, _, limit = place.strip().partition(".")
        found.setdefault(plan, {})[limit] = number.strip()
    return found


def _read_limit(name: object, value: object) -> int | None:
    if name == "payload":
        return read_size(value)
    if name not in _COUNTS:
        raise ValueError(_EXPECTED)
    if value == NO_LIMIT:
        return None
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 1_000_000:
        raise ValueError(f"a whole number from 1 to 1000000 for {name}, or {NO_LIMIT}")
    return number


def _row(plan: Plan) -> str:
    counts = (plan.concurrency, plan.rate, plan.burst)
    shown = " | ".join(NO_LIMIT if count is None else str(count) for count in counts)
    return f"| {plan.name} | {plan.payload >> 20} MiB | {shown} |\n"
