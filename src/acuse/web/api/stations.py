"""`/v1/stations`: our own AS2 identities."""

from collections.abc import Mapping

from acuse.domain.station import Station
from acuse.errors import StationNotFound
from acuse.services.manage_stations import RECEIVE_PATH, StationChange, add_station, change_station
from acuse.services.remove_station import remove_station
from acuse.web.api.calls import MOST_PAGES, Call, json_reply, pagination
from acuse.web.api.handles import parse_id
from acuse.web.api.objects import station_object
from acuse.web.asgi import Reply, note
from acuse.web.shared.fields import EitherSpelling
from acuse.web.shared.json_body import parse_object, read_json

LONGEST_URL = 2048


async def list_stations(call: Call) -> Reply:
    """A page of stations, the default one first."""
    query = EitherSpelling(call.query)
    page = query.whole("page", default=1, least=1, most=MOST_PAGES)
    per_page = query.whole("per_page", default=20, least=1, most=100)
    search = (query.text("search") or "").casefold()
    query.finish()

    def work() -> Mapping[str, object]:
        every = call.ports.views.stations(call.caller.space)
        found = [each for each in every if search in f"{each.name}\n{each.as2_id}".casefold()]
        return {
            "data": [_shown(call, station) for station in found[(page - 1) * per_page : page * per_page]],
            "pagination": pagination(page=page, per_page=per_page, total=len(found)),
        }

    return json_reply(200, await call.lanes.run(work))


async def show_station(call: Call) -> Reply:
    """One station."""
    return await call.lanes.run(lambda: json_reply(200, {"data": _shown(call, _named(call))}))


async def create_station(call: Call) -> Reply:
    """Make a station with a key pair."""
    body = await read_json(call)

    def work() -> Reply:
        fields = EitherSpelling(parse_object(body))
        name, as2_id = fields.text("name", required=True), fields.text("as2_id", longest=128, required=True)
        receive_url, email = fields.text("receive_url", longest=LONGEST_URL), fields.text("email", longest=254)
        is_default = fields.flag("default") or False
        fields.finish()
        made = add_station(
            call.ports,
            space=call.caller.space,
            name=name or "",
            as2_id=as2_id or "",
            receive_url=receive_url or _usual_address(call),
            email=email,
            is_default=is_default,
        )
        note(call.scope, station=made.public_id)
        return json_reply(201, {"message": "Station created successfully", "data": _shown(call, made)})

    return await call.lanes.run(work)


async def patch_station(call: Call) -> Reply:
    """Change what the body names."""
    body = await read_json(call)

    def work() -> Reply:
        station, fields = _named(call), EitherSpelling(parse_object(body))
        change = StationChange(
            name=fields.text("name"),
            as2_id=fields.text("as2_id", longest=128),
            receive_url=fields.text("receive_url", longest=LONGEST_URL),
            email=fields.text("email", longest=254),
            has_no_email=fields.is_cleared("email"),
            is_default=fields.flag("default"),
        )
        fields.finish()
        changed = change_station(call.ports, station.id, change)
        return json_reply(200, {"message": "Station updated successfully", "data": _shown(call, changed)})

    return await call.lanes.run(work)


async def delete_station(call: Call) -> Reply:
    """Remove a station; what was exchanged by it stays."""
    await call.lanes.run(lambda: remove_station(call.ports, _named(call).id, space=call.caller.space))
    return json_reply(200, {"message": "Station deleted successfully"})


def _named(call: Call) -> Station:
    """The station that the path names; raises StationNotFound."""
    text = call.path["id"]
    handle = parse_id("stn", text)
    for station in call.ports.views.stations(call.caller.space):
        if station.handle == handle:
            note(call.scope, station=text)
            return station
    raise StationNotFound(station_id=text)


def _shown(call: Call, station: Station) -> dict[str, object]:
    views = call.ports.views
    is_default = views.stations(call.caller.space)[0].id == station.id
    return station_object(station, views.certificates(station.id), is_default=is_default)


def _usual_address(call: Call) -> str:
    """Where partners reach the station that is there already, else where this gateway says that it is reached."""
    stations = call.ports.views.stations(call.caller.space)
    return stations[0].receive_url if stations else call.options.url.rstrip("/") + RECEIVE_PATH
