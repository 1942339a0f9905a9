"""Which certificates turned out to be used by what came in, and whether they may be.

Rule: a certificate is judged after the content was opened with it, so that a refusal can name it. The partner hears
that its own certificate is the reason; that it encrypted to one of ours that has ended looks like any other failure to
decrypt, because everything else there must look alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography import x509

from acuse import as2
from acuse.as2 import Arrival, disposition
from acuse.cms import fingerprint
from acuse.domain.access import Mode
from acuse.domain.event import EventKind
from acuse.domain.keyring import RECENTLY, Certificate, Use, entry_for, fingerprint_of, incoming_certificates
from acuse.mime import Headers, Source
from acuse.ports import Ports, Relation, Stage, Unit
from acuse.services.announce import announce_certificate

_ADVICE = "Install the next certificate, or accept expired ones with this partner until a date."


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What may have been used by what comes in, in the order in which it is tried."""

    own: tuple[Certificate, ...]
    """The station's, which may decrypt."""
    theirs: tuple[Certificate, ...]
    """The partner's, which may have signed."""

    @classmethod
    def of(cls, relation: Relation, *, now: datetime) -> "Candidates":
        """All that the two sides have: what is expired or retired is there to be named."""
        return cls(
            own=incoming_certificates(relation.station_certificates, Use.ENCRYPTION, now=now),
            theirs=incoming_certificates(relation.partner_certificates, Use.SIGNING, now=now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A message that came in, refused where its certificates are, with the certificates that it used."""

    arrival: Arrival[Stage]
    signer: Certificate | None = None
    recipient: Certificate | None = None

    @property
    def signer_fingerprint(self) -> str | None:
        """Of the certificate that signed, also where an authority vouches for it and we do not hold it."""
        if self.signer is None and self.arrival.signature is not None:
            return fingerprint(self.arrival.signature.certificate)
        return fingerprint_of(self.signer)


def judge_arrival(arrival: Arrival[Stage], candidates: Candidates, *, grace: timedelta, now: datetime) -> Judged:
    """Refuse the message if the certificate that it was encrypted to, or signed with, may not be used."""
    recipient = signer = None
    if arrival.recipient is not None:
        recipient = entry_for(candidates.own, arrival.recipient, now=now, grace=grace)
        if why := recipient.why_refused(now, grace=grace):
            cause = f"The message is encrypted to our certificate {recipient.public_id}, which {why}. {_ADVICE}"
            arrival = arrival.refused(disposition.DECRYPTION_FAILED, cause=cause)
    if arrival.signature is not None and _is_held(candidates.theirs, arrival.signature.certificate):
        signer = entry_for(candidates.theirs, arrival.signature.certificate, now=now, grace=grace)
        if why := signer.why_refused(now, grace=grace):
            cause = f"The message is signed with the partner's certificate {signer.public_id}, which {why}. {_ADVICE}"
            reason = f"The certificate that signed the message {why}. Sign with one that is in use."
            arrival = arrival.refused(disposition.AUTHENTICATION_FAILED, cause=cause, reason=reason)
    return Judged(arrival=arrival, signer=signer, recipient=recipient)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedReceipt:
    """A receipt that was read, unverified where its signer's certificate may not be used."""

    relation: Relation
    read: as2.ReadReceipt
    signer: Certificate | None
    """None also where an authority vouches for a certificate that we do not hold."""


def read_judged_receipt(relation: Relation, headers: Headers, body: Source, *, now: datetime) -> JudgedReceipt:
    """Read a receipt of this partner. One that is signed with a certificate that ended only `RECENTLY` is good: the
    message may have been sent before. Raises as2.ReceiptUnreadable.
    """
    candidates = Candidates.of(relation, now=now)
    own = [
        entry for entry in candidates.own if entry.why_refused(now, grace=relation.partner.expiry_grace(now)) is None
    ]
    theirs = candidates.theirs
    read = as2.read_receipt(
        headers,
        body,
        [entry.x509_certificate for entry in theirs],
        authorities=relation.partner.authorities(now),
        keys=[entry.key_pair for entry in own if entry.key_pair],
        allow=relation.partner.agreement_with(relation.station).allow_in_receipts,
    )
    if read.signer is None or not _is_held(theirs, read.signer):
        return JudgedReceipt(relation=relation, read=read, signer=None)
    grace = max(RECENTLY, relation.partner.expiry_grace(now))
    signer = entry_for(theirs, read.signer, now=now, grace=grace)
    if why := signer.why_refused(now, grace=grace):
        problem = f"it is made with the partner's certificate {signer.public_id}, which {why}. {_ADVICE}"
        read = replace(read, signature_problem=problem)
    return JudgedReceipt(relation=relation, read=read, signer=signer)


def _is_held(entries: Sequence[Certificate], found: x509.Certificate) -> bool:
    """Whether we hold the certificate; if not, an authority vouched for it, which judged it already."""
    return any(entry.x509_certificate == found for entry in entries)


def note_first_use(
    unit: Unit, ports: Ports, relation: Relation, entries: Sequence[Certificate | None], *, now: datetime
) -> None:
    """Remember when a certificate came into use, and tell it where it follows another: the partner has the next one.

    What the simulated partner uses says nothing about the real one.
    """
    if relation.mode is Mode.TEST:
        return
    known = relation.station_certificates + relation.partner_certificates
    for entry in entries:
        if entry is None or entry.first_used_at is not None:
            continue
        stored = unit.directory.get_certificate(entry.id)
        if stored.first_used_at is not None:
            continue
        unit.directory.save_certificate(replace(stored, first_used_at=now))
        earlier = (each for each in known if each.owner_id == entry.owner_id and each.uses & entry.uses)
        if any(each.first_used_at is not None for each in earlier):
            account_id = relation.station.account_id
            announce_certificate(unit, ports, EventKind.CERTIFICATE_FIRST_USED, stored, account_id, now=now)
