"""`/stations`, `/partners` and `/certificates`: who exchanges messages here, and with which keys."""

import binascii
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from cryptography import x509

from acuse.cms import CmsMalformed, load_certificate
from acuse.domain.message import ReceiptState, Transmission
from acuse.domain.partner import Partner, Terms
from acuse.errors import InvalidInput
from acuse.ports import HeldCertificate, MessageFilter, PartnerFilter
from acuse.services.manage_certificates import Serving, add_certificate, generate_key_pair
from acuse.services.manage_partners import add_partner
from acuse.services.manage_stations import add_station
from acuse.web.dialects.as2expert.calls import Call
from acuse.web.dialects.as2expert.sending import home_of
from acuse.web.dialects.as2expert.translate import (
    CIPHERS,
    DIGESTS,
    certificate_object,
    in_these_words,
    partner_object,
    read_terms,
    station_object,
)

MOST_COUNTED = 500
"""Of the newest messages of a station, so many are counted by partner."""
MOST_PARTNERS = 1000
USUAL_DAYS, USUAL_BITS, USUAL_HASH = 365, 2048, "sha256"
_GOOD = (Transmission.TRANSMITTED, Transmission.RECEIVED)
_BAD_RECEIPTS = (ReceiptState.NEGATIVE, ReceiptState.INVALID, ReceiptState.TIMEOUT)


def list_stations(call: Call) -> Mapping[str, object]:
    """Our own identities; one of them, if `id` names it."""
    wanted = call.given.whole("id")
    stations = call.ports.views.stations(call.space) if wanted is None else (call.station(wanted),)
    return {"data": [station_object(station) for station in stations], "total": len(stations)}


def show_station(call: Call) -> Mapping[str, object]:
    """One station, with what its messages usually are."""
    station, usual, now = call.station(call.given.number("id")), Terms(), call.ports.world.now()
    serving = [entry for entry in call.ports.views.certificates(station.id) if not entry.is_retired(now)]
    names = [certificate_object(HeldCertificate(entry=entry, owner=station))["commonName"] for entry in serving]
    return {
        "data": {
            **station_object(station),
            "certificado_cn": names[-1] if names else None,
            "encriptacion": usual.encrypt and usual.encrypt.value.partition("_")[0].upper(),
            "firma": usual.sign and usual.sign.value,
            "receive_url": station.receive_url,
        }
    }


def show_stats(call: Call) -> Mapping[str, object]:
    """How the newest messages of a station fared."""
    station = call.station(call.given.number("station", "id", "estacion"))
    wanted = MessageFilter(station_id=station.id, is_deleted=False)
    page = call.ports.views.messages(call.space, wanted, limit=MOST_COUNTED, offset=0)
    is_good = [row.message.transmission in _GOOD and row.message.receipt not in _BAD_RECEIPTS for row in page.rows]
    partners = Counter((row.partner.name) for row in page.rows)
    total = len(page.rows)
    return {
        "data": {
            "station_id": station.handle,
            "context_total": total,
            "context_ok": sum(is_good),
            "context_success_rate": round(100 * sum(is_good) / total, 1) if total else 100.0,
            "top_partners": [
                {"nombre": name, "name": name, "partner_name": name, "count": count}
                for name, count in partners.most_common(5)
            ],
        }
    }


def create_station(call: Call) -> Mapping[str, object]:
    """Make a station with a key pair of its own. Algorithms belong to partners here, so their numbers are only read."""
    given = call.given
    name, as2_id = given.required_text("name", "nombre"), given.required_text("as2_id", "as2id")
    email = given.required_text("email")
    for field, codes in (("encryption", CIPHERS), ("signature", DIGESTS)):
        if (code := given.whole(field)) is not None and code not in codes:
            raise InvalidInput(fields={field: f"must be one of {', '.join(map(str, codes))}"})
    if given.value("certificate_id") is not None:
        raise InvalidInput(fields={"certificate_id": "leave it out: a station is made with a certificate of its own"})
    station = add_station(call.ports, space=call.space, name=name, as2_id=as2_id, url=call.options.url, email=email)
    return {"msg": "Station created", "data": station_object(station)}


def list_partners(call: Call) -> Mapping[str, object]:
    """The other parties; those that belong to a station, if one is named."""
    wanted = call.given.whole("station", "estacion", "station_id")
    station = None if wanted is None else call.station(wanted)
    page = call.ports.views.partner_page(call.space, PartnerFilter(), limit=MOST_PARTNERS, offset=0)
    partners = [view.partner for view in page.rows]
    if station is not None:
        partners = [partner for partner in partners if partner.station_id in (None, station.id)]
    return {"data": [_shown(call, partner) for partner in partners], "total": len(partners)}


def show_partner(call: Call) -> Mapping[str, object]:
    """One partner, with its certificates."""
    partner = call.partner(call.given.number("id", "partner_id", "socio_id"))
    held = [HeldCertificate(entry=entry, owner=partner) for entry in call.ports.views.certificates(partner.id)]
    return {"data": {**_shown(call, partner), "certificates": [certificate_object(entry) for entry in held]}}


def create_partner(call: Call) -> Mapping[str, object]:
    """Make a partner that belongs to a station."""
    given = call.given
    station = call.station(given.number("station", "estacion"))
    as2_id, name = given.required_text("as2_id", "as2id"), given.required_text("name", "nombre")
    email = given.required_text("email")
    url = given.required_text("endpoint_url", "url", longest=2000)
    for field in ("auth", "firewall"):
        if given.flag(field):
            raise InvalidInput(fields={field: "set it up on the gateway: acuse partner set"})
    with in_these_words(url="endpoint_url", sign_algorithm="signature", encrypt_algorithm="encryption"):
        partner = add_partner(
            call.ports,
            space=call.space,
            name=name,
            as2_id=as2_id,
            url=url,
            email=email,
            certificates=_of_partner(call),
            terms=read_terms(given),
            station_id=station.id,
            url_is_vouched=False,
            needs_certificate=False,
            allows_private=call.options.allow_private_networks,
        )
    return {"msg": "Partner created", "data": partner_object(partner, station)}


def list_certificates(call: Call) -> Mapping[str, object]:
    """Those of stations and of partners."""
    held = call.ports.views.held_certificates(call.space)
    return {"data": [certificate_object(entry) for entry in held], "total": len(held)}


def show_certificate(call: Call) -> Mapping[str, object]:
    """One certificate."""
    return {"data": certificate_object(call.certificate(call.given.number("id")))}


def create_certificate(call: Call) -> Mapping[str, object]:
    """Give a station another key pair, whose certificate it signs itself. Its name is that of the station."""
    given = call.given
    station = call.station(given.number("station", "estacion"))
    if given.value("selfSigned") is None or not given.flag("selfSigned"):
        raise InvalidInput(fields={"selfSigned": "must be true"})
    if given.whole("keybits") not in (None, USUAL_BITS):
        raise InvalidInput(fields={"keybits": f"must be {USUAL_BITS}"})
    if (given.text("hash") or USUAL_HASH).lower() != USUAL_HASH:
        raise InvalidInput(fields={"hash": f"must be {USUAL_HASH}"})
    days = given.within("dias", default=USUAL_DAYS, least=1, most=3660)
    held = generate_key_pair(call.ports, station, Serving(), validity=timedelta(days=days))
    return {"msg": "Certificate created", "data": certificate_object(held)}


def import_certificate(call: Call) -> Mapping[str, object]:
    """Add a certificate to a partner."""
    partner = call.partner(call.given.number("partner", "socio", "partner_id", "socio_id"))
    content = call.given.value("certificate", "certificado", "content")
    held = add_certificate(call.ports, partner, _certificate(content), Serving())
    return {"msg": "Certificate imported", "data": certificate_object(held)}


def _shown(call: Call, partner: Partner) -> dict[str, object]:
    return partner_object(partner, home_of(call, partner))


def _of_partner(call: Call) -> Sequence[x509.Certificate]:
    """The certificate that `certificate_id` names, or the one that is given itself."""
    named, content = call.given.whole("certificate_id"), call.given.value("certificate", "certificado")
    if named is not None:
        return (call.certificate(named).entry.x509_certificate,)
    return () if content is None else (_certificate(content),)


def _certificate(content: object) -> x509.Certificate:
    """In PEM, or its DER in base64."""
    try:
        if not isinstance(content, str):
            raise ValueError
        data = content.encode("ascii")
        return load_certificate(data if b"-----BEGIN" in data else b64decode(data, validate=True))
    except (CmsMalformed, ValueError, binascii.Error):
        raise InvalidInput(fields={"certificate": "must be an X.509 certificate, in PEM or DER in base64"}) from None
