"""Refusing a message before it is opened: because nobody here knows the relation, or because its Message-ID is
taken.
"""

from acuse import as2
from acuse.as2 import Disposition, Envelope, disposition
from acuse.domain.event import EventKind
from acuse.domain.message import Message
from acuse.ports import Ports, Relation
from acuse.services.announce import announce
from acuse.services.give_receipt import give_receipt


def refuse_unknown_relation(ports: Ports, envelope: Envelope, relation: Relation | None) -> as2.WrittenReceipt:
    """RFC 4130 section 6.2 leaves the answer open; it is unsigned, since nobody here could sign. `relation` is there
    when it is known and switched off.
    """
    reason = f"{envelope.as2_from} and {envelope.as2_to} do not exchange messages here. Check both AS2 identifiers."
    return give_receipt(ports, envelope, None, disposition=_unknown(envelope, relation), reason=reason)


def _unknown(envelope: Envelope, relation: Relation | None) -> Disposition:
    agreed = relation.partner.terms.quirks.unknown_relation if relation else None
    if agreed:
        return Disposition(modifier="error", detail=agreed.value)
    is_modern = as2.speaks_modern(envelope.version)
    return disposition.UNKNOWN_TRADING_RELATIONSHIP if is_modern else disposition.UNKNOWN_TRADING_PARTNER


def refuse_reused_id(
    ports: Ports, relation: Relation, envelope: Envelope, earlier: Message
) -> as2.WrittenReceipt | None:
    """The Message-ID came before, with other bytes (RFC 4130 section 5.5). None if no synchronous receipt was
    asked for.
    """
    now = ports.world.now()
    ports.units.run(lambda unit: announce(unit, ports, EventKind.MESSAGE_ID_REUSED, earlier, now=now))
    if envelope.receipt_request is None or envelope.receipt_request.url:
        return None
    reason = "This Message-ID came before with other content. Send new content under a new Message-ID."
    return give_receipt(ports, envelope, relation, disposition=disposition.UNEXPECTED_PROCESSING_ERROR, reason=reason)
