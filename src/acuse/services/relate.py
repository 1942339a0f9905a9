"""The relation under which a message is exchanged: the real partner's, or in test mode the simulated one's.

Rule: the simulated partner takes the place of the partner whom a message of test mode names, under that partner's
identifier and terms. Its key pair is its own, so nothing that it signs proves anything about the real one.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from acuse.as2 import Weakness
from acuse.cms import KeyPair, self_signed
from acuse.domain.access import Mode
from acuse.domain.connection import NO_CREDENTIALS
from acuse.domain.keyring import Certificate, Use
from acuse.domain.message import Message
from acuse.domain.simulation import simulated_terms
from acuse.ports import Ports, Relation, Unit

_NAME = "Simulated partner"
_LIFETIME = timedelta(days=36500)


def relation_for(ports: Ports, message: Message) -> Relation:
    """The relation of a message. Raises StationNotFound or PartnerNotFound."""
    return relation_in(ports, message.mode, station_id=message.station_id, partner_id=message.partner_id)


def relation_in(ports: Ports, mode: Mode, *, station_id: UUID, partner_id: UUID) -> Relation:
    """The relation of a station and a partner in this mode. Raises StationNotFound or PartnerNotFound."""
    relation = ports.views.relation_of(station_id=station_id, partner_id=partner_id)
    return relation if mode is Mode.LIVE else _simulated(ports, relation)


def seen_by_partner(relation: Relation) -> Relation:
    """The same relation with the sides changed: the simulated partner is the station, with its private key, and takes
    whatever the real one would be sent.
    """
    station, partner = relation.station, relation.partner
    terms = replace(
        partner.terms, accept=frozenset(Weakness), demand_signed=False, demand_encrypted=False, check_filenames=False
    )
    return replace(
        relation,
        station=replace(station, id=partner.id, name=partner.name, as2_id=partner.as2_id, receive_url=partner.url),
        partner=replace(partner, id=station.id, name=station.name, as2_id=station.as2_id, terms=terms),
        station_certificates=relation.partner_certificates,
        partner_certificates=relation.station_certificates,
    )


def _simulated(ports: Ports, relation: Relation) -> Relation:
    partner = relation.partner
    return replace(
        relation,
        mode=Mode.TEST,
        partner=replace(partner, terms=simulated_terms(partner.terms)),
        partner_certificates=(_certificate(relation, _key_pair(ports)),),
        credentials=NO_CREDENTIALS,
    )


def _key_pair(ports: Ports) -> KeyPair:
    """The simulated partner's, made when it is first needed."""
    known = ports.views.simulated_key_pair()
    if known is not None:
        return known
    now = ports.world.now()
    made, made_id = self_signed(_NAME, not_before=now, not_after=now + _LIFETIME), ports.world.new_id()

    def decide(unit: Unit) -> None:
        unit.directory.add_simulated_key_pair(made_id, made)

    ports.units.run(decide)
    return ports.views.simulated_key_pair() or made


def _certificate(relation: Relation, pair: KeyPair) -> Certificate:
    since = pair.certificate.not_valid_before_utc
    return Certificate(
        id=relation.partner.id,
        handle=0,
        tenant_id=relation.partner.tenant_id,
        owner_id=relation.partner.id,
        name=_NAME,
        uses=frozenset(Use),
        x509_certificate=pair.certificate,
        key_pair=pair,
        active_from=since,
        active_until=None,
        created_at=since,
        updated_at=since,
    )
