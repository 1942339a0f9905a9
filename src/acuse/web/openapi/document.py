"""The whole document, put together from its subjects, and what all routes have in common."""

import re
from collections.abc import Iterator, Mapping

from acuse import __version__
from acuse.domain.idempotency import LONGEST_KEY
from acuse.web.api.errors import ERRORS
from acuse.web.api.modes import CHANGED_IN_TEST_MODE
from acuse.web.openapi import (
    accounts,
    certificates,
    downloads,
    keys,
    messages,
    notices,
    partners,
    sandbox,
    stations,
    strays,
    webhooks,
)
from acuse.web.openapi.operation import JSON, Answer, Body, Operation, Subject, grouped, sentence_of, status_of
from acuse.web.openapi.schema import Schema, ref, shape, text

SUBJECTS: tuple[Subject, ...] = (
    messages.SUBJECT,
    downloads.SUBJECT,
    partners.SUBJECT,
    stations.SUBJECT,
    certificates.SUBJECT,
    webhooks.SUBJECT,
    strays.SUBJECT,
    sandbox.SUBJECT,
    notices.SUBJECT,
    keys.SUBJECT,
    accounts.SUBJECT,
)
"""In the order of the page."""

IDEMPOTENT = frozenset({"/v1/messages", "/v1/messages/{id}/resend", "/v1/messages/test", "/v1/notices"})
"""Whose POST heeds the Idempotency-Key."""

_EVERYWHERE = (
    "INVALID_API_KEY",
    "API_KEY_EXPIRED",
    "INSUFFICIENT_SCOPE",
    "IP_NOT_ALLOWED",
    "TENANT_NOT_FOUND",
    "RATE_LIMITED",
    "INTERNAL_ERROR",
    "STORAGE_FAILED",
)
_SHARED = {status: tuple(codes) for status, codes in grouped(_EVERYWHERE).items()}
_RATE_FIELDS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
_ABOUT = """\
Programs speak JSON under `/v1`. An answer holds `message` and `data` after a write, `data` for one thing, and `data` \
and `pagination` for a list.

**Key.** Every call shows a key: `Authorization: Bearer pk_live_…`. It has scopes: `read` for GET, `write` for POST, \
PUT and PATCH, `delete` for DELETE, and `admin` for all of them and for keys. A key with `test` in its name works in \
test mode: a simulated partner answers, and nothing leaves.

**Errors** hold `message` and `error` with `type`, `code`, `message` and `details`; a 422 also has `errors`, the \
problems by field.

**Limits.** Where the account's plan limits calls, every answer has `X-RateLimit-Limit`, `X-RateLimit-Remaining` and \
`X-RateLimit-Reset`, and 429 has `Retry-After`.

**Times** are ISO 8601 in UTC. **Ids** are a prefix and at least six digits; treat them as opaque. Unknown fields of \
a request are ignored, and a client ignores unknown fields of an answer.
"""
_HEADERS: Mapping[str, tuple[str, Schema]] = {
    "X-RateLimit-Limit": ("Calls in a minute, where the plan limits them", {"type": "integer"}),
    "X-RateLimit-Remaining": ("Calls that may come now", {"type": "integer"}),
    "X-RateLimit-Reset": ("When a full burst may come again, in seconds since 1970", {"type": "integer"}),
    "Retry-After": ("Seconds to wait", {"type": "integer"}),
    "WWW-Authenticate": ("How to show a key", {"type": "string"}),
    "Idempotent-Replayed": ("`true`: this answer was given before", {"type": "string", "enum": ["true"]}),
    "Content-Range": ("Which bytes of how many", {"type": "string"}),
    "Content-Disposition": ("The name of the file (RFC 6266)", {"type": "string"}),
    "ETag": ("Tells one content from another", {"type": "string"}),
    "Accept-Ranges": ("`bytes`", {"type": "string"}),
    "X-Payload-Compressed": ("Whether the message travelled compressed", {"type": "string"}),
    "X-Payload-Encrypted": ("Whether the message travelled encrypted", {"type": "string"}),
}


def openapi_document(subjects: tuple[Subject, ...] = SUBJECTS) -> dict[str, object]:
    """The document, as `/openapi.json` gives it."""
    paths: dict[str, dict[str, object]] = {}
    for subject in subjects:
        for (method, path), operation in subject.operations.items():
            item = paths.setdefault(path, _item(subject, path))
            item[method.lower()] = _operation(subject, method, path, operation)
    shapes = {name: schema for subject in subjects for name, schema in subject.shapes.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "acuse",
            "version": __version__,
            "summary": "The native API of the AS2 gateway",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This gateway"}],
        "security": [{"key": []}],
        "tags": [{"name": subject.name, "description": subject.about} for subject in subjects],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": _KEY},
            "parameters": _PARAMETERS,
            "responses": {f"Status{status}": _refusal(status, codes) for status, codes in _SHARED.items()},
            "headers": {name: {"description": about, "schema": schema} for name, (about, schema) in _HEADERS.items()},
            "examples": {code: {"summary": sentence_of(code), "value": _example(code)} for code in _codes(subjects)},
            "schemas": {**_COMMON, **shapes},
        },
    }


def _item(subject: Subject, path: str) -> dict[str, object]:
    parameters: list[object] = [
        {"name": name, "in": "path", "required": True, "schema": schema} for name, schema, _ in _path_ids(subject, path)
    ]
    return {"parameters": [*parameters, {"$ref": "#/components/parameters/Tenant"}]}


def _path_ids(subject: Subject, path: str) -> Iterator[tuple[str, Schema, str]]:
    """The variable parts of a path: name, shape, and the code of what is not there."""
    for found in re.finditer(r"\{(\w+)\}", path):
        schema, code = subject.path_ids[path[: found.end()]]
        yield found[1], schema, code


def _operation(subject: Subject, method: str, path: str, operation: Operation) -> dict[str, object]:
    described: dict[str, object] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [subject.name],
        "x-scope": scope_of(method, path),
    }
    if operation.about:
        described["description"] = operation.about
    parameters: list[object] = [
        {"name": entry.name, "in": entry.place, "description": entry.about, "schema": entry.schema}
        for entry in operation.parameters
    ]
    if _is_idempotent(method, path):
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = _body(operation.body)
    described["responses"] = {
        **{str(status): _answer(entry, method, path) for status, entry in operation.answers.items()},
        **{
            str(status): _same_or_own(status, codes)
            for status, codes in _errors(subject, method, path, operation).items()
        },
        **({"408": _STALLED} if operation.body is not None else {}),
    }
    return described


def scope_of(method: str, path: str) -> str:
    """The scope that a key needs."""
    if path.startswith("/v1/api-keys"):
        return "admin"
    return {"GET": "read", "DELETE": "delete"}.get(method, "write")


def _is_idempotent(method: str, path: str) -> bool:
    return method == "POST" and path in IDEMPOTENT


def _errors(subject: Subject, method: str, path: str, operation: Operation) -> Mapping[int, tuple[str, ...]]:
    codes = [*operation.errors, *(code for _, _, code in _path_ids(subject, path)), *_EVERYWHERE]
    if method != "GET" and not path.startswith(CHANGED_IN_TEST_MODE):
        codes.append("LIVE_KEY_REQUIRED")
    if operation.body is not None:
        codes.append("PAYLOAD_TOO_LARGE")
    if operation.body is not None or any(entry.place == "query" for entry in operation.parameters):
        codes.append("VALIDATION_FAILED")
    if _is_idempotent(method, path):
        codes += ["VALIDATION_FAILED", "IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_KEY_IN_USE"]
    return {status: tuple(found) for status, found in grouped(codes).items()}


def _codes(subjects: tuple[Subject, ...]) -> list[str]:
    """Every error code of every route."""
    errors = (
        _errors(subject, method, path, operation)
        for subject in subjects
        for (method, path), operation in subject.operations.items()
    )
    return sorted({code for by_status in errors for codes in by_status.values() for code in codes})


def _body(body: Body) -> dict[str, object]:
    content: dict[str, object] = {}
    for kind, schema in body.kinds.items():
        entry: dict[str, object] = {"schema": schema}
        if kind == "multipart/form-data" and body.encoding:
            entry["encoding"] = body.encoding
        content[kind] = entry
    return {"required": body.is_required, "content": content}


def _answer(answer: Answer, method: str, path: str) -> dict[str, object]:
    names = (*answer.headers, *_RATE_FIELDS, *(("Idempotent-Replayed",) if _is_idempotent(method, path) else ()))
    described: dict[str, object] = {"description": answer.about, "headers": _header_refs(names)}
    if answer.kinds:
        described["content"] = {kind: {"schema": schema} for kind, schema in answer.kinds.items()}
    if answer.links:
        described["links"] = answer.links
    return described


def _same_or_own(status: int, codes: tuple[str, ...]) -> dict[str, object]:
    """The answer that all routes share, where this route adds no code to it."""
    is_shared = _SHARED.get(status) == codes
    return {"$ref": f"#/components/responses/Status{status}"} if is_shared else _refusal(status, codes)


def _refusal(status: int, codes: tuple[str, ...]) -> dict[str, object]:
    """The answers of one status that are errors, with an example of each code."""
    more = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",), 416: ("Content-Range",)}
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": "; ".join(f"`{code}`" for code in codes),
        "headers": _header_refs((*more.get(status, ()), *_RATE_FIELDS)),
        "content": {JSON: {"schema": ref("Invalid" if status == 422 else "Error"), "examples": examples}},
    }


def _example(code: str) -> dict[str, object]:
    told = sentence_of(code)
    kind = ERRORS[code][1] if code in ERRORS else "resource_error"
    shown: dict[str, object] = {"message": told}
    if status_of(code) == 422:
        shown["errors"] = {"name": ["This field is required."]}
    return {**shown, "error": {"type": kind, "code": code, "message": told, "details": {}}}


def _header_refs(names: tuple[str, ...]) -> dict[str, object]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


_STALLED = {
    "description": "The body stopped arriving for a minute",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}
_KEY = {"type": "http", "scheme": "bearer", "description": "A key of this gateway: `pk_live_…`, `tk_test_…`"}
_PARAMETERS: Mapping[str, object] = {
    "Tenant": {
        "name": "X-Tenant-ID",
        "in": "header",
        "description": "Which tenant to work in. Without it the first one; a tenant's own key needs none",
        "schema": {"type": "string", "pattern": "^tnt_[0-9]{6,18}$", "examples": ["tnt_000001"]},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Sent again within 24 hours, the same request gets the same answer and is carried out once",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_KEY,
            "examples": ["1c9f6f0e-5b0b-4f6e-9f0a-0d3c0f7f6b21"],
        },
    },
}
_PROBLEM = shape(
    type=text("The family of the error", examples=["resource_error"]),
    code=text("What happened, for programs", examples=["MESSAGE_NOT_FOUND"]),
    message=text("What happened and what to do, for people"),
    details={"type": "object", "description": "The facts that help", "additionalProperties": True},
)
_COMMON: Mapping[str, Schema] = {
    "Problem": _PROBLEM,
    "Error": shape("What went wrong", message=text("What happened and what to do"), error=ref("Problem")),
    "Invalid": shape(
        "Some fields are wrong",
        message=text("The first problem"),
        errors={
            "type": "object",
            "description": "The problems by field",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        error=ref("Problem"),
    ),
    "Pagination": shape(
        "Where a page stands in its list",
        current_page={"type": "integer"},
        last_page={"type": "integer"},
        per_page={"type": "integer"},
        total={"type": "integer"},
        has_more={"type": "boolean"},
    ),
}
