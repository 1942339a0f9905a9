"""Entering our client certificates, which partners' servers ask for, in the list of certificates, so that their end is
told like that of every other.

Rule: a partner's credentials say what is shown; the list follows them. An entry of this kind has no use: no message is
signed with it or encrypted to it. It has no key either, which stays with the credentials.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cryptography import x509

from acuse.cms import fingerprint
from acuse.domain.connection import read_chain
from acuse.domain.keyring import Certificate
from acuse.domain.partner import Partner
from acuse.ports import Handle, Ports, Unit


def enter_client_certificates(ports: Ports) -> None:
    """Enter those that are new, and retire those that are shown no more."""
    now = ports.world.now()
    shown = {
        (partner.id, fingerprint(certificate)): (partner, certificate)
        for partner, pem in ports.views.client_certificates()
        for certificate in read_chain("client_certificate", pem)[:1]
    }
    listed = {
        (held.owner.id, held.entry.fingerprint): held.entry
        for held in ports.views.held_certificates()
        if held.entry.is_for_server and not held.entry.is_retired(now)
    }
    new = [(ports.world.new_id(), *shown[key]) for key in shown if key not in listed]
    gone = [entry.id for key, entry in listed.items() if key not in shown]

    def decide(unit: Unit) -> None:
        for certificate_id, partner, certificate in new:
            handle = unit.next_handle(partner.account_id, Handle.CERTIFICATE)
            unit.directory.add_certificate(_entry(certificate_id, handle, partner, certificate, now=now))
        for certificate_id in gone:
            entry = unit.directory.get_certificate(certificate_id)
            unit.directory.save_certificate(replace(entry, active_until=now, updated_at=now))

    if new or gone:
        ports.units.run(decide)


def _entry(
    certificate_id: UUID, handle: int, partner: Partner, certificate: x509.Certificate, *, now: datetime
) -> Certificate:
    return Certificate(
        id=certificate_id,
        handle=handle,
        tenant_id=partner.tenant_id,
        owner_id=partner.id,
        name=f"shown to {partner.as2_id}",
        uses=frozenset(),
        x509_certificate=certificate,
        key_pair=None,
        active_from=now,
        active_until=None,
        created_at=now,
        updated_at=now,
    )
