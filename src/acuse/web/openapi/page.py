"""`/docs`: the reference page, made from the document alone; it needs no script and nothing from elsewhere.

On the left the routes, beside each route what it takes and gives, and the call with curl.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from acuse.web.openapi.elements import html_page, paragraphs, rich, table, tag
from acuse.web.openapi.samples import curl, kind_of, resolved, sample, written

Document = Mapping[str, Any]
STYLE_PATH = "/docs/style.css"


def docs_page(document: Document) -> bytes:
    """The page in HTML."""
    info = document["info"]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{info['title']} API"),
        tag("link", rel="stylesheet", href=STYLE_PATH),
    )
    menu = tag("details", tag("summary", "Routes"), _routes(document), class_="menu")
    body = tag(
        "body",
        tag("a", "Skip to the reference", href="#reference", class_="skip"),
        tag("header", tag("p", tag("a", "acuse", href="#top"), " API ", tag("small", info["version"])), menu, id="top"),
        tag("aside", _routes(document)),
        tag(
            "main", *_introduction(document), *_subjects(document), _shapes(document), _codes(document), id="reference"
        ),
    )
    return html_page(tag("html", head, body, lang="en"))


def _operations(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


def _of_subject(document: Document, name: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [found for found in _operations(document) if name in found[2]["tags"]]


def _routes(document: Document) -> Element:
    """The list of all routes."""
    groups: list[Element] = []
    for subject in document["tags"]:
        links = [
            tag(
                "li",
                tag("a", tag("b", method), tag("span", path.removeprefix("/v1")), href=f"#{operation['operationId']}"),
            )
            for method, path, operation in _of_subject(document, subject["name"])
        ]
        groups += [tag("h2", tag("a", subject["name"], href=f"#{_anchor(subject['name'])}")), tag("ul", *links)]
    more = [tag("li", tag("a", tag("span", name), href=f"#{name.lower()}")) for name in ("Shapes", "Errors")]
    return tag("nav", *groups, tag("h2", "More"), tag("ul", *more), aria_label="Routes")


def _introduction(document: Document) -> list[Element]:
    setup = "export GATEWAY=http://127.0.0.1:8080\nexport KEY=pk_live_…"
    return [
        tag("h1", "The native API"),
        *paragraphs(document["info"]["description"]),
        tag(
            "p",
            "This page is made from ",
            tag("a", "/openapi.json", href="/openapi.json"),
            ", the same in OpenAPI 3.1.",
        ),
        tag("p", "The calls below take the gateway and the key from the environment:"),
        _code(setup),
    ]


def _subjects(document: Document) -> Iterator[Element]:
    for subject in document["tags"]:
        operations = [_operation(document, *found) for found in _of_subject(document, subject["name"])]
        title = tag("h2", subject["name"], id=_anchor(subject["name"]))
        yield tag("section", title, *paragraphs(subject["description"]), *operations, class_="subject")


def _operation(document: Document, method: str, path: str, operation: Mapping[str, Any]) -> Element:
    name = operation["operationId"]
    title = tag("h3", tag("a", operation["summary"], href=f"#{name}"))
    route = tag(
        "p", tag("b", method), " ", tag("code", path), tag("small", f"scope {operation['x-scope']}"), class_="route"
    )
    told = [*paragraphs(operation.get("description", "")), *_parameters(document, path, operation)]
    told += [*_body(document, operation), *_errors(document, operation)]
    shown = [_code(text) for text in curl(document, method, path, operation)]
    shown += [*_answers(document, operation)]
    columns = tag("div", tag("div", *told), tag("div", *shown, class_="examples"), class_="columns")
    return tag("article", title, route, columns, id=name)


def _parameters(document: Document, path: str, operation: Mapping[str, Any]) -> list[Element]:
    own = [*document["paths"][path]["parameters"], *operation.get("parameters", [])]
    found = [resolved(document, entry) for entry in own]
    rows = [
        _row(
            entry["name"],
            entry["schema"],
            entry.get("description", ""),
            place=entry["in"],
            is_required="required" in entry,
        )
        for entry in found
        if entry["name"] != "X-Tenant-ID"
    ]
    return [tag("h4", "Parameters"), table(("Name", "Meaning"), rows)] if rows else []


def _body(document: Document, operation: Mapping[str, Any]) -> list[Element]:
    if "requestBody" not in operation:
        return []
    shown: list[Element] = []
    for kind, content in operation["requestBody"]["content"].items():
        rows = list(_fields(document, content["schema"]))
        if rows:
            shown += [tag("h4", "Body, ", tag("code", kind)), table(("Field", "Meaning"), rows)]
    return shown


def _fields(document: Document, schema: Mapping[str, Any], prefix: str = "") -> Iterator[Element]:
    schema = resolved(document, schema)
    required = schema.get("required", ())
    for name, entry in sorted(schema.get("properties", {}).items(), key=lambda field: field[0] not in required):
        yield _row(prefix + name, entry, entry.get("description", ""), is_required=name in required)
        if not prefix and "properties" in entry:
            yield from _fields(document, entry, prefix=f"{name}.")


def _row(name: str, schema: Mapping[str, Any], about: str, *, is_required: bool, place: str = "") -> Element:
    marks = [word for word in (place, "required" if is_required else "") if word]
    about = about or schema.get("description", "")
    kind = tag("small", *_kind(schema), *(f" · {mark}" for mark in marks))
    words = schema.get("enum")
    listed = [tag("small", ", ".join(str(word) for word in words if word is not None), class_="words")] if words else []
    return tag(
        "tr",
        tag("th", tag("code", name), scope="row"),
        tag("td", kind, *([tag("span", *rich(about))] if about else []), *listed),
    )


def _kind(schema: Mapping[str, Any]) -> list[Element | str]:
    """The type in words, with a link where it is a shape."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return [tag("a", name, href=f"#shape-{name}")]
    if "anyOf" in schema and "type" not in schema:
        return [*_kind(schema["anyOf"][0]), *([" or null"] if {"type": "null"} in schema["anyOf"] else [])]
    kind = schema.get("format") or kind_of(schema)
    words = ["list of ", *_kind(schema["items"])] if "items" in schema else ["one of" if "enum" in schema else kind]
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS.items() if key in schema]
    return [*words, "".join(f", {bound}" for bound in bounds)]


_BOUNDS = {"minimum": "from", "maximum": "to", "maxLength": "up to", "default": "default"}


def _answers(document: Document, operation: Mapping[str, Any]) -> Iterator[Element]:
    for status, answer in operation["responses"].items():
        if not status.startswith(("2", "3")):
            continue
        yield tag("p", tag("b", status), " ", *rich(answer["description"]), class_="status")
        for kind, content in answer.get("content", {}).items():
            if kind == "application/json":
                yield tag("details", tag("summary", "The answer"), _code(written(sample(document, content["schema"]))))


def _errors(document: Document, operation: Mapping[str, Any]) -> list[Element]:
    codes = [
        tag("a", tag("code", code), href=f"#error-{code}")
        for status, answer in operation["responses"].items()
        if status[0] in "45"
        for code in resolved(document, answer).get("content", {}).get("application/json", {}).get("examples", {})
    ]
    return [tag("details", tag("summary", "Errors"), tag("p", *_spaced(codes)), class_="codes")]


def _spaced(elements: list[Element]) -> Iterator[Element | str]:
    for element in elements:
        yield element
        yield " "


def _shapes(document: Document) -> Element:
    parts: list[Element] = [tag("h2", "Shapes", id="shapes")]
    for name, schema in document["components"]["schemas"].items():
        rows = list(_fields(document, schema))
        about = paragraphs(schema.get("description", ""))
        parts.append(tag("article", tag("h3", name), *about, table(("Field", "Meaning"), rows), id=f"shape-{name}"))
    return tag("section", *parts, class_="subject")


def _codes(document: Document) -> Element:
    rows = [
        tag("tr", tag("th", tag("code", code), scope="row", id=f"error-{code}"), tag("td", *rich(entry["summary"])))
        for code, entry in document["components"]["examples"].items()
    ]
    return tag("section", tag("h2", "Errors", id="errors"), table(("Code", "Meaning"), rows), class_="subject")


def _code(text: str) -> Element:
    # It scrolls, so the keyboard has to reach it.
    return tag("pre", tag("code", text), tabindex="0")


def _anchor(name: str) -> str:
    return "about-" + name.lower().replace(" ", "-")
