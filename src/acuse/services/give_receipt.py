"""Writing a receipt of ours: signed when that was asked for, or is the rule with the partner, and can be done; and
worded for people.
"""

from acuse import as2
from acuse.as2 import Agreement, Disposition, Envelope, Mic, ReceiptRequest
from acuse.as2.agreement import usable_digests
from acuse.cms import AnyDigest, Digest, KeyPair
from acuse.domain.keyring import Use, outgoing_certificate
from acuse.domain.station import message_id_domain
from acuse.ports import Ports, Relation

_NOBODY = Agreement(our_id="", their_id="")
"""What is agreed with those whom we do not know: the defaults."""


def give_receipt(
    ports: Ports,
    envelope: Envelope,
    relation: Relation | None,
    *,
    disposition: Disposition,
    reason: str,
    mic: Mic | None = None,
    digest: AnyDigest | None = None,
) -> as2.WrittenReceipt:
    """The receipt for this message. `digest` signs it: that of the message's own signature, else the one asked for.

    Without a relation, or without an active certificate, it is unsigned: the reason then still reaches the partner.
    """
    now = ports.world.now()
    request = envelope.receipt_request
    signs_always = relation is not None and relation.partner.terms.sign_every_receipt
    wants_signature = request is not None and (request.is_signed or signs_always)
    agreement = relation.partner.agreement_with(relation.station) if relation else _NOBODY
    host = message_id_domain(relation.station.receive_url if relation else "")
    return as2.write_receipt(
        envelope,
        disposition=disposition,
        mic=mic,
        text=_text(envelope, reason),
        signer=_signer(ports, relation) if relation and wants_signature else None,
        digest=digest or _digest_for(request, agreement),
        message_id=f"<MDN_{now:%Y%m%d_%H%M%S}_{ports.world.new_token()}@{host}>",
        boundary=ports.world.new_token(),
        reporting_ua=ports.reporting_ua,
        profile=agreement.profile,
        quirks=agreement.quirks,
        scheme=agreement.signature_scheme,
        allow=agreement.allow,
        now=now,
    )


def _digest_for(request: ReceiptRequest | None, agreement: Agreement) -> AnyDigest:
    usable = usable_digests(request.digests, agreement.allow) if request else ()
    return usable[0] if usable else Digest.SHA256


def _signer(ports: Ports, relation: Relation) -> KeyPair | None:
    now = ports.world.now()
    grace = relation.partner.expiry_grace(now)
    entry = outgoing_certificate(relation.station_certificates, Use.SIGNING, now=now, grace=grace)
    return entry.key_pair if entry else None


def _text(envelope: Envelope, reason: str) -> str:
    subject = f' with the subject "{envelope.subject}"' if envelope.subject else ""
    return (
        f"About the AS2 message {envelope.message_id}{subject}\n"
        f"from {envelope.as2_from} to {envelope.as2_to}:\n\n{reason}\n\n"
        "This receipt says what became of the transmission. It does not say that the content was read or agreed to."
    )
