"""Changing, activating and removing a certificate.

Rule: a station is never left without a key pair for what it has one for by a removal; a partner may be, and messages
that need one are refused then.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from acuse.as2.agreement import allowed_by
from acuse.domain.keyring import Certificate, Use
from acuse.domain.partner import Partner
from acuse.domain.station import check_name
from acuse.errors import CertificateNotFound, InUse, InvalidInput
from acuse.ports import HeldCertificate, Ports, Unit
from acuse.services.manage_certificates import check_use_of_own, check_window
from acuse.services.manage_partners import check_key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChange:
    """What of a certificate is to change; None leaves it."""

    name: str | None = None
    uses: Collection[Use] | None = None
    active: bool | None = None
    """False retires it. True has it serve from now on, unless it does already."""
    active_from: datetime | None = None
    active_until: datetime | None = None
    has_no_end: bool = False
    """It is not to be retired at any time."""


def change_certificate(ports: Ports, held: HeldCertificate, change: CertificateChange) -> Certificate:
    """Change a certificate. Raises InvalidInput and CertificateNotFound."""
    now = ports.world.now()
    if change.uses is not None:
        _check_uses(held, change.uses)

    def decide(unit: Unit) -> Certificate:
        known = _get(unit, held.entry.id)
        changed = replace(
            known,
            name=known.name if change.name is None else check_name("name", change.name),
            uses=known.uses if change.uses is None else frozenset(change.uses),
            active_from=change.active_from or known.active_from,
            active_until=None if change.has_no_end else change.active_until or known.active_until,
        )
        if change.active is False and not changed.is_retired(now):
            changed = replace(changed, active_until=now)
        elif change.active and not changed.is_active(now):
            changed = _serving_from(changed, now)
        elif changed.active_until != known.active_until or changed.active_from != known.active_from:
            check_window(changed.active_from, changed.active_until)
        if changed == known:
            return known
        changed = replace(changed, updated_at=now)
        unit.directory.save_certificate(changed)
        return changed

    return ports.units.run(decide)


def activate_certificate(ports: Ports, held: HeldCertificate) -> Certificate:
    """Have a certificate be the one that is used from now on; what was chosen for its uses before gives way. Raises
    InvalidInput for one whose validity is over or has not begun, and CertificateNotFound.
    """
    now = ports.world.now()

    def decide(unit: Unit) -> Certificate:
        activated = replace(_serving_from(_get(unit, held.entry.id), now), updated_at=now)
        unit.directory.save_certificate(activated)
        if isinstance(held.owner, Partner):
            partner, credentials = unit.directory.get_partner(held.owner.id)
            changes = {f"{use}_certificate": None for use in activated.uses}
            terms = replace(partner.terms, **changes)  # type: ignore[arg-type]
            if terms != partner.terms:
                unit.directory.save_partner(replace(partner, terms=terms, updated_at=now), credentials)
        return activated

    return ports.units.run(decide)


def remove_certificate(ports: Ports, held: HeldCertificate) -> None:
    """Retire a certificate and take it out of the lists. Nothing happens if it is removed already.

    Raises InUse for the last key pair of a station for what it is used for, and CertificateNotFound.
    """
    now = ports.world.now()
    if held.entry.key_pair is not None and held.entry.is_active(now):
        others = [entry for entry in ports.views.certificates(held.owner.id) if entry.id != held.entry.id]
        served = frozenset[Use]().union(*(entry.uses for entry in others if entry.is_active(now)))
        if held.entry.uses - served:
            raise InUse(
                "The station has no other certificate for what this one is used for. Give it the next one first.",
                certificate_id=held.entry.public_id,
            )

    def decide(unit: Unit) -> None:
        known = unit.directory.get_certificate(held.entry.id)
        if known.removed_at is None:
            end = known.active_until if known.is_retired(now) else now
            unit.directory.save_certificate(replace(known, active_until=end, removed_at=now, updated_at=now))

    ports.units.run(decide)


def _get(unit: Unit, certificate_id: UUID) -> Certificate:
    known = unit.directory.get_certificate(certificate_id)
    if known.removed_at is not None:
        raise CertificateNotFound(certificate_id=known.public_id)
    return known


def _serving_from(entry: Certificate, now: datetime) -> Certificate:
    if entry.expires_at < now:
        raise InvalidInput(fields={"active": f"the certificate expired on {entry.expires_at:%Y-%m-%d}"})
    if (begin := entry.x509_certificate.not_valid_before_utc) > now:
        raise InvalidInput(fields={"active": f"the certificate is not valid before {begin:%Y-%m-%d %H:%M} UTC"})
    end = entry.active_until if entry.active_until is not None and entry.active_until > now else None
    return replace(entry, active_from=now, active_until=end)


def _check_uses(held: HeldCertificate, uses: Collection[Use]) -> None:
    certificate = held.entry.x509_certificate
    if held.entry.is_for_server:
        raise InvalidInput(fields={"usage": "it is our client certificate, which serves no message"})
    if isinstance(held.owner, Partner):
        check_key_of(certificate, uses, allow=allowed_by(held.owner.terms.accept))
    else:
        check_use_of_own(certificate, uses)
