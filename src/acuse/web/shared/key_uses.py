"""When each key was last used.

Rule: no request waits for it. A use is written at most once a minute for each key, by a thread beside the request, so
the time that is shown may be a minute old.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from acuse.domain.access import ApiKey, KeyUse
from acuse.errors import AcuseError
from acuse.ports import Ports
from acuse.web.lanes import Lanes

logger = logging.getLogger("acuse.web.api")

EVERY = timedelta(minutes=1)
MOST_KEPT = 10_000
"""Keys whose last use is remembered; beyond that all are forgotten, and written once more."""


class KeyUses:
    """Notes the uses of keys. For one event loop."""

    def __init__(self, ports: Ports, lanes: Lanes) -> None:
        self._ports = ports
        self._lanes = lanes
        self._written: dict[UUID, datetime] = {}

    def note(self, key: ApiKey, address: str | None) -> None:
        """A key was used from an address, just now."""
        now = self._ports.world.now()
        written = self._written.get(key.id)
        if written is not None and now - written < EVERY:
            return
        if len(self._written) >= MOST_KEPT:
            self._written.clear()
        self._written[key.id] = now
        self._lanes.disk.submit(self._write, KeyUse(key_id=key.id, at=now, address=address))

    def _write(self, use: KeyUse) -> None:
        try:
            self._ports.units.run(lambda unit: unit.directory.note_key_use(use))
        except AcuseError as problem:
            logger.warning("use of a key not noted", extra={"fields": {"problem": problem.message}})
