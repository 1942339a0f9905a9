"""Telling ahead that a certificate ends: ours, a partner's, or the one that we show to a partner's server.

Rule: each span before the end is told once, also when nobody was here as it began: then the shortest that has begun is
told, and those before it are not. What was told is stored with the certificate, in the unit of the event.
"""

from dataclasses import replace
from datetime import datetime

from acuse.domain.event import EventKind
from acuse.domain.keyring import Certificate, warning_due
from acuse.domain.partner import Partner
from acuse.domain.station import Station
from acuse.ports import Ports, Unit
from acuse.services.announce import announce_certificate
from acuse.services.enter_client_certificates import enter_client_certificates


def warn_of_expiry(ports: Ports) -> int:
    """Publish what there is to tell of all certificates now; tells how many there were."""
    enter_client_certificates(ports)
    now = ports.world.now()
    due = [held for held in ports.views.held_certificates() if warning_due(held.entry, now=now) is not None]

    def decide(unit: Unit) -> int:
        return sum(_warn(unit, ports, held.entry, held.owner, now=now) for held in due)

    return ports.units.run(decide) if due else 0


def _warn(unit: Unit, ports: Ports, known: Certificate, owner: Station | Partner, *, now: datetime) -> bool:
    entry = unit.directory.get_certificate(known.id)
    span = warning_due(entry, now=now)
    if span is None:
        return False
    unit.directory.save_certificate(replace(entry, told_days=span))
    kind = EventKind.CERTIFICATE_EXPIRING if span else EventKind.CERTIFICATE_EXPIRED
    announce_certificate(unit, ports, kind, entry, owner.account_id, now=now)
    return True
