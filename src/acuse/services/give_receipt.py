"""Writing a receipt of ours: signed when that was asked for and can be done, and worded for people."""

from acuse import as2
from acuse.as2 import Disposition, Envelope, Mic
from acuse.cms import Digest, KeyPair
from acuse.domain.keyring import Use, active_certificates
from acuse.domain.partner import Terms
from acuse.domain.station import message_id_domain
from acuse.ports import Ports, Relation


def give_receipt(
    ports: Ports,
    envelope: Envelope,
    relation: Relation | None,
    *,
    disposition: Disposition,
    reason: str,
    mic: Mic | None = None,
    digest: Digest | None = None,
) -> as2.WrittenReceipt:
    """The receipt for this message. `digest` signs it: that of the message's own signature, else the one asked for.

    Without a relation, or without an active certificate, it is unsigned: the reason then still reaches the partner.
    """
    now = ports.world.now()
    request = envelope.receipt_request
    wants_signature = request is not None and request.is_signed
    terms = relation.partner.terms if relation else Terms()
    host = message_id_domain(relation.station.receive_url if relation else "")
    return as2.write_receipt(
        envelope,
        disposition=disposition,
        mic=mic,
        text=_text(envelope, reason),
        signer=_signer(ports, relation) if relation and wants_signature else None,
        digest=digest or (request.digest if request else None) or Digest.SHA256,
        message_id=f"<MDN_{now:%Y%m%d_%H%M%S}_{ports.world.new_token()}@{host}>",
        boundary=ports.world.new_token(),
        reporting_ua=ports.reporting_ua,
        profile=terms.profile,
        quirks=terms.quirks,
        now=now,
    )


def _signer(ports: Ports, relation: Relation) -> KeyPair | None:
    active = active_certificates(relation.station_certificates, Use.SIGNING, now=ports.world.now())
    return active[0].key_pair if active else None


def _text(envelope: Envelope, reason: str) -> str:
    subject = f' with the subject "{envelope.subject}"' if envelope.subject else ""
    return (
        f"About the AS2 message {envelope.message_id}{subject}\n"
        f"from {envelope.as2_from} to {envelope.as2_to}:\n\n{reason}\n\n"
        "This receipt says what became of the transmission. It does not say that the content was read or agreed to."
    )
