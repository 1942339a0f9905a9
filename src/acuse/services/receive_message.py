"""Receiving: a partner's request comes in, everything is made durable, and only then there is an answer to give.

Rule: the answer is what was stored. The table of answers is RFC 4130 sections 5.4 and 7.6: what can be told by a
receipt is told by a receipt with status 200, the rest by status and a short text; a repeated request gets the stored
bytes again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from acuse import as2
from acuse.as2 import Envelope
from acuse.domain.message import Message, Receipt
from acuse.mime import Headers, MimeError, Source, read_all
from acuse.ports import Ports, Relation, Stage
from acuse.services.keep_stray_receipt import keep_stray_receipt
from acuse.services.refuse_message import refuse_reused_id, refuse_unknown_relation
from acuse.services.repeat_receipt import repeat_receipt
from acuse.services.settle_receipt import settle_receipt
from acuse.services.take_in_message import take_in_message


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    expired: tuple[str, ...] = ()
    """Certificates that served although they had expired, for the log."""
    stray_receipt: str | None = None
    """A receipt for nothing we sent under which this request is kept, for the log."""


def receive(
    ports: Ports,
    headers: Sequence[tuple[str, str]],
    body: Stage,
    *,
    station: str | None = None,
    simulated: Relation | None = None,
) -> Answer:
    """Take what a partner posted, a message or a receipt, and give the answer that may leave now.

    `station` is the AS2 identifier or the id in the address that was posted to, if it names one. `simulated` is the
    relation of what the simulated partner sends; what comes from outside has none. `body` is used up.
    Raises StorageFailed: then nothing was taken, and the partner has to be told to try again.
    """
    try:
        envelope = as2.open_envelope(Headers(tuple(headers)))
        relation = simulated or find_relation(ports, envelope)
        if station is not None and not _is_addressed(envelope, relation, station):
            return _plain(404, "There is no such station here, or the message is not for it.")
        source = body.source()
        if as2.is_receipt(envelope, source):
            return _take_receipt(ports, relation, envelope, source)
        if not envelope.message_id:
            raise as2.NotAS2("This is not an AS2 message: Message-ID missing.")
        return _take_message(ports, relation, envelope, body)
    except (as2.NotAS2, MimeError) as error:
        return _plain(400, error.message)
    finally:
        body.discard()


def find_relation(ports: Ports, envelope: Envelope) -> Relation | None:
    """The relation as it was written. Failing that, by the first words of identifiers that some products do not quote
    and others cut at a blank.
    """
    station, partner = envelope.as2_to, envelope.as2_from
    known = ports.views.relation(station_as2_id=station, partner_as2_id=partner)
    if known is not None or " " not in station + partner:
        return known
    return ports.views.relation(station_as2_id=_first_word(station), partner_as2_id=_first_word(partner))


def _first_word(identifier: str) -> str:
    """The identifier up to a blank; one that is nothing but blanks stays as it is."""
    return next(iter(identifier.split()), identifier)


def _is_addressed(envelope: Envelope, relation: Relation | None, station: str) -> bool:
    return station == envelope.as2_to or (relation is not None and station == f"stn_{relation.station.handle:06d}")


def _take_receipt(ports: Ports, relation: Relation | None, envelope: Envelope, body: Source) -> Answer:
    """Always 200 once it is read: a partner would repeat a receipt that we refuse for ever, to no use."""
    if relation is None:
        return _stray(ports, envelope, body, reason="The receipt is of no relation that is known here.")
    try:
        settled = settle_receipt(ports, relation, tuple(envelope.headers), body)
    except as2.ReceiptUnreadable as error:
        return _stray(ports, envelope, body, relation=relation, reason=error.message)
    if settled.message is None:
        reason = "The receipt is for no message that was sent from here."
        return _stray(ports, envelope, body, relation=relation, read=settled.read, reason=reason)
    return Answer(status=200, expired=settled.expired)


def _stray(
    ports: Ports,
    envelope: Envelope,
    body: Source,
    *,
    relation: Relation | None = None,
    read: as2.ReadReceipt | None = None,
    reason: str,
) -> Answer:
    """What is behind an encryption is answered without a word about it."""
    kept = keep_stray_receipt(ports, envelope, body, relation=relation, read=read, reason=reason)
    answer = Answer(status=200) if relation and as2.is_wrapped(envelope) else _plain(200, reason)
    return replace(answer, stray_receipt=kept.public_id if kept else None)


def _take_message(ports: Ports, relation: Relation | None, envelope: Envelope, body: Stage) -> Answer:
    request = envelope.receipt_request
    if relation is None or not relation.partner.active:
        if request is None or request.url:
            return _plain(403, f"{envelope.as2_from} and {envelope.as2_to} do not exchange messages here.")
        refusal = refuse_unknown_relation(ports, envelope, relation)
        return Answer(status=200, headers=refusal.headers, body=refusal.body)
    if request and request.url and not relation.partner.may_receive_receipts_at(request.url):
        return _plain(403, "Receipts for this partner may not be sent to that host. Nothing was taken.")
    known = ports.views.inbound(
        station_id=relation.station.id, partner_id=relation.partner.id, wire_id=envelope.message_id
    )
    if known is None:
        taken = take_in_message(ports, relation, envelope, body)
        if taken is None:
            return _take_receipt(ports, relation, envelope, body.source())
        if taken.is_new:
            answer = _answer(ports, relation, taken.message, taken.receipt, taken.receipt_body)
            return replace(answer, expired=taken.expired)
        known = ports.views.message_by_id(taken.message.id)
    if known.message.raw_sha256 != body.sha256:
        reused = refuse_reused_id(ports, relation, envelope, known.message)
        return Answer(status=200, headers=reused.headers, body=reused.body) if reused else Answer(status=200)
    repeat_receipt(ports, known)
    return _answer(ports, relation, known.message, known.receipt)


def _answer(
    ports: Ports, relation: Relation, message: Message, receipt: Receipt | None, body: bytes | None = None
) -> Answer:
    """The stored receipt; nothing where none was asked for, or where it goes its own way."""
    if receipt is None and message.problem and relation.partner.terms.quirks.refuse_by_status:
        return _plain(422, "The message was refused. It was kept, and the operator of this station sees why.")
    if receipt is None or receipt.reply_url:
        return Answer(status=200)
    if body is None:
        body = read_all(ports.blobs.source(receipt.wire.blob_id).open(), limit=2 * as2.RECEIPT_LIMIT)
    return Answer(status=200, headers=receipt.wire.headers, body=body)


def _plain(status: int, text: str) -> Answer:
    """A short text for people, where no receipt can or may be given."""
    return Answer(status=status, headers=(("Content-Type", "text/plain; charset=utf-8"),), body=f"{text}\n".encode())
