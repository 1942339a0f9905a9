"""What programs note about a message: that it was read, where it was filed, that it shall not be shown any more.

Rule: a mark changes nothing of the message itself. A message that was deleted is only hidden from the APIs that know
deleting; its bytes and receipts are kept as evidence.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from acuse.domain.station import check_name


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkChange:
    """What shall be noted. None: as it was."""

    is_read: bool | None = None
    is_deleted: bool | None = None
    folder: str | None = None
    """The name of the folder; empty: none of its own, so that it lies where its direction puts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageMark:
    """The marks of one message, which all programs of its tenant share."""

    message_id: UUID
    is_read: bool = False
    is_deleted: bool = False
    folder: str | None = None
    """None: it lies where its direction puts it."""
    changed_at: datetime

    def changed(self, change: MarkChange, *, now: datetime) -> Self:
        """The marks after a change. Raises InvalidInput for a bad name of a folder."""
        folder = (
            self.folder if change.folder is None else check_name("folder", change.folder) if change.folder else None
        )
        return replace(
            self,
            is_read=self.is_read if change.is_read is None else change.is_read,
            is_deleted=self.is_deleted if change.is_deleted is None else change.is_deleted,
            folder=folder,
            changed_at=now,
        )
