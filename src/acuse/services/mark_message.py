"""Noting about messages what programs want to find again: read, filed, deleted."""

from collections.abc import Collection
from uuid import UUID

from acuse.domain.mark import MarkChange, MessageMark
from acuse.ports import Ports, Unit


def mark_messages(ports: Ports, message_ids: Collection[UUID], change: MarkChange) -> tuple[MessageMark, ...]:
    """Note the same about some messages, of all or of none. Raises InvalidInput and MessageNotFound."""
    now = ports.world.now()

    def decide(unit: Unit) -> tuple[MessageMark, ...]:
        marks = []
        for message_id in message_ids:
            unit.messages.get(message_id)
            known = unit.marks.get(message_id) or MessageMark(message_id=message_id, changed_at=now)
            marks.append(known.changed(change, now=now))
            unit.marks.save(marks[-1])
        return tuple(marks)

    return ports.units.run(decide)
