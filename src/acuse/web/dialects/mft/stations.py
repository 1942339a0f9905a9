"""`/station`: our own AS2 identities, by their AS2 identifiers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from acuse.cms import KeyPair, self_signed
from acuse.domain.station import Station, check_email
from acuse.errors import InvalidInput, NotFound
from acuse.services.manage_stations import RECEIVE_PATH, StationChange, add_station, change_station
from acuse.services.remove_station import remove_station
from acuse.web.asgi import Reply, note
from acuse.web.dialects.mft.calls import Call
from acuse.web.dialects.mft.certificate_files import read_keystore
from acuse.web.dialects.mft.certificates import find_certificate
from acuse.web.dialects.mft.errors import json_reply
from acuse.web.dialects.mft.partners import in_words_of_the_api
from acuse.web.shared.fields import FieldReader
from acuse.web.shared.json_body import parse_object, read_json

_KEY_LENGTHS = (2048, 4096)
_YEARS = (1, 2, 5, 8, 10)
_MOST_EMAILS = 3
_BACKDATED = timedelta(hours=1)


class CertificateType(StrEnum):
    """Where the key pair of a new station comes from."""

    NEW = "NEW_SELF_SIGN_CERTIFICATE"
    KEYSTORE = "FROM_KEYSTORE"
    STORE = "FROM_CERTIFICATE_STORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    name: str
    as2_id: str
    email: str


async def list_stations(call: Call) -> Reply:
    """All stations."""
    stations = await call.lanes.run(lambda: call.ports.views.stations(call.space))
    return json_reply(200, {"stations": [station_object(entry) for entry in stations]})


async def show_station(call: Call) -> Reply:
    """One station."""
    return json_reply(200, station_object(await call.lanes.run(lambda: find_station(call, call.names[0]))))


async def create_station(call: Call) -> Reply:
    """Make a station with a key pair that is new, in a keystore, or another station's."""
    body = await read_json(call)

    def work() -> Reply:
        given = parse_object(body)
        wish = _read(given)
        key_pair = _key_pair(call, FieldReader(_object(given, "certificate"), prefix="certificate."))
        with in_words_of_the_api(f"Station already exists with AS2 identifier: {wish.as2_id}"):
            made = add_station(
                call.ports,
                space=call.space,
                name=wish.name,
                as2_id=wish.as2_id,
                url=_url(call),
                email=wish.email,
                key_pair=key_pair,
            )
        note(call.scope, station=made.handle)
        return json_reply(200, {"message": "Station created successfully", "stationId": made.handle})

    # A new key takes as long as a large body.
    return await call.lanes.run(work, size=call.options.max_body)


async def update_station(call: Call) -> Reply:
    """Change the name or the address; the body names the station, unless the path does."""
    body = await read_json(call)

    def work() -> Reply:
        given = parse_object(body)
        station = find_station(call, call.names[0] if call.names else given.get("identifier"))
        fields = FieldReader(given)
        name, email = fields.text("name"), fields.text("email")
        wanted = fields.text("as2Identifier")
        if wanted not in (None, station.as2_id):
            fields.refuse("as2Identifier", "Cannot be changed. Create another station.")
        fields.finish()
        with in_words_of_the_api(""):
            change = StationChange(name=name, email=None if email is None else _first_email(email))
            changed = change_station(call.ports, station.id, change)
        return json_reply(200, {"message": "Station updated successfully", "stationId": changed.handle})

    return await call.lanes.run(work)


async def delete_station(call: Call) -> Reply:
    """Remove a station; what was exchanged stays."""
    await call.lanes.run(lambda: remove_station(call.ports, find_station(call, call.names[0]).id, space=call.space))
    return json_reply(200, {"message": "Station deleted successfully"})


def find_station(call: Call, as2_id: object) -> Station:
    """The station with that AS2 identifier. Raises InvalidInput and NotFound."""
    if not isinstance(as2_id, str):
        raise InvalidInput(fields={"identifier": "This field is required."})
    for station in call.ports.views.stations(call.space):
        if station.as2_id == as2_id:
            return station
    raise NotFound(f"Unable to find station with AS2 identifier: {as2_id}")


def station_object(station: Station) -> dict[str, object]:
    """A station in this API's words."""
    shown = {
        "stationId": station.handle,
        "identifier": station.as2_id,
        "as2Identifier": station.as2_id,
        "name": station.name,
        "email": station.email,
        "url": station.receive_url,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _read(given: Mapping[str, object]) -> _Wish:
    fields = FieldReader(given)
    name, as2_id = fields.text("name", required=True), fields.text("as2Identifier", longest=128, required=True)
    email = fields.text("email", longest=1024, required=True)
    fields.value("certificate", required=True)
    fields.text("description", longest=1024)
    for switch in ("receivedMessageNotifications", "failedMessageNotifications", "largePayloadSupport"):
        fields.flag(switch)
    fields.finish()
    assert name is not None
    assert as2_id is not None
    assert email is not None
    return _Wish(name=name, as2_id=as2_id, email=_first_email(email))


def _first_email(text: str) -> str:
    """Up to three addresses may be given; the first is kept. Raises InvalidInput."""
    addresses = [check_email("email", part.strip()) for part in text.split(",")]
    if len(addresses) > _MOST_EMAILS:
        raise InvalidInput(fields={"email": f"Up to {_MOST_EMAILS} addresses, separated by commas."})
    return addresses[0]


def _key_pair(call: Call, fields: FieldReader) -> KeyPair:
    match fields.choice("type", CertificateType):
        case CertificateType.NEW:
            return _new_key_pair(call, fields)
        case CertificateType.KEYSTORE:
            password = fields.text("keystorePassword")
            fields.finish()
            return read_keystore("certificate.keystore", fields.value("keystore"), password)
        case CertificateType.STORE:
            alias = fields.text("alias", required=True)
            fields.finish()
            held = find_certificate(call, str(alias))
            if held.entry.key_pair is None:
                raise InvalidInput(
                    fields={"certificate.alias": "The private key of this certificate is not held here."}
                )
            return held.entry.key_pair
    fields.refuse("type", f"Must be one of {', '.join(CertificateType)}.")
    fields.finish()
    raise AssertionError("what was refused is raised")


def _new_key_pair(call: Call, fields: FieldReader) -> KeyPair:
    name = fields.text("commonName", longest=64, required=True)
    length, years = fields.number("keyLength") or _KEY_LENGTHS[0], fields.number("validity") or _YEARS[1]
    if length not in _KEY_LENGTHS:
        fields.refuse("keyLength", f"Must be one of {', '.join(map(str, _KEY_LENGTHS))}. Shorter keys can be broken.")
    if years not in _YEARS:
        fields.refuse("validity", f"Must be one of {', '.join(map(str, _YEARS))}.")
    fields.finish()
    now = call.ports.world.now()
    ends = now + timedelta(days=365 * years)
    return self_signed(str(name), key_size=length, not_before=now - _BACKDATED, not_after=ends)


def _object(given: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = given.get(name)
    if not isinstance(value, dict):
        raise InvalidInput(fields={name: "Must be an object."})
    return value


def _url(call: Call) -> str:
    """Where partners reach this gateway: as they reach the stations that are there."""
    stations = call.ports.views.stations(call.space)
    return stations[0].receive_url.removesuffix(RECEIVE_PATH) if stations else call.absolute("")
