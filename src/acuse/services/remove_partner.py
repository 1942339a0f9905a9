"""Removing a partner: its AS2 identifier is free again, and what was exchanged with it stays.

Rule: no message is lost by it. While one is still to be sent or waits for its receipt, the removal is refused, unless
the caller wants what was not begun yet to be cancelled.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from acuse.domain.event import EventKind
from acuse.domain.message import TRANSMISSION, Message, Step
from acuse.domain.partner import Partner
from acuse.errors import InUse
from acuse.ports import Ports, Unit
from acuse.services.announce import announce, announce_partner
from acuse.services.cancel_message import CANCELLED


def remove_partner(ports: Ports, partner_id: UUID, *, cancels_waiting: bool = False) -> None:
    """Remove a partner and retire its certificates. Nothing happens if it is removed already.

    With `cancels_waiting`, messages that wait to be sent are cancelled first. Raises PartnerNotFound, and InUse while
    messages are under way or wait for their receipt.
    """
    now = ports.world.now()
    certificate_ids = [entry.id for entry in ports.views.certificates(partner_id)]

    def decide(unit: Unit) -> None:
        partner, credentials = unit.directory.get_partner(partner_id)
        if partner.removed_at is not None:
            return
        left = unit.messages.open_of_partner(partner)
        if cancels_waiting:
            left = tuple(message for message in left if not _cancel(unit, ports, message, now=now))
        if left:
            raise _in_use(partner, left)
        removed = replace(partner, removed_at=now, updated_at=now)
        unit.directory.save_partner(removed, credentials)
        for certificate_id in certificate_ids:
            known = unit.directory.get_certificate(certificate_id)
            if not known.is_retired(now):
                unit.directory.save_certificate(replace(known, active_until=now, updated_at=now))
        announce_partner(unit, ports, EventKind.PARTNER_DELETED, removed, now=now)

    ports.units.run(decide)


def _cancel(unit: Unit, ports: Ports, message: Message, *, now: datetime) -> bool:
    """Cancel a message that waits to be sent; tells whether it did. Its job finds nothing to send."""
    if (message.transmission, Step.CANCEL) not in TRANSMISSION:
        return False
    cancelled = message.step(Step.CANCEL, now=now, next_attempt_at=None, problem=CANCELLED)
    unit.messages.save(cancelled)
    announce(unit, ports, EventKind.MESSAGE_FAILED, cancelled, now=now)
    return True


def _in_use(partner: Partner, left: tuple[Message, ...]) -> InUse:
    return InUse(
        f"{len(left)} messages with this partner are still to be sent or wait for their receipt, such as "
        f"{left[0].public_id}. Wait for them, or cancel what was not sent yet.",
        partner_id=partner.public_id,
        open_messages=len(left),
    )
