"""The OpenAPI document says what the code does: routes, parameters, fields and codes are compared with the code itself.

A route without a description fails here: describe it in its subject's file in `acuse/web/openapi`.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from acuse.web.api.application import BUILT
from acuse.web.api.batch import _FLAT, _OF_PAYLOAD
from acuse.web.api.errors import ERRORS
from acuse.web.api.once import once
from acuse.web.openapi.document import IDEMPOTENT, openapi_document
from tests.web.client import Client
from tests.web.conftest import StartServer
from tests.web.handler_fields import fields_read

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
DOCUMENT: Any = openapi_document()
CALLS = [(method, path) for path, handlers in BUILT.items() for method in handlers]
DESCRIBED = {
    (method.upper(), path): operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
}
IN_A_FORM = {"file"}
"""Fields that no FieldReader reads: the files."""


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema, or the one that it refers to."""
    if "$ref" not in schema:
        return schema
    found: Any = DOCUMENT
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return resolved(found)


def body_fields(operation: Mapping[str, Any]) -> set[str]:
    """The fields of a body in any of its forms, with those of the objects in it."""
    found = set()
    for content in operation.get("requestBody", {}).get("content", {}).values():
        found |= set(fields_of(content["schema"]))
    return found


def fields_of(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    schema = resolved(schema)
    for name, entry in resolved(schema.get("items", schema)).get("properties", {}).items():
        yield prefix + name
        yield from fields_of(entry, f"{prefix}{name}.")


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_every_route_that_is_built_is_described_and_no_other() -> None:
    assert set(CALLS) == DESCRIBED.keys()


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [operation["operationId"] for operation in DESCRIBED.values()]

    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_the_variable_parts_of_a_path_are_described(method: str, path: str) -> None:
    item = DOCUMENT["paths"][path]
    described = [entry["name"] for entry in item["parameters"] if entry.get("in") == "path"]

    assert re.findall(r"\{(\w+)\}", path) == described


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_the_parameters_are_those_that_the_handler_reads(method: str, path: str) -> None:
    described = {entry["name"] for entry in DESCRIBED[method, path].get("parameters", []) if entry.get("in") == "query"}

    assert fields_read(BUILT[path][method])[0] == described


@pytest.mark.parametrize(("method", "path"), sorted({*CALLS} - {("POST", "/v1/messages/batch")}))
def test_the_fields_of_the_body_are_those_that_the_handler_reads(method: str, path: str) -> None:
    described = body_fields(DESCRIBED[method, path]) - IN_A_FORM

    assert fields_read(BUILT[path][method])[1] == described


def test_an_entry_of_a_batch_may_be_whatever_a_message_may_be_and_flat_too() -> None:
    flat = {*_FLAT, *_OF_PAYLOAD}

    assert body_fields(DESCRIBED["POST", "/v1/messages"]) - IN_A_FORM | flat == set(
        fields_of({"$ref": "#/components/schemas/BatchEntry"})
    )


def test_the_routes_that_heed_an_idempotency_key_are_those_that_say_so() -> None:
    wrapped = once(BUILT["/v1/accounts"]["GET"]).__code__
    heeding = {path for path, handlers in BUILT.items() if "POST" in handlers and handlers["POST"].__code__ is wrapped}

    assert heeding == IDEMPOTENT


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_call_tells_its_answer_and_its_errors(method: str, path: str) -> None:
    answers = DESCRIBED[method, path]["responses"]

    assert any(status.startswith("2") for status in answers)
    assert {"401", "403", "404", "429", "500", "503"} <= answers.keys()


def test_every_example_of_an_error_is_of_a_code_that_there_is() -> None:
    examples = DOCUMENT["components"]["examples"]

    assert [code for code in examples if code not in ERRORS and not code.endswith("NOT_FOUND")] == []
    assert all(code == entry["value"]["error"]["code"] for code, entry in examples.items())


def test_nothing_is_referred_to_that_is_not_there() -> None:
    def refs(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for entry in value.values():
                yield from refs(entry)
        elif isinstance(value, list):
            for entry in value:
                yield from refs(entry)

    for ref in set(refs(DOCUMENT)):
        assert resolved({"$ref": ref}), ref


def documented_fields(heading: str) -> set[str]:
    """The names in the first column of the first table below a heading of the reference page."""
    below = PAGE.read_text(encoding="utf-8").partition(f"\n{heading}")[2]
    table = re.search(r"((?:^\|.*\n)+)", below, re.MULTILINE)
    assert table is not None
    cells = [line.split("|")[1] for line in table[1].splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)}


@pytest.mark.parametrize(
    ("heading", "call", "beside"),
    [
        ("## Sending", ("POST", "/v1/messages"), set[str]()),
        ("### Is it well formed?", ("POST", "/v1/messages/validate"), {"contentType", "validationType"}),
        ("## Partners", ("POST", "/v1/partners"), {"compression"}),
        ("## Being told", ("POST", "/v1/webhook-endpoints"), set[str]()),
        ("## Keys", ("POST", "/v1/api-keys"), set[str]()),
    ],
)
def test_the_tables_of_the_reference_page_have_the_same_fields(
    heading: str, call: tuple[str, str], beside: set[str]
) -> None:
    """`beside` are fields that the page tells of in the text."""
    described = body_fields(DESCRIBED[call])
    top = {name for name in described if not name.startswith("http.")}
    whole = {name.partition(".")[0] for name in described if "." in name}

    documented = documented_fields(heading)
    assert (top - beside - whole) | (documented & whole) == documented


def test_the_document_is_served_without_a_key(shared_client: Client) -> None:
    answer = shared_client.request("GET", "/openapi.json")

    assert (200, "application/json") == (answer.status, answer.headers["content-type"])
    assert DOCUMENT == answer.json


def test_a_document_that_the_client_has_is_not_sent_again(shared_client: Client) -> None:
    etag = shared_client.request("GET", "/openapi.json").headers["etag"]

    again = shared_client.request("GET", "/openapi.json", headers={"If-None-Match": etag})

    assert (304, b"") == (again.status, again.body)


def test_the_head_of_the_document_comes_without_it(shared_client: Client) -> None:
    answer = shared_client.request("HEAD", "/openapi.json")

    assert (200, b"") == (answer.status, answer.body)


@pytest.mark.parametrize(("method", "status"), [("POST", 405), ("DELETE", 405)])
def test_the_document_cannot_be_written(shared_client: Client, method: str, status: int) -> None:
    assert status == shared_client.request(method, "/openapi.json").status


def test_a_gateway_without_the_api_describes_none(start: StartServer) -> None:
    assert 404 == start(role="as2").request("GET", "/openapi.json").status
