"""The account of a key, and its tenants."""

from acuse.domain.account import LONGEST_SLUG
from acuse.domain.plan import PlanName
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
from acuse.web.openapi.schema import choice, empty, line, moment, public, ref, shape, text, whole, wish

_CHANGES = {
    "name": line("For people", examples=["Acme"]),
    "slug": text(
        "Another name, for addresses",
        minLength=1,
        maxLength=LONGEST_SLUG,
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        examples=["acme"],
    ),
}
_SAME = {
    "name": text(),
    "slug": text(),
    "status": choice(["active"]),
    "created_at": moment(),
    "updated_at": moment(),
}

_OPERATIONS: Operations = {
    ("GET", "/v1/accounts"): Operation(
        id="showAccount",
        summary="The account of the key, with its plan",
        answers={200: data(ref("Account"))},
    ),
    ("PUT", "/v1/accounts"): Operation(
        id="changeAccount",
        summary="Change its name or slug",
        about="The plan is the operator's.",
        body=json_body(wish(**_CHANGES)),
        answers={200: written(ref("Account"), "Changed")},
    ),
    ("GET", "/v1/tenants"): Operation(
        id="listTenants",
        summary="List the tenants that the key reaches",
        parameters=PAGES,
        answers={200: listed(ref("Tenant"))},
    ),
    ("POST", "/v1/tenants"): Operation(
        id="createTenant",
        summary="Make a tenant",
        about="It is empty: give it a station before it exchanges anything.",
        body=json_body(wish("", ["name"], **_CHANGES)),
        answers={201: written(ref("Tenant"), "Made")},
        errors=("ALREADY_EXISTS", "TENANT_IN_USE"),
    ),
    ("GET", "/v1/tenants/current"): Operation(
        id="showCurrentTenant",
        summary="The tenant that this request works in",
        answers={200: data(ref("Tenant"))},
    ),
    ("GET", "/v1/tenants/{id}"): Operation(
        id="showTenant",
        summary="One tenant",
        answers={200: data(ref("Tenant"))},
    ),
    ("PUT", "/v1/tenants/{id}"): Operation(
        id="changeTenant",
        summary="Change its name or slug",
        body=json_body(wish(**_CHANGES)),
        answers={200: written(ref("Tenant"), "Changed")},
        errors=("ALREADY_EXISTS",),
    ),
    ("DELETE", "/v1/tenants/{id}"): Operation(
        id="deleteTenant",
        summary="Remove a tenant that is empty",
        answers={200: deleted()},
        errors=("TENANT_IN_USE",),
    ),
}

SUBJECT = Subject(
    name="Account and tenants",
    about="The account of the key, and the separate spaces inside it.",
    operations=_OPERATIONS,
    shapes={
        "Account": shape(
            "An account",
            id=public("acc"),
            **_SAME,
            plan_type=choice(PlanName),
            tenants_count=whole(),
            limits=shape(
                "Those of its plan; null where there is none",
                payload_bytes=whole(),
                concurrency=empty(whole()),
                rate_per_minute=empty(whole()),
                burst=empty(whole()),
            ),
        ),
        "Tenant": shape("A tenant of an account", id=public("tnt"), account_id=public("acc"), **_SAME),
    },
    path_ids={"/v1/tenants/{id}": (public("tnt"), "TENANT_NOT_FOUND")},
)
