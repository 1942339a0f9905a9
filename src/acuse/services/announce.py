"""The event of a message: how each service tells what happened."""

from datetime import datetime

from acuse.domain.event import Event, EventKind
from acuse.domain.message import Message
from acuse.ports import Ports, Unit


def announce(unit: Unit, ports: Ports, kind: EventKind, message: Message, *, now: datetime) -> None:
    """Publish that this happened to the message, with the state that it has now."""
    data: dict[str, object] = {"transmission": message.transmission.value, "receipt": message.receipt.value}
    if message.problem:
        data["problem"] = {"code": message.problem.code, "message": message.problem.message}
    unit.publish(
        Event(
            id=ports.world.new_id(),
            account_id=message.account_id,
            tenant_id=message.tenant_id,
            kind=kind,
            message_id=message.id,
            occurred_at=now,
            data=data,
        )
    )
