"""Opening a message: what can be refused by its request is refused unopened, the rest is judged by what is inside.

Nothing is written here; files lie on the stage until the caller keeps them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from acuse import as2
from acuse.as2 import Arrival, Disposition, Envelope, disposition
from acuse.as2.filenames import objection_to
from acuse.mime import Source
from acuse.ports import Ports, Relation, Stage
from acuse.services.judge_certificates import Candidates, Judged, judge_arrival


def open_message(
    ports: Ports, relation: Relation, envelope: Envelope, body: Source, stage: Callable[[], Stage]
) -> Judged:
    """Open a message of a known relation, and judge it by what was agreed. `stage` gives a fresh place for a file."""
    request = envelope.receipt_request
    if request and request.is_signed and request.names_unknown_protocol:
        reason = "The receipt was asked for in a signature format other than pkcs7-signature."
        return Judged(arrival=Arrival(disposition=disposition.UNSUPPORTED_FORMAT, reason=reason, cause=reason))
    agreement = relation.partner.agreement_with(relation.station)
    if request and request.is_signed and request.names_only_unusable_algorithms(agreement.allow):
        reason = "None of the digest algorithms that were asked for is supported here."
        refusal = disposition.UNSUPPORTED_MIC_ALGORITHMS
        return Judged(arrival=Arrival(disposition=refusal, reason=reason, cause=reason))
    if agreement.profile.is_modern and not _is_well_formed(envelope.message_id):
        reason = "The Message-ID contains blanks or control characters."
        return Judged(arrival=Arrival(disposition=disposition.INVALID_MESSAGE_ID, reason=reason, cause=reason))
    now = ports.world.now()
    candidates = Candidates.of(relation, now=now)
    arrival = as2.receive(
        envelope,
        body,
        agreement,
        keys=[entry.key_pair for entry in candidates.own if entry.key_pair],
        certificates=[entry.x509_certificate for entry in candidates.theirs],
        authorities=relation.partner.authorities(now),
        stage=stage,
        form=relation.partner.form,
        clock=ports.world.now,
    )
    if agreement.check_filenames:
        arrival = _without_bad_names(ports, relation, arrival)
    return judge_arrival(arrival, candidates, grace=relation.partner.expiry_grace(now), now=now)


def _is_well_formed(message_id: str) -> bool:
    """The rfc4130bis draft, section 5.3.3; older editions have no word for it, and take such an id as it is."""
    return message_id.isprintable() and not any(character.isspace() for character in message_id)


def _without_bad_names(ports: Ports, relation: Relation, arrival: Arrival[Stage]) -> Arrival[Stage]:
    """The arrival, refused if its file names are not what the back end can take; else its receipt names them."""
    names = [attachment.filename for attachment in arrival.attachments]
    objection = objection_to(names) or _repeated(ports, relation, names)
    if not arrival.is_accepted:
        return arrival
    if objection is None:
        told = ", ".join(name for name in names if name)
        return replace(arrival, reason=f"{arrival.reason}\nFiles: {told}") if told else arrival
    refusal, reason = objection
    return replace(arrival, disposition=refusal, reason=reason, cause=reason, attachments=(), mic=None)


def _repeated(ports: Ports, relation: Relation, names: Sequence[str | None]) -> tuple[Disposition, str] | None:
    """Two messages that arrive at the same moment with the same name may both pass."""
    for name in names:
        station_id, partner_id = relation.station.id, relation.partner.id
        if name and ports.views.has_received_file(station_id=station_id, partner_id=partner_id, filename=name):
            return disposition.DUPLICATE_FILENAME, f"A file of that name came before: {name!r}."
    return None
