"""API keys."""

from acuse.domain.access import MOST_NETWORKS, Mode, Scope
from acuse.domain.dialect import Dialect
from acuse.web.openapi.operation import (
    PAGES,
    Operation,
    Operations,
    Subject,
    data,
    deleted,
    json_body,
    listed,
    written,
)
from acuse.web.openapi.schema import choice, each, empty, line, moment, public, ref, seconds, shape, text, wish

_CHANGES = {
    "name": line("For people"),
    "scopes": each(choice(Scope), minItems=1),
    "expires_at": moment("When it ends: a time in the future"),
    "allowed_ips": each(
        text(examples=["203.0.113.7"]), "Addresses and networks from which it may be used", maxItems=MOST_NETWORKS
    ),
}
_KEY = {
    "id": public("key"),
    "name": text(),
    "dialect": choice(Dialect, "Which API it opens"),
    "username": empty(text()),
    "token_id": empty(text()),
    "hint": text("The beginning and the end of its text"),
    "mode": choice(Mode),
    "scopes": each(choice(Scope)),
    "tenant_id": empty(public("tnt", "Whose it is alone")),
    "allowed_ips": each(text()),
    "expires_at": empty(moment()),
    "previous_expires_at": empty(moment("Until when the old text holds")),
    "last_used_at": empty(moment()),
    "last_used_ip": empty(text()),
    "created_at": moment(),
}
_TEXTS = {
    "api_key": text("Of a key of the native API", examples=["pk_live_…"]),
    "token": text("Of one for the API of as2expert"),
    "token_secret": text("Of one for the API of the MFT Gateway"),
    "password": text("Of a user of the MFT Gateway"),
}
"""What is shown once; which of them, the dialect says."""

_OPERATIONS: Operations = {
    ("GET", "/v1/api-keys"): Operation(
        id="listKeys",
        summary="List the keys that the calling key governs",
        parameters=PAGES,
        answers={200: listed(ref("Key"))},
    ),
    ("POST", "/v1/api-keys"): Operation(
        id="createKey",
        summary="Make a key",
        about="A key of the native API needs `scopes`. What else is not said is as with the calling key. Its text is "
        "in this answer and in no other. No key gives more than it has.",
        body=json_body(
            wish(
                "",
                ["name"],
                [{"name": "ERP", "scopes": ["read", "write"]}],
                **_CHANGES,
                mode=choice(Mode),
                tenant_id=public("tnt", "A key of this tenant alone"),
                dialect=choice(Dialect, "Which API it opens", default="native"),
                username=line("With whose name its owner logs in, where that API has logins"),
            )
        ),
        answers={201: written(ref("KeyWithText"), "Made")},
    ),
    ("GET", "/v1/api-keys/{id}"): Operation(
        id="showKey",
        summary="One key",
        answers={200: data(ref("Key"))},
    ),
    ("PATCH", "/v1/api-keys/{id}"): Operation(
        id="changeKey",
        summary="Change a key",
        about="From the next request on.",
        body=json_body(wish("", [], [{"name": "ERP, old"}], **_CHANGES)),
        answers={200: written(ref("Key"), "Changed")},
    ),
    ("DELETE", "/v1/api-keys/{id}"): Operation(
        id="deleteKey",
        summary="Revoke a key",
        about="At once.",
        answers={200: deleted()},
    ),
    ("POST", "/v1/api-keys/{id}/rotate"): Operation(
        id="rotateKey",
        summary="Give a key a new text",
        about="The old one holds for a while.",
        body=json_body(
            wish(grace_seconds=seconds("How long the old text holds", maximum=30 * 86400, default=86400)),
            is_required=False,
        ),
        answers={200: written(ref("KeyWithText"), "Changed")},
    ),
}

SUBJECT = Subject(
    name="Keys",
    about="The keys of this API. All of it needs the scope `admin`.",
    operations=_OPERATIONS,
    shapes={
        "Key": shape("A key, without its text", **_KEY),
        "KeyWithText": {
            **shape("A key with its text", **_KEY),
            "properties": {**_KEY, **_TEXTS},
        },
    },
    path_ids={"/v1/api-keys/{id}": (public("key"), "API_KEY_NOT_FOUND")},
)
