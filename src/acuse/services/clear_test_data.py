"""Forgetting the messages of test mode, with their events, deliveries and bytes; webhook endpoints stay."""

from acuse.domain.account import Space
from acuse.ports import Ports


def clear_test_data(ports: Ports, space: Space) -> int:
    """Forget what happened in a tenant's test mode; gives how many messages that were. Live data is not touched,
    whatever the mode of `space`. Raises StorageFailed.
    """
    count, blobs = ports.units.run(lambda unit: unit.messages.clear_test_data(space))
    for blob in blobs:
        ports.blobs.discard(blob)
    return count
