"""Stations: our own AS2 identities."""

from acuse.web.api.stations import LONGEST_URL
from acuse.web.openapi.operation import (
    PAGES,
    Operation,
    Operations,
    Subject,
    data,
    deleted,
    json_body,
    listed,
    query,
    written,
)
from acuse.web.openapi.schema import empty, flag, line, moment, public, ref, shape, text, wish

_WISHES = {
    "name": line("For people", examples=["Acme"]),
    "as2_id": line("Its AS2 identifier", longest=128, examples=["ACME"]),
    "receive_url": line(
        "Where partners post to; that of the default station where it is left out", longest=LONGEST_URL
    ),
    "email": line("Where its people are reached", longest=254),
    "default": flag("It sends what names no station"),
}

_OPERATIONS: Operations = {
    ("GET", "/v1/stations"): Operation(
        id="listStations",
        summary="List your stations",
        about="The default one first.",
        parameters=(*PAGES, query("search", line(), "Stations with this in name or AS2 identifier")),
        answers={200: listed(ref("Station"))},
    ),
    ("POST", "/v1/stations"): Operation(
        id="createStation",
        summary="Make a station",
        about="With a fresh RSA-2048 key pair.",
        body=json_body(wish("", ["name", "as2_id"], [{"name": "Acme", "as2_id": "ACME-2"}], **_WISHES)),
        answers={201: written(ref("Station"), "Made")},
        errors=("ALREADY_EXISTS",),
    ),
    ("GET", "/v1/stations/{id}"): Operation(
        id="showStation",
        summary="One station",
        answers={200: data(ref("Station"))},
    ),
    ("PATCH", "/v1/stations/{id}"): Operation(
        id="changeStation",
        summary="Change a station",
        about="Changes what the body names. null empties `email`. What waits to be sent keeps its bytes.",
        body=json_body(wish("", [], [{"default": True}], **_WISHES)),
        answers={200: written(ref("Station"), "Changed")},
        errors=("ALREADY_EXISTS", "IN_USE"),
    ),
    ("DELETE", "/v1/stations/{id}"): Operation(
        id="deleteStation",
        summary="Remove a station",
        about="Its messages stay, and its AS2 identifier is free.",
        answers={200: deleted()},
        errors=("IN_USE",),
    ),
}

SUBJECT = Subject(
    name="Stations",
    about="Our own AS2 identities, each with its key pairs.",
    operations=_OPERATIONS,
    shapes={
        "Station": shape(
            "A station",
            id=public("stn"),
            name=text(),
            as2_id=text(examples=["ACME"]),
            receive_url=text(),
            email=empty(text()),
            default=flag("It sends what names no station"),
            certificate=empty(text("What partners need, in PEM")),
            created_at=moment(),
            updated_at=moment(),
        )
    },
    path_ids={"/v1/stations/{id}": (public("stn"), "STATION_NOT_FOUND")},
)
