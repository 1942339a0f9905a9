"""Forgetting the answers of idempotency keys whose day is over."""

from acuse.domain.idempotency import KEPT_FOR
from acuse.ports import Ports

BATCH = 1000


def forget_answers(ports: Ports) -> int:
    """Remove the answers that are over, BATCH in each unit; tells how many."""
    before, total = ports.world.now() - KEPT_FOR, 0
    while True:
        forgotten = ports.units.run(lambda unit: unit.answers.forget(before, limit=BATCH))
        total += forgotten
        if forgotten < BATCH:
            return total
