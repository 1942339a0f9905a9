"""Keeping a receipt that matches nothing we sent, so that the operator can see what a partner meant by it.

Rule: whatever is posted, it costs a bounded amount of disk. What is for no station of ours is not kept at all.
"""

from dataclasses import replace

from acuse import as2
from acuse.as2 import Envelope
from acuse.domain.station import Station
from acuse.domain.stray import KEPT_BYTES, StrayReceipt
from acuse.mime import Source
from acuse.ports import Handle, Ports, Relation, Unit

_LONGEST_ID = 998
_LONGEST_DISPOSITION = 500
_LONGEST_REASON = 500


def keep_stray_receipt(
    ports: Ports,
    envelope: Envelope,
    body: Source,
    *,
    relation: Relation | None,
    read: as2.ReadReceipt | None,
    reason: str,
) -> StrayReceipt | None:
    """Keep a receipt; None when it is for no station of ours. `read` is what it says, where it could be read."""
    station = relation.station if relation else ports.views.station_named(envelope.as2_to)
    if station is None:
        return None
    draft = _draft(ports, envelope, body, station=station, relation=relation, read=read, reason=reason)

    def decide(unit: Unit) -> StrayReceipt:
        receipt = replace(draft, handle=unit.next_handle(station.account_id, Handle.STRAY_RECEIPT))
        unit.strays.add(receipt)
        return receipt

    return ports.units.run(decide)


def _draft(
    ports: Ports,
    envelope: Envelope,
    body: Source,
    *,
    station: Station,
    relation: Relation | None,
    read: as2.ReadReceipt | None,
    reason: str,
) -> StrayReceipt:
    return StrayReceipt(
        id=ports.world.new_id(),
        handle=0,
        account_id=station.account_id,
        tenant_id=station.tenant_id,
        partner_id=relation.partner.id if relation else None,
        from_as2_id=envelope.as2_from,
        to_as2_id=envelope.as2_to,
        reason=reason[:_LONGEST_REASON],
        original_message_id=read.original_message_id[:_LONGEST_ID] or None if read else None,
        disposition=str(read.disposition)[:_LONGEST_DISPOSITION] if read else None,
        is_signed=read is not None and read.is_signed,
        is_verified=read is not None and read.is_verified,
        headers=tuple(envelope.headers),
        body=_beginning(body),
        size=body.size,
        created_at=ports.world.now(),
    )


def _beginning(body: Source) -> bytes:
    reader, kept = body.open(), b""
    while len(kept) < KEPT_BYTES and (piece := reader.read(KEPT_BYTES - len(kept))):
        kept += piece
    return kept
